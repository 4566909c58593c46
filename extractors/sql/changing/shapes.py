"""What a change has to respect: declared foreign keys, whatever is unique, columns that the database fills itself.

Read from the database's own catalogue, for all its tables: a row may be referenced by a table that no map names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.sql.schema import Reflection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from extractors.sql.schema import SourceTable, TableName


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A declared foreign key; tables are named as in `Shapes.name_of`."""

    table: TableName
    columns: tuple[str, ...]
    to: TableName
    to_columns: tuple[str, ...]


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

    def has_foreign_key(self, table: SourceTable, columns: tuple[str, ...], to: SourceTable) -> bool:
        """Whether a table's columns are declared to lead to another."""
        own = (key for key in self.pointing_at(to) if _name(*key.table) == self.name_of(table))
        return any(set(key.columns) == set(columns) for key in own)


def _name(schema: str | None, name: str) -> TableName:
    """SQLite has one schema, called `main`, and names that differ by case mean one table."""
    return (schema, name.lower()) if schema == "main" else (schema, name)


def read_shapes(connection: sa.Connection, tables: Mapping[str, SourceTable]) -> Shapes:
    """Read the shapes of the map's tables."""
    reflection = Reflection(connection)
    default = "main" if connection.dialect.name == "sqlite" else reflection.inspector.default_schema_name
    names = {name: (source.table.schema, source.table.name) for name, source in tables.items()}
    columns, located = reflection.columns(set(names.values())), set(names.values())
    unique = UNIQUE.get(connection.dialect.name, _reflected_unique)(reflection, located)
    checks = reflection._reflect(reflection.inspector.get_multi_check_constraints, located)
    shapes = {
        name: Shape(
            unique=_with_key(tables[name], unique.get(table, ())),
            generated=frozenset(column["name"] for column in columns[table] if _is_generated(column)),
            lengths=_lengths(columns[table], checks.get(table, ())),
        )
        for name, table in names.items()
    }
    keys = tuple(FOREIGN_KEYS.get(connection.dialect.name, _reflected_keys)(connection))
    return Shapes(shapes, keys, default)


