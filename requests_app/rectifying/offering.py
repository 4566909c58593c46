"""What a person can propose to correct: fields of their own records that the data map opens, and nothing else.

Nobody of the team has looked at the records before the person does. So what may be about others is left out: fields of
third parties, what is withheld, and whatever the search marked. It can still be written about in a message.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field as of
from typing import TYPE_CHECKING

from extractors.batches import Kind, words
from extractors.errors import DsrError
from requests_app import audit, corrections, releases, review, sources
from requests_app.models import Leased, ProposedCorrection, Right, SourceSearch, Status
from requests_app.refusals.forbidden import forbidden_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from extractors.batches import Collection, Field
    from requests_app.audit import Actor
    from requests_app.models import Redaction, SubjectRequest
    from requests_app.review import Page

PAGE_RECORDS = 10
CHECKED_BEFORE = 5  # seconds that a source may take to say what fits


@dataclass(frozen=True, slots=True)
class Offered:
    """A collection with fields that can be corrected.

    Args:
        number: of the collection within its search, from 0.
    """

    search: SourceSearch
    number: int
    collection: Collection
    fields: tuple[Field, ...]
    count: int

    @property
    def source(self) -> str:
        """What people call its source."""
        return self.collection.source.label

    @property
    def label(self) -> str:
        """What people call it."""
        return self.collection.label


@dataclass(frozen=True, slots=True)
class Value:
    """One field of a record, and what was proposed of it last.

    Args:
        text: as exports write it; None for NULL.
        label: what people call the field.
    """

    field: Field
    label: str
    text: str | None = of(repr=False)
    proposed: ProposedCorrection | None = None
    new: str | None = of(default=None, repr=False)

    @property
    def is_decided(self) -> bool:
        """Whether nothing more can be proposed of it."""
        return self.proposed is not None and self.proposed.state != ProposedCorrection.State.PROPOSED

    @property
    def shown(self) -> str | None:
        """The value in words."""
        return None if self.text is None else self.field.codes.get(self.text, self.text)


@dataclass(frozen=True, slots=True)
class Record:
    """A record by its place among those found, from 0."""

    ordinal: int
    key: Mapping[str, str] = of(repr=False)
    values: tuple[Value, ...] = of(repr=False)

    @property
    def number(self) -> int:
        """What people call it."""
        return self.ordinal + 1


@dataclass(frozen=True, slots=True)
class Records:
    """Some records of a collection, `first` counted from 0; `hidden` are those of them that may be somebody else's."""

    of: Offered
    records: tuple[Record, ...]
    first: int
    hidden: int


def is_open(request: SubjectRequest) -> bool:
    """Whether the person can propose now: the sources are read, and the request is not answered yet."""
    is_theirs = request.right == Right.RECTIFICATION and request.status == Status.IN_PROGRESS
    return is_theirs and not request.searches.open().exists()


def offered(request: SubjectRequest) -> list[Offered]:
    """List the collections that hold something to correct, by source; no value is read."""
    found: list[Offered] = []
    searches = request.searches.filter(state=Leased.State.DONE).exclude(segment="").select_related("source", "map")
    for search in searches.order_by("source__label", "pk"):
        search.request = request
        with suppress(DsrError):  # what cannot be read any more cannot be corrected here; the team is told elsewhere
            found += _of_search(search)
    return found


def find(request: SubjectRequest, search_id: int, number: int) -> Offered | None:
    """Find one of the collections that are offered; None where there is none of this number."""
    return next((item for item in offered(request) if (item.search.pk, item.number) == (search_id, number)), None)


def records_of(item: Offered, first: int, *, actor: Actor, rows: int = PAGE_RECORDS) -> Records:
    """Read a page of records with their present values; looking is put on record.

    Raises:
        NotReady, DamagedArtefact, KeyDestroyed, MissingArtefact: see `review.records`.
    """
    page = review.records(item.search, item.collection.name, first, rows, actor=actor)
    request = item.search.request
    proposed = _proposed(request, item)
    seals, withheld = corrections.Seals(request), _withheld(item)
    found = [_record(item, page, index, withheld, proposed, seals) for index in range(len(page.rows))]
    kept = tuple(record for record in found if record)
    return Records(item, kept, first, len(found) - len(kept))


def record_of(item: Offered, ordinal: int, *, actor: Actor = audit.SYSTEM) -> Record | None:
    """Read one record; None where it is not there, or may be somebody else's.

    Raises:
        NotReady, DamagedArtefact, KeyDestroyed, MissingArtefact: see `review.records`.
    """
    page = records_of(item, ordinal, actor=actor, rows=1)
    return page.records[0] if page.records else None


def _of_search(search: SourceSearch) -> Iterable[Offered]:
    data_map = sources.map_of(search.map, search.request.language)
    forbidden = forbidden_to(search.request)
    withheld = set(_redactions(search).filter(ordinal=None).values_list("collection", "field"))
    for number, stored in enumerate(review.collections(search)):
        collection, part = stored.collection, data_map.collections.get(stored.collection.name)
        if part is None or part.context or not collection.key or not stored.count:
            continue
        never = set(forbidden.fields_of(collection)) | {name for of, name in withheld if of == collection.name}
        open_ones = {name for name, about in part.fields.items() if about.rectify and not about.drop}
        fields = tuple(item for item in collection.fields if item.name in open_ones - never and _is_plain(item))
        fields = tuple(item for item in fields if item.name not in collection.key)
        if fields:
            yield Offered(search, number, collection, fields, stored.count)


def _is_plain(item: Field) -> bool:
    return not item.third_party and item.kind is not Kind.BINARY


def _redactions(search: SourceSearch) -> QuerySet[Redaction]:
    return releases.redactions(search.request).filter(search=search)


def _withheld(item: Offered) -> set[tuple[int | None, str]]:
    known = _redactions(item.search).filter(collection=item.collection.name)
    return set(known.values_list("ordinal", "field"))


def _proposed(request: SubjectRequest, item: Offered) -> dict[tuple[str, str], ProposedCorrection]:
    rows = request.corrections.filter(source=item.search.source_id, collection=item.collection.name).order_by("pk")
    return {(row.record_hash, row.field): row for row in rows}


def _record(
    item: Offered,
    page: Page,
    index: int,
    withheld: set[tuple[int | None, str]],
    proposed: Mapping[tuple[str, str], ProposedCorrection],
    seals: corrections.Seals,
) -> Record | None:
    ordinal = page.first + index
    if (ordinal, "") in withheld or page.marks.get((index, "")):
        return None
    row = dict(zip((known.name for known in item.collection.fields), page.rows[index], strict=True))
    key = {name: _text(row[name]) for name in item.collection.key}
    if None in key.values():
        return None
    named = corrections.record_key({name: str(text) for name, text in key.items()})
    hashed = seals.record_hash(item.search.source_id, item.collection.name, named)
    shown = (known for known in item.fields if (ordinal, known.name) not in withheld)
    values = tuple(
        _value(known, row[known.name], proposed.get((hashed, known.name)), seals)
        for known in shown
        if not page.marks.get((index, known.name))
    )
    return Record(ordinal, {name: str(text) for name, text in key.items()}, values) if values else None


def _value(item: Field, value: object, row: ProposedCorrection | None, seals: corrections.Seals) -> Value:
    label = item.label or words(item.name)
    if row is None or not row.record_key:
        return Value(item, label, _text(value), row)
    return Value(item, label, seals.open(row, "old"), row, seals.open(row, "new"))


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
