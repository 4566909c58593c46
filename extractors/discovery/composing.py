"""Finds links that one column alone does not make: over several columns, and to a table that another column names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from extractors.discovery import likeness
from extractors.discovery.keys import TableValues
from extractors.discovery.model import Content, SeenLink
from extractors.discovery.naming import Naming
from extractors.discovery.proposing.roles import ID_WORDS, words_of
from extractors.discovery.proposing.words import TYPE_WORDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from extractors.discovery.evidence import Value
    from extractors.discovery.model import SeenColumn, SeenTable, TableId

    Row = tuple[Value, ...]

MOST_KEY_COLUMNS = 3
MOST_TYPES = 20
FEWEST_ROWS = 5
FEWEST_ROWS_BY_PLACE = 20
NEARLY_ALL = 0.98
MOST_OF_A_TYPE = 0.9
CALLED_SO = 0.6


class RowLookup(Protocol):
    """Asks the source, within bounds."""

    def existing_rows(self, table: TableId, columns: Sequence[str], rows: Collection[Row]) -> frozenset[Row] | None:
        """Say which combinations of values some columns hold; None where that could not be told."""


def compose_links(
    tables: Sequence[SeenTable],
    values: Mapping[TableId, TableValues],
    lookup: RowLookup,
    links: Iterable[SeenLink],
) -> list[SeenLink]:
    """Find links over composite keys, and links whose table a type beside them names.

    Args:
        links: known already; what they explain is left alone.
    """
    known = list(links)
    composing = _Composing(tables, values, lookup, known)
    return [*composing.over_several_columns(), *composing.told_by_types()]


class _Composing:
    def __init__(
        self,
        tables: Sequence[SeenTable],
        values: Mapping[TableId, TableValues],
        lookup: RowLookup,
        links: Sequence[SeenLink],
    ) -> None:
        self.tables = [table for table in tables if not table.is_view]
        self.values = values
        self.lookup = lookup
        self.naming = Naming(tables)
        self.linked = {(link.table, name) for link in links for name in link.columns}
        self.declared = {(link.table, link.columns) for link in links if link.is_declared}

    def over_several_columns(self) -> Iterator[SeenLink]:
        """Yield links to keys of several columns that number their own rows, and do not only join other tables."""
        for parent in self.tables:
            key = parent.primary_key
            if not 1 < len(key) <= MOST_KEY_COLUMNS or all((parent.id, name) in self.linked for name in key):
                continue
            for child in self.tables:
                if child.id != parent.id and (link := self._composite(child, parent)):
                    yield link

    def _composite(self, child: SeenTable, parent: SeenTable) -> SeenLink | None:
        named = self._named_alike(child, parent)
        by_place = child.primary_key[: len(parent.primary_key)]
        is_longer = len(child.primary_key) > len(parent.primary_key)
        if named and (child.id, named) not in self.declared:
            return self._held(child, named, parent, FEWEST_ROWS, 0.95, "are called alike")
        if is_longer and self._fits(child, by_place, parent) and (child.id, by_place) not in self.declared:
            return self._held(child, by_place, parent, FEWEST_ROWS_BY_PLACE, 0.8, "begin its own key")
        return None

    def _named_alike(self, child: SeenTable, parent: SeenTable) -> tuple[str, ...]:
        """Give the columns of the child that are called like the parent's key."""
        found = []
        for name in parent.primary_key:
            wanted = "".join(likeness.words_of(self.naming.bare((parent.id, name))))
            whole = "".join(likeness.words_of(name))
            alike = [
                column.name
                for column in child.columns
                if {"".join(likeness.words_of(column.name)), self._bare(child, column)} & {wanted, whole}
                and column.type == parent.column(name).type
            ]
            found += alike[:1]
        return tuple(found) if len(set(found)) == len(parent.primary_key) else ()

    def _bare(self, table: SeenTable, column: SeenColumn) -> str:
        return "".join(likeness.words_of(self.naming.bare((table.id, column.name))))

    @staticmethod
    def _fits(child: SeenTable, columns: tuple[str, ...], parent: SeenTable) -> bool:
        pairs = zip(columns, parent.primary_key, strict=True)
        return all(child.column(mine).type == parent.column(own).type for mine, own in pairs)

    def _held(
        self, child: SeenTable, columns: tuple[str, ...], parent: SeenTable, fewest: int, confidence: float, why: str
    ) -> SeenLink | None:
        rows = self._rows(child.id, columns)
        if len(rows) < fewest:
            return None
        held = self.lookup.existing_rows(parent.id, parent.primary_key, rows)
        share = len(held) / len(rows) if held is not None else 0.0
        if share < NEARLY_ALL:
            return None
        reason = f"{', '.join(columns)} {why}; {share:.0%} of {len(rows)} combinations are found in {parent.id}"
        return SeenLink(
            child.id, columns, parent.id, parent.primary_key, is_declared=False, confidence=confidence,
            contained=round(share, 3), reason=reason,
        )  # fmt: skip

    def told_by_types(self) -> Iterator[SeenLink]:
        """Yield links told by a type (`owner_type`, `owner_id`), one for each table that a type is called after."""
        for table in self.tables:
            for type_, reference in self._typed(table):
                for value, ids in self._by_type(table.id, type_.name, reference.name).items():
                    if link := self._told(table, type_, reference, value, ids):
                        yield link

    def _typed(self, table: SeenTable) -> Iterator[tuple[SeenColumn, SeenColumn]]:
        types = [column for column in table.columns if _is_type(column)]
        references = [column for column in table.columns if likeness.is_id_like(column.name)]
        for type_, reference in ((one, other) for one in types for other in references if one.name != other.name):
            if reference.name not in table.primary_key and _stem(type_.name) == _stem(reference.name):
                yield type_, reference

    def _by_type(self, table: TableId, type_: str, reference: str) -> dict[str, set[Value]]:
        rows = self.values.get(table, TableValues()).rows
        found: dict[str, set[Value]] = {}
        for told, id_ in zip(rows.get(type_, ()), rows.get(reference, ()), strict=False):
            if isinstance(told, str) and id_ is not None:
                found.setdefault(told, set()).add(id_)
        return found if len(found) <= MOST_TYPES else {}

    def _told(
        self, table: SeenTable, type_: SeenColumn, reference: SeenColumn, value: str, ids: set[Value]
    ) -> SeenLink | None:
        """Link the rows of one type to the table that the type is called after, where their numbers are found there."""
        target = self._called(value.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[-1])
        if target is None:
            return None
        key = target.primary_key
        held = self.lookup.existing_rows(target.id, key, {(id_,) for id_ in ids})
        if held is None or len(held) < MOST_OF_A_TYPE * len(ids):
            return None
        reason = f"{type_.name} is called like {target.id}; {len(held)} of {len(ids)} values are found there"
        return SeenLink(
            table.id, (reference.name,), target.id, key, is_declared=False, confidence=0.85,
            contained=round(len(held) / len(ids), 3), reason=reason, where={type_.name: value},
        )  # fmt: skip

    def _called(self, value: str) -> SeenTable | None:
        alike = {
            table.id: self.naming.tables.likeness(value, table.id)
            for table in self.tables
            if len(table.primary_key) == 1
        }
        best = max(alike, key=lambda id_: alike[id_], default="")
        if not best or alike[best] < CALLED_SO or sum(score == alike[best] for score in alike.values()) > 1:
            return None
        return next(table for table in self.tables if table.id == best)

    def _rows(self, table: TableId, columns: Sequence[str]) -> set[Row]:
        rows = self.values.get(table, TableValues()).rows
        taken = zip(*(rows.get(name, ()) for name in columns), strict=False)
        return {tuple(row) for row in taken if all(value is not None for value in row)}


def _is_type(column: SeenColumn) -> bool:
    is_short = column.sampled.shares.get(Content.FREE_TEXT, 0) < 0.1
    return column.type == "text" and 0 < column.sampled.distinct <= MOST_TYPES and is_short


def _stem(name: str) -> frozenset[str]:
    """A name without what says that it is a type or a number."""
    return frozenset(words_of(name)) - TYPE_WORDS - frozenset(ID_WORDS)
