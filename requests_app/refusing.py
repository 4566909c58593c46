"""The stage that refuses, all of a request or a part of its answer: prepared by one, approved by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, releases, restrictions
from requests_app.models import Export, Leased, Refusal, Status, SubjectRequest
from requests_app.models.subject_request import AT_WORK
from requests_app.refusals import standing, telling
from requests_app.refusals.telling import PART, WHOLE
from requests_app.workflow import DECIDE, WORK, perform, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor
    from requests_app.refusals.telling import Draft, Telling


class IllegalRefusal(DsrError, ValueError):
    """Say everything that keeps a refusal from being prepared or sent."""

    def __init__(self, *faults: str) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class DecidedRefusal(DsrError, ValueError):
    """Say that a refusal was decided upon already, or another one is waiting to be."""


class OwnRefusal(DsrError, PermissionError):
    """Say that nobody approves what they prepared themselves."""


class ChangedLetter(DsrError, ValueError):
    """Say that a letter is not any more what somebody read who approves it."""


def prepare(request_id: int, draft: Draft, *, actor: Actor) -> Refusal:
    """Prepare a refusal for a second person to approve; nothing is sent yet.

    Raises:
        IllegalRefusal: the law does not allow it so, something is missing, or the request is neither at work nor stuck
            before it is known who asks.
        DecidedRefusal: another one is waiting.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, (WORK, DECIDE), "prepare a refusal")
    try:
        with transaction.atomic():
            request = _refusable(request_id, draft.extent)
            _refuse_faulty(request, draft)
            row = Refusal.objects.create(
                request=request,
                extent=draft.extent,
                grounds=list(dict.fromkeys(draft.grounds)),
                facts=telling.cleaned(draft.facts),
                withheld=list(telling.categories(draft.withheld)),
                late_reason=telling.cleaned(draft.late_reason),
                told=telling.told(request, draft),
                digest=_digest(request, draft.extent),
                prepared_by_id=user_id,
            )
            _record("refusal.prepared", row, actor, grounds=row.grounds, extent=str(draft.extent))
    except IntegrityError:
        raise DecidedRefusal("A refusal of this request is waiting to be approved already.") from None
    return row


def approve(refusal_id: int, *, actor: Actor, seen: str = "") -> Refusal:
    """Approve a refusal. The whole one is sent at once, and ends the request; a partial one goes with the answer.

    Args:
        seen: what `telling.fingerprint` said of the letter that was read; empty to approve whatever it is.

    Raises:
        IllegalRefusal: the law does not allow it so any more, or something is missing.
        ChangedLetter: the letter is another than the one that was read.
        DecidedRefusal: it was decided upon already.
        OwnRefusal: whoever prepared it approves it.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, DECIDE, "approve a refusal")
    with transaction.atomic():
        row = Refusal.objects.get(pk=refusal_id)
        request = _refusable(row.request_id, Refusal.Extent(row.extent))
        row.refresh_from_db()
        _refuse_decided(row)
        _refuse_outdated(request, row)
        if row.prepared_by_id == user_id:
            raise OwnRefusal("You prepared this refusal yourself; a second person has to approve it.")
        told = now_told(request, row)
        if seen not in {"", telling.fingerprint(told)}:
            raise ChangedLetter("The letter has changed since you read it. Please read it once more.")
        if row.digest != _digest(request, Refusal.Extent(row.extent)):
            raise IllegalRefusal(standing.CHANGED)
        row.told, row.approved_by_id, row.approved_at = told, user_id, timezone.now()
        row.preserved_until = standing.preserved_from(request, row.approved_at)
        row.save()
        _record("refusal.approved", row, actor, grounds=row.grounds, extent=row.extent)
        if row.extent == WHOLE:
            is_unproven, reason = request.status == Status.SUBMITTED, row.facts or _words(told)
            perform(request.pk, "refuse_unproven" if is_unproven else "reject", actor=actor, reason=reason)
    return row


def discard(refusal_id: int, *, actor: Actor) -> None:
    """Give up a refusal that was prepared, or a partial one that was approved and not sent yet.

    Raises:
        DecidedRefusal: it was given up or sent already.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, (WORK, DECIDE), "discard a refusal")
    with transaction.atomic():
        row = Refusal.objects.get(pk=refusal_id)
        request = SubjectRequest.objects.select_for_update().get(pk=row.request_id)
        row.refresh_from_db()
        if row.discarded_at:
            raise DecidedRefusal("This refusal was given up already.")
        if row.approved_at and (request.status not in AT_WORK or _is_released(request)):
            raise DecidedRefusal("This refusal was sent already, or is being sent; it cannot be given up any more.")
        if row.approved_at:
            refuse_unless(actor, DECIDE, "take an approved refusal back")
        row.discarded_at, row.discarded_by_id = timezone.now(), user_id
        row.save(update_fields=["discarded_at", "discarded_by"])
        _record("refusal.discarded", row, actor, extent=row.extent)


def now_told(request: SubjectRequest, row: Refusal) -> Telling:
    """Put together the letter of a refusal that was prepared, as it would be sent today.

    Raises:
        IllegalRefusal: the law does not allow it so any more, or something is missing.
    """
    draft = standing.draft_of(row)
    _refuse_faulty(request, draft)
    return telling.told(request, draft)


def _refuse_faulty(request: SubjectRequest, draft: Draft) -> None:
    if faults := telling.faults(request, draft):
        raise IllegalRefusal(*faults)


def _refusable(request_id: int, extent: Refusal.Extent) -> SubjectRequest:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if not is_refusable(request):
        raise IllegalRefusal(f"This request is {request.get_status_display().lower()}; there is nothing to refuse.")
    if extent == PART and request.status != Status.IN_PROGRESS:
        raise IllegalRefusal("Only what is in progress is answered in part: begin the work first.")
    if _is_released(request):
        raise IllegalRefusal("The answer was released already; it cannot be refused any more.")
    if extent == WHOLE and restrictions.standing(request):
        raise IllegalRefusal(standing.RESTRICTED)
    return request


def is_refusable(request: SubjectRequest) -> bool:
    """Whether a request stands where it can be refused: at work, or stuck before it is known who asks."""
    return request.status in AT_WORK or (request.status == Status.SUBMITTED and standing.is_stuck(request))


def _refuse_outdated(request: SubjectRequest, row: Refusal) -> None:
    """Refuse what was prepared of nobody knows whom, once they have shown who they are."""
    if request.verified_at and row.prepared_at < request.verified_at:
        raise IllegalRefusal("The person has shown who they are since this was prepared: discard it.")


def _is_released(request: SubjectRequest) -> bool:
    released: bool = Export.objects.filter(request=request).exclude(state=Leased.State.FAILED).exists()
    return released


def _digest(request: SubjectRequest, extent: Refusal.Extent) -> str:
    return releases.digest(request) if extent == PART and request.is_collected else ""


def _refuse_decided(row: Refusal) -> None:
    if row.approved_at or row.discarded_at:
        raise DecidedRefusal("This refusal was decided upon already.")


def _words(told: Telling) -> str:
    reasons = told["reasons"]
    if not isinstance(reasons, list):
        raise TypeError("reasons of a letter are a list")
    return " ".join(str(reason["words"]) for reason in reasons)


def _record(action: str, row: Refusal, actor: Actor, **details: str | list[str]) -> None:
    audit.record(action, actor, request_id=row.request_id, target=f"refusal {row.pk}", **details)
