"""What a database's own catalogue tells of its tables, as far as a change has to respect it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.sql.schema import Reflection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from extractors.sql.schema import TableName


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A declared foreign key; tables are named as in `Shapes.name_of`."""

    table: TableName
    columns: tuple[str, ...]
    to: TableName
    to_columns: tuple[str, ...]


class Catalogue:
    """What SQLAlchemy reflects; databases it does not read well enough have a catalogue of their own."""

    def __init__(self, connection: sa.Connection, names: Iterable[TableName]) -> None:
        self.connection = connection
        self.names = frozenset(names)
        self.reflection = Reflection(connection)
        self.inspector = self.reflection.inspector

    @property
    def default_schema(self) -> str | None:
        """The schema of tables named without one."""
        return self.inspector.default_schema_name

    def foreign_keys(self) -> Iterator[ForeignKey]:
        """Yield every foreign key of the database that this user may know of."""
        for (schema, table), keys in self.inspector.get_multi_foreign_keys().items():
            for key in keys:
                to = (key["referred_schema"] or self.default_schema, key["referred_table"])
                here = (schema or self.default_schema, table)
                yield ForeignKey(here, tuple(key["constrained_columns"]), to, tuple(key["referred_columns"]))

    def unique(self, name: TableName) -> Iterator[frozenset[str]]:
        """Yield the sets of columns no two rows share, but the primary key; of an expression, all columns it names."""
        yield from (frozenset(constraint["column_names"]) for constraint in self._unique.get(name, ()))
        for index in self._indexes.get(name, ()):
            if index["unique"]:
                pairs = zip(index["column_names"], index.get("expressions", index["column_names"]), strict=True)
                yield frozenset(
                    own for column, text in pairs for own in ([column] if column else self._named(name, str(text)))
                )

    def generated(self, name: TableName) -> Iterator[str]:
        """Yield the columns that the database fills itself."""
        for column in self._columns[name]:
            if column.get("computed") or (column.get("identity") or {}).get("always"):
                yield column["name"]

    def checks(self, name: TableName) -> Iterator[str]:
        """Yield the texts of CHECK constraints."""
        yield from (check["sqltext"] for check in self._checks.get(name, ()))

    def _named(self, name: TableName, expression: str) -> list[str]:
        columns = (column["name"] for column in self._columns[name])
        return [c for c in columns if re.search(rf"(?<!\w){re.escape(c)}(?!\w)", expression, re.IGNORECASE)]

    @cached_property
    def _columns(self) -> dict[TableName, Any]:
        return self.reflection.columns(self.names)

    @cached_property
    def _unique(self) -> dict[TableName, Any]:
        return self.reflection._reflect(self.inspector.get_multi_unique_constraints, self.names)

    @cached_property
    def _indexes(self) -> dict[TableName, Any]:
        return self.reflection._reflect(self.inspector.get_multi_indexes, self.names)

    @cached_property
    def _checks(self) -> dict[TableName, Any]:
        return self.reflection._reflect(self.inspector.get_multi_check_constraints, self.names)


class SqliteCatalogue(Catalogue):
    """SQLAlchemy leaves out SQLite's indexes on expressions, and reads constraints from the text of a statement."""

    @property
    def default_schema(self) -> str | None:
        """See `Catalogue.default_schema`."""
        return "main"

    def foreign_keys(self) -> Iterator[ForeignKey]:
        """See `Catalogue.foreign_keys`; where one names no columns, it leads to the primary key."""
        rows = self.connection.execute(
            sa.text(
                'SELECT m.name, f.id, f."table", f."from", f."to", (SELECT p.name FROM pragma_table_info(f."table")'
                " AS p WHERE p.pk = f.seq + 1) FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f"
                " WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"
            )
        )
        for (table, _, to), group in _grouped(rows, 3):
            own, target = tuple(row[3] for row in group), tuple(row[4] or row[5] for row in group)
            yield ForeignKey(("main", table), own, ("main", to), target)

    def unique(self, name: TableName) -> Iterator[frozenset[str]]:
        """See `Catalogue.unique`."""
        rows = self.connection.execute(
            sa.text(
                "SELECT l.name, x.name, m.sql FROM pragma_index_list(:name) AS l JOIN pragma_index_xinfo(l.name) AS x"
                " LEFT JOIN sqlite_master AS m ON m.name = l.name AND m.type = 'index'"
                ' WHERE l."unique" = 1 AND x.key = 1'
            ),
            {"name": name[1]},
        )
        for _, group in _grouped(rows, 1):
            expressions = str(group[0][2]).split("(", 1)[-1]
            named = [column for row in group for column in ([row[1]] if row[1] else self._named(name, expressions))]
            yield frozenset(named)


