"""What a contested decision rests on: what is recorded of its review, and what was found that it may have used."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from extractors.datamap import parse
from requests_app.models import DecisionReview

if TYPE_CHECKING:
    from extractors.datamap.parts import InformationPart
    from requests_app.models import SubjectRequest


@dataclass(frozen=True, slots=True)
class Found:
    """A collection in which something was found; `logic` is what its data map says of decisions made by machines."""

    search_id: int
    name: str
    label: str
    source: str
    count: int
    logic: str = field(default="", repr=False)


def review_of(request: SubjectRequest) -> DecisionReview | None:
    """Give what is recorded of a review; None where nothing is yet."""
    return DecisionReview.objects.select_related("involved", "reviewer").filter(request=request).first()


def found_in(request: SubjectRequest) -> list[Found]:
    """List what was found, by collection, for the team to say what of it the decision used."""
    found: list[Found] = []
    for search in request.searches.select_related("source", "map").order_by("source__label", "pk"):
        known = _collections_of(search.map.text)
        for name in sorted(name for name, count in search.counts.items() if count):
            label, logic = known.get(name, (name, ""))
            found.append(Found(search.pk, name, label, search.source.label, search.counts[name], logic))
    return found


@lru_cache(maxsize=64)
def _collections_of(map_text: str) -> dict[str, tuple[str, str]]:
    """Give the label of each collection and what its map says of automated decisions; no version of a map changes."""
    data_map, _ = parse(map_text)
    if data_map is None:
        return {}
    common = data_map.information.automated_decisions or ""

    def logic(own: InformationPart | None) -> str:
        is_own = own is not None and "automated_decisions" in own.model_fields_set
        return (own.automated_decisions or "") if own and is_own else common

    return {name: (part.label or name, logic(part.information)) for name, part in data_map.collections.items()}
