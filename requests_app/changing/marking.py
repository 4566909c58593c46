"""Marks a person's rows for a restriction or an objection, and takes the marks back: all or nothing in each source.

What stood there before is on record, sealed, before the source is changed. An attempt whose worker stopped may have
marked the rows; the next finds only those that are left, and the lists of both say what to restore.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from extractors.changes import Marked, Purpose
from requests_app import audit, leases, proofs, recipients, sources
from requests_app.changing import key_lists
from requests_app.changing.people import identifiers_of, linked
from requests_app.changing.previews import refuse_unless_at_work
from requests_app.models import Approval, DataSource, KeyList, SourceChange
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.changing.key_lists import Draft, ReadList
    from requests_app.leases import Work

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
        refuse_unless_at_work(self.change)
        with transaction.atomic():
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
    """What stood there, read back from the lists of every attempt, the oldest first: that is what is restored."""

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
        DsrError: see `Extractor.mark`; also when the request has ended, or it is in doubt who asked.
    """
    if change.undoes_id:
        _take_back(work, change)
    else:
        _mark(work, change)


def _mark(work: Work, change: SourceChange) -> None:
    refuse_unless_at_work(change)
    proofs.refuse_unless_proven(change.request)
    extractor = sources.extractor(change.source, change.map)
    identifiers = linked(extractor, identifiers_of(change.request))
    with key_lists.draft(f"marked-{work.pk}-{work.attempt}.keys", change.source) as draft:
        marks = Before(work, change, draft, Counter())
        rows = extractor.mark(identifiers, PURPOSES[Act(change.act)], marks)
    _finish(work, change, {name: count + _of_earlier(change, name, count) for name, count in rows.items()})


def _of_earlier(change: SourceChange, collection: str, now: int) -> int:
    """Count the rows that an attempt before had marked, whose worker stopped before it could say so."""
    noted = int(change.expected.get(collection, 0)) if change.began else 0
    return max(0, noted - now)


def _take_back(work: Work, change: SourceChange) -> None:
    if change.undoes is None:
        raise AssertionError("a lifting of nothing")
    if not DataSource.objects.filter(pk=change.source_id, is_enabled=True).exists():
        raise leases.EndedWork("The source is switched off.")
    extractor = sources.extractor(change.source, change.map)
    with ExitStack() as files:
        kept = change.undoes.key_lists.filter(purpose=KeyList.Purpose.MARKED)
        lists = [files.enter_context(key_lists.opened(item.file, item.key_id)) for item in kept]
        with transaction.atomic():
            work.keep(began=F("began") + 1, step="Restoring")
            _record("change.began", work, change)
        _finish(work, change, extractor.unmark(PURPOSES[Act(change.undoes.act)], WasBefore(lists)))


def _finish(work: Work, change: SourceChange, rows: dict[str, int]) -> None:
    with transaction.atomic():
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
