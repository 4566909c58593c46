"""Marks a person's rows for a restriction or an objection, and takes the marks back: all or nothing in each source.

What stood there before is on record, sealed, before the source is changed. An attempt whose worker stopped may have
marked the rows; the next finds only those that are left, and the lists of both say what to restore: the newest first,
as what it saw is what somebody may have written since.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from extractors.changes import Marked, Purpose
from requests_app import audit, leases, planning, proofs, recipients, sources
from requests_app.changing import key_lists
from requests_app.changing.people import identifiers_of, linked
from requests_app.models import Approval, DataSource, KeyList, Leased, SourceChange, Status, SubjectRequest
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.changing.key_lists import Draft, ReadList
    from requests_app.leases import Work

WAIT_SECONDS = 30  # for a worker that is marking rows whose marks are to be taken back
UNWANTED = (Status.WITHDRAWN, Status.REJECTED, Status.LAPSED)
Act = Approval.Act
PURPOSES: dict[Act, Purpose] = {
    Act.RESTRICTION: Purpose.RESTRICTION,
    Act.OBJECTION_MARKETING: Purpose.MARKETING,
    Act.OBJECTION_ANALYTICS: Purpose.ANALYTICS,
    Act.OBJECTION_ALL: Purpose.ALL,
}


@dataclass(slots=True)
class Before:
    """What stood in the columns that are set: written down, and on record before the first is changed."""

    work: Work
    change: SourceChange
    draft: Draft
    counts: Counter[str]

    def keep(self, marked: Marked) -> None:
        """See `Marks.keep`."""
        self.counts[marked.collection] += marked.rows.num_rows
        self.work.progress(30, f"Looking at {marked.collection}")
        self.draft.write(marked.collection, _columns(marked.key), marked.rows)

    def all_kept(self) -> None:
        """See `Marks.all_kept`."""
        self.draft.finish()
        with transaction.atomic():
            refuse_unless_wanted(self.change)
            self.work.keep(expected=self._expected(), began=F("began") + 1, step="Marking")
            if self.draft.rows:
                self.draft.store(self.change, KeyList.Purpose.MARKED)
            _record("change.began", self.work, self.change, rows=self.draft.rows)
        if self.draft.rows:
            self.draft.keep()

    def _expected(self) -> dict[str, int]:
        """Count the rows that are about to be marked, or that an attempt before may have marked."""
        earlier = self.change.expected
        return {name: max(self.counts[name], earlier.get(name, 0)) for name in {*self.counts, *earlier}}

    def kept(self) -> Iterator[Marked]:
        """Give nothing: this is only written."""
        return iter(())


@dataclass(frozen=True, slots=True)
class WasBefore:
    """What stood there, read back from the lists of every attempt: that is what is restored."""

    lists: list[ReadList]

    def keep(self, marked: Marked) -> None:
        """Keep nothing: this is only read."""

    def all_kept(self) -> None:
        """See `keep`."""

    def kept(self) -> Iterator[Marked]:
        """See `Marks.kept`."""
        for item in self.lists:
            for section in item.sections():
                for rows in section.batches:
                    yield Marked(section.collection, _key_of(section.mark), rows)


def carry_out(work: Work, change: SourceChange) -> None:
    """Do the work of a restriction or an objection in one source, or take it back.

    Raises:
        DsrError: see `Extractor.mark`; also when it is not wanted any more, or it is in doubt who asked.
    """
    if change.undoes_id:
        _take_back(work, change)
    else:
        _mark(work, change)


def refuse_unless_wanted(change: SourceChange) -> None:
    """Refuse to mark rows for what was taken back meanwhile, or in a source that was switched off; see `take_back`.

    What is answered stays marked, so a source that comes late is marked still.

    Raises:
        EndedWork: it is so.
    """
    row = SourceChange.objects.select_for_update().get(pk=change.pk)
    if row.called_off_at or SubjectRequest.objects.get(pk=row.request_id).status in UNWANTED:
        raise leases.EndedWork("It is not wanted any more.")
    if not DataSource.objects.filter(pk=row.source_id, is_enabled=True).exists():
        raise leases.EndedWork("The source is switched off.")


def _mark(work: Work, change: SourceChange) -> None:
    with transaction.atomic():
        refuse_unless_wanted(change)
    proofs.refuse_unless_proven(change.request)
    extractor = sources.extractor(change.source, change.map)
    identifiers = linked(extractor, identifiers_of(change.request))
    with key_lists.draft(f"marked-{work.pk}-{work.attempt}.keys", change.source) as draft:
        marks = Before(work, change, draft, Counter())
        rows = extractor.mark(identifiers, PURPOSES[Act(change.act)], marks)
    if change.began:
        rows = _of_all_attempts(change, rows)
    with transaction.atomic():
        _finish(work, change, rows)


def _of_all_attempts(change: SourceChange, rows: dict[str, int]) -> dict[str, int]:
    """Count each row once that an attempt has marked: also those of attempts whose worker could not say so any more."""
    keys: defaultdict[str, set[tuple[object, ...]]] = defaultdict(set)
    with ExitStack() as files:
        for marked in WasBefore(_opened(change, files)).kept():
            columns = [marked.rows.column(name).to_pylist() for name in marked.key]
            keys[marked.collection].update(zip(*columns, strict=True))
    return {name: len(keys[name]) for name in rows}


def _take_back(work: Work, change: SourceChange) -> None:
    if change.undoes is None:
        raise AssertionError("a lifting of nothing")
    if not DataSource.objects.filter(pk=change.source_id, is_enabled=True).exists():
        raise leases.EndedWork("The source is switched off.")
    if _is_being_marked(change.undoes):
        soon = timezone.now() + timedelta(seconds=WAIT_SECONDS)
        work.put_off(soon, soon)
        return
    extractor = sources.extractor(change.source, change.map)
    with ExitStack() as files:
        lists = _opened(change.undoes, files)
        with transaction.atomic():
            work.keep(began=F("began") + 1, step="Restoring")
            _record("change.began", work, change)
        rows = extractor.unmark(PURPOSES[Act(change.undoes.act)], WasBefore(lists))
    with transaction.atomic():
        _finish(work, change, _at_most(rows, change.undoes))
        planning.mark_again(change)


def _is_being_marked(change: SourceChange) -> bool:
    """Whether a worker is at it that may have begun: it cannot be stopped any more, only waited for."""
    return change.state == Leased.State.RUNNING and change.claimable_at > timezone.now()


def _at_most(rows: dict[str, int], marked: SourceChange) -> dict[str, int]:
    """Count a row once of which two attempts had kept something."""
    told = marked.result.get("rows", {})
    return {name: min(count, told.get(name, count)) for name, count in rows.items()}


def _opened(change: SourceChange, files: ExitStack) -> list[ReadList]:
    kept = change.key_lists.filter(purpose=KeyList.Purpose.MARKED).order_by("-pk")
    return [files.enter_context(key_lists.opened(item.file, item.key_id)) for item in kept]


def _finish(work: Work, change: SourceChange, rows: dict[str, int]) -> None:
    work.finish(result={"rows": rows}, is_proven=True, applied_at=timezone.now(), step="")
    recipients.note(change, rows)
    _record("change.done", work, change, changed=sum(rows.values()))
    enqueue("finish_request", change.request_id)


def _columns(key: tuple[str, ...]) -> str:
    """Write the key's columns as the mark of a section, which has no other place for them."""
    return "\0".join(("by", *key))


def _key_of(mark: str) -> tuple[str, ...]:
    return tuple(mark.split("\0")[1:])


def _record(action: str, work: Work, change: SourceChange, **details: int) -> None:
    audit.record(
        action,
        audit.SYSTEM,
        request_id=change.request_id,
        target=f"change {change.pk}",
        source=change.source_id,
        act=change.act,
        attempt=work.attempt,
        **details,
    )
