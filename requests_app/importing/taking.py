"""Taking a list in: each line that was found ready becomes a request, once, whatever happens to workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, uploads
from requests_app.audit import Actor
from requests_app.importing.checking import State, chunks_of, counts_of, mark_double
from requests_app.importing.doubles import at_work, double_of
from requests_app.importing.lines import FaultyLine, read_line
from requests_app.importing.lists import UnusableList
from requests_app.importing.opened import Options, opened, reading_of
from requests_app.intake.batches import record_all
from requests_app.intake.recording import record
from requests_app.leases import EndedWork
from requests_app.models import ImportLine, Leased, OutboxMail
from requests_app.workflow import PermissionRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requests_app.importing.lines import Reading
    from requests_app.importing.lists import Row
    from requests_app.intake.recording import Record
    from requests_app.leases import Work
    from requests_app.models import RequestImport, SubjectRequest

ROWS_AT_ONCE = 200


def take_in(run: RequestImport, work: Work) -> None:
    """Take in what is ready and was not taken in yet, then destroy the list.

    Raises:
        LostLease: somebody else has it.
        EndedWork: whoever wanted it may not record requests any more.
        UnusableList: what was found ready is not in the list.
    """
    if run.wanted_by is None:
        raise EndedWork("Whoever wanted these requests is not of the team any more.")
    ready = ImportLine.objects.filter(run=run, state=State.READY)
    if ready.exists():
        _take_in_rows(run, work, Actor.staff(run.wanted_by))
    if left := ready.count():
        raise UnusableList(f"{left:,} lines were found ready and are not in the list.")
    with transaction.atomic():
        uploads.remove(run.upload, actor=audit.SYSTEM)
        work.finish(step="")
        told = {str(state): count for state, count in counts_of(run).items()}
        audit.record("import.done", audit.SYSTEM, target=f"import {run.pk}", **told)


def _take_in_rows(run: RequestImport, work: Work, actor: Actor) -> None:
    with opened(run.upload, Options.of(run)) as found:
        reading = reading_of(run, found.headings())
        for chunk, percent in chunks_of(run, found, ROWS_AT_ONCE):
            _take_in_chunk(run, work, actor, _Chunk(reading, chunk, percent))


@dataclass(frozen=True, slots=True, repr=False)
class _Chunk:
    """Some rows of a list."""

    reading: Reading
    rows: Sequence[Row]
    percent: int


def _take_in_chunk(run: RequestImport, work: Work, actor: Actor, chunk: _Chunk) -> None:
    """Take some rows in, with what the report says of them, in one transaction that whoever lost the lease loses."""
    numbers = [row.number for row in chunk.rows]
    between = ImportLine.objects.filter(run=run, state=State.READY, number__gte=numbers[0], number__lte=numbers[-1])
    if not between.exists():
        return
    with transaction.atomic():
        work.keep(percent=chunk.percent, step=f"Taken in up to row {numbers[-1]:,}")
        lines = {line.number: line for line in between}
        records = _read(chunk, lines)
        there = at_work(records.values())
        doubles = {number: double_of(typed, there) for number, typed in records.items()}
        for number, same in doubles.items():
            if same:
                mark_double(lines[number], same)
        new = [(lines[number], typed) for number, typed in records.items() if doubles[number] is None]
        requests = _record(new, actor)
        if not run.sends_mails:
            _drop_mails(requests)
        ImportLine.objects.bulk_update(lines.values(), ["state", "problem", "request"])


def _read(chunk: _Chunk, lines: Mapping[int, ImportLine]) -> dict[int, Record]:
    """Read the rows that are ready; one that is not any more says why in its line."""
    now, records = timezone.now(), {}
    for row in chunk.rows:
        if row.number in lines:
            try:
                records[row.number] = read_line(row.cells, chunk.reading, now=now)
            except FaultyLine as error:
                lines[row.number].state, lines[row.number].problem = State.FAULTY, str(error)
    return records


def _record(new: Sequence[tuple[ImportLine, Record]], actor: Actor) -> list[SubjectRequest]:
    """Take lines in together; where one of them cannot be, one by one, so that only that one is left out."""
    try:
        requests = record_all([typed for _, typed in new], actor=actor)
    except PermissionRefused as error:
        raise EndedWork(str(error)) from None
    except DsrError:
        return [request for line, typed in new for request in _record_one(line, typed, actor)]
    for (line, _), request in zip(new, requests, strict=True):
        line.state, line.request = State.DONE, request
    return requests


def _record_one(line: ImportLine, typed: Record, actor: Actor) -> list[SubjectRequest]:
    try:
        request = record(typed, actor=actor)
    except DsrError as error:
        line.state, line.problem = State.FAULTY, str(error)
        return []
    line.state, line.request = State.DONE, request
    return [request]


def _drop_mails(requests: Sequence[SubjectRequest]) -> None:
    """Send nothing of what recording requests wants sent, as whoever imports them asked for."""
    is_unsent = Q(is_letter=False, sent_at=None) | Q(is_letter=True, posted_on=None)
    letters = {request.case_id for request in requests} - {None}
    theirs = Q(request__in=requests) | Q(request__case__in=letters)
    unsent = OutboxMail.objects.filter(is_unsent, theirs, dropped_at=None)
    mails = list(unsent.values_list("pk", "request_id", "template"))
    now = timezone.now()
    unsent.update(state=Leased.State.DONE, finished_at=now, dropped_at=now)
    dropped = (audit.Act("mail.dropped", of, f"mail {pk}", {"mail": template}) for pk, of, template in mails)
    audit.record_all(dropped, audit.SYSTEM)
