"""Approvals of changes: what they bind, when they may be given, and when they are void."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.batches import counted
from extractors.errors import DsrError
from requests_app import audit, proofs, storage
from requests_app.changing import key_lists, results
from requests_app.changing.obstacles import obstacle
from requests_app.changing.people import proven_ids
from requests_app.models import Approval, AuditEntry, DataSource, KeyList, Leased, SourceChange, Status, SubjectRequest
from requests_app.queue import enqueue
from requests_app.workflow import DECIDE, WORK, PermissionRefused, refuse_unless

if TYPE_CHECKING:
    from datetime import datetime

    from requests_app.audit import Actor
    from requests_app.models.leased import LeasedQuerySet

MOST_ARRIVALS_PERCENT, MOST_ARRIVALS = 10, 20
BUSY = "Somebody else is at work on this; please look again."
OFF = "It was called off before it began."


class NotApprovable(DsrError, ValueError):
    """Say that something has to happen before a change can be approved; its text says what."""


class SamePerson(PermissionRefused):
    """Refuse an approval by whoever prepared what is to be approved."""


class VoidApproval(DsrError):
    """Say that what was approved is no longer what would be done, so that it has to be looked at again."""

    permanent = True


class TooLate(DsrError, ValueError):
    """Say that something was begun already, so that it cannot be called off any more."""


@transaction.atomic
def prepare(request_id: int, act: Approval.Act, *, actor: Actor) -> int:
    """Ask somebody else to approve what is shown of every source; returns of how many.

    Raises:
        PermissionRefused: the member of the team may not work on requests.
        NotApprovable: see `approve`; or its approval was asked for already.
    """
    user_id = refuse_unless(actor, WORK, "ask for an approval")
    waiting = _approvable(_in_progress(request_id), act)
    unprepared = [change for change in waiting if change.prepared_by_id is None]
    if not unprepared:
        raise NotApprovable("Its approval was asked for already: somebody else has to look at it and approve it.")
    for change in unprepared:
        if not _as_shown(change).filter(prepared_by=None).update(prepared_by=user_id):
            raise NotApprovable(BUSY)
        _record("change.prepared", change, actor)
    return len(unprepared)


@transaction.atomic
def approve(request_id: int, act: Approval.Act, *, actor: Actor) -> list[Approval]:
    """Approve what is shown of every source, and have it done; one approval a source, as each is done by itself.

    It waits until it can be called off no more. Of two who approve at once, one does. Sources that were approved or
    left out before are passed over.

    Raises:
        PermissionRefused: the member of the team may not decide.
        SamePerson: they prepared it themselves.
        NotApprovable: nobody asked for it; a preview is missing, failed or no longer of the present map or person, or
            holds rows that the map decides nothing about; something is held, or comes first (`obstacle`); or there is
            nothing to approve.
        UnprovenIdentity, UnsettledAuthority: it is not clear, or not any more, that the person asked for it.
    """
    user_id = refuse_unless(actor, DECIDE, "approve this")
    request = _in_progress(request_id)
    proofs.refuse_unless_proven(request)
    waiting = _approvable(request, act)
    if any(change.prepared_by_id == user_id for change in waiting):
        raise SamePerson("You asked for this approval yourself: somebody else has to look at it and approve it.")
    if any(change.prepared_by_id is None for change in waiting):
        raise NotApprovable("Nobody has asked for this approval yet: somebody else has to look at it first, and ask.")
    if held := obstacle(request):
        raise NotApprovable(held)
    hours = settings.DSR_ERASURE_UNDO_HOURS if act == Approval.Act.ERASURE else 0
    begins = timezone.now() + timedelta(hours=hours) if hours else None
    return [_approve(change, user_id, begins) for change in waiting]


@transaction.atomic
def call_off(request_id: int, act: Approval.Act, *, actor: Actor) -> int:
    """Call off what was approved and waits, in every source or in none; it is looked at anew then.

    Returns:
        In how many sources.

    Raises:
        PermissionRefused: the member of the team may not decide.
        TooLate: the time to call it off is over, or nothing waits.
        NotApprovable: the request is not in progress.
    """
    refuse_unless(actor, DECIDE, "call this off")
    request = _in_progress(request_id)
    waiting = list(_callable_off(request.changes.filter(act=act)).select_related("source", "approval"))
    begun = request.changes.filter(act=act, applied_at=None, phase=SourceChange.Phase.CHANGE)
    if not waiting or begun.exclude(pk__in=[change.pk for change in waiting]).exists():
        raise TooLate("It cannot be called off any more: the time for that is over, or nothing waits.")
    for change in waiting:
        void(change)
        if not _callable_off(SourceChange.objects.filter(pk=change.pk)).start_afresh(**unseen(), reopened=OFF):
            raise TooLate("It cannot be called off any more: it has begun.")
        _record("change.called_off", change, actor)
        enqueue("change_source", change.pk)
    return len(waiting)


def digest(change: SourceChange, preview: dict[str, results.Told], shown: KeyList) -> str:
    """Give the SHA-256 of what a preview shows: act, source, map, person, actions, counts, and the keys of all rows.

    Raises:
        MissingArtefact, UnreadableArtefact: the list of keys cannot be read.
    """
    text = hashlib.sha256(change.map.text.encode()).hexdigest()
    what = [change.act, change.source_id, change.map_id, text, proven_ids(change.request), preview]
    bound = orjson.dumps([*what, key_lists.fingerprint(shown.file)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(bound).hexdigest()


def shown_list(change: SourceChange) -> KeyList:
    """Give the list of keys that a preview shows.

    Raises:
        VoidApproval: it is gone.
    """
    shown = change.key_lists.filter(purpose=KeyList.Purpose.SHOWN).last()
    if shown is None:
        raise VoidApproval("What was approved is not there any more.")
    return shown


def refuse_unless_as_approved(change: SourceChange) -> None:
    """Hold what would be done against what was approved.

    Raises:
        VoidApproval: they differ, or the approval became void.
    """
    if change.approval is None or change.approval.voided_at:
        raise VoidApproval("Its approval became void since.")
    if change.source.current_map_id != change.map_id:
        raise VoidApproval("The data map of this source has changed since it was approved.")
    try:
        found = digest(change, change.preview, shown_list(change))
    except (storage.MissingArtefact, storage.UnreadableArtefact):
        found = ""
    if not found or change.approval.digest != found:
        raise VoidApproval("What was approved has changed since: the person's identifiers, or what was shown.")


def refuse_outgrown(collection: str, shown: int, came_since: int) -> None:
    """Refuse to erase far more of a collection than was shown; a few rows more are erased and listed.

    Raises:
        VoidApproval: more than both 20 rows and 10 % of those shown came since.
    """
    if came_since > MOST_ARRIVALS and came_since * 100 > MOST_ARRIVALS_PERCENT * shown:
        rows, were = counted(came_since, "row"), counted(shown, "row")
        raise VoidApproval(f"Too much has changed since: of {collection}, {rows} more would be erased than the {were}.")


def void(change: SourceChange) -> None:
    """Note that an approval is void, in the caller's transaction."""
    Approval.objects.filter(changes=change, voided_at=None).update(voided_at=timezone.now())
    target = f"approval {change.approval_id}"
    audit.record("approval.voided", audit.SYSTEM, request_id=change.request_id, target=target, change=change.pk)