class PostgresqlCatalogue(Catalogue):
    """Its foreign keys are taken from the catalogue as names, and not from the text of a definition."""

    def foreign_keys(self) -> Iterator[ForeignKey]:
        """See `Catalogue.foreign_keys`; a partitioned table's are repeated for its partitions, read through it."""
        rows = self.connection.execute(
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

    def unique(self, name: TableName) -> Iterator[frozenset[str]]:
        """See `Catalogue.unique`; tables that inherit have values of their own."""
        is_inherited = (name[0] or self.default_schema, name[1]) in self.reflection.inherited
        yield from (columns | {"tableoid"} if is_inherited else columns for columns in super().unique(name))


class MariadbCatalogue(Catalogue):
    """SQLAlchemy reads MariaDB's definitions from the text of statements, which for a view takes a right of its own."""

    def foreign_keys(self) -> Iterator[ForeignKey]:
        """See `Catalogue.foreign_keys`."""
        rows = self.connection.execute(
            sa.text(
                "SELECT table_schema, table_name, constraint_name, referenced_table_schema, referenced_table_name,"
                " column_name, referenced_column_name FROM information_schema.key_column_usage"
                " WHERE referenced_table_name IS NOT NULL"
                " ORDER BY table_schema, table_name, constraint_name, ordinal_position"
            )
        )
        yield from _keys(rows)

    def unique(self, name: TableName) -> Iterator[frozenset[str]]:
        """See `Catalogue.unique`."""
        rows = self._told("index_name, column_name FROM information_schema.statistics WHERE non_unique = 0", name)
        for _, group in _grouped(rows, 1):
            yield frozenset(column for _, column in group if column)

    def generated(self, name: TableName) -> Iterator[str]:
        """See `Catalogue.generated`."""
        rows = self._told("column_name FROM information_schema.columns WHERE extra LIKE '%GENERATED%'", name)
        yield from (column for (column,) in rows)

    def checks(self, name: TableName) -> Iterator[str]:
        """See `Catalogue.checks`; MySQL's name no table."""
        if self._names_tables_of_checks:
            listed = "check_clause FROM information_schema.check_constraints WHERE 1 = 1"
            yield from (check for (check,) in self._told(listed, name, "constraint_schema"))

    @cached_property
    def _names_tables_of_checks(self) -> bool:
        return bool(self.connection.dialect.is_mariadb)  # type: ignore[attr-defined]  # MySQL's dialect has it

    def _told(self, what: str, name: TableName, schema: str = "table_schema") -> Iterable[Any]:
        text = f"SELECT {what} AND {schema} = COALESCE(:schema, DATABASE()) AND table_name = :name"
        return self.connection.execute(sa.text(text), {"schema": name[0], "name": name[1]})


CATALOGUES: dict[str, type[Catalogue]] = {
    "sqlite": SqliteCatalogue,
    "postgresql": PostgresqlCatalogue,
    "mysql": MariadbCatalogue,
    "mariadb": MariadbCatalogue,
}


def catalogue_of(connection: sa.Connection, names: Iterable[TableName]) -> Catalogue:
    """Open the catalogue of a database, for some of its tables."""
    return CATALOGUES.get(connection.dialect.name, Catalogue)(connection, names)


def _keys(rows: Iterable[Any]) -> Iterator[ForeignKey]:
    for (schema, table, _, to_schema, to), group in _grouped(rows, 5):
        own, target = tuple(row[5] for row in group), tuple(row[6] for row in group)
        yield ForeignKey((schema, table), own, (to_schema, to), target)


def _grouped(rows: Iterable[Any], width: int) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    groups: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[:width])].append(row)
    yield from groups.items()
