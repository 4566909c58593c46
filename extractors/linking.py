"""Links between sources: what a search of one source needs from others, read from them until nothing new appears.

The whole is the least fixpoint of the links of all maps, as if all sources were one database; they may link in
circles. Nothing is remembered between two searches: each reads from the others what it needs itself.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, replace
from dataclasses import field as of
from typing import TYPE_CHECKING

from extractors.batches import Cause, Omission
from extractors.errors import DsrError, Fault, FaultyDataMap, SourceUnavailable
from extractors.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from extractors.base import Extractor
    from extractors.batches import Extract
    from extractors.datamap import DataMap
    from extractors.identifiers import ForeignNode, Node

    Opener = Callable[[str], Extractor]
    Values = set[tuple[str, ...]]


class UnknownSource(DsrError, LookupError):
    """Say that a link leads to a source that is not searched: there is none of this name, or it is switched off."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Linked:
    """What a search of one source goes by once the others were read.

    Args:
        identifiers: with the values carried over.
        failures: the sources that could not be read, by name, and why.
        cut: the collections that may lack rows because of that, with the names of those sources.
    """

    identifiers: Identifiers
    failures: Mapping[str, DsrError] = of(default_factory=dict)
    cut: Mapping[str, tuple[str, ...]] = of(default_factory=dict)


def carry_over(wanted: Extractor, open_source: Opener, identifiers: Identifiers) -> Linked:
    """Read from other sources what the links of a source compare with.

    Only the sources needed are opened, also those that lead to it over a third. A source that cannot be read stops
    nothing but what depends on it.

    Args:
        open_source: gives the extractor of another source; raises `DsrError` where it cannot, `UnknownSource` where
            there is none.
    """
    walk = _Walk(wanted, open_source, identifiers)
    walk.run()
    own = {target for _, _, target in wanted.data_map.foreign_links()}
    carried = {node: tuple(sorted(values)) for node, values in walk.values.items() if node in own and values}
    cut = walk.cut_collections() if walk.failures else {}
    return Linked(replace(identifiers, carried=carried), dict(walk.failures), cut)


def check_links(data_map: DataMap, open_source: Opener) -> tuple[list[Fault], list[Fault]]:
    """Hold the links of a map to other sources against these sources as they are now.

    Returns:
        The faults, and what is worth a warning: a source that cannot be reached now was not looked at.
    """
    faults: list[Fault] = []
    warnings: list[Fault] = []
    grouped: defaultdict[str, dict[str, Node]] = defaultdict(dict)
    for _, path, (source, node) in data_map.foreign_links():
        grouped[source][path] = node
    for source, nodes in grouped.items():
        try:
            open_source(source).carried(set(nodes.values()), Identifiers({}))
        except UnknownSource as error:
            told = f"leads to another source, {source}, which is not at hand: {error}"
            faults.extend(Fault(path, told) for path in nodes)
        except FaultyDataMap as error:
            faults.extend(Fault(path, told) for path, told in _placed(error, source, nodes))
        except DsrError as error:
            warnings.extend(Fault(path, f"was not checked: {error}") for path in nodes)
    return faults, warnings


