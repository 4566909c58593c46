"""What is there already: in the list itself, or at work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Lower

from requests_app.importing.lines import mark_of, marks_of_parts
from requests_app.models import ImportLine, SubjectRequest
from requests_app.models.subject_request import OPEN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from requests_app.intake.recording import Record
    from requests_app.models import RequestImport


@dataclass(frozen=True, slots=True)
class AtWork:
    """A request that a line would double."""

    pk: int
    reference: str


def at_work(lines: Collection[Record]) -> dict[str, AtWork]:
    """Find the open requests of the same people for the same rights, by the mark of the line; one query."""
    emails = {line.email.lower() for line in lines if line.email}
    names = {line.name.lower() for line in lines if not line.email}
    found = SubjectRequest.objects.filter(status__in=OPEN).annotate(mailbox=Lower("email"), called=Lower("name"))
    same = found.filter(Q(mailbox__in=emails) | Q(email="", called__in=names))
    fields = ("pk", "reference", "right", "mailbox", "name", "postal_address", "phone")
    return {
        mark_of(right, mailbox, name, address, phone): AtWork(pk, reference)
        for pk, reference, right, mailbox, name, address, phone in same.order_by("-pk").values_list(*fields)
    }


def double_of(line: Record, there: Mapping[str, AtWork]) -> AtWork | None:
    """Give what is at work for one of the rights that a line asks for; None where nothing is."""
    return next((there[mark] for mark in marks_of_parts(line) if mark in there), None)


def earlier_rows(run: RequestImport, marks: Collection[str]) -> dict[str, int]:
    """Find the rows of a list that bear some marks already, the first of each."""
    found = ImportLine.objects.filter(run=run, mark__in=marks).order_by("-number")
    return dict(found.values_list("mark", "number"))
