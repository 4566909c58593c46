"""Does what was approved in one source: all or nothing, and known for what it is however often a worker stops.

Before the source is changed, the portal notes every row that is going to be (`_begin`); what is noted may have been
done. After it, another attempt finds what is left, and the result is of both: no row counts twice, none is forgotten.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from extractors.batches import counted
from requests_app import audit, proofs, recipients, sources
from requests_app.changing import approvals, keeping, key_lists, register, results
from requests_app.changing.approvals import VoidApproval
from requests_app.changing.obstacles import obstacle
from requests_app.changing.people import identifiers_of, linked, with_carried
from requests_app.changing.previews import refuse_unless_at_work
from requests_app.changing.telling import tell
from requests_app.changing.witnesses import Began
from requests_app.leases import EndedWork
from requests_app.models import DataSource, KeyList, SourceChange, SubjectRequest
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.base import Extractor
    from extractors.changes import Erasure
    from extractors.identifiers import Identifiers
    from requests_app.changing.key_lists import Draft, ReadList
    from requests_app.leases import Work


def carry_out(work: Work, change: SourceChange) -> None:
    """Do the work of an approved change, or have it looked at again where the approval turns out to be void.

    As long as it can be called off, it waits, however it was queued.

    Raises:
        DsrError: see `Extractor.erase`; also when the request has ended, or it is in doubt who asked.
    """
    if change.undo_until and change.undo_until > timezone.now():
        work.put_off(change.undo_until, change.undo_until)
        return
    try:
        _refuse_unless_theirs(change)
        approvals.refuse_unless_as_approved(change)
        _erase(work, change)
    except VoidApproval as error:
        _reopen(work, change, str(error))
    except EndedWork:
        _void(change)
        raise


def _refuse_unless_theirs(change: SourceChange) -> None:
    """Refuse to destroy what somebody else may have asked for, or what is held; either may have come since."""
    refuse_unless_at_work(change)
    proofs.refuse_unless_proven(change.request)
    if held := obstacle(change.request):
        raise VoidApproval(held)


@transaction.atomic
def _void(change: SourceChange) -> None:
    """Let nothing follow from what was approved, should the request be taken up again."""
    approvals.void(change)


def _erase(work: Work, change: SourceChange) -> None:
    shown = approvals.shown_list(change)
    with ExitStack() as files:
        listing = files.enter_context(key_lists.draft(f"fixed-{work.pk}-{work.attempt}.keys", change.source))
        approved = files.enter_context(key_lists.opened(shown.file, shown.key_id))
        extractor = sources.extractor(change.source, change.map)
        identifiers, key = _person(extractor, change, approved), register.register_key()
        witness = Began(
            listing,
            keeping.with_last_day(extractor.data_map),
            lambda collection: work.progress(30, f"Looking at {collection}"),
            shown=approved,
            begin=partial(_begin, work, change, listing, partial(register.remember, change, identifiers, key)),
        )
        erasure = extractor.erase(identifiers, apply=True, witness=witness, hash_key=register.hash_key(key))
    _finish(work, change, results.personal(erasure, extractor.data_map), witness.until)


def _person(extractor: Extractor, change: SourceChange, approved: ReadList) -> Identifiers:
    """Go by what other sources lead to now, and by what they led to then: they may have been changed meanwhile."""
    return with_carried(approved, linked(extractor, identifiers_of(change.request)))


def _begin(work: Work, change: SourceChange, listing: Draft, register_it: Callable[[], None], witness: Began) -> None:
    """Note what is about to be done; from here on nobody can tell but by looking whether the source was changed."""
    if DataSource.objects.get(pk=change.source_id).current_map_id != change.map_id:
        raise VoidApproval("The data map of this source has changed since it was approved.")
    with transaction.atomic():
        SubjectRequest.objects.select_for_update().get(pk=change.request_id)  # whoever ends or holds it now waits
        _refuse_unless_theirs(change)
        known = {"expected": witness.counts, "came_since": witness.came_since, "undo_until": None}
        work.keep(began=F("began") + 1, step="Erasing", **known)
        listing.store(change, KeyList.Purpose.FIXED)
        register_it()
        _record("change.began", work, change, rows=listing.rows, came_since=sum(witness.came_since.values()))
    listing.keep()


def _finish(work: Work, change: SourceChange, erasure: Erasure, until: dict[str, results.Until]) -> None:
    """Note what was done; kept rows are written down for the day on which their years end."""
    with ExitStack() as files:
        fixed = change.key_lists.filter(purpose=KeyList.Purpose.FIXED)
        lists = [files.enter_context(key_lists.opened(item.file, item.key_id)) for item in fixed]
        result = results.told(erasure, results.no_longer_found(lists[:-1], lists[-1]), until)
        kept = files.enter_context(keeping.kept_rows(f"kept-{work.pk}-{work.attempt}", change.source, lists))
        for collection, undated in kept.undated.items():
            if collection in result:
                result[collection]["reasons"].append(f"{counted(undated, 'kept row')} without a day to be erased on")
        counts = results.total(result)
        with transaction.atomic():
            work.finish(result=result, is_proven=erasure.is_proven, applied_at=timezone.now(), step="")
            kept.store(request_id=change.request_id, version=change.map)
            register.confirm(change)
            recipients.note(change, {name: item["changed"] for name, item in result.items()})
            _record("change.done", work, change, is_proven=erasure.is_proven, **counts)
            if not erasure.is_proven:
                _tell_unproven(change, result)
            enqueue("finish_request", change.request_id)
        kept.keep()


def _reopen(work: Work, change: SourceChange, reason: str) -> None:
    """Void the approval, look at the source anew, and say so."""
    current = DataSource.objects.get(pk=change.source_id).current_map or change.map
    with transaction.atomic():
        approvals.void(change)
        work.start_afresh(**approvals.unseen(), map=current, reopened=reason[:500])
        done = "It is not known whether an attempt before had erased anything" if change.began else "Nothing was erased"
        text = f"{done} from {change.source.label}, and its approval is void. {reason} Please look again."
        tell(change.request_id, text, event="approval.voided", change=change.pk)
        enqueue("change_source", change.pk)


def _tell_unproven(change: SourceChange, result: dict[str, results.Told]) -> None:
    left = [f"{counted(item['left'], 'row')} of {name}" for name, item in result.items() if item["left"]]
    text = f"Erased from {change.source.label}, but the search afterwards still found {', '.join(left)}."
    tell(change.request_id, text, event="change.unproven", change=change.pk)


def _record(action: str, work: Work, change: SourceChange, **details: int) -> None:
    audit.record(
        action,
        audit.SYSTEM,
        request_id=change.request_id,
        target=f"change {change.pk}",
        source=change.source_id,
        attempt=work.attempt,
        **details,
    )
