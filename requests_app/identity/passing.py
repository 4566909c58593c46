"""What becomes of checks: passed, failed, handed to the team; the last one passed lets the work begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from requests_app import audit, cases, planning, proofs, questions, representing, uploads
from requests_app.identity.kinds import kind_of
from requests_app.models import Identifier, IdentityCheck, PersonWait, Status, SubjectRequest, Upload
from requests_app.models.identifier import UNPROVEN
from requests_app.models.subject_request import AT_WORK, OPEN
from requests_app.retention.holding import held
from requests_app.workflow import perform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from requests_app.audit import Actor

SHARED = (
    IdentityCheck.Kind.SMS,
    IdentityCheck.Kind.CHALLENGE,
    IdentityCheck.Kind.DOCUMENT,
    IdentityCheck.Kind.TEAM,
)

_PROOFS = {
    IdentityCheck.Kind.MAILBOX: Identifier.Proof.MAILBOX,
    IdentityCheck.Kind.ASSERTION: Identifier.Proof.ASSERTION,
    IdentityCheck.Kind.SMS: Identifier.Proof.SMS,
}


def count_attempt(check: IdentityCheck, most: int) -> bool:
    """Count an answer before anybody looks at it; returns whether it may still be looked at.

    Of any number that come at once, `most` may, in all.
    """
    open_check = IdentityCheck.objects.filter(pk=check.pk, passed_at=None, failed_at=None, attempts__lt=most)
    return bool(open_check.update(attempts=F("attempts") + 1))


def note_wrong(check: IdentityCheck, most: int) -> bool:
    """Put a wrong answer on record, and end the check where it was the last; returns whether it was."""
    audit.record("identity.refused", audit.SUBJECT, request_id=check.request_id, target=_named(check), kind=check.kind)
    is_over = _exhaust(check, most)
    if is_over:
        for alike in alike_checks(check):  # nobody gets more attempts by asking for several rights
            _exhaust(alike, most=0)
    return is_over


def mark_passed(check: IdentityCheck, *, actor: Actor, reason: str = "", proof: Identifier.Proof | None = None) -> bool:
    """Pass a check and prove what it was about; returns whether it was open. Call it with the request locked.

    What somebody shows for one request of a letter counts for the others of it that ask for the same.

    Args:
        proof: by what it was shown, where it was not by what the check asks for.
    """
    now = timezone.now()
    still = IdentityCheck.objects.filter(pk=check.pk, passed_at=None)
    given = {"passed_at": now, "failed_at": None, "code_hash": "", "decided_by": actor.user_id, "reason": reason}
    if not still.update(**given):
        return False
    usual = Identifier.Proof.STAFF if actor.user_id else _PROOFS.get(IdentityCheck.Kind(check.kind))
    if check.identifier_id and (proof or usual):
        unproven = Identifier.objects.filter(pk=check.identifier_id, proof__in=UNPROVEN)
        unproven.update(proof=proof or usual, proven_at=now)
    if check.kind == IdentityCheck.Kind.DOCUMENT:
        _delete_documents(check.request_id, actor)
    audit.record("identity.proven", actor, request_id=check.request_id, target=_named(check), proof=check.kind)
    for alike in alike_checks(check):
        be_about_the_same(alike, check)
        mark_passed(alike, actor=actor, reason=reason, proof=proof)
    return True


def go_on(request: SubjectRequest) -> bool:
    """Let the work begin, or go on, where the last check was passed; else prepare the next one.

    Where somebody asks for the person, it begins once their authority is accepted too.

    Call it with the request locked.

    Returns:
        Whether the person still has something to show that they can be told of: their mailbox is proven.
    """
    has_to_show = _go_on_alone(request)
    for other in cases.of_same_sender(request):
        if other.status in OPEN:
            _go_on_alone(other)
    return has_to_show


def to_be_told(requests: Iterable[SubjectRequest]) -> list[SubjectRequest]:
    """Choose those of a letter whose pages together ask for all that is still to be shown, and no more than needed."""
    asked: set[str] = set()
    chosen = []
    known = [(request, {check.kind for check in proofs.outstanding(request)}) for request in requests]
    for request, kinds in sorted(known, key=lambda item: -len(item[1])):
        if not kinds <= asked:
            chosen.append(request)
            asked |= kinds
    return chosen


def hand_to_team(check: IdentityCheck) -> None:
    """Let the team make sure, as the person cannot be asked; call it with the request locked."""
    others = IdentityCheck.objects.filter(request=check.request_id, purpose=check.purpose)
    if others.filter(kind=IdentityCheck.Kind.TEAM).exists():
        others.filter(pk=check.pk).delete()
    else:
        others.filter(pk=check.pk).update(kind=IdentityCheck.Kind.TEAM, identifier=None)
    audit.record(
        "identity.handed_over", audit.SYSTEM, request_id=check.request_id, target=_named(check), kind=check.kind
    )


def answer_wait(request: SubjectRequest) -> None:
    """Let the clock run again that waited for the person to show who they are."""
    wait = request.waits.filter(kind=PersonWait.Kind.IDENTITY, answered_at=None).first()
    if wait and request.status in AT_WORK:
        questions.answer(wait.pk, "Shown on the page of the request.", actor=audit.SUBJECT)


def is_answerable(check: IdentityCheck) -> bool:
    """Whether the person may still answer."""
    return check.passed_at is None and check.failed_at is None and check.request.status in OPEN


def _delete_documents(request_id: int, actor: Actor) -> None:
    """Delete what was handed in and is of no use any more, however the check was passed, unless a hold keeps it."""
    if held(timezone.now()).filter(pk=request_id).exists():
        return
    for upload in Upload.objects.filter(request=request_id, kind=Upload.Kind.IDENTITY, removed_at=None):
        uploads.remove(upload, actor=actor)


def _startable(request: SubjectRequest) -> list[IdentityCheck]:
    """Give what is to be passed, the first of it ready to be asked for."""
    while remaining := proofs.outstanding(request):
        first = remaining[0]
        kind = kind_of(first)
        if first.failed_at or first.kind == IdentityCheck.Kind.MAILBOX or (kind and kind.start(first)):
            break
        with transaction.atomic():
            hand_to_team(first)
    return remaining


def _begin(request: SubjectRequest) -> None:
    if request.status == Status.SUBMITTED:
        perform(request.pk, "verify", actor=audit.SUBJECT)
        planning.begin(request)
    else:
        answer_wait(request)
    request.refresh_from_db()


def _exhaust(check: IdentityCheck, most: int) -> bool:
    exhausted = IdentityCheck.objects.filter(pk=check.pk, passed_at=None, failed_at=None, attempts__gte=most)
    if not exhausted.update(failed_at=timezone.now(), code_hash=""):
        return False
    audit.record("identity.exhausted", audit.SYSTEM, request_id=check.request_id, target=_named(check), kind=check.kind)
    return True


def _go_on_alone(request: SubjectRequest) -> bool:
    remaining = _startable(request)
    if not remaining and representing.is_settled(request):
        _begin(request)
    return bool(remaining) and remaining[0].kind != IdentityCheck.Kind.MAILBOX


def alike_checks(check: IdentityCheck) -> QuerySet[IdentityCheck]:
    """Give the open checks of the same kind of the others of a letter; of a mailbox each is confirmed by itself."""
    if check.kind not in SHARED or check.purpose != IdentityCheck.Purpose.BEGIN:
        return IdentityCheck.objects.none()
    request = SubjectRequest.objects.get(pk=check.request_id)
    others = [other.pk for other in cases.of_same_sender(request) if other.status in OPEN]
    same = IdentityCheck.objects.filter(request__in=others, kind=check.kind, purpose=check.purpose)
    return same.filter(passed_at=None).order_by("pk")


def be_about_the_same(alike: IdentityCheck, check: IdentityCheck) -> None:
    """Let a check be about the number that was shown to be the person's."""
    if check.identifier is None:
        return
    kind, value = check.identifier.kind, check.identifier.value
    alike.identifier, _ = Identifier.objects.get_or_create(request=alike.request, kind=kind, value=value)
    IdentityCheck.objects.filter(pk=alike.pk).update(identifier=alike.identifier)


def _named(check: IdentityCheck) -> str:
    return f"check {check.pk}"