def _placed(error: FaultyDataMap, source: str, nodes: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    """Name each fault of another source at the links that lead to where it is, else at the first."""
    for fault in error.faults:
        here = [path for path, (name, _) in nodes.items() if fault.path == f"collections.{name}"]
        yield from ((path, f"in the source {source}: {fault}") for path in here or list(nodes)[:1])


def with_omissions(extracts: Generator[Extract], linked: Linked, labels: Mapping[str, str]) -> Generator[Extract]:
    """Say in each extract what could not be searched for, because another source could not be read.

    Closing the iterator closes the one it is made from.

    Args:
        labels: what the other sources are called.
    """
    with closing(extracts):
        for extract in extracts:
            collection = extract.collection
            lost = () if extract.is_left_out else linked.cut.get(collection.name, ())
            reasons = (reason_of(name, linked.failures[name], labels) for name in lost)
            missing = (
                Omission(collection.source.slug, collection.name, reason, cut=True, cause=Cause.UNREACHED)
                for reason in reasons
            )
            yield replace(extract, omissions=(*extract.omissions, *missing))


def reason_of(name: str, failure: DsrError, labels: Mapping[str, str]) -> str:
    """Say in words for the person why what a source leads to could not be searched for."""
    label = labels.get(name, name)
    if isinstance(failure, UnknownSource):
        return f"what is linked from {label} could not be searched: it is not among the systems that are searched"
    why = "reached" if isinstance(failure, SourceUnavailable) else "read"
    return f"what is linked from {label} could not be searched: {label} could not be {why}"


class _Walk:
    """Which nodes of other sources are needed, and the values found in them so far."""

    def __init__(self, wanted: Extractor, open_source: Opener, identifiers: Identifiers) -> None:
        self.identifiers = identifiers
        self.wanted = wanted.data_map
        self.open_source = open_source
        self.extractors = {wanted.data_map.source: wanted}
        self.failures: dict[str, DsrError] = {}
        self.values: dict[ForeignNode, Values] = {}
        self.needs: dict[ForeignNode, set[ForeignNode]] = {}

    def run(self) -> None:
        """Read the sources needed, those first that wait for no other, and again where others had something new.

        A row is reached by one value at a time, so what is new is all that a source has to be asked about again.
        """
        self._find_needs({target for _, _, target in self.wanted.foreign_links()})
        news: dict[str, defaultdict[ForeignNode, Values]] = {source: defaultdict(set) for source, _ in self.needs}
        known: set[str] = set()
        while news:
            source = min(news, key=lambda name: (self._waits_for(name, news), name))
            person = Identifiers(
                {} if source in known else self.identifiers.values,
                {node: tuple(values) for node, values in news.pop(source).items()},
            )
            known.add(source)
            for node, found in self._read(source, person).items():
                if new := found - self.values[node]:
                    self.values[node] |= new
                    for dependent in self._dependents(node):
                        news.setdefault(dependent, defaultdict(set))[node] |= new

    def cut_collections(self) -> dict[str, tuple[str, ...]]:
        """The collections that lack what failed sources would have led to, directly or over others."""
        lost: dict[ForeignNode, set[str]] = {node: {node[0]} & self.failures.keys() for node in self.needs}
        while True:
            more = {node: lost[node].union(*(lost[need] for need in needs)) for node, needs in self.needs.items()}
            if more == lost:
                break
            lost = more
        collections = {name: self._foreign_needs(self.wanted, name) for name in self.wanted.collections}
        cut = {name: sorted(set().union(*(lost[node] for node in nodes))) for name, nodes in collections.items()}
        return {name: tuple(sources) for name, sources in cut.items() if sources}

    def _find_needs(self, nodes: Iterable[ForeignNode]) -> None:
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in self.needs:
                self.values[node] = set()
                data_map = self._map(node[0])
                self.needs[node] = self._foreign_needs(data_map, node[1][0]) if data_map else set()
                waiting.extend(self.needs[node])

    def _map(self, source: str) -> DataMap | None:
        if source not in self.extractors and source not in self.failures:
            try:
                self.extractors[source] = self.open_source(source)
            except DsrError as error:
                self.failures[source] = error
        return self.extractors[source].data_map if source in self.extractors else None

    @staticmethod
    def _foreign_needs(data_map: DataMap, collection: str) -> set[ForeignNode]:
        """The nodes of other sources by which rows of a collection are reached, directly or over collections here."""
        found: set[ForeignNode] = set()
        waiting, seen = [collection], {collection}
        while waiting:
            part = data_map.collections.get(waiting.pop())
            for link in part.links if part else ():
                if foreign := data_map.foreign_target(link):
                    found.add(foreign)
                elif (target := data_map.target(link)) and target[0] not in seen:
                    seen.add(target[0])
                    waiting.append(target[0])
        return found

    def _dependents(self, node: ForeignNode) -> Iterator[str]:
        yield from {source for (source, _), needs in self.needs.items() if node in needs}

    def _waits_for(self, source: str, waiting: Iterable[str]) -> int:
        """Count the other sources, still to be read, that a source needs directly."""
        needed = {need[0] for node, needs in self.needs.items() if node[0] == source for need in needs}
        return len(needed.intersection(waiting) - {source})

    def _read(self, source: str, person: Identifiers) -> Mapping[ForeignNode, Values]:
        nodes: list[Node] = [node for name, node in self.needs if name == source]
        if source in self.failures:
            return {}
        try:
            found = self.extractors[source].carried(nodes, person)
        except DsrError as error:
            self.failures[source] = error
            return {}
        return {(source, node): values for node, values in found.items()}
