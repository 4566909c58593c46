"""The records found in one collection, and what is withheld of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from extractors.errors import DsrError
from requests_app import review
from requests_app.admin.base import attempt, page_context
from requests_app.admin.cells import Cell, cell
from requests_app.admin.marks import mark_in_words, marked_in_words
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.models import Redaction, SourceSearch, SubjectRequest
from requests_app.refusals.forbidden import forbidden_to
from requests_app.workflow import DECIDE

if TYPE_CHECKING:
    from django.http import HttpResponse

    from extractors.batches import Collection, Field
    from requests_app.admin.base import StaffRequest
    from requests_app.review import Page

PAGE_RECORDS = 50
MOST_LISTED = 20
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
    """A record; `number` is counted from 1 for people, `ordinal` from 0 for what is withheld.

    Args:
        mark: why it may be somebody else's, empty where nothing says so.
        is_marked: whether it or one of its values is marked.
    """

    ordinal: int
    ground: str
    cells: list[Cell]
    mark: str = ""
    is_marked: bool = False

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
    """What is withheld of a collection: listed as far as anybody reads, and looked up for the records of a page.

    Args:
        groups: the grounds on which more than one thing is withheld, with how many.
    """

    listed: list[Redaction]
    total: int
    groups: list[tuple[str, int]]
    grounds: dict[tuple[str, int | None], str]

    @property
    def items(self) -> list[WithheldItem]:
        """List it."""
        return [
            WithheldItem(row, None if row.ordinal is None else row.ordinal + 1, (row.ordinal or 0) // PAGE_RECORDS + 1)
            for row in self.listed
        ]

    @property
    def unlisted(self) -> int:
        """How many more there are than listed."""
        return self.total - len(self.listed)

    def ground(self, field: str, ordinal: int | None) -> str:
        """Say why exactly this is withheld."""
        return self.grounds.get((field, ordinal), "")


def show(request: StaffRequest, pk: int, search_id: int, collection: str) -> HttpResponse:
    """Show a page of the records; the stage puts on record who looked."""
    search = search_or_404(pk, search_id)
    number = request.GET.get("page", "1")
    first = (max(int(number), 1) - 1) * PAGE_RECORDS if number.isdecimal() and len(number) < LONGEST_NUMBER else 0
    try:
        page = page_or_404(search, collection, first, PAGE_RECORDS, Actor.staff(request.user))
    except DsrError as error:
        messages.error(request, str(error))
        return redirect(page_of(pk) + "#answer")
    withheld = _withheld(search, collection, first)
    never = never_given(search, page.collection)
    columns = [
        Column(field, never.get(field.name) or withheld.ground(field.name, None)) for field in page.collection.fields
    ]
    records = [_record(index, page, withheld) for index in range(len(page.rows))]
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
        withheld=withheld,
        marked=marked_in_words(page.marked),
        left_out=[field.label or field.name for field in page.collection.fields if field.third_party],
        can_withhold=request.user.has_perm(DECIDE) and _is_under_review(pk),
    )
    return render(request, "console/records/page.html", context)


def withhold(request: StaffRequest, pk: int, search_id: int, collection: str) -> HttpResponse:
    """Ask what is to be withheld and on what ground, then have it withheld."""
    search = search_or_404(pk, search_id)
    actor = Actor.staff(request.user)
    page = page_or_404(search, collection, 0, 0, actor)
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
            return redirect(address_of(search, collection, ordinal))
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
        page=address_of(search, collection, ordinal),
    )
    return render(request, "console/records/withhold.html", context)


def undo(request: StaffRequest, pk: int, redaction_id: int) -> HttpResponse:
    """Give back what was withheld."""
    redactions = Redaction.objects.select_related("search")
    redaction = get_object_or_404(redactions, pk=redaction_id, search__request=pk)
    search, collection = redaction.search, redaction.collection
    attempt(request, partial(review.undo, redaction, actor=Actor.staff(request.user)), "Given back.")
    return redirect(address_of(search, collection, redaction.ordinal))


def never_given(search: SourceSearch, collection: Collection) -> dict[str, str]:
    """Say of each field that the law never lets be given out what it is, and by which law."""
    forbidden = forbidden_to(search.request)
    kinds = forbidden.fields_of(collection)
    return {name: f"{kind}: held, but never given out ({forbidden.source})" for name, kind in kinds.items()}


def page_or_404(search: SourceSearch, collection: str, first: int, rows: int, actor: Actor) -> Page:
    """Read records; an unknown collection is a page that is not there."""
    try:
        return review.records(search, collection, first, rows, actor=actor)
    except KeyError:
        raise Http404("There is no such collection.") from None


def _is_under_review(pk: int) -> bool:
    return SubjectRequest.objects.waiting_for_review().filter(pk=pk).exists()


def search_or_404(pk: int, search_id: int) -> SourceSearch:
    """Find the search of a request."""
    searches = SourceSearch.objects.select_related("request", "source", "map")
    search: SourceSearch = get_object_or_404(searches, pk=search_id, request=pk)
    return search


def _withheld(search: SourceSearch, collection: str, first: int) -> Withheld:
    known = search.redactions.filter(segment=search.segment, collection=collection).order_by("pk")
    on_page = known.filter(Q(ordinal__isnull=True) | Q(ordinal__range=(first, first + PAGE_RECORDS - 1)))
    groups = known.order_by("ground").values_list("ground").annotate(number=Count("pk"))
    return Withheld(
        list(known[:MOST_LISTED]),
        known.count(),
        [(ground, number) for ground, number in groups if number > 1],
        {(row.field, row.ordinal): row.ground for row in on_page},
    )


def _record(index: int, page: Page, withheld: Withheld) -> Record:
    ordinal, fields = page.first + index, page.collection.fields
    marks = {field.name: mark_in_words(page.marks.get((index, field.name), ())) for field in fields}
    cells = [
        cell(value, field, withheld.ground(field.name, ordinal), marks[field.name])
        for value, field in zip(page.rows[index], fields, strict=True)
    ]
    mark = mark_in_words(page.marks.get((index, ""), ()))
    return Record(ordinal, withheld.ground("", ordinal), cells, mark, bool(mark) or any(marks.values()))


def _pages(page: int, total: int) -> dict[str, int | None]:
    last = max(1, -(-total // PAGE_RECORDS))
    return {
        "number": page,
        "last": last,
        "previous": min(page - 1, last) if page > 1 else None,
        "next": page + 1 if page < last else None,
    }


def address_of(search: SourceSearch, collection: str, ordinal: int | None) -> str:
    """Give the address of a collection's page, or of a record on it."""
    url = reverse("admin:requests_app_subjectrequest_records", args=[search.request_id, search.pk, collection])
    return url if ordinal is None else f"{url}?page={ordinal // PAGE_RECORDS + 1}#record-{ordinal + 1}"
