"""Reflects every table of a source at once: its columns, keys, foreign keys and what its indexes start with."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from extractors.discovery.model import SeenColumn, SeenLink
from extractors.sql.comparing import base_type
from extractors.sql.inventory.databases import Facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from extractors.discovery.model import ColumnId, TableId
    from extractors.sql.inventory.databases import Database
    from extractors.sql.schema import TableName

    Keys = tuple[tuple[str, ...], ...]

FAMILIES: tuple[tuple[tuple[type[Any], ...], str], ...] = (
    ((sa.Boolean,), "boolean"),
    ((sa.Integer, mysql.YEAR), "integer"),
    ((sa.Numeric, sa.Float), "number"),
    ((sa.JSON, postgresql.JSON), "json"),
    ((sa.Uuid,), "uuid"),
    ((sa.Enum, sa.String), "text"),
    ((sa.DateTime,), "timestamp"),
    ((sa.Date,), "date"),
    ((sa.LargeBinary, sa.types._Binary), "binary"),
)


@dataclass(frozen=True, slots=True)
class Reflected:
    """A table as the database describes it.

    Args:
        table: what statements are made from; its columns have types good enough to compare by.
    """

    id: TableId
    name: TableName
    table: sa.Table
    columns: tuple[SeenColumn, ...]
    unique: Keys
    indexed: frozenset[str]
    facts: Facts
    comment: str = ""
    foreign_keys: tuple[tuple[tuple[str, ...], TableName, tuple[str, ...]], ...] = ()
    unreadable: frozenset[str] = field(default_factory=frozenset)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key, none where there is no key."""
        return tuple(column.name for column in self.table.primary_key.columns)


class Reflecting:
    """Everything a database says about its tables, read at once per schema."""

    def __init__(self, database: Database, schemas: Iterable[str]) -> None:
        self.database = database
        self.inspector = database.inspector
        self.wanted = tuple(schemas)
        self.notes: list[str] = []

    def tables(self) -> list[Reflected]:
        """Reflect all tables and views, in the order of their names, without parts of others and unreadable ones."""
        found = [table for schema in self._schemas() for table in self._of_schema(schema)]
        return sorted(found, key=lambda table: table.id)

    def _schemas(self) -> list[str | None]:
        if not self.wanted:
            return self.database.schemas()
        default = self.inspector.default_schema_name
        return [None if name == default else name for name in self.wanted]

    def _of_schema(self, schema: str | None) -> Iterator[Reflected]:
        facts = self.database.facts(schema)
        columns = self._multi(self.inspector.get_multi_columns, schema)
        described = _Described(
            keys=self._multi(self.inspector.get_multi_pk_constraint, schema),
            indexes=self._multi(self.inspector.get_multi_indexes, schema),
            uniques=self._multi(self.inspector.get_multi_unique_constraints, schema),
            links=self._multi(self.inspector.get_multi_foreign_keys, schema),
            comments=self._multi(self.inspector.get_multi_table_comment, schema),
            unique=self.database.unique(schema),
            unreadable=self.database.unreadable(schema),
        )
        for name in sorted(columns, key=lambda name: name[1]):
            known = facts.get(name, Facts())
            if known.is_part:
                continue
            if known.is_readable:
                reflected = _reflected(name, columns[name], described, known, self.inspector.default_schema_name)
                self.notes.extend(_unread(f"{reflected.id}.{column}") for column in sorted(reflected.unreadable))
                yield reflected
            else:
                self.notes.append(_unread(table_id(name)))

    def _multi(self, read: Callable[..., Any], schema: str | None) -> dict[TableName, Any]:
        with warnings.catch_warnings():  # of types and indexes SQLAlchemy does not know
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            try:
                return dict(read(schema=schema, kind=ObjectKind.ANY, scope=ObjectScope.ANY))
            except NotImplementedError:
                return {}


def _unread(name: str) -> str:
    return f"{name} was not looked at: this user has no right to read it"


