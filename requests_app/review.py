"""The stage in which the team looks at what was found, withholds, and releases."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from extractors.batches import Concern
from extractors.errors import DsrError
from requests_app import audit, planning, proofs, releases, storage
from requests_app.dossier import SegmentReader
from requests_app.formats import usual_formats
from requests_app.keys.stored import open_key
from requests_app.models import (
    Approval,
    Export,
    Leased,
    Redaction,
    SourceSearch,
    SubjectRequest,
)
from requests_app.queue import TASKS, enqueue
from requests_app.refusals import standing
from requests_app.workflow import DECIDE, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extractors.batches import Batch, Collection
    from requests_app.audit import Actor
    from requests_app.dossier import StoredCollection


class NotReady(DsrError):
    """Say that something has to happen first; its text says what."""


class OwnRelease(DsrError, PermissionError):
    """Say that nobody releases what they prepared themselves."""


MOST_AT_ONCE = 50_000
OWN = (
    "You withheld something of this answer, or prepared its partial refusal: somebody else has to look at it and "
    "release it."
)
GROUND_MISSING = "Please give the ground on which this is withheld; the answer names it."


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a collection, as Python values in the order of its fields; `first` counts from 0.

    Args:
        marks: what may be about others: row of the page and field (empty for the whole record), with the concerns.
        marked: how many marks of each concern the whole collection has.
    """

    collection: Collection
    rows: list[list[object]]
    first: int
    total: int
    marks: Mapping[tuple[int, str], tuple[Concern, ...]] = field(default_factory=dict)
    marked: Mapping[str, int] = field(default_factory=dict)


def records(search: SourceSearch, collection: str, first: int, rows: int, *, actor: Actor) -> Page:
    """Give a page of what was found, decrypting just the frames that hold it; looking is put on record.

    Raises:
        NotReady: the source was not read yet, or what was found is gone.
        DamagedArtefact, KeyDestroyed, MissingArtefact: it cannot be read.
        KeyError: the source has no such collection.
    """
    with _segment(search) as segment:
        stored = {item.collection.name: item for item in segment.collections}[collection]
        batch = segment.page(collection, first, rows)
    columns = [column.to_pylist() for column in batch.rows.columns]
    audit.record(
        "records.viewed",
        actor,
        request_id=search.request_id,
        target=f"search {search.pk}",
        collection=collection,
        first=first,
        rows=batch.rows.num_rows,
    )
    rows_shown = [list(row) for row in zip(*columns, strict=True)]
    return Page(stored.collection, rows_shown, first, stored.count, _marks(batch), stored.marks)


def collections(search: SourceSearch) -> tuple[StoredCollection, ...]:
    """Say what was found of each collection: its fields and how many records, no value of them.

    Raises:
        NotReady, DamagedArtefact, KeyDestroyed, MissingArtefact: see `records`.
    """
    with _segment(search) as segment:
        return segment.collections


def next_marked(search: SourceSearch, collection: str, first: int) -> int | None:
    """Find the first record from `first` on in which something is marked; None where there is no more.

    Raises:
        NotReady, DamagedArtefact, KeyDestroyed, MissingArtefact, KeyError: see `records`.
    """
    with _segment(search) as segment:
        return segment.next_marked(collection, first)


