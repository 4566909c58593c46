"""The stage for what whoever was refused says against it: an appeal, or a complaint to the controller itself.

It is confirmed by mail at once, and answered by whoever may decide; the days are those of the law that grants it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, refusals
from requests_app.deadlines.remedies import appeal_deadline, complaint_acknowledged_by
from requests_app.models import AppealOrComplaint, AuditEntry, LawRule, SubjectRequest
from requests_app.models.subject_request import ANSWERED, Status
from requests_app.notifications import queue_mail
from requests_app.refusals.telling import cleaned
from requests_app.timekeeping.rules import rule_of
from requests_app.workflow import DECIDE, WORK, refuse_unless

if TYPE_CHECKING:
    from datetime import date

    from requests_app.audit import Actor
    from requests_app.deadlines.rules import Rule
    from requests_app.models import Refusal

LONGEST = 5000
KINDS = {"appeal": AppealOrComplaint.Kind.APPEAL, "controller": AppealOrComplaint.Kind.COMPLAINT}
ENDED = (Status.REJECTED, *ANSWERED)


class UnusableAppeal(DsrError, ValueError):
    """Say why an appeal or a complaint cannot be taken, or not be answered so."""


def offered(request: SubjectRequest) -> AppealOrComplaint.Kind | None:
    """Say what the person may make to the controller now; None where nothing, or where one is open already."""
    row = refusals.decided(request)
    if row is None or request.status not in ENDED or request.appeals.filter(answered_at=None).exists():
        return None
    remedy = _remedy(row)
    return KINDS[remedy["kind"]] if remedy else None


def lodge(request_id: int, text: str, *, actor: Actor, received_on: date | None = None) -> AppealOrComplaint:
    """Take an appeal or a complaint, and confirm it by mail.

    Args:
        actor: the person, or a member of the team who writes down what came by letter or telephone.
        received_on: when it came; today where it is written here.

    Raises:
        UnusableAppeal: there is nothing to appeal against, one is open already, the words are missing, or the day is
            not one.
        PermissionRefused: not for this member of the team to do.
    """
    is_staff = actor.kind != AuditEntry.ActorKind.SUBJECT
    user_id = refuse_unless(actor, (WORK, DECIDE), "record an appeal") if is_staff else None
    words, came = _words(text), received_on or timezone.localdate()
    try:
        with transaction.atomic():
            request = SubjectRequest.objects.select_for_update().get(pk=request_id)
            kind, row = offered(request), refusals.decided(request)
            if kind is None or row is None:
                raise UnusableAppeal("There is nothing to appeal against, or an appeal is open already.")
            _refuse_day(came, row)
            remedy = _remedy(row)
            rule = _rule(row, remedy["law"] if remedy else "")
            due = appeal_deadline(rule, came) if rule else None
            appeal = AppealOrComplaint.objects.create(
                request=request,
                refusal=row,
                kind=kind,
                law=rule.code if rule else "",
                text=words,
                received_on=came,
                recorded_by_id=user_id,
                due_on=due.due if due else None,
                acknowledge_by=complaint_acknowledged_by(rule, came) if rule else None,
            )
            queue_mail(request_id, "appeal_received")
            audit.record("appeal.lodged", actor, request_id=request_id, target=f"appeal {appeal.pk}", about=str(kind))
    except IntegrityError:
        raise UnusableAppeal("An appeal is open already; please wait for our answer.") from None
    return appeal


def answer(appeal_id: int, outcome: str, text: str, *, actor: Actor) -> AppealOrComplaint:
    """Answer an appeal or a complaint, by mail; where the decision is changed, what follows is done by hand.

    Raises:
        UnusableAppeal: it was answered already, the outcome is none, or the words are missing.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, DECIDE, "answer an appeal")
    if outcome not in AppealOrComplaint.Outcome.values:
        raise UnusableAppeal("Please say whether the decision stands or is changed.")
    fields = {"outcome": outcome, "answer": _words(text), "answered_at": timezone.now(), "answered_by_id": user_id}
    with transaction.atomic():
        if not AppealOrComplaint.objects.filter(pk=appeal_id, answered_at=None).update(**fields):
            raise UnusableAppeal("This was answered already.")
        appeal = AppealOrComplaint.objects.get(pk=appeal_id)
        queue_mail(appeal.request_id, "appeal_answered")
        target = f"appeal {appeal_id}"
        audit.record("appeal.answered", actor, request_id=appeal.request_id, target=target, outcome=outcome)
    return appeal


def _remedy(row: Refusal) -> dict[str, str] | None:
    """Give the remedy to the controller itself that the letter told of, an appeal before a complaint."""
    told = {item["kind"]: item for item in row.told.get("remedies", [])}
    return next((told[kind] for kind in KINDS if kind in told), None)


def _rule(row: Refusal, code: str) -> Rule | None:
    """Give the law in the version that the letter was written by."""
    versions = dict(identity.rsplit("/", 1) for identity in row.told.get("laws", []))
    found = LawRule.objects.filter(code=code, version=versions.get(code, 0)).first()
    return rule_of(found) if found else None


def _refuse_day(came: date, row: Refusal) -> None:
    decided_on = timezone.localdate(row.approved_at) if row.approved_at else came
    if not decided_on <= came <= timezone.localdate():
        raise UnusableAppeal("Please give a day between our decision and today.")


def _words(text: str) -> str:
    words = cleaned(text)
    if not words:
        raise UnusableAppeal("Please write something first.")
    if len(words) > LONGEST:
        raise UnusableAppeal(f"This has {len(words):,} characters; please keep it to {LONGEST:,}.")
    return words
