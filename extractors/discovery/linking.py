"""Finds links that no constraint declares: by names, by values that are found among the keys of another table.

Pairs worth a look are collected first, by names, by how far numbers range and by a few values of each column asked
for in every key; then more values of each pair are looked up, one statement per key; then every column gets the one
key that most speaks for, if enough does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.discovery import likeness
from extractors.discovery.choosing import Choice
from extractors.discovery.evidence import Candidate, Evidence, Key
from extractors.discovery.keys import Columns
from extractors.discovery.naming import LIKE_ENOUGH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from extractors.discovery.choosing import Pair
    from extractors.discovery.evidence import Value
    from extractors.discovery.keys import Lookup, TableValues
    from extractors.discovery.model import ColumnId, SeenLink, SeenTable

CLEARLY = 0.8
NEAREST_KEYS = 8
FIRST_VALUES = 3
SURELY_EARLIER = 2.0
LOOKED_UP_VALUES = 60


def find_links(
    tables: Sequence[SeenTable], values: Mapping[str, TableValues], lookup: Lookup, declared: Iterable[SeenLink] = ()
) -> list[SeenLink]:
    """Find the links of a source that are not declared, one for each column at most.

    Args:
        values: of each table's columns, for comparing.
        lookup: asks the source which values a key holds.
        declared: links known already; their columns are left alone.
    """
    return _Finding(Columns(tables, values, lookup), declared).links()


class _Finding:
    def __init__(self, columns: Columns, declared: Iterable[SeenLink]) -> None:
        self.lookup = columns.lookup
        self.naming = columns.naming
        self.keys = columns.keys
        self.person = columns.person
        taken = {(link.table, link.columns[0]) for link in declared if len(link.columns) == 1}
        self.candidates = [candidate for candidate in columns.candidates if candidate.id not in taken]

    def links(self) -> list[SeenLink]:
        evidence = self._looked_up(self._pairs())
        return sorted(Choice(evidence, self.naming).links(), key=lambda link: (link.table, link.columns))

    def _pairs(self) -> dict[Pair, Evidence]:
        """Collect the pairs worth a look."""
        pairs: dict[Pair, Evidence] = {}
        for candidate, key in (*self._by_name(), *self._by_range(), *self._by_values()):
            if candidate.id != key.id and (candidate.id, key.id) not in pairs and self._is_possible(candidate, key):
                pairs[candidate.id, key.id] = self._named(candidate, key)
        return pairs

    def _is_possible(self, candidate: Candidate, key: Key) -> bool:
        """Leave out what only looks like a reference: a row's own number, a person's own address."""
        is_within = candidate.id[0] == key.id[0]
        is_chain = likeness.is_parent_like(candidate.name) or candidate.earlier >= SURELY_EARLIER
        if candidate.is_unique and (candidate.is_email or (is_within and not is_chain)):
            return False
        if candidate.kind != "whole" or not candidate.is_own_key or not self.naming.is_own(candidate.id):
            return True
        called = self.naming.called(candidate.id, key.id)
        if called >= CLEARLY and called > self.naming.tables.likeness(candidate.name, candidate.id[0]):
            return True
        is_same = self.naming.same(candidate.id, key.id, is_primary=key.is_primary)
        is_generic = self.naming.is_generic(candidate.id)
        # Else both counted from 1 by themselves.
        return bool(is_same) and not is_generic and min(key.least, *map(int, candidate.values[:1] or [1])) > 1

    def _named(self, candidate: Candidate, key: Key) -> Evidence:
        same = self.naming.same(candidate.id, key.id, is_primary=key.is_primary)
        called = self.naming.called(candidate.id, key.id)
        is_other = not key.is_primary and not self.naming.is_generic(key.id) and not same
        return Evidence(
            candidate,
            key,
            called=called * (0.7 if is_other else 1),
            same=0.0 if candidate.is_email else same,
            is_namesake=self.naming.has_namesake(key.id[0], candidate.id) and key.id[1] != candidate.id[1],
            is_part=self.naming.is_part_of(candidate.id[0], key.id[0]),
            person=self.person[key.id[0]] if key.is_primary or not self.naming.is_generic(key.id) else 0.0,
        )

    def _by_name(self) -> Iterator[tuple[Candidate, Key]]:
        by_name: defaultdict[str, list[Key]] = defaultdict(list)
        for key in self.keys:
            for name in self._own_names(key):
                by_name[name].append(key)
        alike: dict[tuple[str, ...], list[Key]] = {}
        for candidate in self.candidates:
            stem = likeness.stem(candidate.name)
            if stem not in alike:
                alike[stem] = [
                    key for key in self.keys if self.naming.tables.likeness(candidate.name, key.id[0]) >= LIKE_ENOUGH
                ]
            words = likeness.words_of(candidate.name)
            ending = ["".join(words[start:]) for start in range(len(words))]
            for key in (*alike[stem], *(key for name in ending for key in by_name[name])):
                if candidate.kind == key.kind or not candidate.values:
                    yield candidate, key

    def _own_names(self, key: Key) -> set[str]:
        """What a column may be called that is called as the key is; every table has an `id`."""
        words, bare = likeness.words_of(key.id[1]), likeness.words_of(self.naming.bare(key.id))
        if self.naming.is_generic(key.id):
            return {"".join(words)} if len(words) > 1 else set()
        return {"".join(words), "".join(bare)}

    def _by_range(self) -> Iterator[tuple[Candidate, Key]]:
        """Pair whole numbers with the keys that range hardly farther than they do."""
        keys = sorted((key for key in self.keys if key.kind == "whole"), key=lambda key: key.most)
        own = {key.id[0]: key for key in keys if key.is_primary}
        for candidate in self.candidates:
            numbers = candidate.numbers
            if not numbers or candidate.kind != "whole" or likeness.is_measure_like(candidate.name):
                continue
            reached = numbers[int(0.95 * (len(numbers) - 1))]
            fitting = (key for key in keys if key.most >= reached)
            yield from ((candidate, key) for key, _ in zip(fitting, range(NEAREST_KEYS), strict=False))
            if candidate.id[0] in own:
                yield candidate, own[candidate.id[0]]

    def _by_values(self) -> Iterator[tuple[Candidate, Key]]:
        """Pair texts with the keys that hold the first of them; each key is asked once for all."""
        texts = [candidate for candidate in self.candidates if candidate.kind == "text" and candidate.values]
        first = {candidate.id: candidate.values[:FIRST_VALUES] for candidate in texts}
        asked = {value for values in first.values() for value in values}
        for key in self.keys:
            if key.kind != "text":
                continue
            held = self._existing(key, asked) or frozenset()
            for candidate in texts if held else ():
                here = sum(value in held for value in first[candidate.id])
                if here * 2 > len(first[candidate.id]):
                    yield candidate, key

    def _existing(self, key: Key, values: Iterable[Value]) -> frozenset[Value] | None:
        if key.values is not None:
            return key.values.intersection(values)
        return self.lookup.existing(key.id, set(values))

    def _looked_up(self, pairs: Mapping[Pair, Evidence]) -> list[Evidence]:
        by_key: defaultdict[ColumnId, list[Evidence]] = defaultdict(list)
        for evidence in pairs.values():
            by_key[evidence.key.id].append(evidence)
        return [told for group in by_key.values() for told in self._held(group)]

    def _held(self, group: list[Evidence]) -> Iterator[Evidence]:
        """Look up values of all candidates of one key in one statement."""
        key = group[0].key
        asked = {value for evidence in group for value in _some(evidence.candidate)}
        held = self._existing(key, asked) if asked else frozenset()
        for evidence in group:
            values = _some(evidence.candidate)
            if held is None or not values:
                yield evidence
            else:
                yield replace(evidence, looked=len(values), found=sum(value in held for value in values))


def _some(candidate: Candidate) -> Sequence[Value]:
    values = candidate.values
    count = min(len(values), LOOKED_UP_VALUES)
    return [values[index * len(values) // count] for index in range(count)]
