"""What a change has to respect: declared foreign keys, whatever is unique, columns that the database fills itself.

Read from the database's own catalogue, for all its tables: a row may be referenced by a table that no map names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.sql.changing.catalogues import catalogue_of
from extractors.sql.comparing import base_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import sqlalchemy as sa

    from extractors.sql.changing.catalogues import ForeignKey
    from extractors.sql.schema import SourceTable, TableName


@dataclass(frozen=True, slots=True)
class Shape:
    """Of one table: the sets of columns that no two rows share, and the columns nobody can write."""

    unique: tuple[frozenset[str], ...] = ()
    generated: frozenset[str] = frozenset()
    lengths: Mapping[str, int] = field(default_factory=dict)

    def is_unique(self, names: Iterable[str]) -> bool:
        """Whether no two rows can share these columns' values."""
        return any(columns <= set(names) for columns in self.unique)

    def is_in_unique(self, name: str) -> bool:
        """Whether a value of this column may collide with another row's."""
        return any(name in columns for columns in self.unique)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of the map's tables, by collection, and all foreign keys of the database."""

    of: Mapping[str, Shape]
    foreign_keys: tuple[ForeignKey, ...]
    default_schema: str | None

    def name_of(self, source: SourceTable) -> TableName:
        """Name a table so that two names are equal when they mean the same table."""
        return _name(source.table.schema or self.default_schema, source.table.name)

    def pointing_at(self, source: SourceTable) -> Iterator[ForeignKey]:
        """Yield the foreign keys that lead to a table."""
        name = self.name_of(source)
        yield from (key for key in self.foreign_keys if _name(*key.to) == name)

    def pointing_from(self, source: SourceTable) -> Iterator[ForeignKey]:
        """Yield the foreign keys of a table."""
        name = self.name_of(source)
        yield from (key for key in self.foreign_keys if _name(*key.table) == name)

    def has_foreign_key(self, table: SourceTable, columns: tuple[str, ...], to: SourceTable) -> bool:
        """Whether a table's columns are declared to lead to another."""
        own = (key for key in self.pointing_at(to) if _name(*key.table) == self.name_of(table))
        return any(set(key.columns) == set(columns) for key in own)


def _name(schema: str | None, name: str) -> TableName:
    """SQLite has one schema, called `main`, and names that differ by case mean one table."""
    return (schema, name.lower()) if schema == "main" else (schema, name)


def read_shapes(connection: sa.Connection, tables: Mapping[str, SourceTable]) -> Shapes:
    """Read the shapes of the map's tables."""
    located = {name: (source.table.schema, source.table.name) for name, source in tables.items()}
    catalogue, shapes = catalogue_of(connection, located.values()), {}
    for name, source in tables.items():
        table = located[name]
        key = (frozenset(source.primary_key),) if source.primary_key else ()
        unique = tuple(dict.fromkeys((*key, *catalogue.unique(table))))
        lengths = _lengths(source, catalogue.checks(table))
        shapes[name] = Shape(unique, frozenset(catalogue.generated(table)), lengths)
    return Shapes(shapes, tuple(catalogue.foreign_keys()), catalogue.default_schema)


CHECKED_LENGTH = re.compile(r"length\(\W*(\w+)\W*(?:::\w+)?\W*\)\s*(<=?)\s*\(?\s*([0-9]+)", re.IGNORECASE)


def _lengths(source: SourceTable, checks: Iterable[str]) -> dict[str, int]:
    """The most characters each column takes, by its type or a CHECK of the usual form."""
    lengths = {c.name: length for c in source.data_columns if (length := getattr(base_type(c.type), "length", None))}
    for check in checks:
        for name, sign, number in CHECKED_LENGTH.findall(check):
            most = int(number) - (sign == "<")
            lengths[name] = min(most, lengths.get(name, most))
    return lengths
