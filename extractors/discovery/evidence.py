"""Weighs what speaks for a column referring to a key: its name, whether its values are there, and how far they range.

Every piece is a logarithm of how much likelier it is of a reference than of any other column, so that they add up.
Whole numbers are contained in every table that counts its rows from 1: for them being contained weighs little, and
how far they range weighs more. Random keys and long codes are contained where they belong, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log
from typing import TYPE_CHECKING, Literal, TypeAlias

from extractors.discovery import likeness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.discovery.model import ColumnId

Value: TypeAlias = int | str | bytes
Kind: TypeAlias = Literal["whole", "text"]

ENOUGH = 1.5
NAME_WEIGHT = 6.0
SURE = 8.0
MISLED = -3.0
UNLOOKED = 1.0
ORPHANS = ((0.999, 0.0), (0.95, -1.0), (0.8, -3.0))
"""Shares of references whose row is still there, and how unusual that is."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that may refer to a key; its values are never shown.

    Args:
        values: some different ones.
        type: the family of its type.
        is_indexed: whether an index that is not its own key begins with it.
        is_unique: whether no two rows share a value.
        is_own_key: whether it is its table's primary key.
        name: what it is called, without what its table's columns all begin with.
        smaller: share of rows in which the value is less than the row's own whole-number key; None where unknown.
    """

    id: ColumnId
    kind: Kind
    type: str
    name: str
    values: Sequence[Value] = field(repr=False)
    is_indexed: bool = False
    is_unique: bool = False
    is_own_key: bool = False
    is_email: bool = False
    smaller: float | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A column whose values tell rows apart.

    Args:
        least: of whole numbers; most likewise.
        rows: about how many.
        values: all of them, where they are few; never shown.
        is_declared: whether the database keeps it unique; else only the sample says so.
        is_primary: whether it is the table's primary key.
    """

    id: ColumnId
    kind: Kind
    type: str
    least: int = 0
    most: int = 0
    rows: int | None = None
    values: frozenset[Value] | None = field(default=None, repr=False)
    is_declared: bool = True
    is_primary: bool = False

    @property
    def density(self) -> float:
        """The share of whole numbers between the least and the most that are keys."""
        return min(1.0, (self.rows or 1) / max(1, self.most - self.least + 1))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one column referring to one key.

    Args:
        called: how much it is called after the key's table, 0 to 1.
        same: how much it is called as the key is.
        is_namesake: whether the key's table has a column of the same name, which refers just as this one does.
    """

    candidate: Candidate
    key: Key
    called: float = 0.0
    same: float = 0.0
    is_namesake: bool = False
    looked: int = 0
    found: int = 0

    @property
    def name(self) -> float:
        """How much the names speak for it, 0 to 1."""
        return max(self.called, self.same)

    @property
    def contained(self) -> float | None:
        """The share of values found among the keys; None where none was looked up."""
        return self.found / self.looked if self.looked else None

    @property
    def content(self) -> float:
        """The weight of the values."""
        if not self.looked:
            return 0.0
        return min(SURE, self._containing) + (self._ranging if self.candidate.kind == "whole" else 0.0)

    @property
    def weight(self) -> float:
        """The weight of everything but what other columns say."""
        return prior(self.candidate) + NAME_WEIGHT * self.name + self.content + self._fitting

    @property
    def _containing(self) -> float:
        by_chance = self._by_chance
        missing = self.looked - self.found
        return max(
            cost + self.found * log(share / by_chance) + missing * log((1 - share) / (1 - by_chance))
            for share, cost in ORPHANS
        )

    @property
    def _by_chance(self) -> float:
        if self.key.kind == "text":
            return by_chance_of_text(self.candidate.values)
        numbers = [value for value in self.candidate.values if isinstance(value, int)]
        least, most = min(numbers, default=0), max(numbers, default=0)
        shared = max(0, min(most, self.key.most) - max(least, self.key.least) + 1)
        return min(0.995, max(1e-6, self.key.density * shared / max(1, most - least + 1)))

    @property
    def _ranging(self) -> float:
        """References reach over all keys more often than other numbers do, and not beyond."""
        numbers = sorted(value for value in self.candidate.values if isinstance(value, int))
        if not numbers or self.key.most <= self.key.least:
            return 0.0
        most = numbers[-1] if self.found == self.looked else numbers[int(0.95 * (len(numbers) - 1))]
        reach = (most - self.key.least + 1) / (self.key.most - self.key.least + 1)
        if reach > 1 or reach <= 0:
            return MISLED
        count = len(numbers)
        return log(0.7 * count * exp((count - 1) * log(reach)) + 0.3)

    @property
    def _fitting(self) -> float:
        weight = 0.0 if self.candidate.kind == self.key.kind else -1.5
        weight += 0.5 if self.candidate.type == self.key.type else -0.5
        weight -= 3.0 if self.is_namesake else 0.0
        weight -= 0.0 if self.looked else UNLOOKED
        weight += 0.0 if self.key.is_declared else -1.0
        weight += 0.5 if self.key.is_primary else 0.0
        if self.candidate.id[0] == self.key.id[0]:
            weight += self._own_table
        return weight

    @property
    def _own_table(self) -> float:
        """A row refers to an earlier one of its own table, never to itself."""
        weight = 1.5 if likeness.is_parent_like(self.candidate.name) else -1.5
        if self.candidate.smaller is None:
            return weight
        return weight + (2.0 if self.candidate.smaller > 0.98 else -1.0)


def prior(candidate: Candidate) -> float:
    """How likely a column refers to anything, from itself alone."""
    weight = -3.5 if candidate.kind == "whole" else -2.0
    weight += likeness.reference_weight(candidate.name)
    weight += 1.5 if candidate.is_indexed else 0.0
    weight -= 3.0 if candidate.kind == "whole" and likeness.is_measure_like(candidate.name) else 0.0
    return weight


def by_chance_of_text(values: Sequence[Value]) -> float:
    """How likely some text is a key it does not refer to: short codes often, random ones never."""
    lengths = [len(value) for value in values if isinstance(value, str | bytes)]
    typical = sum(lengths) / len(lengths) if lengths else 4
    return 0.4 if typical < 2 else 0.2 if typical < 4 else 0.05 if typical < 12 else 1e-3


def confidence(weight: float) -> float:
    """Turn a weight into 0 to 1, never quite either."""
    return round(min(0.99, 1 / (1 + exp(-weight / 2))), 2)
