"""The stage in which the team looks at what was found, withholds, and releases."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from extractors.errors import DsrError
from requests_app import audit, planning, releases, storage
from requests_app.dossier import SegmentReader
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.batches import Collection
    from requests_app.audit import Actor


class NotReady(DsrError):
    """Say that something has to happen first; its text says what."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a collection, as Python values in the order of its fields; `first` counts from 0."""

    collection: Collection
    rows: list[list[object]]
    first: int
    total: int


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
    return Page(stored.collection, [list(row) for row in zip(*columns, strict=True)], first, stored.count)


@transaction.atomic
def release(request_id: int, *, actor: Actor, formats: tuple[str, ...] = ()) -> Export:
    """Approve what was found, as it is now, and have it rendered for the person.

    Of two who release at once, one does.

    Args:
        formats: none for those the person asked for.

    Raises:
        NotReady: a source has not answered yet, or an export is being made already.
    """
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    has_answer = request.exports.filter(state__in=(Leased.State.WAITING, Leased.State.RUNNING)).exists()
    if actor.user_id is None:
        raise NotReady("An answer is released by a member of the team.")
    if has_answer:
        raise NotReady("The answer was released already and is being prepared.")
    if not planning.is_ready_for_review(request):
        raise NotReady("Not every source has answered yet, or the request is not in progress.")
    approval = Approval.objects.create(
        request=request, act=Approval.Act.RELEASE, digest=releases.digest(request), approved_by_id=actor.user_id
    )
    chosen = list(formats or request.formats or ("json", "csv"))
    export = Export.objects.create(request=request, approval=approval, formats=chosen)
    audit.record("answer.released", actor, request_id=request_id, target=f"export {export.pk}", formats=chosen)
    enqueue("render_export", export.pk)
    return export


@transaction.atomic
def retry(work: Leased, *, actor: Actor) -> None:
    """Start afresh with work that was given up or that rests after a failure.

    Raises:
        NotReady: it is running or done.
    """
    model = type(work)
    if not model.objects.retry(work.pk):
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
        raise NotReady("Please give the ground on which this is withheld; the answer names it.")
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
