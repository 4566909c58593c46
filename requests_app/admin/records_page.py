"""The records found in one collection, and what is withheld of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from extractors.errors import DsrError
from requests_app import review
from requests_app.admin.base import attempt, page_context
from requests_app.admin.cells import Cell, cell
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.models import Redaction, SourceSearch, SubjectRequest
from requests_app.workflow import DECIDE

if TYPE_CHECKING:
    from django.http import HttpResponse

    from extractors.batches import Field
    from requests_app.admin.base import StaffRequest
    from requests_app.review import Page

PAGE_RECORDS = 50
LONGEST_NUMBER = 12
LONGEST_GROUND = 300
GROUNDS = (
    "Rights of others (GDPR Art. 15(4))",
    "Trade secret (GDPR Recital 63)",
    "Legal privilege",
    "Security of the system",
    "Not about this person",
)


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the collection; `ground` says why it is withheld from every record, empty where it is not."""

    field: Field
    ground: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record; `number` is counted from 1 for people, `ordinal` from 0 for what is withheld."""

    ordinal: int
    ground: str
    cells: list[Cell]

    @property
    def number(self) -> int:
        """What people call it."""
        return self.ordinal + 1


@dataclass(frozen=True, slots=True)
class WithheldItem:
    """One thing withheld, as the page lists it; `number` is None for every record."""

    redaction: Redaction
    number: int | None
    page: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is withheld of a collection, looked up by field, by record, and by both."""

    rows: list[Redaction]

    @property
    def items(self) -> list[WithheldItem]:
        """List it."""
        return [
            WithheldItem(row, None if row.ordinal is None else row.ordinal + 1, (row.ordinal or 0) // PAGE_RECORDS + 1)
            for row in self.rows
        ]

    def ground(self, field: str, ordinal: int | None) -> str:
        """Say why exactly this is withheld."""
        return next((row.ground for row in self.rows if (row.field, row.ordinal) == (field, ordinal)), "")


def show(request: StaffRequest, pk: int, search_id: int, collection: str) -> HttpResponse:
    """Show a page of the records; the stage puts on record who looked."""
    search = _search(pk, search_id)
    number = request.GET.get("page", "1")
    first = (max(int(number), 1) - 1) * PAGE_RECORDS if number.isdecimal() and len(number) < LONGEST_NUMBER else 0
    try:
        page = _page(search, collection, first, PAGE_RECORDS, Actor.staff(request.user))
    except DsrError as error:
        messages.error(request, str(error))
        return redirect(page_of(pk) + "#answer")
    withheld = _withheld(search, collection)
    fields = page.collection.fields
    columns = [Column(field, withheld.ground(field.name, None)) for field in fields]
    records = [_record(page.first + index, row, fields, withheld) for index, row in enumerate(page.rows)]
    context = page_context(
        request,
        title=page.collection.label,
        subject_request=search.request,
        search=search,
        collection=page.collection,
        columns=columns,
        records=records,
        single=list(zip(columns, records[0].cells, strict=True)) if page.total == 1 and records else None,
        total=page.total,
        pages=_pages(page.first // PAGE_RECORDS + 1, page.total),
        withheld=withheld.items,
        can_withhold=request.user.has_perm(DECIDE) and _is_under_review(pk),
    )
    return render(request, "console/records/page.html", context)


def withhold(request: StaffRequest, pk: int, search_id: int, collection: str) -> HttpResponse:
    """Ask what is to be withheld and on what ground, then have it withheld."""
    search = _search(pk, search_id)
    actor = Actor.staff(request.user)
    page = _page(search, collection, 0, 0, actor)
    chosen = request.POST if request.method == "POST" else request.GET
    field, number, ground = chosen.get("field", ""), chosen.get("record", ""), chosen.get("ground", "")
    ordinal = int(number) - 1 if number.isdecimal() and len(number) < LONGEST_NUMBER else None
    is_known = field in {"", *(item.name for item in page.collection.fields)} and (ordinal or 0) in range(page.total)
    if not is_known or (number and ordinal is None):
        raise Http404("There is no such field or record.")
    if request.method == "POST":
        ground = ground[:LONGEST_GROUND]
        act = partial(review.redact, search, collection, field=field, ordinal=ordinal, ground=ground, actor=actor)
        if attempt(request, act, "Withheld."):
            return redirect(_address(search, collection, ordinal))
    context = page_context(
        request,
        title="Withhold",
        subject_request=search.request,
        collection=page.collection,
        field=field,
        record=number,
        ground=ground,
        grounds=GROUNDS,
        longest_ground=LONGEST_GROUND,
        page=_address(search, collection, ordinal),
    )
    return render(request, "console/records/withhold.html", context)


def undo(request: StaffRequest, pk: int, redaction_id: int) -> HttpResponse:
    """Give back what was withheld."""
    redactions = Redaction.objects.select_related("search")
    redaction = get_object_or_404(redactions, pk=redaction_id, search__request=pk)
    search, collection = redaction.search, redaction.collection
    attempt(request, partial(review.undo, redaction, actor=Actor.staff(request.user)), "Given back.")
    return redirect(_address(search, collection, redaction.ordinal))


def _page(search: SourceSearch, collection: str, first: int, rows: int, actor: Actor) -> Page:
    try:
        return review.records(search, collection, first, rows, actor=actor)
    except KeyError:
        raise Http404("There is no such collection.") from None


def _is_under_review(pk: int) -> bool:
    return SubjectRequest.objects.waiting_for_review().filter(pk=pk).exists()


def _search(pk: int, search_id: int) -> SourceSearch:
    searches = SourceSearch.objects.select_related("request", "source", "map")
    search: SourceSearch = get_object_or_404(searches, pk=search_id, request=pk)
    return search


def _withheld(search: SourceSearch, collection: str) -> Withheld:
    return Withheld(list(search.redactions.filter(segment=search.segment, collection=collection).order_by("pk")))


def _record(ordinal: int, row: list[object], fields: tuple[Field, ...], withheld: Withheld) -> Record:
    cells = [cell(value, field, withheld.ground(field.name, ordinal)) for value, field in zip(row, fields, strict=True)]
    return Record(ordinal, withheld.ground("", ordinal), cells)


def _pages(page: int, total: int) -> dict[str, int | None]:
    last = max(1, -(-total // PAGE_RECORDS))
    return {
        "number": page,
        "last": last,
        "previous": min(page - 1, last) if page > 1 else None,
        "next": page + 1 if page < last else None,
    }


def _address(search: SourceSearch, collection: str, ordinal: int | None) -> str:
    url = reverse("admin:requests_app_subjectrequest_records", args=[search.request_id, search.pk, collection])
    return f"{url}?page={ordinal // PAGE_RECORDS + 1}" if ordinal is not None else url
