"""What a suggestion is, and what its modules look at, each thing read once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

from django.utils import timezone

from extractors.batches import counted
from extractors.datamap import parse
from requests_app.models import Approval, DataSource, Export, Leased, Right, SourceChange, SourceSearch
from requests_app.models.identifier import UNPROVEN
from requests_app.persons import others_of
from requests_app.suggestions.pace import Pace, pace_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from extractors.datamap import DataMap
    from requests_app.models import DataSourceMap, Identifier, SubjectRequest

MOST_OTHERS = 50
MOST_FOUND = 500
MOST_NAMED = 3


class Icon(StrEnum):
    """What it is drawn with, and how pressing it is: the first ones most."""

    WARNING = "warning"
    CLOCK = "clock"
    SOURCE = "source"
    PERSON = "person"
    FILES = "files"


class Noun(StrEnum):
    """What a place is."""

    HERE = "here"
    REQUEST = "request"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one acts on a suggestion.

    Args:
        part: of the page of the request itself; empty for another one's page.
    """

    noun: Noun
    pk: int = 0
    part: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to know or do.

    Args:
        words: a sentence.
        because: why it is suggested, to stand behind "because".
        act: what the link to `place` says.
    """

    icon: Icon
    words: str
    because: str
    act: str
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds of the person, as far as it was searched, or looked at for a change.

    Args:
        records: by collection.
        marks: of those, how many things may be about others.
        map: by which it was read.
    """

    request_id: int
    source: DataSource
    map: DataSourceMap
    records: dict[str, int]
    marks: dict[str, int]
    is_done: bool
    is_failed: bool
    on: date | None

    @property
    def total(self) -> int:
        """How many records it is."""
        return sum(self.records.values())


class Look:
    """A request, and what is known around it."""

    def __init__(self, request: SubjectRequest, now: datetime | None = None) -> None:
        self.request = request
        self.now = now or timezone.now()
        self.today = timezone.localdate(self.now)

    @cached_property
    def sources(self) -> list[DataSource]:
        """All sources, also those that are switched off."""
        return list(DataSource.objects.select_related("current_map"))

    @cached_property
    def enabled(self) -> list[DataSource]:
        """The sources that are searched now."""
        return [source for source in self.sources if source.is_enabled and source.current_map]

    @cached_property
    def identifiers(self) -> list[Identifier]:
        """What the person is known by, proven or not."""
        return list(self.request.identifiers.all())

    @cached_property
    def proven(self) -> dict[str, set[str]]:
        """The values that the person was shown to be known by, by kind."""
        known: dict[str, set[str]] = {}
        for item in self.identifiers:
            if item.proof not in UNPROVEN:
                known.setdefault(item.kind, set()).add(item.value)
        return known

    @cached_property
    def others(self) -> list[SubjectRequest]:
        """The other requests of the same person, the newest first."""
        return list(others_of(self.request).order_by("-pk")[:MOST_OTHERS])

    @cached_property
    def pace(self) -> Pace:
        """How long requests of this right take."""
        return pace_of(self.request)

    @cached_property
    def searches(self) -> list[SourceSearch]:
        """The searches of this request."""
        return list(self.request.searches.select_related("source", "map").order_by("source__label"))

    @cached_property
    def previews(self) -> list[SourceChange]:
        """What an erasure would do, or did, in each source."""
        rows = self.request.changes.filter(act=Approval.Act.ERASURE).select_related("source", "map").order_by("pk")
        newest = {row.source_id: row for row in rows}
        return sorted(newest.values(), key=lambda row: row.source.label)

    @cached_property
    def found(self) -> list[Found]:
        """What each source holds for this request."""
        if self.searches or self.request.right != Right.ERASURE:
            return [_searched(row) for row in self.searches]
        return [_looked_at(row) for row in self.previews]

    @cached_property
    def place_of_found(self) -> Place:
        """Where what was found is looked at."""
        return here("answer-title" if self.searches else "erasure")

    @cached_property
    def found_earlier(self) -> list[Found]:
        """What sources held for the other requests of the same person, the newest first."""
        ids = [other.pk for other in self.others]
        known = SourceSearch.objects.filter(request__in=ids, state=Leased.State.DONE, records__gt=0)
        rows = known.select_related("source", "map").order_by("-pk")[:MOST_FOUND] if ids else []
        return [_searched(row) for row in rows]

    @cached_property
    def erased_of(self) -> dict[int, datetime]:
        """When something of the person was last erased from a source, by its id."""
        ids = [self.request.pk, *(other.pk for other in self.others)]
        done = SourceChange.objects.filter(
            request__in=ids, act=Approval.Act.ERASURE, applied_at__isnull=False
        ).order_by("applied_at")
        return {source: at for source, at in done.values_list("source", "applied_at") if at}

    @cached_property
    def files(self) -> list[Export]:
        """The files made for the other requests of the same person that can still be downloaded."""
        ids = [other.pk for other in self.others]
        ready = Export.objects.filter(
            request__in=ids, state=Leased.State.DONE, removed_at=None, revoked_at=None, expires_at__gt=self.now
        )
        return list(ready.order_by("-expires_at")) if ids else []

    def reference_of(self, request_id: int) -> str:
        """Name one of the other requests."""
        return next(other.reference for other in self.others if other.pk == request_id)


class SuggestionModule(Protocol):
    """A module below `suggestions`; `ORDER` sorts those of one icon, the lowest first."""

    ORDER: int

    @staticmethod
    def suggest(look: Look) -> Iterator[Suggestion]:
        """Give what there is to suggest."""


def here(part: str) -> Place:
    """Lead to a part of the request's own page."""
    return Place(Noun.HERE, part=part)


def at_request(request_id: int) -> Place:
    """Lead to another request."""
    return Place(Noun.REQUEST, request_id)


def at_source(source: DataSource) -> Place:
    """Lead to a source."""
    return Place(Noun.SOURCE, source.pk)


@lru_cache(maxsize=64)
def parsed(text: str) -> DataMap | None:
    """Read a map; a version of a map never changes, so what was read is kept. None where it is none any more."""
    return parse(text)[0]


def label_of(data_map: DataMap | None, collection: str) -> str:
    """Say what a collection is called."""
    part = data_map.collections.get(collection) if data_map else None
    return part.label or collection if part else collection


def listed(names: list[str]) -> str:
    """Name a few of many."""
    shown = names[:MOST_NAMED]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {counted(more, 'other')}"
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def verb(count: int, one: str, several: str) -> str:
    """Choose the form of a verb by a number."""
    return one if count == 1 else several


def day(moment: datetime | date) -> str:
    """Write a day."""
    return f"{moment:%-d %B %Y}"


def _searched(row: SourceSearch) -> Found:
    return Found(
        request_id=row.request_id,
        source=row.source,
        map=row.map,
        records={name: int(count) for name, count in row.counts.items() if count},
        marks={name: int(count) for name, count in row.marks.items() if count},
        is_done=row.state == Leased.State.DONE,
        is_failed=row.state == Leased.State.FAILED,
        on=timezone.localdate(row.finished_at) if row.finished_at else None,
    )


def _looked_at(row: SourceChange) -> Found:
    told = row.result if row.is_applied else row.preview
    return Found(
        request_id=row.request_id,
        source=row.source,
        map=row.map,
        records={name: int(item["found"]) for name, item in told.items() if item["found"]},
        marks={},
        is_done=row.previewed_at is not None or row.is_applied,
        is_failed=row.state == Leased.State.FAILED,
        on=timezone.localdate(row.previewed_at) if row.previewed_at else None,
    )