def unseen() -> dict[str, Any]:
    """Give the fields of a change that is to be looked at: nothing was shown of it, so nobody asked or approved."""
    shown: dict[str, Any] = {"preview": {}, "digest": "", "previewed_at": None}
    return shown | {"phase": SourceChange.Phase.PREVIEW, "prepared_by": None, "approval": None, "undo_until": None}


def _approvable(request: SubjectRequest, act: Approval.Act) -> list[SourceChange]:
    """Give the changes that wait for an approval.

    Raises:
        NotApprovable: see `approve`.
    """
    enabled = DataSource.objects.filter(is_enabled=True, current_map__isnull=False)
    changes = list(request.changes.filter(act=act, source__in=enabled).select_related("source", "map"))
    known = {change.source_id for change in changes if not change.is_applied or change.is_proven}
    missing = [source.label for source in enabled if source.pk not in known]
    if missing:
        raise NotApprovable(f"There is no preview yet of {', '.join(missing)}.")
    waiting = [change for change in changes if _is_waiting(change)]
    for change in waiting:
        _refuse_unready(change)
    if not waiting:
        raise NotApprovable("There is nothing to approve: it was approved already.")
    return waiting


def _is_waiting(change: SourceChange) -> bool:
    is_left_out = change.is_left_out and change.state == Leased.State.FAILED
    return not change.is_applied and change.phase == SourceChange.Phase.PREVIEW and not is_left_out