def _with_key(source: SourceTable, unique: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    key = (frozenset(source.primary_key),) if source.primary_key else ()
    return tuple(dict.fromkeys((*key, *unique)))


def _is_generated(column: Mapping[str, Any]) -> bool:
    return bool(column.get("computed")) or bool((column.get("identity") or {}).get("always"))


CHECKED_LENGTH = re.compile(r"length\(\W*(\w+)\W*(?:::\w+)?\W*\)\s*(<=?)\s*\(?\s*([0-9]+)", re.IGNORECASE)


def _lengths(columns: Iterable[Mapping[str, Any]], checks: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The most characters each column takes, by its type or a CHECK of the usual form."""
    lengths = {c["name"]: c["type"].length for c in columns if getattr(c["type"], "length", None)}
    for check in checks:
        for name, sign, number in CHECKED_LENGTH.findall(check["sqltext"]):
            most = int(number) - (sign == "<")
            lengths[name] = min(most, lengths.get(name, most))
    return lengths


def _reflected_unique(reflection: Reflection, names: set[TableName]) -> dict[TableName, list[frozenset[str]]]:
    """Of an index on an expression, all columns it names."""
    unique: defaultdict[TableName, list[frozenset[str]]] = defaultdict(list)
    columns = reflection.columns(names)
    for name, constraints in reflection._reflect(reflection.inspector.get_multi_unique_constraints, names).items():
        unique[name].extend(frozenset(constraint["column_names"]) for constraint in constraints)
    for name, indexes in reflection._reflect(reflection.inspector.get_multi_indexes, names).items():
        own = [column["name"] for column in columns.get(name, ())]
        unique[name].extend(frozenset(_indexed(index, own)) for index in indexes if index["unique"])
    return unique


def _indexed(index: Any, columns: list[str]) -> Iterator[str]:
    for position, name in enumerate(index["column_names"]):
        yield from [name] if name else _named(str(index["expressions"][position]), columns)


def _named(expression: str, columns: list[str]) -> list[str]:
    return [name for name in columns if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", expression, re.IGNORECASE)]


def _sqlite_unique(reflection: Reflection, names: set[TableName]) -> dict[TableName, list[frozenset[str]]]:
    """SQLAlchemy leaves out SQLite's indexes on expressions, and reads constraints from the text of a statement."""
    listed = sa.text(
        "SELECT l.name, x.cid, x.name, m.sql FROM pragma_index_list(:name) AS l JOIN pragma_index_xinfo(l.name) AS x"
        " LEFT JOIN sqlite_master AS m ON m.name = l.name AND m.type = 'index' WHERE l.\"unique\" = 1 AND x.key = 1"
    )
    columns, unique = reflection.columns(names), {}
    for name in names:
        own = [column["name"] for column in columns.get(name, ())]
        sets: defaultdict[str, set[str]] = defaultdict(set)
        for index, number, column, statement in reflection.connection.execute(listed, {"name": name[1]}):
            is_expression = number == -2  # SQLite, "PRAGMA index_xinfo"
            sets[index].update(_named(statement.split("(", 1)[1], own) if is_expression else [column or own[0]])
        unique[name] = [frozenset(columns) for columns in sets.values()]
    return unique


def _sqlite_keys(connection: sa.Connection) -> Iterator[ForeignKey]:
    """Where a foreign key names no columns it leads to the primary key."""
    rows = connection.execute(
        sa.text(
            'SELECT m.name, f.id, f."table", f."from", f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p'
            " WHERE p.pk = f.seq + 1) FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f"
            " WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"
        )
    )
    for (table, _, to), group in _grouped(rows, 3):
        pairs = [(own, target or key) for *_, own, target, key in group]
        yield ForeignKey(("main", table), tuple(p[0] for p in pairs), ("main", to), tuple(p[1] for p in pairs))


def _postgresql_keys(connection: sa.Connection) -> Iterator[ForeignKey]:
    """A partitioned table's foreign keys are repeated for its partitions, which are read through it."""
    rows = connection.execute(
        sa.text(
            "SELECT n.nspname, r.relname, c.oid, tn.nspname, t.relname, a.attname, ta.attname"
            " FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.conrelid JOIN pg_namespace AS n"
            " ON n.oid = r.relnamespace JOIN pg_class AS t ON t.oid = c.confrelid JOIN pg_namespace AS tn"
            " ON tn.oid = t.relnamespace"
            " CROSS JOIN unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, target, place)"
            " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.own"
            " JOIN pg_attribute AS ta ON ta.attrelid = c.confrelid AND ta.attnum = k.target"
            " WHERE c.contype = 'f' AND NOT EXISTS (SELECT 1 FROM pg_constraint AS whole"
            " WHERE whole.oid = c.conparentid AND whole.confrelid = c.confrelid) ORDER BY c.oid, k.place"
        )
    )
    yield from _keys(rows)


def _mariadb_keys(connection: sa.Connection) -> Iterator[ForeignKey]:
    rows = connection.execute(
        sa.text(
            "SELECT table_schema, table_name, constraint_name, referenced_table_schema, referenced_table_name,"
            " column_name, referenced_column_name FROM information_schema.key_column_usage"
            " WHERE referenced_table_name IS NOT NULL"
            " ORDER BY table_schema, table_name, constraint_name, ordinal_position"
        )
    )
    yield from _keys(rows)


def _keys(rows: Iterable[Any]) -> Iterator[ForeignKey]:
    for (schema, table, _, to_schema, to), group in _grouped(rows, 5):
        own, target = tuple(row[5] for row in group), tuple(row[6] for row in group)
        yield ForeignKey((schema, table), own, (to_schema, to), target)


def _grouped(rows: Iterable[Any], width: int) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    groups: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[:width])].append(row)
    yield from groups.items()


def _reflected_keys(connection: sa.Connection) -> Iterator[ForeignKey]:
    inspector = sa.inspect(connection)
    default = inspector.default_schema_name
    for (schema, table), keys in inspector.get_multi_foreign_keys().items():
        for key in keys:
            to = (key["referred_schema"] or default, key["referred_table"])
            yield ForeignKey(
                (schema or default, table), tuple(key["constrained_columns"]), to, tuple(key["referred_columns"])
            )


UNIQUE: dict[str, Callable[[Reflection, set[TableName]], Mapping[TableName, list[frozenset[str]]]]] = {
    "sqlite": _sqlite_unique
}
FOREIGN_KEYS: dict[str, Callable[[sa.Connection], Iterator[ForeignKey]]] = {
    "sqlite": _sqlite_keys,
    "postgresql": _postgresql_keys,
    "mysql": _mariadb_keys,
    "mariadb": _mariadb_keys,
}
