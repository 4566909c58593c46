"""What looking around needs of each kind of database: its own schemas, what its statistics know, how rows are picked.

Every statement runs in a transaction of its own and against a time limit, so that nothing is locked for longer than
it is looked at, and what cannot be read stops nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from extractors.sql.schema import TableName

    Column = sa.ColumnElement[Any]
    Columns = Callable[[sa.FromClause], Sequence[Column]]

CUT_CHARACTERS = 300
CUT_JSON = 4000
CUT_BYTES = 64
COUNTED_ROWS = 10_000
WINDOWS = 25
SQLITE_UNIQUE = sa.text("""
    SELECT m.name, l.name, i.name FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
    WHERE m.type = 'table' AND l."unique" AND NOT l.partial
      AND NOT EXISTS (SELECT 1 FROM pragma_index_info(l.name) e WHERE e.name IS NULL)
    ORDER BY m.name, l.seq DESC, i.seqno
""")


class Refusal(StrEnum):
    """Why a statement gave nothing."""

    TIME = "it took too long"
    RIGHTS = "this user has no right to read it"
    OTHER = "the database could not read it"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database knows about a table without reading it.

    Args:
        rows: about how many; None where it does not know.
        pages: of storage; 0 where rows have no place.
        is_part: whether another table holds its rows too (a partition), or an extension brought it.
    """

    rows: int | None = None
    pages: int = 0
    is_view: bool = False
    is_readable: bool = True
    is_part: bool = False


def longest(beginning: Column) -> Column:
    """Say how many characters of a text are read, by its first one: more of JSON, whose keys stand everywhere."""
    is_json = beginning.in_([sa.literal_column("'{'"), sa.literal_column("'['")])
    return sa.case((is_json, sa.literal_column(str(CUT_JSON))), else_=sa.literal_column(str(CUT_CHARACTERS)))