def _refuse_unready(change: SourceChange) -> None:
    label = change.source.label
    if change.state == Leased.State.FAILED:
        raise NotApprovable(f"The preview of {label} failed: try again, or leave the source out.")
    if not change.is_previewed:
        raise NotApprovable(f"The preview of {label} is not ready yet.")
    if change.map_id != change.source.current_map_id:
        raise NotApprovable(f"The data map of {label} has changed since its preview: preview it again.")
    if names := results.undecided(change.preview):
        raise NotApprovable(
            f"The data map of {label} does not say what erasing does to {', '.join(names)}: write `erase` for each of"
            " them, then preview again."
        )
    try:
        is_as_shown = change.digest == digest(change, change.preview, shown_list(change))
    except DsrError:
        is_as_shown = False
    if not is_as_shown:
        raise NotApprovable(f"The preview of {label} is outdated: preview it again.")


def _approve(change: SourceChange, user_id: int, begins: datetime | None) -> Approval:
    approval = Approval.objects.create(
        request_id=change.request_id,
        act=change.act,
        digest=change.digest,
        prepared_by_id=change.prepared_by_id,
        approved_by_id=user_id,
    )
    begun = {"phase": SourceChange.Phase.CHANGE, "approval": approval, "reopened": "", "undo_until": begins}
    if not _as_shown(change).filter(prepared_by=change.prepared_by_id).start_afresh(**begun):
        raise NotApprovable(BUSY)
    counts = results.total(change.preview)
    told = {"approval": approval.pk, "changed": counts["changed"], "kept": counts["kept"]}
    _record("change.approved", change, audit.Actor(AuditEntry.ActorKind.STAFF, user_id), **told)
    if begins:  # the sweep queues it then
        SourceChange.objects.filter(pk=change.pk).update(claimable_at=begins, requeue_at=begins)
    else:
        enqueue("change_source", change.pk)
    return approval


def _in_progress(request_id: int) -> SubjectRequest:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status != Status.IN_PROGRESS:
        raise NotApprovable("The request is not in progress.")
    return request


def _as_shown(change: SourceChange) -> LeasedQuerySet:
    """Keep a change so long as it is what was shown."""
    shown = {"phase": SourceChange.Phase.PREVIEW, "state": Leased.State.DONE, "digest": change.digest}
    return SourceChange.objects.filter(pk=change.pk, **shown)


def _callable_off(changes: LeasedQuerySet) -> LeasedQuerySet:
    """Keep what waits to be done; whoever begins takes `undo_until` away."""
    return changes.filter(phase=SourceChange.Phase.CHANGE, applied_at=None, undo_until__gt=timezone.now())


def _record(action: str, change: SourceChange, actor: Actor, **details: int) -> None:
    target, source = f"change {change.pk}", change.source_id
    audit.record(action, actor, request_id=change.request_id, target=target, act=change.act, source=source, **details)