@dataclass(frozen=True, slots=True)
class _Described:
    keys: Mapping[TableName, Any]
    indexes: Mapping[TableName, Any]
    uniques: Mapping[TableName, Any]
    links: Mapping[TableName, Any]
    comments: Mapping[TableName, Any]
    unique: Mapping[TableName, Keys]
    unreadable: Mapping[TableName, frozenset[str]]


def table_id(name: TableName) -> TableId:
    """Name a table as a data map would."""
    return f"{name[0]}.{name[1]}" if name[0] else name[1]


def type_family(type_: sa.types.TypeEngine[Any]) -> str:
    """Name the family of a type, as `SeenColumn` does."""
    base = base_type(type_)
    if isinstance(base, mysql.TINYINT) and base.display_width == 1:
        return "boolean"
    if isinstance(base, mysql.BIT):
        return "boolean" if base.length == 1 else "integer"
    return next((name for types, name in FAMILIES if isinstance(base, types)), "other")


def declared_links(tables: Iterable[Reflected]) -> Iterator[SeenLink]:
    """Yield the links that foreign keys declare, to tables that were seen."""
    by_name = {table.name: table for table in tables}
    for table in by_name.values():
        for columns, target, to_columns in table.foreign_keys:
            if target in by_name:
                yield SeenLink(table.id, columns, by_name[target].id, to_columns, is_declared=True)


def column_ids(table: Reflected) -> Iterator[ColumnId]:
    """Yield the columns of a table."""
    yield from ((table.id, column.name) for column in table.columns)


def _reflected(
    name: TableName, columns: Iterable[Any], described: _Described, facts: Facts, default: str | None
) -> Reflected:
    key = tuple((described.keys.get(name) or {}).get("constrained_columns") or ())
    own = [sa.Column(column["name"], column["type"], primary_key=column["name"] in key) for column in columns]
    table = sa.Table(name[1], sa.MetaData(), *own, schema=name[0])
    indexes, uniques = described.indexes.get(name) or [], described.uniques.get(name) or []
    return Reflected(
        id=table_id(name),
        name=name,
        table=table,
        columns=tuple(_seen(column) for column in columns),
        unique=_unique(key, indexes, uniques, described.unique.get(name, ())),
        indexed=frozenset(_leading(key, indexes, uniques)),
        facts=facts,
        comment=(described.comments.get(name) or {}).get("text") or "",
        unreadable=described.unreadable.get(name, frozenset()),
        foreign_keys=tuple(_foreign(link, default) for link in described.links.get(name) or ()),
    )


def _seen(column: Any) -> SeenColumn:
    base = base_type(column["type"])
    length = getattr(base, "length", None) if isinstance(base, sa.String) else None
    values = tuple(getattr(base, "enums", None) or getattr(base, "values", None) or ())
    return SeenColumn(
        name=column["name"],
        type=type_family(base),
        is_nullable=column["nullable"] is not False,
        length=length,
        values=tuple(map(str, values)),
        comment=column.get("comment") or "",
    )


def _unique(key: tuple[str, ...], indexes: Iterable[Any], uniques: Iterable[Any], more: Keys) -> Keys:
    """List the sets of columns no two rows share, without those that hold for some rows or expressions only."""
    whole = [
        tuple(index["column_names"])
        for index in indexes
        if index.get("unique") and None not in index["column_names"] and not _is_partial(index)
    ]
    listed = [key, *(tuple(unique["column_names"]) for unique in uniques), *whole, *more]
    return tuple(dict.fromkeys(columns for columns in listed if columns))


def _is_partial(index: Any) -> bool:
    return any(name.endswith("_where") for name in index.get("dialect_options") or {})


def _leading(key: tuple[str, ...], indexes: Iterable[Any], uniques: Iterable[Any]) -> Iterator[str]:
    yield from key[:1]
    yield from (unique["column_names"][0] for unique in uniques)
    yield from (index["column_names"][0] for index in indexes if index["column_names"][0] is not None)


def _foreign(link: Any, default: str | None) -> tuple[tuple[str, ...], TableName, tuple[str, ...]]:
    schema = link["referred_schema"]
    target = (None if schema == default else schema, link["referred_table"])
    return tuple(link["constrained_columns"]), target, tuple(link["referred_columns"])
