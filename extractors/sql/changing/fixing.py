"""Fixes which rows are changed: their identity, from the compiled traversal into temporary tables.

What happens to the source meanwhile can then no more widen a change, and no key travels through Python. A table of keys
has one column per column of the identity, `k0`, `k1` …; it lives as long as the connection, beyond a commit.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable

from extractors.changes import UnchangeableSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.dml import DMLWhereBase

    from extractors.sql.schema import SourceTable
    from extractors.sql.traversal import Found

    Column = sa.ColumnElement[Any]

Statement = TypeVar("Statement", bound="DMLWhereBase")
TEMPORARY_SCHEMAS = {"postgresql": "pg_temp", "sqlite": "temp"}
MARIADB = frozenset({"mysql", "mariadb"})
LONGEST_INDEXED = 255
SAMPLE_TARGET = 10  # 3,000 rows


@dataclass(frozen=True, slots=True)
class FixedRows:
    """Rows of one table, as they were found: `keys` holds their identity, each once; `count` of them."""

    collection: str
    source: SourceTable
    keys: sa.Table
    count: int

    def same(self, keys: sa.FromClause | None = None) -> Column:
        """The condition that a row of the source's table has a key of `keys` (default: all that were fixed)."""
        return same_rows(self.source, self.keys if keys is None else keys)


def same_rows(source: SourceTable, keys: sa.FromClause, table: sa.FromClause | None = None) -> Column:
    """The condition that a row of the table (or of its alias `table`) has a key."""
    columns = source.table.c if table is None else table.c
    return sa.and_(*(columns[name] == keys.c[f"k{index}"] for index, name in enumerate(source.identity)))


class Fixing:
    """Makes the temporary tables of one change over one connection; their names can clash with no other.

    Raises:
        sqlalchemy.exc.DBAPIError: by every method, to be described by whoever opened the connection.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self.is_locking = self.dialect in MARIADB
        """Whether rows have to be locked, as they are read as they are now and not as of one moment."""
        self._stem = f"dsr_{token_hex(6)}"
        self._made: list[sa.Table] = []

    def fix(self, collection: str, source: SourceTable, found: Found) -> FixedRows:
        """Fix the rows found of a collection.

        Raises:
            UnchangeableSource: nothing tells the table's rows apart.
        """
        if not source.identity:
            raise UnchangeableSource(
                f"The rows of {collection} cannot be told apart, so they cannot be changed: the data map should name a"
                " table with a primary key, and no view."
            )
        select = found.select([found.columns[name].label(f"k{i}") for i, name in enumerate(source.identity)])
        return FixedRows(collection, source, *self.make(key_columns(source), select))

    def make(self, columns: Sequence[sa.Column[Any]], select: sa.SelectBase) -> tuple[sa.Table, int]:
        """Make a temporary table of what a statement selects, the columns in their order; and count its rows."""
        table = self._table(columns)
        options = {"preserve_rowcount": True}
        count = self.connection.execute(_CreateAs(table, select), execution_options=options).rowcount
        self._serve(table)
        return table, count if count >= 0 else self._count(table)

    def like(self, keys: sa.Table, *more: sa.Column[Any]) -> sa.Table:
        """Make an empty temporary table with the columns of a table of keys and more, which hold integers."""
        columns = [*(sa.Column(c.name, c.type) for c in keys.c if c.name.startswith("k")), *more]
        zeros: list[Column] = [sa.literal_column("0").label(column.name) for column in more]
        nothing = sa.select(*(keys.c[c.name] for c in columns[: len(columns) - len(more)]), *zeros).where(sa.false())
        return self.make(columns, nothing)[0]

    def fill(self, table: sa.Table, select: sa.SelectBase) -> int:
        """Add rows to a temporary table; give how many."""
        names = [column.name for column in table.c]
        statement = sa.insert(table).from_select(names, select).execution_options(preserve_rowcount=True)
        added = self.connection.execute(statement).rowcount
        if added:
            self.analyse(table)
        return added

    def texts(self, width: int) -> sa.Table:
        """Make an empty temporary table of texts, `k0` …, for keys that come from outside."""
        columns = [sa.Column(f"k{index}", sa.String(LONGEST_INDEXED)) for index in range(width)]
        nothing = (sa.cast(sa.null(), column.type).label(column.name) for column in columns)
        return self.make(columns, sa.select(*nothing).where(sa.false()))[0]

    def add(self, table: sa.Table, rows: Iterable[tuple[str | None, ...]]) -> None:
        """Add rows from outside to a temporary table."""
        names = [column.name for column in table.c]
        written = [dict(zip(names, row, strict=True)) for row in rows]
        if written:
            self.connection.execute(sa.insert(table), written)

    def scratch(self, fixed: FixedRows, where: Column) -> FixedRows:
        """Fix those of the fixed rows whose keys fulfil a condition."""
        keys, count = self.make(key_columns(fixed.source), sa.select(fixed.keys).where(where))
        return FixedRows(fixed.collection, fixed.source, keys, count)

    def lock(self, fixed: FixedRows) -> None:
        """Wait until nobody else is changing the rows, and let nobody change them, or point at them, before the end.

        SQLite has one writer at a time, which is this connection.
        """
        if self.dialect == "sqlite":
            return
        one: Column = sa.literal_column("1").label("one")
        rows = sa.select(one).select_from(fixed.source.table.join(fixed.keys, fixed.same()))
        locked = rows.with_for_update(of=None if self.dialect in MARIADB else fixed.source.table).subquery("locked")
        self.connection.scalar(sa.select(sa.func.count()).select_from(locked))

    def update(self, fixed: FixedRows, values: Mapping[str, Column], keys: sa.Table | None = None) -> int:
        """Set columns of the rows that `keys` holds (default: all that were fixed); give how many were set."""
        named = {fixed.source.table.c[name]: value for name, value in values.items()}
        statement = self._of(sa.update(fixed.source.table).values(named), fixed, keys)
        return self.connection.execute(statement).rowcount

    def delete(self, fixed: FixedRows, keys: sa.Table | None = None) -> int:
        """Delete the rows that `keys` holds (default: all that were fixed); give how many there were."""
        return self.connection.execute(self.deletion(fixed, keys)).rowcount

    def deletion(self, fixed: FixedRows, keys: sa.Table | None = None) -> sa.Delete:
        """Build the statement that deletes rows."""
        return self._of(sa.delete(fixed.source.table), fixed, keys)

    def _of(self, statement: Statement, fixed: FixedRows, keys: sa.Table | None) -> Statement:
        """Join with the keys; SQLite deletes by no join, and uses the rows' index for a list of keys."""
        keys = fixed.keys if keys is None else keys
        if self.dialect != "sqlite":
            return statement.where(fixed.same(keys))
        mine = [fixed.source.table.c[name] for name in fixed.source.identity]
        left: Any = mine[0] if len(mine) == 1 else sa.tuple_(*mine)
        return statement.where(left.in_(sa.select(*list(keys.c)[: len(mine)])))

    def drop(self) -> None:
        """Drop the temporary tables; a connection that is ended drops them too."""
        for table in self._made:
            with suppress(sa.exc.DBAPIError):
                keyword = "TEMPORARY " if self.dialect in MARIADB else ""
                name = self.connection.dialect.identifier_preparer.format_table(table)
                self.connection.exec_driver_sql(f"DROP {keyword}TABLE {name}")
        self._made.clear()

    def _table(self, columns: Iterable[sa.Column[Any]]) -> sa.Table:
        name = f"{self._stem}_{len(self._made) + 1}"
        table = sa.Table(name, sa.MetaData(), *columns, schema=TEMPORARY_SCHEMAS.get(self.dialect))
        self._made.append(table)
        return table

    def _serve(self, table: sa.Table) -> None:
        """Index a new table where that pays; MariaDB's is indexed already."""
        if self.dialect == "sqlite":
            columns = ", ".join(column.name for column in table.c)
            self.connection.exec_driver_sql(f"CREATE INDEX temp.{table.name}_i ON {table.name} ({columns})")
        self.analyse(table)

    def _count(self, table: sa.Table) -> int:
        """Count the rows of a table where the driver does not tell how many came into it, as SQLite's."""
        return self.connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def analyse(self, table: sa.Table) -> None:
        """Let the planner know a table's size: PostgreSQL looks at a temporary one only when told to.

        A small sample is enough, as the keys are all different.
        """
        if self.dialect == "postgresql":
            name = self.connection.dialect.identifier_preparer.format_table(table)
            self.connection.exec_driver_sql(f"SET LOCAL default_statistics_target = {SAMPLE_TARGET}; ANALYZE {name}")


