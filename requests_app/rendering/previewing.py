"""What was found, counted for the person before any file is made: which kinds of data, where, and how many records.

The counts are of what was read, whatever a reviewer withholds of it later, and do not move while they look. So nobody
can watch a reviewer decide, and nothing is told here that the answer would not tell: it names each ground on which
something is withheld and how many records that is (`redacting.Overlay.omissions`), so that both come to the same
number. Values and the names of fields are not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.batches import is_left_out
from extractors.errors import DamagedArtefact
from requests_app import codes, proofs, rights, storage
from requests_app.dossier import SegmentReader
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import Leased, Status
from requests_app.rendering.letters import outcome_of
from requests_app.storage import MissingArtefact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exporters.letter import SearchOutcome
    from requests_app.dossier import StoredCollection
    from requests_app.models import SourceSearch, SubjectRequest

WIDTH = 100.0
"""How long the bar of the largest number is, in the units of the picture."""
LEAST_WIDTH = 0.5


@dataclass(frozen=True, slots=True)
class FoundCollection:
    """A kind of data of which something was found.

    Args:
        width: of its bar, so that the largest of all sources is `WIDTH` long.
        is_context: whether it is not about the person and only makes the rest understood.
    """

    label: str
    count: int
    width: float
    is_context: bool


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A system that was to be searched.

    Args:
        empty: the kinds of data of which nothing was found.
        left_out: those that are no part of what was asked for.
        is_readable: whether it is known what was found; else the outcome is all there is to tell.
    """

    label: str
    outcome: SearchOutcome
    records: int
    collections: tuple[FoundCollection, ...] = ()
    empty: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found in all systems.

    Args:
        is_hidden: whether numbers and names wait for the code that comes before the files.
    """

    sources: tuple[FoundSource, ...]
    is_hidden: bool

    @property
    def records(self) -> int:
        """How many records were found."""
        return sum(source.records for source in self.sources)

    @property
    def found_in(self) -> int:
        """In how many systems."""
        return sum(1 for source in self.sources if source.records)


def preview_of(request: SubjectRequest) -> Preview | None:
    """Say what was found, once every system was read or given up, until the answer is there; None before and after."""
    if request.status != Status.IN_PROGRESS or not rights.find(request.right).gives_files:
        return None
    if not proofs.is_proven(request):
        return None
    searches = list(request.searches.select_related("source").order_by("source__label", "pk"))
    if not searches or any(search.is_open for search in searches):
        return None
    if codes.is_required_of(request):
        return Preview(tuple(_hidden(search) for search in searches), is_hidden=True)
    stored = {search.pk: _stored(search) for search in searches}
    counts = (item.count for items in stored.values() for item in items or ())
    largest = max(counts, default=0)
    return Preview(tuple(_found(search, stored[search.pk], largest) for search in searches), is_hidden=False)


def kinds_of(request: SubjectRequest) -> list[str]:
    """Name the kinds of data that an answer holds, as far as what was collected is still there."""
    done = request.searches.filter(state=Leased.State.DONE).select_related("source").order_by("source__label", "pk")
    found = [item for search in done for item in _stored(search) or () if item.count and not item.collection.context]
    return list(dict.fromkeys(item.collection.label for item in found))


def _hidden(search: SourceSearch) -> FoundSource:
    return FoundSource(search.source.label, outcome_of(search), 0, is_readable=False)


def _found(search: SourceSearch, stored: tuple[StoredCollection, ...] | None, largest: int) -> FoundSource:
    if stored is None:
        return FoundSource(search.source.label, outcome_of(search), search.records, is_readable=False)
    given = [item for item in stored if not is_left_out(item.collection, item.omissions)]
    label = stored[0].collection.source.label if stored else search.source.label
    return FoundSource(
        label,
        outcome_of(search),
        sum(item.count for item in given),
        collections=tuple(_counted(item, largest) for item in given if item.count),
        empty=_labels(item for item in given if not item.count),
        left_out=_labels(item for item in stored if item not in given),
    )


def _counted(item: StoredCollection, largest: int) -> FoundCollection:
    width = max(LEAST_WIDTH, round(item.count / largest * WIDTH, 1))
    return FoundCollection(item.collection.label, item.count, width, item.collection.context)


def _labels(items: Iterable[StoredCollection]) -> tuple[str, ...]:
    return tuple(item.collection.label for item in items)


def _stored(search: SourceSearch) -> tuple[StoredCollection, ...] | None:
    """Read what a segment says that it holds, and none of its records; None where there is nothing to read."""
    if search.state != Leased.State.DONE or not search.segment or search.key_id is None:
        return None
    try:
        with storage.open(search.segment) as file:
            return SegmentReader(file, open_key(search.key_id), search.segment).collections
    except (MissingArtefact, KeyDestroyed, DamagedArtefact):
        return None  # the console tells the team; the page has to be drawn all the same
