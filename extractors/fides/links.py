"""Follows the references of a manifest: which way the values go, and which collections that leads to.

A reference on `orders.customer_id` to `customer.id` with `from` finds orders by the values of customers; with `to`,
customers by those of orders. Without a direction Fides goes the way that comes first from the identities; both ways at
once would lead from a person's order to its product, and on to the orders of others.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from extractors.fides.manifest import Manifest, ManifestCollection, ManifestDataset, ManifestField, Reference

    Tell = Callable[[Reference, str], None]

Place: TypeAlias = tuple[str, str]
"""A collection: its dataset's key and its name."""


@dataclass(frozen=True, slots=True)
class Link:
    """Rows of `place` are found where `column` is among the values of `to_column` in rows of `to`."""

    place: Place
    column: str
    to: Place
    to_column: str


@dataclass(frozen=True, slots=True)
class _Edge:
    """A reference between two columns, before its direction is known."""

    reference: Reference
    place: Place
    column: str
    to: Place
    to_column: str

    def link(self, *, is_to: bool) -> Link:
        if is_to:
            return Link(self.to, self.to_column, self.place, self.column)
        return Link(self.place, self.column, self.to, self.to_column)


class Graph:
    """The collections of a manifest that are taken over, and the links between them.

    Args:
        tell: told of every reference that cannot be followed, or only in part, and why.
    """

    def __init__(self, manifest: Manifest, places: dict[Place, ManifestCollection], tell: Tell) -> None:
        self.manifest = manifest
        self.datasets = {dataset.key: dataset for dataset in manifest.datasets}
        self.places = places
        self.tell = tell
        edges = list(self._edges())
        distances = self._distances(edges)
        links = [edge.link(is_to=self._is_to(edge, distances)) for edge in edges]
        self._links = tuple(dict.fromkeys(links))
        self.reached = self._reached()
        for edge, link in zip(edges, links, strict=True):
            self._tell_of(edge, link)

    def links(self) -> Iterator[Link]:
        """Yield the links between collections that something leads to; also those from and to other manifests."""
        for link in self._links:
            if link.place in self.reached and (link.to in self.reached or self._is_elsewhere(link.to)):
                yield link

    def _edges(self) -> Iterator[_Edge]:
        for place, collection in self.places.items():
            for field in collection.all_fields():
                for reference in field.references:
                    if edge := self._edge(place, field, reference):
                        yield edge

    def _edge(self, place: Place, field: ManifestField, reference: Reference) -> _Edge | None:
        target, steps = self._target(reference)
        nested = len(field.steps) > 1 or field.is_nested or len(steps) > 1 or self._is_nested(target, steps[0])
        if nested:
            self.tell(reference, "not carried: a structure or a list is at an end of it, and links compare columns")
        elif self._is_elsewhere(target) and reference.direction == "to":
            self.tell(reference, f"not carried: it is a link of the map of {target[0]}, which is not in this manifest")
        elif not self._is_elsewhere(target) and target not in self.places:
            self.tell(reference, f"not carried: {'.'.join(target)} is not there, or skipped")
        else:
            return _Edge(reference, place, field.name, target, steps[0])
        return None

    def _target(self, reference: Reference) -> tuple[Place, tuple[str, ...]]:
        """Read the collection of a reference, in front of which some write the dataset again."""
        first, rest = reference.collection, reference.field
        known = {collection.name for collection in self._collections(reference.dataset)}
        if first not in known and first == reference.dataset and len(rest) > 1:
            first, rest = rest[0], rest[1:]
        return (reference.dataset, first), rest

    def _collections(self, dataset: str) -> Collection[ManifestCollection]:
        found: ManifestDataset | None = self.datasets.get(dataset)
        return found.collections if found else ()

    def _is_elsewhere(self, place: Place) -> bool:
        return place[0] not in self.datasets

    def _is_nested(self, place: Place, name: str) -> bool:
        fields = self.places[place].fields if place in self.places else ()
        return any(field.name == name and field.is_nested for field in fields)

    def _distances(self, edges: Iterable[_Edge]) -> dict[Place, float]:
        """Count the steps from the identities to each collection, going references without a direction either way."""
        steps: dict[Place, set[Place]] = {}
        for edge in edges:
            if edge.reference.direction != "to":
                steps.setdefault(edge.to, set()).add(edge.place)
            if edge.reference.direction != "from":
                steps.setdefault(edge.place, set()).add(edge.to)
        seeds = [place for place, collection in self.places.items() if any(map(is_identity, collection.fields))]
        elsewhere = {edge.to for edge in edges if self._is_elsewhere(edge.to)}
        distances: dict[Place, float] = dict.fromkeys([*seeds, *elsewhere], 0)
        waiting = deque(distances)
        while waiting:
            place = waiting.popleft()
            for other in sorted(steps.get(place, ())):
                if other not in distances:
                    distances[other] = distances[place] + 1
                    waiting.append(other)
        return distances

    def _is_to(self, edge: _Edge, distances: dict[Place, float]) -> bool:
        """Whether the values go from the referring collection to the one referred to."""
        if edge.reference.direction:
            return edge.reference.direction == "to"
        here, there = distances.get(edge.place, inf), distances.get(edge.to, inf)
        taken = "to" if here < there else "from"
        why = "which leads away from the identities" if here != there else "as both are as near to the identities"
        self.tell(edge.reference, f"no direction is written; taken as `{taken}`, {why}")
        return taken == "to"

    def _reached(self) -> set[Place]:
        reached = {place for place, collection in self.places.items() if any(map(is_identity, collection.fields))}
        while True:
            more = {
                link.place
                for link in self._links
                if link.place in self.places and (link.to in reached or self._is_elsewhere(link.to))
            }
            if more <= reached:
                return reached
            reached |= more

    def _tell_of(self, edge: _Edge, link: Link) -> None:
        if self._is_elsewhere(link.to):
            self.tell(edge.reference, f"needs a source for the dataset {link.to[0]}, which is not in this manifest")
        elif link.place in self.reached and link.to not in self.reached:
            self.tell(edge.reference, f"not carried: nothing leads to {'.'.join(link.to)}, which is left out")


def is_identity(field: ManifestField) -> bool:
    """Whether a field holds identifiers of a person, each as a value of its own."""
    return bool(field.part.meta.get("identity")) and not field.is_nested