class Database:
    """Any database SQLAlchemy knows, by what all of them can do."""

    own_schemas: ClassVar[frozenset[str]] = frozenset({"information_schema"})
    timeouts: ClassVar[frozenset[str]] = frozenset({"57014"})

    def __init__(self, connection: sa.Connection, statement_seconds: float) -> None:
        self.connection = connection
        self.statement_seconds = statement_seconds
        self.inspector = sa.inspect(connection)

    def limit_statements(self) -> None:
        """Have the database end statements that take too long; this one cannot."""

    def schemas(self) -> list[str | None]:
        """The schemas that are not the database's own; None for the connection's default."""
        default = self.inspector.default_schema_name
        others = [name for name in self.inspector.get_schema_names() if not self._is_own(name) and name != default]
        return [None, *others]

    def _is_own(self, schema: str) -> bool:
        return schema.lower() in self.own_schemas

    def facts(self, schema: str | None) -> dict[TableName, Facts]:
        """What the database knows about each table and view of a schema."""
        views = {*self.inspector.get_view_names(schema), *self._materialised(schema)}
        names = {*self.inspector.get_table_names(schema), *views}
        return {(schema, name): Facts(is_view=name in views) for name in names}

    def unreadable(self, schema: str | None) -> Mapping[TableName, frozenset[str]]:
        """The columns this user may not read, of tables of which there are others."""
        del schema
        return {}

    def unique(self, schema: str | None) -> Mapping[TableName, tuple[tuple[str, ...], ...]]:
        """The sets of columns that are unique, of which reflecting does not tell."""
        del schema
        return {}

    def _materialised(self, schema: str | None) -> list[str]:
        try:
            return self.inspector.get_materialized_view_names(schema)
        except NotImplementedError:
            return []

    def cut(self, column: Column, family: str) -> Column:
        """Read a value whole where it is short: text is cut, and long binary data not fetched at all."""
        if family in ("integer", "boolean"):
            return column
        if family == "binary":
            return sa.case((sa.func.octet_length(column) <= CUT_BYTES, column))
        text = sa.cast(column, sa.Text)
        return sa.func.left(text, longest(sa.func.left(text, sa.literal_column("1"))))

    def picked(self, table: sa.Table, columns: Columns, rows: int, facts: Facts) -> sa.Select[Any]:
        """Select some rows spread over a table, without reading all of it."""
        if facts.is_view or (facts.rows is not None and facts.rows <= rows):
            return sa.select(*columns(table)).limit(rows)
        key = list(table.primary_key.columns)
        if len(key) == 1 and isinstance(key[0].type, sa.Integer):
            return self._windows(table, key[0], columns, rows)
        return _ends(table, key, columns, rows) if key else sa.select(*columns(table)).limit(rows)

    def _windows(self, table: sa.Table, key: Column, columns: Columns, rows: int) -> sa.Select[Any]:
        """Select a few rows from each of many places along the key."""
        bounds = self.rows(sa.select(sa.func.min(key), sa.func.max(key)).select_from(table))
        least, most = (None, None) if isinstance(bounds, Refusal) else tuple(bounds[0])
        if not isinstance(least, int) or not isinstance(most, int) or most - least < rows:
            return sa.select(*columns(table)).limit(rows)
        places = min(WINDOWS, rows)
        starts = [least + (most + 1 - least) * step // places for step in range(places + 1)]
        parts = [
            sa.select(*columns(table)).where(key >= start, key < end).order_by(key).limit(-(-rows // places))
            for start, end in pairwise(starts)
        ]
        return _together(parts).limit(rows)

    def rows(self, select: sa.Select[Any]) -> list[sa.Row[Any]] | Refusal:
        """Run a statement, all its rows at once; a refusal where the database gives none."""
        try:
            return list(self.connection.execute(select).all())
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            return self._refusal(error)
        finally:
            self._end()

    def _end(self) -> None:
        if not self.connection.invalidated:
            self.connection.rollback()

    def _refusal(self, error: sa.exc.DBAPIError) -> Refusal:
        state = getattr(error.orig, "sqlstate", None)
        if state in self.timeouts:
            return Refusal.TIME
        return Refusal.RIGHTS if state == "42501" else Refusal.OTHER

    def counted(self, table: sa.FromClause) -> int | None:
        """Count a table's rows as far as that is quickly done; None where there are more."""
        some = sa.select(sa.literal_column("1").label("one")).select_from(table).limit(COUNTED_ROWS + 1).subquery()
        counted = self.rows(sa.select(sa.func.count()).select_from(some))
        if isinstance(counted, Refusal) or counted[0][0] > COUNTED_ROWS:
            return None
        return int(counted[0][0])

    def estimated(self, table: sa.Table, facts: Facts) -> int | None:
        """Estimate the rows of a table of which the database knows nothing, and that is too large to be counted."""
        del table, facts
        return None


def _together(parts: Iterable[sa.Select[Any]]) -> sa.Select[Any]:
    """Put limited selects together; in brackets of their own, as not every database lets each have its limit."""
    bracketed = [sa.select(part.subquery(f"part{number}")) for number, part in enumerate(parts)]
    return sa.select(sa.union_all(*bracketed).subquery("picked"))


def _ends(table: sa.Table, key: Sequence[Column], columns: Columns, rows: int) -> sa.Select[Any]:
    half = -(-rows // 2)
    first = sa.select(*columns(table)).order_by(*(column.asc() for column in key)).limit(half)
    last = sa.select(*columns(table)).order_by(*(column.desc() for column in key)).limit(half)
    return _together([first, last]).limit(rows)


class Sqlite(Database):
    """SQLite: values of any type in any column, and nobody but ourselves to end a statement."""

    def limit_statements(self) -> None:
        """See `Database.limit_statements`."""
        self.ends_at = monotonic() + self.statement_seconds
        driver: Any = self.connection.connection.dbapi_connection
        driver.set_progress_handler(lambda: int(monotonic() > self.ends_at), 10_000)

    def schemas(self) -> list[str | None]:
        """See `Database.schemas`."""
        return [None]

    def unique(self, schema: str | None) -> Mapping[TableName, tuple[tuple[str, ...], ...]]:
        """See `Database.unique`; SQLAlchemy reads constraints from the text of the definition, and misses some."""
        found: defaultdict[tuple[str, str], list[str | None]] = defaultdict(list)
        for table, index, column in self.connection.execute(SQLITE_UNIQUE):
            found[table, index].append(column)
        unique: defaultdict[TableName, list[tuple[str, ...]]] = defaultdict(list)
        for (table, _), columns in found.items():
            unique[schema, table].append(tuple(column for column in columns if column is not None))
        return {name: tuple(sets) for name, sets in unique.items()}

    def estimated(self, table: sa.Table, facts: Facts) -> int | None:
        """See `Database.estimated`: rows are numbered in the order they come."""
        if facts.is_view or "rowid" in {column.name.lower() for column in table.c} or not self._has_rowid(table):
            return None
        bounds = self.rows(sa.select(sa.func.max(sa.literal_column("rowid"))).select_from(table))
        return None if isinstance(bounds, Refusal) else bounds[0][0]

    def rows(self, select: sa.Select[Any]) -> list[sa.Row[Any]] | Refusal:
        """See `Database.rows`."""
        self.ends_at = monotonic() + self.statement_seconds
        return super().rows(select)

    def _refusal(self, error: sa.exc.DBAPIError) -> Refusal:
        is_late = getattr(error.orig, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
        return Refusal.TIME if is_late else Refusal.OTHER

    def cut(self, column: Column, family: str) -> Column:
        """See `Database.cut`; a column's type says little about its values."""
        short = sa.case((sa.func.length(column) <= CUT_BYTES, column))
        text = sa.func.substr(column, 1, longest(sa.func.substr(column, 1, 1)))
        by_class = {"text": text, "blob": short}
        return sa.case(by_class, value=sa.func.typeof(column), else_=column)

    def picked(self, table: sa.Table, columns: Columns, rows: int, facts: Facts) -> sa.Select[Any]:
        """See `Database.picked`; nearly every table has a whole-number key, declared or not."""
        taken = {column.name.lower() for column in table.c}
        is_keyed = facts.is_view or (facts.rows is not None and facts.rows <= rows) or "rowid" in taken
        if is_keyed or not self._has_rowid(table):
            return super().picked(table, columns, rows, facts)
        return self._windows(table, sa.literal_column("rowid", sa.Integer()), columns, rows)

    def _has_rowid(self, table: sa.Table) -> bool:
        listed = sa.text("SELECT wr FROM pragma_table_list WHERE name = :name AND schema = 'main'")
        return not self.connection.scalar(listed, {"name": table.name})