@transaction.atomic
def release(request_id: int, *, actor: Actor, formats: tuple[str, ...] = ()) -> Export:
    """Approve what was found, as it is now, and have it rendered for the person.

    Of two who release at once, one does.

    Args:
        formats: none for those the person asked for, or else what suits the right.

    Raises:
        NotReady: a source has not answered yet, an export is being made already, or something is withheld without a
            partial refusal that a second person has approved.
        UnprovenIdentity, UnsettledAuthority: the person has not shown yet who they are, or by whom they ask.
        OwnRelease: whoever withheld something of it, or prepared its partial refusal, releases it.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, DECIDE, "release an answer")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    proofs.refuse_unless_proven(request)
    has_answer = request.exports.filter(state__in=(Leased.State.WAITING, Leased.State.RUNNING)).exists()
    if has_answer:
        raise NotReady("The answer was released already and is being prepared.")
    if not planning.is_ready_for_review(request):
        raise NotReady("Not every source has answered yet, or the request is not in progress.")
    if obstacle := standing.refusal_to_release(request):
        raise NotReady(obstacle)
    prepared_by = releases.preparers(request)
    if user_id in prepared_by:
        raise OwnRelease(OWN)
    approval = Approval.objects.create(
        request=request,
        act=Approval.Act.RELEASE,
        digest=releases.digest(request),
        prepared_by_id=next(iter(prepared_by), None),
        approved_by_id=user_id,
    )
    chosen = list(formats or request.formats or usual_formats(request.right))
    export = Export.objects.create(request=request, approval=approval, formats=chosen)
    audit.record("answer.released", actor, request_id=request_id, target=f"export {export.pk}", formats=chosen)
    enqueue("render_export", export.pk)
    return export


@transaction.atomic
def retry(work: Leased, *, actor: Actor) -> None:
    """Start afresh with work that was given up, that rests after a failure, or with a search that is incomplete.

    What was found before is thrown away, and what was withheld of it with it.

    Raises:
        NotReady: it is running or done, or incomplete but not under review any more.
    """
    model = type(work)
    if isinstance(work, SourceSearch) and work.is_incomplete:
        _refuse_unless_in_review(work)
        SourceSearch.objects.filter(pk=work.pk, state=Leased.State.DONE).start_afresh()
    elif not model.objects.retry(work.pk):
        raise NotReady("This is running or done; there is nothing to try again.")
    if isinstance(work, SourceSearch):
        SourceSearch.objects.filter(pk=work.pk).update(is_left_out=False)
    noun = model._meta.model_name or ""
    request_id: int = work.request_id  # type: ignore[attr-defined]  # each kind of leased work has one
    audit.record("work.retried", actor, request_id=request_id, target=f"{noun} {work.pk}")
    enqueue(TASKS[model], work.pk)


@transaction.atomic
def leave_out(search: SourceSearch, *, actor: Actor, reason: str) -> None:
    """Decide to answer without a source that was given up; the answer says that it is missing.

    Raises:
        NotReady: the source was not given up.
    """
    given_up = SourceSearch.objects.filter(pk=search.pk, state=Leased.State.FAILED)
    if not given_up.update(is_left_out=True):
        raise NotReady("Only a source that was given up can be left out.")
    audit.record(
        "search.left_out", actor, request_id=search.request_id, target=f"search {search.pk}", has_reason=bool(reason)
    )


@transaction.atomic
def redact(
    search: SourceSearch, collection: str, *, field: str = "", ordinal: int | None = None, ground: str, actor: Actor
) -> Redaction:
    """Withhold a field, a record, or a field of a record, with the ground the answer names.

    Raises:
        NotReady: no ground is given, nothing is named or nothing that is there, the request is not in progress, or it
            is withheld already.
    """
    if not ground.strip():
        raise NotReady(GROUND_MISSING)
    if not field and ordinal is None:
        raise NotReady("Please name a field or a record.")
    _refuse_unless_in_review(search)
    _refuse_unless_there(search, collection, field, ordinal)
    try:
        with transaction.atomic():
            redaction = Redaction.objects.create(
                search=search,
                segment=search.segment,
                collection=collection,
                ordinal=ordinal,
                field=field,
                ground=ground.strip(),
                created_by_id=actor.user_id,
            )
    except IntegrityError:
        raise NotReady("This is withheld already.") from None
    target = f"redaction {redaction.pk}"
    audit.record("redaction.made", actor, request_id=search.request_id, target=target, collection=collection)
    return redaction


@transaction.atomic
def redact_marked(search: SourceSearch, collection: str, *, ground: str, actor: Actor) -> int:
    """Withhold everything marked in a collection: marked records whole, else the values marked.

    Each of them can be given back by itself; what is withheld already stays so on its own ground.

    Returns:
        How many records and values that were not withheld before are now.

    Raises:
        NotReady: no ground is given, nothing is marked, too much is, or the request is not in progress.
    """
    if not ground.strip():
        raise NotReady(GROUND_MISSING)
    _refuse_unless_in_review(search)
    known = Redaction.objects.filter(search=search, segment=search.segment, collection=collection)
    withheld = set(known.values_list("ordinal", "field"))
    chosen = [place for place in _marked_places(search, collection) if not _covers(withheld, *place)]
    if not chosen:
        raise NotReady("Everything marked there is withheld already, or nothing is marked.")
    Redaction.objects.bulk_create(
        (
            Redaction(
                search=search,
                segment=search.segment,
                collection=collection,
                ordinal=ordinal,
                field=name,
                ground=ground.strip(),
                created_by_id=actor.user_id,
            )
            for ordinal, name in chosen
        ),
        batch_size=1_000,
    )
    target, count = f"search {search.pk}", len(chosen)
    audit.record(
        "redactions.made", actor, request_id=search.request_id, target=target, collection=collection, count=count
    )
    return count


@transaction.atomic
def undo_all(search: SourceSearch, collection: str, *, ground: str, actor: Actor) -> int:
    """Give back everything that is withheld of a collection on one ground; returns how much that was.

    Raises:
        NotReady: nothing is, or the request is not in progress any more.
    """
    _refuse_unless_in_review(search)
    known = Redaction.objects.filter(search=search, segment=search.segment, collection=collection, ground=ground)
    count, _ = known.delete()
    if not count:
        raise NotReady("Nothing is withheld there on this ground.")
    target = f"search {search.pk}"
    audit.record(
        "redactions.undone", actor, request_id=search.request_id, target=target, collection=collection, count=count
    )
    return count


@transaction.atomic
def undo(redaction: Redaction, *, actor: Actor) -> None:
    """Give back what was withheld.

    Raises:
        NotReady: the request is not in progress any more.
    """
    _refuse_unless_in_review(redaction.search)
    target = f"redaction {redaction.pk}"
    audit.record("redaction.undone", actor, request_id=redaction.search.request_id, target=target)
    redaction.delete()


@contextmanager
def _segment(search: SourceSearch) -> Iterator[SegmentReader]:
    if search.state != Leased.State.DONE or not search.segment or search.key_id is None:
        raise NotReady("There are no records to look at: the source was not read, or the records were deleted.")
    with storage.open(search.segment) as file:
        yield SegmentReader(file, open_key(search.key_id), search.segment)


def _marks(batch: Batch) -> dict[tuple[int, str], tuple[Concern, ...]]:
    found: defaultdict[tuple[int, str], list[Concern]] = defaultdict(list)
    for mark in batch.marks.to_pylist() if batch.marks else []:
        found[mark["row"], mark["field"]].append(Concern(mark["concern"]))
    return {place: tuple(concerns) for place, concerns in found.items()}


def _marked_places(search: SourceSearch, collection: str) -> list[tuple[int, str]]:
    """List the marked places in order, those of records that are marked whole left out but for the record."""
    with _segment(search) as segment:
        stored = {item.collection.name: item for item in segment.collections}.get(collection)
        if stored is None or not stored.marks:
            return []
        if sum(stored.marks.values()) > MOST_AT_ONCE:
            raise NotReady(f"More than {MOST_AT_ONCE:,} things are marked there: withhold whole fields instead.")
        marked = dict.fromkeys(segment.marked(collection))
    return [(row, name) for row, name in marked if not name or (row, "") not in marked]


def _covers(withheld: set[tuple[int | None, str]], ordinal: int, name: str) -> bool:
    return bool({(ordinal, name), (ordinal, ""), (None, name)} & withheld)


def _refuse_unless_there(search: SourceSearch, collection: str, field: str, ordinal: int | None) -> None:
    """Refuse to withhold what no answer holds, as its counts would be wrong."""
    with _segment(search) as segment:
        stored = {item.collection.name: item for item in segment.collections}.get(collection)
    fields = {"", *(known.name for known in stored.collection.fields)} if stored else set()
    if stored is None or field not in fields or (ordinal or 0) not in range(stored.count):
        raise NotReady("There is no such field or record.")


def _refuse_unless_in_review(search: SourceSearch) -> None:
    """Lock the request, so that nothing changes between a look and a release."""
    request = SubjectRequest.objects.select_for_update().get(pk=search.request_id)
    is_released = request.exports.exclude(state=Leased.State.FAILED).exists()
    if is_released or not planning.is_ready_for_review(request):
        raise NotReady("What was found cannot be changed now: the request is not under review.")
