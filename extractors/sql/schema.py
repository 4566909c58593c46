"""Reflects the tables a data map names, and what is needed to tell their rows apart."""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from extractors.sql.information_schema import InformationSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.types import TypeEngine

    from extractors.datamap.parts import DataMap

TableName: TypeAlias = tuple[str | None, str]
"""Schema (None: the connection's default) and name."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table or view of the source.

    Args:
        table: its columns; system columns that locate rows stand behind the data columns.
        primary_key: as declared; empty where there is none.
        identity: columns that tell any two rows apart, locators included; empty where nothing does (a view).
    """

    table: sa.Table
    primary_key: tuple[str, ...]
    identity: tuple[str, ...]

    @property
    def data_columns(self) -> list[sa.Column[Any]]:
        """The table's own columns, without the ones that only locate rows."""
        return [column for column in self.table.c if not column.system]

    @property
    def column_names(self) -> frozenset[str]:
        """The names of the table's own columns."""
        return frozenset(column.name for column in self.data_columns)

    def is_unique(self, names: Iterable[str]) -> bool:
        """Whether no two rows can share these columns' values."""
        return bool(self.primary_key) and set(names).issuperset(self.primary_key)


class Reflection:
    """Reads table definitions over one connection, all tables at once where the database allows it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.inspector = sa.inspect(connection)
        self.information = InformationSchema(connection) if connection.dialect.name in ("mariadb", "mysql") else None

    def locate(self, data_map: DataMap) -> dict[str, TableName]:
        """Find the table of each collection: by its whole name, else split into schema and table at a dot.

        Returns:
            Only the collections whose table exists.
        """
        options = {name: list(readings(part.table or name)) for name, part in data_map.collections.items()}
        existing = self.columns({option for readings in options.values() for option in readings})
        found = {name: [option for option in readings if option in existing] for name, readings in options.items()}
        return {name: readings[0] for name, readings in found.items() if readings}

    def columns(self, names: Iterable[TableName]) -> dict[TableName, list[Any]]:
        """The columns of tables and views, by schema and name; nothing for those that do not exist."""
        if self.information:
            return self.information.columns(names)
        return self._reflect(self.inspector.get_multi_columns, names)

    def primary_keys(self, names: Iterable[TableName]) -> dict[TableName, tuple[str, ...]]:
        """The primary key columns of each table, empty for those without.

        Left out where other tables of PostgreSQL inherit from one: their rows are read with its own, and may repeat it.
        """
        inherited = self.inherited
        keys = self._declared_keys(names)
        return {name: () if (name[0] or self.default_schema, name[1]) in inherited else keys[name] for name in keys}

    @cached_property
    def inherited(self) -> frozenset[TableName]:
        """The tables from which others inherit, by their schemas; a partitioned table's rows are its own."""
        if self.connection.dialect.name != "postgresql":
            return frozenset()
        rows = self.connection.execute(
            sa.text(
                "SELECT n.nspname, c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhparent"
                " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'f')"
            )
        )
        return frozenset((schema, table) for schema, table in rows)

    @property
    def default_schema(self) -> str | None:
        """The schema of tables named without one."""
        return self.inspector.default_schema_name

    def _declared_keys(self, names: Iterable[TableName]) -> dict[TableName, tuple[str, ...]]:
        if self.information:
            return self.information.primary_keys(names)
        keys = self._reflect(self.inspector.get_multi_pk_constraint, names)
        return {name: tuple(key["constrained_columns"]) for name, key in keys.items() if key}

    def leading_columns(self, names: Iterable[TableName]) -> dict[TableName, frozenset[str]]:
        """What each table can be looked up by: the first column, or the text of the expression, of every index."""
        if self.information:
            return self.information.leading_columns(names)
        leading: defaultdict[TableName, set[str]] = defaultdict(set)
        for name, key in self._declared_keys(names).items():
            leading[name].update(key[:1])
        for name, indexes in self._reflect(self.inspector.get_multi_indexes, names).items():
            leading[name].update(_first_of(index) for index in indexes)
        for name, uniques in self._reflect(self.inspector.get_multi_unique_constraints, names).items():
            leading[name].update(unique["column_names"][0] for unique in uniques)
        if self.connection.dialect.name == "sqlite":
            for name in names:
                leading[name].update(self._sqlite_indexes(name))
        return {name: frozenset(columns) for name, columns in leading.items()}

    def _sqlite_indexes(self, name: TableName) -> list[str]:
        """The definitions of a table's indexes: SQLAlchemy leaves out those of SQLite that are on expressions."""
        listed = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL")
        return list(self.connection.scalars(listed, {"name": name[1]}))

    def table_names(self) -> list[str]:
        """Every table and view of the default schema, for proposing the one that was meant."""
        return [*self.inspector.get_table_names(), *self.inspector.get_view_names()]

    def _reflect(self, read: Any, names: Iterable[TableName]) -> dict[TableName, Any]:
        found: dict[TableName, Any] = {}
        for schema, tables in self._by_schema(names):
            with warnings.catch_warnings():  # of types SQLAlchemy does not know, which are read as text
                warnings.simplefilter("ignore", sa.exc.SAWarning)
                found |= read(schema=schema, filter_names=tables, kind=ObjectKind.ANY, scope=ObjectScope.ANY)
        return found

    def _by_schema(self, names: Iterable[TableName]) -> Iterator[tuple[str | None, list[str]]]:
        grouped: defaultdict[str | None, list[str]] = defaultdict(list)
        for schema, table in names:
            grouped[schema].append(table)
        if grouped.keys() - {None}:
            known = set(self.inspector.get_schema_names())
            yield from ((schema, tables) for schema, tables in grouped.items() if schema is None or schema in known)
        else:
            yield from grouped.items()


def readings(text: str) -> Iterator[TableName]:
    """Yield what a table's name in a data map may mean: the whole name, else a schema and a table split at a dot."""
    yield None, text
    for position, character in enumerate(text):
        if character == "." and 0 < position < len(text) - 1:
            yield text[:position], text[position + 1 :]


def _first_of(index: Any) -> str:
    first = index["column_names"][0]
    return str(index["expressions"][0] if first is None else first)


def source_table(
    name: TableName, columns: Iterable[Any], primary_key: tuple[str, ...], locators: tuple[sa.Column[Any], ...]
) -> SourceTable:
    """Build the table object statements are made from; its names are quoted by SQLAlchemy wherever they need it.

    Args:
        locators: system columns that tell the rows apart better than the key does; none to use the key.
    """
    own = [sa.Column(column["name"], _comparable(column["type"]), nullable=column["nullable"]) for column in columns]
    table = sa.Table(name[1], sa.MetaData(), *own, *locators, schema=name[0])
    identity = tuple(column.name for column in locators) or primary_key
    return SourceTable(table, primary_key, identity)


def _comparable(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    """Let a domain be compared as the type it stands for, bits as a number; of other types SQLAlchemy 2.1 says how."""
    if isinstance(type_, postgresql.DOMAIN):
        type_.operator_classes = type_.data_type.operator_classes  # type: ignore[misc]  # it is read from the instance
    if isinstance(type_, mysql.BIT):
        type_.operator_classes = sa.Integer.operator_classes  # type: ignore[misc]  # as above
    return type_