def key_columns(source: SourceTable) -> list[sa.Column[Any]]:
    """The columns a table of keys has for a table's rows: its primary key, as each key is there once."""
    return [sa.Column(f"k{i}", source.table.c[name].type, primary_key=True) for i, name in enumerate(source.identity)]


class _CreateAs(Executable, ClauseElement):
    """Creates a temporary table of what a statement selects, its values bound and not written into it."""

    inherit_cache = False

    def __init__(self, table: sa.Table, select: sa.SelectBase) -> None:
        self.table = table
        self.select = select


@compiles(_CreateAs)
def _create_as(element: _CreateAs, compiler: SQLCompiler, **_: object) -> str:
    name = compiler.preparer.format_table(element.table)
    return f"CREATE TEMPORARY TABLE {name} AS {compiler.process(element.select)}"


@compiles(_CreateAs, "mysql", "mariadb")
def _create_indexed_as(element: _CreateAs, compiler: SQLCompiler, **_: object) -> str:
    """Index at once: an index made later would commit. Long texts cannot be indexed whole.

    A primary key is made and followed in half the time of an index beside the rows.
    """
    name = compiler.preparer.format_table(element.table)
    columns = list(element.table.c)
    indexed = [column.name for column in columns if _is_short(column.type)]
    is_key = len(indexed) == len(columns) == len(element.table.primary_key)
    index = f" ({'PRIMARY KEY' if is_key else 'INDEX'} ({', '.join(indexed)}))" if indexed else ""
    return f"CREATE TEMPORARY TABLE {name}{index} AS {compiler.process(element.select)}"


def _is_short(type_: sa.types.TypeEngine[Any]) -> bool:
    if isinstance(type_, sa.LargeBinary | sa.types.NullType | sa.JSON):
        return False
    return not isinstance(type_, sa.String) or 0 < (type_.length or 0) <= LONGEST_INDEXED
