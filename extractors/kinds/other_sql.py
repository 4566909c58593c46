"""Any other database that SQLAlchemy has a dialect for, read with what all of them have in common.

Texts are compared as the database compares them, and nothing is asked of it that standard SQL does not say. A kind of
its own does better: it streams faster, knows what its driver loses, and may change the source.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from extractors.base import Scope
from extractors.batches import Kind
from extractors.errors import SourceUnavailable
from extractors.sql import output
from extractors.sql.comparing import StandardComparing, typed_parameter
from extractors.sql.extractor import SqlExtractor
from extractors.sql.failures import described
from extractors.sql.output import Reading
from extractors.sql.walking import Recursion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from extractors.datamap import CollectionPart, FieldPart
    from extractors.sql.comparing import Column
    from extractors.sql.schema import Reflection, SourceTable, TableName
    from extractors.sql.traversal import Found

ROWS_AT_ONCE = 2_000
RECURSION = {"postgresql": Recursion.NESTED, "mysql": Recursion.JOINED, "mariadb": Recursion.JOINED}
ONE_SNAPSHOT = ("REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE")
KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (sa.Boolean, Kind.BOOLEAN),
    (sa.Integer, Kind.INTEGER),
    (sa.Float, Kind.FLOAT),
    (sa.Numeric, Kind.DECIMAL),
    (sa.DateTime, Kind.TIMESTAMP),
    (sa.Date, Kind.DATE),
    (sa.Time, Kind.TIME),
    (sa.Uuid, Kind.UUID),
    (sa.JSON, Kind.JSON),
    (sa.types._Binary, Kind.BINARY),  # what all types of bytes derive from
)


class OtherSqlExtractor(SqlExtractor["OtherSqlReader"]):
    """Reads a database of any dialect SQLAlchemy can load; the registry falls back on it."""

    slug = "other_sql"
    schemes = ()
    comparing = StandardComparing
    bound = staticmethod(typed_parameter)

    @property
    def recursion(self) -> Recursion:  # type: ignore[override]  # depends on the dialect
        """See `SqlExtractor.recursion`."""
        return RECURSION.get(sa.make_url(self.url).get_backend_name(), Recursion.TERMS)

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Open a transaction, of one snapshot where the database has such; it is undone in the end."""
        with _failures(self.data_map.source, was_connected=False):
            connected = sa.create_engine(self.url, poolclass=NullPool).connect()
        with _failures(self.data_map.source), connected as connection:
            self._isolate(connection)
            yield connection

    def _isolate(self, connection: sa.Connection) -> None:
        known = connection.dialect.get_isolation_level_values(connection.connection.dbapi_connection)  # type: ignore[arg-type]
        levels = [level for level in ONE_SNAPSHOT if level in known]
        if self.data_map.snapshot and levels:
            connection.execution_options(isolation_level=levels[0])

    @contextmanager
    def reader(self, connection: sa.Connection) -> Iterator[OtherSqlReader]:
        """Read over the connection that reflected the tables."""
        yield OtherSqlReader(connection, self.data_map.source)

    def locators(self, reflection: Reflection, name: TableName, *, has_key: bool) -> tuple[sa.Column[Any], ...]:
        """What tells rows apart without a key is each database's own."""
        return ()

    def readings(
        self,
        reader: OtherSqlReader,
        part: CollectionPart,
        source: SourceTable,
        found: Found | None,
        scope: Scope = Scope.ALL,
    ) -> list[Reading]:
        """Decide each field's kind by its declared type."""
        columns = found.columns if found else source.table.c
        names = output.readable_columns(part, source, scope)
        return [_reading(name, columns[name], part.fields.get(name)) for name in names]


def _reading(name: str, column: Column, field: FieldPart | None) -> Reading:
    """Read what the driver gives: SQLAlchemy's own conversions would fail at values that are none of the type.

    Parts of JSON cannot be taken out in a way all databases have: it is withheld whole.
    """
    if field and field.drop:
        return Reading(name, Kind.JSON, sa.null().label(name), partial(_converted, kind=Kind.JSON))
    kinds = (kind for types, kind in KINDS if isinstance(column.type, types))
    kind = Kind.JSON if field and field.json_ else next(kinds, Kind.TEXT)
    raw = sa.type_coerce(column, sa.types.NullType())
    return Reading(name, kind, raw, partial(_converted, kind=kind))


def _converted(values: tuple[Any, ...], *, kind: Kind) -> pa.Array[Any]:
    import pyarrow as pa

    native: dict[Kind, tuple[pa.DataType, Callable[[Any], Any]]] = {
        Kind.BOOLEAN: (pa.bool_(), _boolean),
        Kind.INTEGER: (pa.int64(), _integer),
        Kind.FLOAT: (pa.float64(), float),
        Kind.BINARY: (pa.binary(), bytes),
    }
    type_, convert = native.get(kind, (pa.string(), _json if kind is Kind.JSON else _text))
    array: pa.Array[Any] = pa.array([None if value is None else convert(value) for value in values], type_)
    return array


def _integer(value: Any) -> int:
    if int(value) != value:
        raise ValueError
    return int(value)


def _boolean(value: Any) -> bool:
    if value not in (0, 1, b"\x00", b"\x01"):
        raise ValueError
    return value in (1, b"\x01")


def _json(value: Any) -> str:
    if isinstance(value, str):
        try:
            orjson.loads(value)
        except orjson.JSONDecodeError:
            return orjson.dumps(value).decode()
        return value
    return orjson.dumps(value, default=_text).decode()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(errors="backslashreplace")
    return _json(value) if isinstance(value, dict | list | tuple) else str(value)


@contextmanager
def _failures(source: str, *, was_connected: bool = True) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or (type(error.orig).__name__ if was_connected else None)
        raise described(source, state, was_connected=was_connected) from None
    except sa.exc.SQLAlchemyError as error:
        problem = f"The source {source} cannot be read in the way all databases have in common ({type(error).__name__})"
        raise SourceUnavailable(problem, permanent=True) from None


class OtherSqlReader:
    """Streams statements in the connection's transaction, as far as its driver does."""

    binds = staticmethod(typed_parameter)

    def __init__(self, connection: sa.Connection, source: str) -> None:
        self.connection = connection
        self.source = source

    def row(self, select: sa.Select[Any]) -> tuple[Any, ...]:
        """See `Reader.row`."""
        with _failures(self.source):
            return tuple(self.connection.execute(select).one())

    def stream(self, select: sa.Select[Any], readings: list[Reading]) -> Iterator[pa.RecordBatch]:
        """See `Reader.stream`."""
        options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
        with _failures(self.source), self.connection.execute(select, execution_options=options) as result:
            for rows in result.partitions(ROWS_AT_ONCE):
                yield self._batch(tuple(zip(*rows, strict=True)), readings)

    def _batch(self, columns: tuple[tuple[Any, ...], ...], readings: list[Reading]) -> pa.RecordBatch:
        import pyarrow as pa

        arrays = []
        for values, reading in zip(columns, readings, strict=True):
            try:
                convert = reading.convert or partial(_converted, kind=reading.kind)
                arrays.append(convert(values))
            except (ValueError, TypeError, OverflowError, pa.ArrowException):
                problem = f"The column {reading.name} of the source {self.source} holds what its type does not say"
                raise SourceUnavailable(problem, permanent=True) from None
        return pa.RecordBatch.from_arrays(arrays, names=[reading.name for reading in readings])
