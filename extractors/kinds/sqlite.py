"""SQLite files, read by the standard library's driver: its columns have no types, only their values do."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from extractors.base import Scope
from extractors.batches import Kind
from extractors.errors import SourceUnavailable
from extractors.sql import output
from extractors.sql.carrying import json_chunks
from extractors.sql.changing.hashing import SQLITE_FUNCTION, sqlite_keyed_hash
from extractors.sql.comparing import LooseComparing, bound, family
from extractors.sql.extractor import SqlExtractor
from extractors.sql.output import Reading
from extractors.sql.walking import Recursion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pyarrow as pa

    from extractors.datamap import CollectionPart, FieldPart
    from extractors.datamap.json_paths import JsonPath
    from extractors.sql.carrying import Row
    from extractors.sql.comparing import Binds, Type
    from extractors.sql.schema import Reflection, SourceTable, TableName
    from extractors.sql.traversal import Found

BATCH_BYTES = 4 * 2**20
MOST_ROWS_A_BATCH = 20_000
LOCK_SECONDS = 60
STEPS_BETWEEN_LOOKS = 1_000_000  # of SQLite's machine, at the clock: for each a thread waits for Python
ROWID_NAMES = ("rowid", "_rowid_", "oid")
UNIFORM = {"integer": Kind.INTEGER, "real": Kind.FLOAT, "text": Kind.TEXT, "blob": Kind.BINARY}


class SqliteExtractor(SqlExtractor["SqliteReader"]):
    """Reads a SQLite database file."""

    slug = "sqlite"
    schemes = ("sqlite",)
    comparing = LooseComparing
    recursion = Recursion.TERMS

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Open the file for reading only; a file that does not exist is not made."""
        engine = sa.create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                yield connection
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            raise self._failure(getattr(error, "orig", error)) from None

    @contextmanager
    def writing_connection(self) -> Iterator[sa.Connection]:
        """See `SqlExtractor.writing_connection`: nobody else writes meanwhile, foreign keys do nothing."""
        engine = sa.create_engine("sqlite://", creator=self._connect_to_write, poolclass=NullPool)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        try:
            with engine.connect() as connection:
                yield connection
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            raise self._failure(getattr(error, "orig", error), "cannot be changed") from None

    def _connect_to_write(self) -> sqlite3.Connection:
        connection = self._connect("rw")
        connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA secure_delete = ON")  # or what was erased would stay readable in the file
        connection.create_function(SQLITE_FUNCTION, 3, sqlite_keyed_hash, deterministic=True)
        return connection

    def _connect(self, mode: str = "ro") -> sqlite3.Connection:
        path = sa.make_url(self.url).database
        if not path or path == ":memory:" or not Path(path).is_file():
            raise SourceUnavailable(f"The source {self.data_map.source} has no database file there", permanent=True)
        uri = f"file:{quote(str(Path(path).absolute()))}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")
        connection.execute("PRAGMA temp_store = MEMORY")  # what is sorted or joined would lie on a disk in clear
        return connection

    def limit_statements(self, connection: sa.Connection, seconds: float) -> bool:
        """See `SqlExtractor.limit_statements`."""
        ends_at = monotonic() + seconds
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(lambda: int(monotonic() > ends_at), STEPS_BETWEEN_LOOKS)
        return True

    def _failure(self, error: BaseException | None, what: str = "cannot be read") -> SourceUnavailable:
        reason = getattr(error, "sqlite_errorname", "unreadable file")
        text = f"The source {self.data_map.source} {what} ({reason})"
        return SourceUnavailable(text, permanent=reason not in ("SQLITE_BUSY", "SQLITE_LOCKED"))

    @contextmanager
    def reader(self, connection: sa.Connection) -> Iterator[SqliteReader]:
        """Read over the connection that reflected the tables: one snapshot for both."""
        yield SqliteReader(connection)

    def locators(self, reflection: Reflection, name: TableName, *, has_key: bool) -> tuple[sa.Column[Any], ...]:
        """Tell rows apart by the rowid, as a primary key of SQLite may hold NULLs; views and keyed tables have none."""
        listed = reflection.connection.execute(
            sa.text("SELECT type, wr FROM pragma_table_list WHERE name = :name AND schema = :schema"),
            {"name": name[1], "schema": name[0] or "main"},
        ).first()
        if listed is None or listed[0] == "view" or listed[1]:
            return ()
        taken = {column["name"].lower() for column in reflection.columns([name])[name]}
        free = [rowid for rowid in ROWID_NAMES if rowid not in taken]
        return (sa.Column(free[0], sa.Integer, system=True, nullable=False),) if free else ()

    def link_value(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Read the value as it is stored: a cast to text would lose digits."""
        return sa.type_coerce(column, sa.types.NullType())

    def listed(self, rows: Sequence[Row], types: Sequence[Type], binds: Binds) -> sa.SelectBase:
        """See `SqlExtractor.listed`; what JSON gives has no affinity, so that a column converts it to its own."""
        selects = []
        for chunk in json_chunks(rows):
            value = sa.func.json_each(binds(chunk, sa.Text())).table_valued("value", name="listed").c.value
            places = (sa.func.json_extract(value, sa.literal_column(f"'$[{index}]'")) for index in range(len(types)))
            typed = (sa.type_coerce(place, type_) for place, type_ in zip(places, types, strict=True))
            selects.append(sa.select(*(column.label(f"v{index}") for index, column in enumerate(typed))))
        return sa.union_all(*selects) if len(selects) > 1 else selects[0]

    def readings(
        self,
        reader: SqliteReader,
        part: CollectionPart,
        source: SourceTable,
        found: Found | None,
        scope: Scope = Scope.ALL,
    ) -> list[Reading]:
        """Decide each field's kind by the storage classes of the values found, so that no batch can differ."""
        columns = found.columns if found else source.table.c
        names = output.readable_columns(part, source, scope)
        classes = reader.storage_classes(found, names) if found else [_NOTHING] * len(names)
        fields = [part.fields.get(name) for name in names]
        return [
            _reading(name, columns[name], stored, field, reader.binds)
            for name, stored, field in zip(names, classes, fields, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Stored:
    """The first and last storage class found in a column, and whether its numbers are all 0 or 1."""

    first: str | None
    last: str | None
    is_binary_digit: bool


_NOTHING = _Stored(None, None, is_binary_digit=False)


def _reading(
    name: str, column: sa.ColumnElement[Any], stored: _Stored, field: FieldPart | None, binds: Binds
) -> Reading:
    """Numbers of both classes are decimals; other mixtures become JSON, which tells `5` from `"5"`."""
    if (field and field.json_) or isinstance(column.type, sa.JSON):
        return Reading(name, Kind.JSON, _json(column, field, binds))
    if stored.first != stored.last:
        if (stored.first, stored.last) == ("integer", "real"):
            return Reading(name, Kind.DECIMAL, column, _each(_digits))
        return Reading(name, Kind.JSON, column, _each(_json_text))
    if stored.is_binary_digit and family(column.type) == "boolean":
        return Reading(name, Kind.BOOLEAN, column, _each(bool))
    return Reading(name, UNIFORM[stored.first or "text"], column)


def _each(convert: Callable[[Any], Any]) -> Callable[[tuple[Any, ...]], list[Any]]:
    return lambda values: [None if value is None else convert(value) for value in values]


def _digits(value: float) -> str:
    return {inf: "Infinity", -inf: "-Infinity"}.get(value) or repr(value)


def _json_text(value: str | float | bytes) -> str:
    if isinstance(value, bytes):
        value = b64encode(value).decode("ascii")
    return orjson.dumps(value).decode() if isinstance(value, str) else _digits(value).replace("Infinity", "9e999")


def _json(column: sa.ColumnElement[Any], field: FieldPart | None, binds: Binds) -> sa.ColumnElement[Any]:
    """Read valid JSON text: other text becomes a JSON string; where parts are withheld, it is withheld whole."""
    paths = field.dropped_paths if field else ()
    storage, text = sa.func.typeof(column), sa.literal_column("'text'", sa.Text())
    whole = _without(column, paths, binds) if paths else column
    quotable = sa.case((storage == sa.literal_column("'blob'"), sa.func.hex(column)), else_=column)
    is_number = storage.in_([sa.literal_column("'integer'"), sa.literal_column("'real'")])
    other = sa.case((is_number if paths else sa.true(), sa.func.json_quote(quotable)))
    is_json = sa.case((storage == text, sa.func.json_valid(column)), else_=sa.literal_column("0"))
    return sa.case((column.is_(None), sa.null()), (is_json == sa.literal_column("1"), whole), else_=other)


def _without(column: sa.ColumnElement[Any], paths: Iterable[JsonPath], binds: Binds) -> sa.ColumnElement[Any]:
    """Take parts out of JSON, or withhold it whole where that is in doubt.

    SQLite overlooks a name's second place and an escaped name; a string may hold more JSON, and then its parts.
    """
    rest = sa.func.json_remove(column, *(binds(_sqlite_path(path), sa.Text()) for path in paths))
    names = [binds(step, sa.Text()) for path in paths for step in path if isinstance(step, str)]
    other_than_its_table = f"tree of {getattr(column, 'table', '')}"
    tree = sa.func.json_tree(column).table_valued("parent", "key", "fullkey", name=other_than_its_table)
    is_escaped = sa.func.max(sa.func.instr(tree.c.fullkey, sa.literal_column("'\\'"))) > sa.literal_column("0")
    is_doubtful = sa.or_(sa.func.count() > sa.literal_column("1"), is_escaped)
    places = sa.select(tree.c.key).where(tree.c.key.in_(names)).group_by(tree.c.parent, tree.c.key)
    is_text = sa.func.json_type(column) == sa.literal_column("'text'")
    return sa.case((sa.not_(sa.or_(is_text, sa.exists(places.having(is_doubtful)))), rest))


def _sqlite_path(path: tuple[str | int, ...]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in path)


class SqliteReader:
    """Reads rows in the connection's transaction."""

    binds = staticmethod(bound)

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def row(self, select: sa.Select[Any]) -> tuple[Any, ...]:
        """See `Reader.row`."""
        return tuple(self.connection.execute(select).one())

    def storage_classes(self, found: Found, names: list[str]) -> list[_Stored]:
        """Look at all values found: the least and the greatest name of a storage class tell whether they differ."""
        rows = found.select([found.columns[name].label(f"c{index}") for index, name in enumerate(names)]).subquery()
        measures = [measure for column in rows.c for measure in _measures(column)]
        if not measures:
            return []
        measured = iter(self.row(sa.select(*measures).select_from(rows)))
        return [
            _Stored(first, last, bool(digit)) for first, last, digit in zip(measured, measured, measured, strict=True)
        ]

    def stream(self, select: sa.Select[Any], readings: list[Reading]) -> Iterator[pa.RecordBatch]:
        """See `Reader.stream`."""
        import pyarrow as pa

        cursor = self.connection.execute(select).cursor
        schema = pa.schema([(reading.name, _arrow_type(reading.kind)) for reading in readings])
        size = 128
        while rows := cursor.fetchmany(size):
            columns = zip(*rows, strict=True)
            arrays = [_array(values, reading) for values, reading in zip(columns, readings, strict=True)]
            batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
            yield batch
            size = _next_size(size, batch.nbytes)


def _next_size(rows: int, size_bytes: int) -> int:
    """Aim at the batch size, growing gently, as one row may hold megabytes."""
    fitting = rows * BATCH_BYTES // max(size_bytes, 1)
    return max(1, min(fitting, rows * 4, MOST_ROWS_A_BATCH))


def _measures(column: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[Any], ...]:
    storage = sa.case((column.is_not(None), sa.func.typeof(column)))
    digits = sa.func.min(sa.func.coalesce(column.in_([sa.literal_column("0"), sa.literal_column("1")]), sa.true()))
    is_boolean = family(column.type) == "boolean"
    return sa.func.min(storage), sa.func.max(storage), digits if is_boolean else sa.literal_column("0")


def _arrow_type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    native: dict[Kind, pa.DataType] = {
        Kind.INTEGER: pa.int64(),
        Kind.FLOAT: pa.float64(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.BINARY: pa.binary(),
    }
    return native.get(kind, pa.string())


def _array(values: tuple[Any, ...], reading: Reading) -> pa.Array[Any]:
    import pyarrow as pa

    return pa.array(reading.convert(values) if reading.convert else values, _arrow_type(reading.kind))
