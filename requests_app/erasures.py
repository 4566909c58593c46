"""What an erasure shows, or has done: source by source, for the team, for the person and for the letter to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from extractors.changes import CHANGED, Fate
from extractors.datamap import DEFAULT_LANGUAGE, parse
from requests_app.models import Approval, Certificate, KeptRows, Leased, SourceChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.datamap import DataMap
    from requests_app.models import SubjectRequest


@dataclass(frozen=True, slots=True)
class Collection:
    """What becomes, or became, of the person's rows of one collection; each row counts once.

    Args:
        ground: on which rows are kept, as the map says it (GDPR Art. 17(3)).
        first_on: the day on which the first kept rows are to be erased, `last_on` the last; None where no day is set.
        reasons: why rows stay, in words to the team.
    """

    name: str
    label: str
    fates: Mapping[str, int]
    ground: str = ""
    first_on: date | None = None
    last_on: date | None = None
    reasons: tuple[str, ...] = ()

    @property
    def found(self) -> int:
        """How many rows there are, or were."""
        return sum(self.fates.values())

    @property
    def goes(self) -> int:
        """How many of them are deleted, anonymised or archived."""
        return sum(self.fates.get(fate, 0) for fate in CHANGED)

    @property
    def undecided(self) -> int:
        """Of how many the map does not say what becomes of them."""
        return self.fates.get(Fate.UNDECIDED, 0)

    @property
    def stays(self) -> int:
        """How many stay, each for a reason."""
        return self.found - self.goes - self.undecided

    @property
    def count(self) -> dict[str, int]:
        """The rows by what becomes of them, those of which none are too."""
        return {str(fate): self.fates.get(fate, 0) for fate in Fate}


@dataclass(frozen=True, slots=True)
class Source:
    """One source of an erasure; collections without rows of the person's are left out."""

    label: str
    collections: tuple[Collection, ...] = ()
    is_left_out: bool = False
    change: SourceChange = field(default_factory=SourceChange, repr=False)

    @property
    def goes(self) -> int:
        """How many rows are erased."""
        return sum(item.goes for item in self.collections)

    @property
    def stays(self) -> int:
        """How many rows stay."""
        return sum(item.stays for item in self.collections)

    @property
    def undecided(self) -> int:
        """Of how many rows the map does not say what becomes of them."""
        return sum(item.undecided for item in self.collections)

    @property
    def found(self) -> int:
        """How many rows there are, or were."""
        return sum(item.found for item in self.collections)


@dataclass(frozen=True, slots=True)
class Told:
    """What the person is told of an erasure that is done."""

    sources: tuple[Source, ...] = ()
    certificate_number: str = ""

    @property
    def is_anything_erased(self) -> bool:
        """Whether a row was erased anywhere."""
        return any(source.goes for source in self.sources)

    @property
    def is_anything_kept(self) -> bool:
        """Whether a row stays anywhere, or a source could not be looked at."""
        return any(source.stays or source.is_left_out for source in self.sources)


def sources_of(request: SubjectRequest, language: str = DEFAULT_LANGUAGE) -> list[Source]:
    """Give every source of an erasure as it stands now: what would be done there, or was.

    Args:
        language: of what the map says to people, where it has it in several.
    """
    changes = request.changes.filter(act=Approval.Act.ERASURE).select_related("source", "map", "approval__approved_by")
    by_source: defaultdict[int, list[SourceChange]] = defaultdict(list)
    for change in changes.select_related("prepared_by").order_by("pk"):
        by_source[change.source_id].append(change)
    known = [_source(request, rows, language) for rows in by_source.values()]
    return sorted(known, key=lambda source: source.label)


def told(request: SubjectRequest, language: str = DEFAULT_LANGUAGE) -> Told:
    """Give what the person is told at the end of an erasure."""
    standing = certificate_of(request)
    return Told(tuple(sources_of(request, language)), standing.number if standing else "")


def certificate_of(request: SubjectRequest) -> Certificate | None:
    """Give the certificate of an erasure that stands."""
    return Certificate.objects.filter(request=request, kind=Certificate.Kind.ERASURE, withdrawn_at=None).first()


def _source(request: SubjectRequest, changes: list[SourceChange], language: str) -> Source:
    """Add up what was done in a source, several times where it had to be, or say what would be."""
    done, change = [item for item in changes if item.is_applied], changes[-1]
    is_left_out = change.is_left_out and change.state == Leased.State.FAILED and not change.is_applied
    told_of = [item.result for item in done] if change.is_applied or is_left_out else [change.preview]
    parts, label = _labelled(change.map.text, language), change.source.label
    days = _days(request, change) if change.is_applied else {}
    names = dict.fromkeys(name for told_ in told_of for name, item in told_.items() if item["found"])
    collections = tuple(_collection(name, told_of, parts, days.get(name)) for name in names)
    return Source(label, collections, is_left_out, change)


def _collection(
    name: str, told_of: list[dict[str, Any]], data_map: DataMap | None, days: tuple[date, date] | None
) -> Collection:
    part = data_map.collections.get(name) if data_map else None
    items = [told_[name] for told_ in told_of if name in told_]
    last = items[-1]
    gone = {fate: sum(item["fates"].get(fate, 0) for item in items) for fate in CHANGED}
    fates = last["fates"] | {str(fate): count for fate, count in gone.items() if count}
    until = last.get("until")
    first_on, last_on = days or (map(date.fromisoformat, until) if until else (None, None))
    ground = (part.erase.ground if part and part.erase else "") or ""
    return Collection(name, (part.label if part else "") or name, fates, ground, first_on, last_on, (*last["reasons"],))


def _days(request: SubjectRequest, change: SourceChange) -> dict[str, tuple[date, date]]:
    """Give the first and the last day on which what is still kept is to be erased."""
    rows = KeptRows.objects.filter(request=request, source=change.source_id).exclude(state=Leased.State.DONE)
    found: dict[str, tuple[date, date]] = {}
    for name, first, last in rows.values_list("collection", "erase_on", "last_on"):
        earliest, latest = found.get(name, (first, last or first))
        found[name] = (min(earliest, first), max(latest, last or first))
    return found


@lru_cache(maxsize=64)
def _labelled(map_text: str, language: str) -> DataMap | None:
    """Read a version of a map, which never changes."""
    return parse(map_text, language)[0]
