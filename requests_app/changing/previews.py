"""Previews of changes: what would be done in each source, and the keys of all rows it would be done to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, leases, sources
from requests_app.changing import approvals, keeping, key_lists, results
from requests_app.changing.people import identifiers_of, linked, write_carried
from requests_app.changing.witnesses import Listing
from requests_app.models import Approval, DataSource, KeyList, Leased, SourceChange, Status, SubjectRequest
from requests_app.models.subject_request import AT_WORK
from requests_app.queue import enqueue
from requests_app.workflow import DECIDE, WORK, PermissionRefused, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor
    from requests_app.leases import Work

PREVIEWED = frozenset({Approval.Act.ERASURE})


class NotPreviewable(DsrError, ValueError):
    """Say that nothing can be previewed now; its text says why."""


@transaction.atomic
def preview(request_id: int, act: Approval.Act, *, actor: Actor) -> list[SourceChange]:
    """Have every enabled source looked at anew: what would be done to which rows; one task a source.

    What is shown already is replaced, and an approval that was not used up yet is void, as is that somebody asked for
    one. A source that is done and proven stays done; one that was not proven is previewed again.

    Raises:
        PermissionRefused: the member of the team may not work on requests.
        NotPreviewable: the request is not in progress, a source is being changed just now, or no source is enabled.
    """
    if act not in PREVIEWED:
        raise NotPreviewable(f"There is no preview of this: {act.label}.")
    if actor.user_id is not None:
        user = get_user_model().objects.filter(pk=actor.user_id, is_active=True).first()
        if user is None or not user.has_perm(WORK):
            raise PermissionRefused("You may not prepare this.")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status != Status.IN_PROGRESS:
        raise NotPreviewable("The request is not in progress.")
    done = request.changes.filter(act=act, is_proven=True).values("source")
    enabled = DataSource.objects.filter(is_enabled=True, current_map__isnull=False)
    changes = [_preview(request, act, source) for source in enabled.exclude(pk__in=done)]
    if not changes:
        raise NotPreviewable("There is no source to preview: none is switched on, or all are done.")
    audit.record(
        "change.previewed", actor, request_id=request_id, act=act, sources=[item.source_id for item in changes]
    )
    return changes


@transaction.atomic
def leave_out(change: SourceChange, *, actor: Actor, reason: str) -> None:
    """Decide to do without a source that was given up; what becomes of it there is for people to see to.

    What was approved of it is void.

    Raises:
        NotPreviewable: it was not given up, nobody knows whether it was changed, or no reason is given.
        PermissionRefused: not for this member of the team to do.
    """
    if actor.user_id is not None:
        refuse_unless(actor, DECIDE, "leave a source as it is")
        if not reason.strip():
            raise NotPreviewable("Please say why; it stays with the team, as a note.")
    request = SubjectRequest.objects.select_for_update().get(pk=change.request_id)
    given_up = SourceChange.objects.filter(pk=change.pk, state=Leased.State.FAILED, applied_at=None)
    row = given_up.first()
    if row is None or request.status != Status.IN_PROGRESS:
        raise NotPreviewable("Only a source that was given up can be left out.")
    if row.phase == SourceChange.Phase.CHANGE and row.began:
        raise NotPreviewable("Nobody knows whether this source was changed: try again, which shows it.")
    if row.approval_id and row.phase == SourceChange.Phase.CHANGE:
        approvals.void(row)
    if not given_up.update(is_left_out=True):
        raise NotPreviewable("Only a source that was given up can be left out.")
    target = f"change {change.pk}"
    audit.record("change.left_out", actor, request_id=change.request_id, target=target, has_reason=bool(reason))
    enqueue("finish_request", change.request_id)


def look(work: Work, change: SourceChange) -> None:
    """Do the work of a preview.

    Raises:
        DsrError: see `Extractor.erase`; also when the request has ended or nothing is proven.
    """
    refuse_unless_at_work(change)
    with key_lists.draft(f"shown-{work.pk}-{work.attempt}.keys", change.source) as listing:
        extractor = sources.extractor(change.source, change.map)
        identifiers = linked(extractor, identifiers_of(change.request))
        write_carried(listing, identifiers)
        dated = keeping.with_last_day(extractor.data_map)
        witness = Listing(listing, dated, lambda collection: work.progress(50, f"Looking at {collection}"))
        erasure = extractor.erase(identifiers, apply=False, witness=witness)
        _finish(work, change, results.told(results.personal(erasure, extractor.data_map), until=witness.until), listing)


def refuse_unless_at_work(change: SourceChange) -> None:
    """Refuse to touch a source for a request that has ended, or one that was switched off.

    Raises:
        EndedWork: it is so.
    """
    if SubjectRequest.objects.get(pk=change.request_id).status not in AT_WORK:
        raise leases.EndedWork("The request has ended.")
    if not DataSource.objects.filter(pk=change.source_id, is_enabled=True).exists():
        raise leases.EndedWork("The source is switched off.")


def _preview(request: SubjectRequest, act: Approval.Act, source: DataSource) -> SourceChange:
    """Make the row that is worked on, or have it worked on anew; rows of changes done stay as they are."""
    prepared: dict[str, Any] = {"map": source.current_map}
    made, is_new = SourceChange.objects.get_or_create(
        request=request,
        source=source,
        act=act,
        applied_at=None,
        defaults=prepared,
    )
    change: SourceChange = made
    if not is_new:
        if change.approval_id:
            approvals.void(change)
        at_it = Q(phase=SourceChange.Phase.CHANGE, state=Leased.State.RUNNING)
        free = SourceChange.objects.filter(pk=change.pk, applied_at=None).exclude(at_it)
        if not free.start_afresh(**prepared, **approvals.unseen(), is_left_out=False):
            raise NotPreviewable(f"{source.label} is being changed just now.")
    enqueue("change_source", change.pk)
    return change


def _finish(work: Work, change: SourceChange, preview: dict[str, results.Told], listing: key_lists.Draft) -> None:
    before = list(change.key_lists.filter(purpose=KeyList.Purpose.SHOWN))
    with transaction.atomic():
        shown = listing.store(change, KeyList.Purpose.SHOWN)
        bound = approvals.digest(change, preview, shown)
        work.finish(preview=preview, digest=bound, previewed_at=timezone.now(), step="")
        counts = results.total(preview)
        audit.record(
            "preview.done",
            audit.SYSTEM,
            request_id=change.request_id,
            target=f"change {change.pk}",
            source=change.source_id,
            attempt=work.attempt,
            found=counts["found"],
            changed=counts["changed"],
        )
        if not counts["found"]:
            enqueue("finish_request", change.request_id)
    listing.keep()
    key_lists.remove(before)
