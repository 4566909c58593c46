"""The dry run: every line is read and looked for, nothing is taken in."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from requests_app import audit
from requests_app.importing.doubles import AtWork, at_work, double_of, earlier_rows
from requests_app.importing.lines import FaultyLine, mark_of_record, read_line
from requests_app.importing.lists import UnusableList
from requests_app.importing.opened import Options, opened, reading_of
from requests_app.keys.hashing import KeyedHash
from requests_app.keys.stored import open_key
from requests_app.models import ImportLine, RequestImport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from requests_app.importing.lines import Reading
    from requests_app.importing.lists import Row
    from requests_app.importing.opened import OpenList
    from requests_app.intake.recording import Record
    from requests_app.leases import Work

ROWS_AT_ONCE = 500
MOST_ROWS = 100_000
PURPOSE = "line of a list"
State = ImportLine.State


def check(run: RequestImport, work: Work) -> None:
    """Write the report of a list, from where an earlier attempt stopped.

    Raises:
        UnusableList: it cannot be read to its end, or has too many rows.
        LostLease: somebody else has it.
    """
    reached = _reached(run)
    with opened(run.upload, Options.of(run)) as found:
        checker = _Checker(run, reading_of(run, found.headings()))
        for chunk, percent in chunks_of(run, found, ROWS_AT_ONCE):
            _refuse_endless(chunk)
            if new := [row for row in chunk if row.number > reached]:
                _keep(work, checker.report_on(new), percent)
    _finish(run, work)


def chunks_of(run: RequestImport, found: OpenList, size: int) -> Iterator[tuple[list[Row], int]]:
    """Give the rows of a list, some at a time, each time with the share of it that is read then, in percent."""
    rows, read_bytes = found.rows(), 0
    while chunk := list(islice(rows, size)):
        read_bytes += sum(len(cell) + 1 for row in chunk for cell in row.cells)
        yield chunk, min(99, read_bytes * 100 // max(run.upload.size_bytes, 1))


def _keep(work: Work, lines: Sequence[ImportLine], percent: int) -> None:
    """Keep a part of the report; whoever lost the lease keeps nothing."""
    with transaction.atomic():
        reached = lines[-1].number
        work.keep(percent=percent, step=f"Checked up to row {reached:,}", lines=reached)
        ImportLine.objects.bulk_create(lines)


def _finish(run: RequestImport, work: Work) -> None:
    with transaction.atomic():
        counts = counts_of(run)
        work.finish(lines=sum(counts.values()), step="")
        told = {str(state): count for state, count in counts.items()}
        audit.record("import.checked", audit.SYSTEM, target=f"import {run.pk}", **told)


def counts_of(run: RequestImport) -> dict[State, int]:
    """Count the lines of a report by what became of them."""
    found = dict(ImportLine.objects.filter(run=run).values_list("state").annotate(Count("pk")).order_by())
    return {state: found.get(state, 0) for state in State}


class _Checker:
    """Reports on rows, a chunk at a time."""

    def __init__(self, run: RequestImport, reading: Reading) -> None:
        if run.upload.key_id is None:
            raise UnusableList("The list is no longer kept. Please hand it in again.")
        self._run, self._reading = run, reading
        self._hash = KeyedHash(open_key(run.upload.key_id), PURPOSE)

    def report_on(self, rows: Sequence[Row]) -> list[ImportLine]:
        """Say of each row what is to become of it."""
        now = timezone.now()
        report, lines = [], []
        for row in rows:
            entry = ImportLine(run=self._run, number=row.number, state=State.READY)
            report.append(entry)
            try:
                line = read_line(row.cells, self._reading, now=now)
            except FaultyLine as error:
                entry.state, entry.problem = State.FAULTY, str(error)
            else:
                entry.mark, entry.has_mailbox = self._hash.of(mark_of_record(line)), bool(line.email)
                lines.append((entry, line))
        self._look_for_doubles(lines)
        return report

    def _look_for_doubles(self, lines: Sequence[tuple[ImportLine, Record]]) -> None:
        earlier = earlier_rows(self._run, {entry.mark for entry, _ in lines})
        there = at_work([line for _, line in lines])
        for entry, line in lines:
            first = earlier.setdefault(entry.mark, entry.number)
            if first != entry.number:
                entry.state, entry.problem = State.DOUBLE, f"Row {first:,} asks the same."
            elif same := double_of(line, there):
                mark_double(entry, same)


def mark_double(entry: ImportLine, there: AtWork) -> None:
    """Say of a line that the same is at work."""
    entry.state, entry.request_id = State.DOUBLE, there.pk
    entry.problem = f"{there.reference} of the same person for the same right is still open."


def _reached(run: RequestImport) -> int:
    return ImportLine.objects.filter(run=run).aggregate(Max("number"))["number__max"] or 0


def _refuse_endless(rows: Sequence[Row]) -> None:
    if rows[-1].number > MOST_ROWS:
        raise UnusableList(f"The list has more than {MOST_ROWS:,} rows. Please cut it into several.")
