"""Weighs what speaks for a column referring to a key: its name, whether its values are there, and how far they range.

Every piece is a logarithm of how much likelier it is of a reference than of any other column, so that they add up.
Whole numbers are contained in every table that counts its rows from 1: for them being contained weighs little, and
how far they range weighs more. Random keys and long codes are contained where they belong, and nowhere else.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
BEYOND = -2.5
UNLOOKED = 1.0
OTHER_SCHEMA = 1.0
PART = 1.5
CALLED_SO = 0.6
ESTIMATES_ARE_OUT_BY = 2
ORPHANS = ((0.999, 0.0), (0.95, -1.0), (0.8, -3.0))
"""Shares of references whose row is still there, and how unusual that is."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that may refer to a key; its values are never shown.

    Args:
        name: what it is called, without what its table's columns all begin with.
        values: some different ones.
        numbers: those of them that are whole numbers, in order.
        type: the family of its type.
        is_indexed: whether an index that is not its own key begins with it.
        is_unique: whether no two rows share a value.
        is_own_key: whether it is its table's primary key.
        is_person_like: whether it is called after a person, or after what one does.
        is_thing_like: whether it is called after a thing.
        earlier: how much its numbers speak for rows of its own table that were there before.
    """

    id: ColumnId
    kind: Kind
    type: str
    name: str
    values: Sequence[Value] = field(repr=False)
    numbers: Sequence[int] = field(default=(), repr=False)
    is_indexed: bool = False
    is_unique: bool = False
    is_own_key: bool = False
    is_email: bool = False
    is_person_like: bool = False
    is_thing_like: bool = False
    earlier: float = 0.0


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
        """The share of whole numbers between the least and the most that are keys, rather too high than too low."""
        if self.rows is None:
            return 1.0
        rows = self.rows if self.values is not None else self.rows * ESTIMATES_ARE_OUT_BY
        return min(1.0, rows / max(1, self.most - self.least + 1))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one column referring to one key.

    Args:
        called: how much it is called after the key's table, 0 to 1.
        same: how much it is called as the key is.
        is_namesake: whether the key's table has a column of the same name, which refers just as this one does.
        person: how much the key's table is one of people, 0 to 1.
        is_part: whether the column's table is called as a part of the key's.
    """

    candidate: Candidate
    key: Key
    called: float = 0.0
    same: float = 0.0
    is_namesake: bool = False
    person: float = 0.0
    is_part: bool = False
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
        """Values among the keys speak for it, the more the likelier they would be missing; those beyond against it."""
        beyond = self._beyond
        missing = max(0, self.looked - self.found - beyond)
        by_chance = self._by_chance
        within = max(
            cost + self.found * log(share / by_chance) + missing * log((1 - share) / (1 - by_chance))
            for share, cost in ORPHANS
        )
        return within + BEYOND * beyond

    @property
    def _beyond(self) -> int:
        """How many numbers are less than any key or more than any: orphans have been keys once."""
        if self.key.kind == "text" or self.found == self.looked:
            return 0
        numbers = self.candidate.numbers
        within = bisect_right(numbers, self.key.most) - bisect_left(numbers, self.key.least)
        return min(self.looked - self.found, round((1 - within / max(1, len(numbers))) * self.looked))

    @property
    def _by_chance(self) -> float:
        if self.key.kind == "text":
            return by_chance_of_text(self.candidate.values)
        return min(0.995, max(1e-6, self.key.density))

    @property
    def _ranging(self) -> float:
        """References reach over all keys more often than other numbers do, and not beyond."""
        count = bisect_right(self.candidate.numbers, self.key.most)
        if not count or self.key.most <= self.key.least:
            return 0.0
        reach = (self.candidate.numbers[count - 1] - self.key.least + 1) / (self.key.most - self.key.least + 1)
        return log(0.7 * count * exp((count - 1) * log(reach)) + 0.3) if reach > 0 else BEYOND

    @property
    def _fitting(self) -> float:
        weight = 0.0 if self.candidate.kind == self.key.kind else -1.5
        weight += 0.5 if self.candidate.type == self.key.type else -0.5
        weight -= 3.0 if self.is_namesake else 0.0
        weight -= 0.0 if self.looked else UNLOOKED
        weight += 0.0 if self.key.is_declared else -1.0
        weight += 0.5 if self.key.is_primary else 0.0
        weight += self._meaning
        weight += PART if self.is_part else 0.0
        weight -= 0.0 if _schema(self.candidate.id) == _schema(self.key.id) else OTHER_SCHEMA
        if self.candidate.id[0] == self.key.id[0]:
            weight += self._own_table
        return weight

    @property
    def _meaning(self) -> float:
        """People are referred to by what people are called and do; their tables by what things are called, hardly."""
        if self.candidate.is_person_like:
            return 3.0 * self.person - 1.0
        if self.called >= CALLED_SO or likeness.is_generic(self.candidate.name):
            return 0.0
        return (-1.0 if self.candidate.is_thing_like else 0.7) * self.person

    @property
    def _own_table(self) -> float:
        """A row refers to an earlier one of its own table, never to itself."""
        name = self.candidate.name
        weight = 3.0 if likeness.is_parent_like(name) else 0.0 if self.candidate.is_person_like else -1.5
        weight += 1.5 if likeness.is_parent_like(name) and likeness.is_generic(name) else 0.0
        return weight + self.candidate.earlier


def _schema(column: ColumnId) -> str:
    return column[0].rpartition(".")[0]


def prior(candidate: Candidate) -> float:
    """How likely a column refers to anything, from itself alone."""
    weight = -3.5 if candidate.kind == "whole" else -2.0
    weight += called_like_reference(candidate)
    weight += 1.5 if candidate.is_indexed else 0.0
    weight -= 3.0 if candidate.kind == "whole" and likeness.is_measure_like(candidate.name) else 0.0
    weight -= 2.0 if candidate.kind == "whole" and candidate.type == "text" else 0.0
    return weight


def called_like_reference(candidate: Candidate) -> float:
    """How much a column's name alone tells that it refers; numbers under what people do are people."""
    said = likeness.reference_weight(candidate.name)
    if candidate.is_person_like and not likeness.is_measure_like(candidate.name):
        return max(said, 3.5 if candidate.kind == "whole" else 2.0)
    return said or (1.5 if likeness.is_opaque(candidate.name) else 0.0)


def might_refer(candidate: Candidate) -> bool:
    """Whether a number may be a reference though called after no table: its name says so, or says nothing."""
    return candidate.is_indexed or candidate.is_person_like or called_like_reference(candidate) > 0


def by_chance_of_text(values: Sequence[Value]) -> float:
    """How likely some text is a key it does not refer to: short codes often, random ones never."""
    lengths = [len(value) for value in values if isinstance(value, str | bytes)]
    typical = sum(lengths) / len(lengths) if lengths else 4
    return 0.4 if typical < 2 else 0.2 if typical < 4 else 0.05 if typical < 12 else 1e-3


def confidence(weight: float) -> float:
    """Turn a weight into 0 to 1, never quite either."""
    return round(min(0.99, 1 / (1 + exp(-weight / 2))), 2)
