"""Chooses for each column the one key that most speaks for, if enough does."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log2
from typing import TYPE_CHECKING, TypeAlias

from extractors.discovery.evidence import ENOUGH, Evidence, confidence, might_refer
from extractors.discovery.likeness import reference_weight
from extractors.discovery.model import ColumnId, SeenLink
from extractors.discovery.naming import LIKE_ENOUGH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extractors.discovery.naming import Naming

Pair: TypeAlias = tuple[ColumnId, ColumnId]
Namesakes: TypeAlias = tuple[str, str, ColumnId]
"""The name of columns, their kind, and the key they may refer to."""

MOST_SAID = 3.0
SHARED_WEIGHT = 0.6
MOST_SHARED = 5.0
MOST_POPULAR = 1.5
NAMED_AFTER_ANOTHER = 2.5
NAMED_AND_HELD = 8.0
NOBODY = -9.0
UNLIKELY = 2.0
CLEARLY = 0.6
CLOSE = 0.7
THIN = 0.7
FEW_VALUES = 4
CONTAINED = 0.5
CONTAINED_ADDRESSES = 0.6


class Choice:
    """All that speaks for any link of a source, and what follows from it together."""

    def __init__(self, evidence: Iterable[Evidence], naming: Naming) -> None:
        self.naming = naming
        self.evidence = {(one.candidate.id, one.key.id): one for one in evidence}
        self.of: defaultdict[ColumnId, list[Evidence]] = defaultdict(list)
        for one in self.evidence.values():
            self.of[one.candidate.id].append(one)
        self.called = {id_: max(one.called for one in told) for id_, told in self.of.items()}
        self.named = {
            id_
            for id_, told in self.of.items()
            if any(one.called >= 0.9 and (one.contained or 0) >= 0.95 for one in told)
        }
        self.said = {pair: max(-MOST_SAID, min(MOST_SAID, one.content)) for pair, one in self.evidence.items()}
        self.together: defaultdict[Namesakes, float] = defaultdict(float)
        for pair, one in self.evidence.items():
            self.together[_namesakes(one)] += self.said[pair]

    def links(self) -> Iterator[SeenLink]:
        """Yield at most one link for each column."""
        alone = {pair: self._weight(one) for pair, one in self.evidence.items()}
        popular = Counter(pair[1] for pair in self._chosen(alone).values())
        weights = {pair: weight + self._popularity(pair, popular) for pair, weight in alone.items()}
        best = self._chosen(weights)
        chosen = {id_: pair for id_, pair in best.items() if not self._is_mirrored(pair, best, weights)}
        for id_, pair in chosen.items():
            one = self.evidence[self._root(pair, chosen)]
            rivals = self._rivals(id_, pair, chosen)
            ahead = min(told[pair] - max((told[each] for each in rivals), default=NOBODY) for told in (weights, alone))
            yield self._link(one, weights[pair], is_close=ahead < 1)

    def _weight(self, one: Evidence) -> float:
        weight = one.weight + self._shared(one)
        if one.contained is not None and one.contained < (CONTAINED_ADDRESSES if one.candidate.is_email else CONTAINED):
            return NOBODY
        if self._is_hardly_told(one):
            return NOBODY
        if one.candidate.kind == "whole" and not one.name and not might_refer(one.candidate):
            weight -= UNLIKELY
        if one.name >= 0.5 or self.called[one.candidate.id] < 0.9:
            return weight
        return weight - (NAMED_AND_HELD if one.candidate.id in self.named else NAMED_AFTER_ANOTHER)

    @staticmethod
    def _is_hardly_told(one: Evidence) -> bool:
        """Whether there is no value, or one alone, and no name that would do without."""
        if not one.looked:
            is_called_so = one.name >= CLEARLY and one.candidate.type == one.key.type
            return not (is_called_so and reference_weight(one.candidate.name) >= 2)
        return one.looked == 1 and one.name < LIKE_ENOUGH and not one.candidate.is_person_like

    def _shared(self, one: Evidence) -> float:
        """What columns of the same name in other tables say about the key."""
        if self.naming.is_generic(one.candidate.id):
            return 0.0
        others = self.together[_namesakes(one)] - self.said[one.candidate.id, one.key.id]
        return max(-MOST_SHARED, min(MOST_SHARED, SHARED_WEIGHT * others))

    @staticmethod
    def _popularity(pair: Pair, popular: Mapping[ColumnId, int]) -> float:
        return min(MOST_POPULAR, 0.5 * log2(1 + popular.get(pair[1], 0)))

    def _chosen(self, weights: Mapping[Pair, float]) -> dict[ColumnId, Pair]:
        best = {
            id_: max(((id_, one.key.id) for one in told), key=lambda pair: (weights[pair], pair))
            for id_, told in self.of.items()
        }
        return {id_: pair for id_, pair in best.items() if weights[pair] >= ENOUGH}

    def _is_mirrored(self, pair: Pair, chosen: Mapping[ColumnId, Pair], weights: Mapping[Pair, float]) -> bool:
        """Whether the two refer to each other, and the other way is the likelier: a row's own number is referred to."""
        if chosen.get(pair[1]) != (pair[1], pair[0]):
            return False
        return self._owning(pair[0], pair, weights) > self._owning(pair[1], (pair[1], pair[0]), weights)

    def _owning(self, column: ColumnId, pair: Pair, weights: Mapping[Pair, float]) -> tuple[bool, float, ColumnId]:
        return self.naming.is_generic(column), -weights[pair], column

    def _root(self, pair: Pair, chosen: Mapping[ColumnId, Pair]) -> Pair:
        """Follow a key that itself refers to another one, unless the name means just this one."""
        further = chosen.get(pair[1])
        root = (pair[0], further[1]) if further else None
        if root not in self.evidence or root[0] == root[1]:
            return pair
        one, other = self.evidence[pair], self.evidence[root]
        is_there = (other.contained or 0) >= (one.contained or 0) - 0.02
        return root if is_there and other.called >= one.called else pair

    def _rivals(self, id_: ColumnId, pair: Pair, chosen: Mapping[ColumnId, Pair]) -> Iterator[Pair]:
        """Yield what else a column may refer to; random keys that are found again extend the row, and are no rival."""
        for one in self.of[id_]:
            extended = chosen.get(one.key.id)
            is_extending = one.candidate.kind == "text" and extended is not None and extended[1] == pair[1]
            if one.key.id != pair[1] and not is_extending:
                yield id_, one.key.id

    @staticmethod
    def _link(one: Evidence, weight: float, *, is_close: bool) -> SeenLink:
        is_thin = one.looked < FEW_VALUES and (one.name < LIKE_ENOUGH or not one.looked)
        return SeenLink(
            table=one.candidate.id[0],
            columns=(one.candidate.id[1],),
            to_table=one.key.id[0],
            to_columns=(one.key.id[1],),
            is_declared=False,
            confidence=round(confidence(weight) * (CLOSE if is_close else 1) * (THIN if is_thin else 1), 2),
            contained=None if one.contained is None else round(one.contained, 3),
            reason="; ".join(_reasons(one, is_close=is_close)),
        )


def _namesakes(one: Evidence) -> Namesakes:
    return one.candidate.id[1].casefold(), one.candidate.kind, one.key.id


def _reasons(one: Evidence, *, is_close: bool) -> Iterator[str]:
    target = f"{one.key.id[0]}.{one.key.id[1]}"
    if one.name:
        after = one.key.id[0] if one.called >= one.same else target
        yield f"is called {'like' if one.name >= 0.8 else 'rather like'} {after}"
    if one.contained is None:
        yield "no value was there to compare"
    else:
        yield f"{one.contained:.0%} of {one.looked} values are found in {target}"
    if not one.key.is_declared:
        yield "nothing but the sample says that these are unique"
    if is_close:
        yield "another key fits nearly as well"
