"""Which rows point at which: by a declared foreign key of any table, or by a link of the map without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.util import ClauseAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extractors.datamap.parts import DataMap, LinkPart
    from extractors.sql.changing.catalogues import ForeignKey
    from extractors.sql.changing.shapes import Shapes
    from extractors.sql.schema import SourceTable, TableName
    from extractors.sql.traversal import Traversal

    Column = sa.ColumnElement[Any]

POINTING = "dsr pointing"


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Columns of rows that point at rows of one table.

    Args:
        table: the pointing table, as `Shapes.name_of` gives it; `rows` is an alias of it, to read it by.
        same: for each pair of columns: of the row pointed at, and what makes the two equal.
        conditions: what else holds for a row that points.
    """

    table: TableName
    rows: sa.FromClause
    columns: tuple[str, ...]
    to_columns: tuple[str, ...]
    same: tuple[Column, ...]
    conditions: tuple[Column, ...] = ()

    @property
    def words(self) -> str:
        """Name the reference: `payments.order_id`."""
        return f"{self.table[1]}.{', '.join(self.columns)}"


class References:
    """The references into the tables of a map."""

    def __init__(self, traversal: Traversal, shapes: Shapes) -> None:
        self.traversal = traversal
        self.shapes = shapes
        self.data_map: DataMap = traversal.data_map
        self.tables: Mapping[str, SourceTable] = traversal.tables

    def into(self, name: str, *, only_up: bool = False) -> Iterator[Reference]:
        """Yield the references into a collection's table, declared ones first.

        Args:
            only_up: of the map's links only those by which rows of the collection are reached from what points at them.
        """
        source = self.tables[name]
        declared = list(self.shapes.pointing_at(source))
        yield from (self._by_key(key, source) for key in declared)
        for pointing, columns, target, to_columns in self._by_links(only_up=only_up):
            if self.shapes.name_of(self.tables[target]) == self.shapes.name_of(source):
                pairs = set(zip(columns, to_columns, strict=True))
                if not any(self._is_same(key, pointing, pairs) for key in declared):
                    yield self._by_link(pointing, columns, source, to_columns)

    def _is_same(self, key: ForeignKey, pointing: str, pairs: set[tuple[str, str]]) -> bool:
        """Whether a foreign key says already what a link says; not where the link is of some of the rows only."""
        own = self.shapes.name_of(self.tables[pointing])
        return own == key.table and set(zip(key.columns, key.to_columns, strict=True)) == pairs

    def leads_up(self, name: str, link: LinkPart) -> bool:
        """Whether a link leads from rows to the one they point at (`addresses.id` to `customers.address_id`)."""
        target = self.data_map.target(link)
        if target is None:
            return False
        here, there = self.tables[name], self.tables[target[0]]
        is_one = self._is_key(name, link.column)
        if is_one == self._is_key(*target):
            return self.shapes.has_foreign_key(there, target[1], here) and not self.shapes.has_foreign_key(
                here, link.column, there
            )
        return is_one

    def _is_key(self, name: str, columns: tuple[str, ...]) -> bool:
        key = self.data_map.collections[name].key
        return self.shapes.of[name].is_unique(columns) or bool(key and set(columns) >= set(key))

    def _by_links(self, *, only_up: bool) -> Iterator[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
        for name, part in self.data_map.collections.items():
            for link in part.links:
                if target := self.data_map.target(link):
                    if self.leads_up(name, link):
                        yield target[0], target[1], name, link.column
                    elif not only_up and not (part.context and not self._is_key(*target)):
                        yield name, link.column, target[0], target[1]

    def _by_key(self, key: ForeignKey, source: SourceTable) -> Reference:
        mapped = next((s for s in self.tables.values() if self.shapes.name_of(s) == key.table), None)
        schema = None if key.table[0] in (self.shapes.default_schema, "main") else key.table[0]
        plain = sa.table(key.table[1], *map(sa.column, key.columns), schema=schema)
        rows = (mapped.table if mapped else plain).alias(POINTING)
        own = [column(rows, name) for name in key.columns]
        to = [column(source.table, name) for name in key.to_columns]
        same = tuple(mine == theirs for mine, theirs in zip(own, to, strict=True))
        return Reference(key.table, rows, tuple(c.name for c in own), tuple(c.name for c in to), same)

    def _by_link(self, name: str, columns: tuple[str, ...], to: SourceTable, to_columns: tuple[str, ...]) -> Reference:
        table = self.tables[name].table
        rows = table.alias(POINTING)
        adapter = ClauseAdapter(rows)
        same = tuple(
            self.traversal.comparing.equals(rows.c[own], to.table.c[target])
            for own, target in zip(columns, to_columns, strict=True)
        )
        conditions = tuple(adapter.traverse(condition) for condition in self.traversal.filters(name))
        return Reference(self.shapes.name_of(self.tables[name]), rows, columns, to_columns, same, conditions)


def column(table: sa.FromClause, name: str) -> sa.ColumnClause[Any]:
    """Find a column; SQLite's names may be written in another case."""
    found: Any = table.c[name] if name in table.c else next(c for c in table.c if c.name.lower() == name.lower())
    return found  # type: ignore[no-any-return]
