"""The stage that asks the person: what was meant, or who they are; waiting for the answer may pause the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit
from requests_app.models import ComputedDeadline, PersonWait, SubjectRequest
from requests_app.models.subject_request import AT_WORK
from requests_app.notifications import queue_mail
from requests_app.timekeeping import clock
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor

LONGEST = 5000


class UnaskableQuestion(DsrError, ValueError):
    """Say why a question cannot be asked."""


class UnusableAnswer(DsrError, ValueError):
    """Say why an answer cannot be taken."""


def ask(request_id: int, kind: PersonWait.Kind, question: str, *, actor: Actor) -> PersonWait:
    """Ask the person by mail; where the law knows it, its clock stands still until the answer.

    Raises:
        UnaskableQuestion: nothing is asked, one is open already, or the request is not at work.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "ask the person")
    text = _cleaned(question)
    if not text:
        raise UnaskableQuestion("Please write the question first; the person reads it.")
    if len(text) > LONGEST:
        raise UnaskableQuestion(f"The question has {len(text):,} characters; please keep it to {LONGEST:,}.")
    try:
        with transaction.atomic():
            request = SubjectRequest.objects.select_for_update().get(pk=request_id)
            if request.status not in AT_WORK:
                raise UnaskableQuestion(f"This request is {request.get_status_display().lower()}; nobody waits for it.")
            row = PersonWait.objects.create(
                request=request, kind=kind, question=text, asked_at=timezone.now(), asked_by_id=actor.user_id
            )
            row.mail = queue_mail(request_id, "question")
            row.save(update_fields=["mail"])
            target = f"question {row.pk}"
            audit.record("question.asked", actor, request_id=request_id, target=target, about=str(kind))
            clock.compute_anew(request_id, ComputedDeadline.Cause.ASKED, actor=actor)
    except IntegrityError:
        raise UnaskableQuestion("A question of this kind is open already; please wait for its answer.") from None
    return row


def answer(wait_id: int, text: str, *, actor: Actor) -> PersonWait:
    """Take the person's answer; the clock runs again.

    Args:
        actor: the person, or who stands for them, or a member of the team who writes down what came by letter or
            telephone.

    Raises:
        UnusableAnswer: it is empty or too long, was given already, or the request has ended.
        PermissionRefused: not for this member of the team to do.
    """
    if actor not in (audit.SUBJECT, audit.REPRESENTATIVE):
        refuse_unless(actor, WORK, "ask the person")
    cleaned = _cleaned(text)
    if not cleaned:
        raise UnusableAnswer("Please write your answer first.")
    if len(cleaned) > LONGEST:
        raise UnusableAnswer(f"The answer has {len(cleaned):,} characters; please keep it to {LONGEST:,}.")
    with transaction.atomic():
        row = PersonWait.objects.get(pk=wait_id)
        request = SubjectRequest.objects.select_for_update().get(pk=row.request_id)
        if request.status not in AT_WORK:
            raise UnusableAnswer("This request has ended; nobody waits for the answer any more.")
        is_open = PersonWait.objects.filter(pk=wait_id, answered_at=None)
        if not is_open.update(answered_at=timezone.now(), answer=cleaned):
            raise UnusableAnswer("This question was answered already. Thank you.")
        audit.record("question.answered", actor, request_id=row.request_id, target=f"question {wait_id}")
        clock.compute_anew(row.request_id, ComputedDeadline.Cause.ANSWERED, actor=actor)
    row.refresh_from_db()
    return row


def _cleaned(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()
