"""Which columns may refer to something, and which tell rows apart, so that they may be referred to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Protocol

from extractors.discovery import likeness
from extractors.discovery.evidence import Candidate, Key, Kind, Value
from extractors.discovery.model import Content
from extractors.discovery.naming import Naming
from extractors.discovery.whose import is_called_after_people, is_person_like, is_thing_like, personness

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from extractors.discovery.model import ColumnId, SeenColumn, SeenTable

REFERRING = frozenset({"integer", "number", "text", "uuid", "binary", "other"})
TELLING_NOTHING = frozenset({Content.FREE_TEXT, Content.JSON, Content.SERIALISED, Content.DATE, Content.BOOLEAN})
NO_REFERENCE = frozenset({0, -1, "0", "-1", "-", "none", "null", "n/a", "None", "NULL"})
LONGEST_KEY = 128
FEW_ROWS = 20
ITSELF = -20.0
FEW_PAIRS = 5
MOST_KINDS = 20
LIKE_PEOPLE = 0.5
FEW_ENOUGH_TO_SCAN = 50_000
OF_PEOPLE = frozenset({Content.EMAIL, Content.PHONE, Content.NAME, Content.HASH, Content.TOKEN, *TELLING_NOTHING})


@dataclass(frozen=True, slots=True)
class TableValues:
    """Values of a table's columns, for comparing; never shown.

    Args:
        different: per column, some different values.
        rows: per column, the values of the same few rows, None where there is none.
        is_whole: whether the table has no other rows than those looked at.
    """

    different: Mapping[str, Sequence[Value]] = field(default_factory=dict, repr=False)
    rows: Mapping[str, Sequence[Value | None]] = field(default_factory=dict, repr=False)
    is_whole: bool = False


class Lookup(Protocol):
    """Asks the source, within bounds."""

    def existing(self, column: ColumnId, values: Collection[Value]) -> frozenset[Value] | None:
        """Say which of the values a key holds; None where that could not be told."""

    def span(self, column: ColumnId) -> tuple[int, int] | None:
        """Give the least and the greatest value of a key; None where there is none or it could not be told."""


class Columns:
    """The candidates and the keys of a source."""

    def __init__(self, tables: Sequence[SeenTable], values: Mapping[str, TableValues], lookup: Lookup) -> None:
        self.naming = Naming(tables)
        self.values = values
        self.lookup = lookup
        self.person = {table.id: self._person(table) for table in tables}
        self.keys = [key for table in tables if not table.is_view for key in self._keys(table)]
        self.candidates = [candidate for table in tables for candidate in self._candidates(table)]

    def of(self, column: ColumnId) -> Sequence[Value]:
        """Some different values of a column."""
        return self.values.get(column[0], TableValues()).different.get(column[1], ())

    def _person(self, table: SeenTable) -> float:
        called = 0.4 if is_called_after_people(self.naming.tables.words[table.id]) else 0.0
        return min(1.0, called + personness(table))

    def _keys(self, table: SeenTable) -> Iterator[Key]:
        declared = {columns[0] for columns in table.unique if len(columns) == 1}
        names = declared or ({column.name for column in _seemingly_unique(table)} if not table.unique else set())
        if self.person[table.id] >= LIKE_PEOPLE:
            names = names | {column.name for column in _natural_keys(table)}
        for column in table.columns:
            if column.name in names and column.type in REFERRING and _is_short(self.of((table.id, column.name))):
                yield self._key(table, column, is_declared=column.name in declared)

    def _key(self, table: SeenTable, column: SeenColumn, *, is_declared: bool) -> Key:
        id_, values = (table.id, column.name), self.of((table.id, column.name))
        kind = _kind(column, values)
        is_whole = self.values.get(table.id, TableValues()).is_whole
        least, most = self._span(id_, values, is_whole=is_whole or not is_declared) if kind == "whole" else (0, 0)
        return Key(
            id=id_,
            kind=kind,
            type=column.type,
            least=least,
            most=most,
            rows=len(values) if is_whole else table.rows,
            values=frozenset(values) if is_whole else None,
            is_declared=is_declared,
            is_primary=table.primary_key == (column.name,),
        )

    def _span(self, column: ColumnId, values: Sequence[Value], *, is_whole: bool) -> tuple[int, int]:
        found = None if is_whole else self.lookup.span(column)
        numbers = [int(value) for value in values]
        return found or (min(numbers, default=0), max(numbers, default=0))

    def _candidates(self, table: SeenTable) -> Iterator[Candidate]:
        unique = {columns[0] for columns in table.unique if len(columns) == 1}
        for column in table.columns:
            id_ = (table.id, column.name)
            values = [value for value in self.of(id_) if value not in NO_REFERENCE]
            name = self.naming.bare(id_)
            is_empty = not values and not likeness.is_id_like(name)
            if _has_kind_beside(table, column):
                continue
            if is_empty or column.type not in REFERRING or not _is_short(values) or not _may_refer(column):
                continue
            kind = _kind(column, values)
            yield Candidate(
                id=id_,
                kind=kind,
                type=column.type,
                name=name,
                values=values,
                numbers=sorted(value for value in values if isinstance(value, int)),
                is_indexed=column.name in table.indexed and column.name not in unique,
                is_unique=column.name in unique or (column.sampled.is_unique and column.sampled.seen >= FEW_ROWS),
                is_own_key=(table.primary_key or next(iter(table.unique), ())) == (column.name,),
                is_email=column.sampled.shares.get(Content.EMAIL, 0) >= 0.5,
                is_person_like=is_person_like(name),
                is_thing_like=is_thing_like(name),
                earlier=self._earlier(table, column.name) if kind == "whole" else 0.0,
            )

    def _earlier(self, table: SeenTable, name: str) -> float:
        """Weigh that a column's numbers are always less than the row's own, other than by being small."""
        rows = self.values.get(table.id, TableValues()).rows
        if len(table.primary_key) != 1 or table.primary_key[0] == name:
            return 0.0
        both = zip(rows.get(name, ()), rows.get(table.primary_key[0], ()), strict=False)
        pairs = [(mine, own) for mine, own in both if isinstance(mine, int) and isinstance(own, int) and mine > 0]
        if len(pairs) < FEW_PAIRS:
            return 0.0
        if sum(mine == own for mine, own in pairs) > 0.5 * len(pairs):
            return ITSELF  # no row continues itself: both are counted alike
        if sum(mine < own for mine, own in pairs) < 0.98 * len(pairs):
            return -0.5
        owns = sorted(own for _, own in pairs)
        by_chance = (1 - bisect_right(owns, mine) / len(owns) for mine, _ in pairs)
        return min(3.0, -sum(log(max(0.05, chance)) for chance in by_chance))


def _seemingly_unique(table: SeenTable) -> Iterable[SeenColumn]:
    """Columns of a keyless table that no two sampled rows shared, when they are called like a key or come first."""
    for index, column in enumerate(table.columns):
        enough = column.sampled.seen >= FEW_ROWS or column.sampled.seen == (table.rows or 0) > 2
        if enough and column.sampled.is_unique and (index == 0 or likeness.is_id_like(column.name)):
            yield column


def _natural_keys(table: SeenTable) -> Iterable[SeenColumn]:
    """Columns of people that number them (a customer or card number) though nothing declares it; quick to look up."""
    for column in table.columns:
        sampled = column.sampled
        is_quick = column.name in table.indexed or (table.rows or 0) <= FEW_ENOUGH_TO_SCAN
        is_of_them = any(sampled.shares.get(content, 0) >= 0.3 for content in OF_PEOPLE)
        if is_quick and column.type == "text" and sampled.seen >= FEW_ROWS and sampled.is_unique and not is_of_them:
            yield column


def _has_kind_beside(table: SeenTable, column: SeenColumn) -> bool:
    """Whether another column says which table this one refers to: `owner_type` beside `owner_id`."""
    stem = likeness.stem(column.name)
    return bool(stem) and any(
        other.type == "text" and 0 < other.sampled.distinct <= MOST_KINDS and likeness.without_kind(other.name) == stem
        for other in table.columns
        if other is not column
    )


def _may_refer(column: SeenColumn) -> bool:
    return all(column.sampled.shares.get(content, 0) < 0.3 for content in TELLING_NOTHING)


def _is_short(values: Iterable[Value]) -> bool:
    return all(isinstance(value, int) or len(value) <= LONGEST_KEY for value in values)


def _kind(column: SeenColumn, values: Sequence[Value]) -> Kind:
    if values:
        return "whole" if all(isinstance(value, int) for value in values) else "text"
    return "whole" if column.type in ("integer", "number") else "text"
