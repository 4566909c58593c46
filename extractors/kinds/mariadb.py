"""MariaDB and MySQL, streamed in one read-only snapshot as the text their server sends.

That text is exact for most types, zero dates and times beyond a day among them; time zone and character set are
pinned, so that it is the same everywhere.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import NullPool

from extractors.ahead import ahead
from extractors.base import Scope
from extractors.batches import Kind
from extractors.sql import output
from extractors.sql.collating import CollatedComparing
from extractors.sql.comparing import typed_parameter
from extractors.sql.extractor import SqlExtractor
from extractors.sql.failures import described, state_of
from extractors.sql.information_schema import Bits, Unusual
from extractors.sql.json_table import listed_by_json_table
from extractors.sql.output import Reading
from extractors.sql.walking import Recursion

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    import pyarrow as pa
    from sqlalchemy.sql.compiler import SQLCompiler

    from extractors.datamap import CollectionPart, FieldPart
    from extractors.datamap.json_paths import JsonPath
    from extractors.sql.carrying import Row
    from extractors.sql.comparing import Binds, Column, Type
    from extractors.sql.schema import Reflection, SourceTable, TableName
    from extractors.sql.traversal import Found

CONNECT_SECONDS = 10
PATIENCE_SECONDS = 24 * 60 * 60  # as long as whoever reads may keep the server waiting
LOCK_SECONDS = 30
PINNED = {"time_zone": "'+00:00'", "net_write_timeout": PATIENCE_SECONDS, "wait_timeout": PATIENCE_SECONDS}
READING = {**PINNED, "sql_mode": "''"}
WRITING = {
    **PINNED,
    "sql_mode": "'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'",
    "innodb_lock_wait_timeout": LOCK_SECONDS,
    "lock_wait_timeout": LOCK_SECONDS,
}
# However long a circle of links is, it is walked; the server must not be killed for the memory that a statement takes.
DEEPEST_OF_MARIADB = f"SESSION max_recursive_iterations = {2**32 - 1}, SESSION max_session_mem_used = {2**30}"
ONE: Column = sa.literal_column("1")
DEEPEST_OF_MYSQL = f"SESSION cte_max_recursion_depth = {2**32 - 1}"
PLAIN = {
    sa.Enum: Kind.TEXT,
    sa.String: Kind.TEXT,
    mysql.DECIMAL: Kind.DECIMAL,
    sa.Uuid: Kind.UUID,
    sa.Time: Kind.TIME,
    sa.types._Binary: Kind.BINARY,  # what all types of bytes derive from
    sa.JSON: Kind.JSON,
}
SHAPES = ("point", "linestring", "polygon")
GEOMETRY = {"geometry", *SHAPES, *(f"multi{shape}" for shape in SHAPES), "geometrycollection", "geomcollection"}


class MariadbExtractor(SqlExtractor["MariadbReader"]):
    """Reads a MariaDB or MySQL database; SELECT rights on the map's tables suffice."""

    slug = "mariadb"
    schemes = ("mariadb", "mysql")
    comparing = CollatedComparing
    recursion = Recursion.JOINED
    bound = staticmethod(typed_parameter)

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Open a read-only transaction of one snapshot."""
        snapshot = self.data_map.snapshot
        isolation = "REPEATABLE READ" if snapshot else "READ COMMITTED"
        with self._connected(isolation, READING, is_writing=False) as connection:
            consistent = "WITH CONSISTENT SNAPSHOT, " if snapshot else ""
            connection.exec_driver_sql(f"START TRANSACTION {consistent}READ ONLY")
            yield connection

    @contextmanager
    def writing_connection(self) -> Iterator[sa.Connection]:
        """See `SqlExtractor.writing_connection`: others wait who would change what was read."""
        with self._connected("SERIALIZABLE", WRITING, is_writing=True) as connection:
            yield connection

    @contextmanager
    def _connected(self, isolation: Any, variables: dict[str, Any], *, is_writing: bool) -> Iterator[sa.Connection]:
        pinned = ", ".join(f"SESSION {name} = {value}" for name, value in variables.items())
        url = sa.make_url(self.url).set(drivername="mysql+pymysql")
        options = {"connect_timeout": CONNECT_SECONDS, "charset": "utf8mb4", "init_command": f"SET {pinned}"}
        if "unix_socket" in url.query:
            options["ssl_disabled"] = True  # nobody listens there, and loading certificates takes 20 ms
        engine = sa.create_engine(url, poolclass=NullPool, isolation_level=isolation, connect_args=options)
        with _failures(self.data_map.source, was_connected=False, is_writing=is_writing):
            connected = engine.connect()
        with _failures(self.data_map.source, is_writing=is_writing), connected as connection:
            is_mariadb = connection.dialect.is_mariadb  # type: ignore[attr-defined]  # MySQL's dialect has it
            connection.exec_driver_sql(f"SET {DEEPEST_OF_MARIADB if is_mariadb else DEEPEST_OF_MYSQL}")
            yield connection

    def limit_statements(self, connection: sa.Connection, seconds: float) -> bool:
        """See `SqlExtractor.limit_statements`."""
        is_mariadb = connection.dialect.is_mariadb  # type: ignore[attr-defined]  # MySQL's dialect has it
        milliseconds = max(1, int(seconds * 1000))
        limit = f"max_statement_time = {seconds:.3f}" if is_mariadb else f"max_execution_time = {milliseconds}"
        connection.exec_driver_sql(f"SET SESSION {limit}")
        return True

    @contextmanager
    def reader(self, connection: sa.Connection) -> Iterator[MariadbReader]:
        """Read over the connection that reflected the tables: one snapshot for both."""
        reader = MariadbReader(connection, self.data_map.source)
        try:
            yield reader
        finally:
            reader.hang_up()

    def locators(self, reflection: Reflection, name: TableName, *, has_key: bool) -> tuple[sa.Column[Any], ...]:
        """Rows without a key have nothing that tells them apart."""
        return ()

    def listed(self, rows: Sequence[Row], types: Sequence[Type], binds: Binds) -> sa.SelectBase:
        """See `SqlExtractor.listed`."""
        return listed_by_json_table(rows, types, binds)

    def readings(
        self,
        reader: MariadbReader,
        part: CollectionPart,
        source: SourceTable,
        found: Found | None,
        scope: Scope = Scope.ALL,
    ) -> list[Reading]:
        """Decide each field's kind by its declared type."""
        columns = found.columns if found else source.table.c
        names = output.readable_columns(part, source, scope)
        return [_reading(name, columns[name], part.fields.get(name), reader.binds) for name in names]


def _reading(name: str, column: Column, field: FieldPart | None, binds: Binds) -> Reading:
    from extractors.sql.raw_values import as_moments

    type_ = column.type
    if field and (field.json_ or field.drop):
        return Reading(name, Kind.JSON, _without(column, field.dropped_paths, binds) if field.drop else column)
    if isinstance(type_, sa.DateTime):
        return Reading(name, Kind.TIMESTAMP, column, partial(as_moments, is_instant=isinstance(type_, sa.TIMESTAMP)))
    if isinstance(type_, sa.Date):
        return Reading(name, Kind.DATE, column)
    if isinstance(type_, Unusual):
        return Reading(name, Kind.TEXT, _shown(column, type_.name))
    kind = next((kind for known, kind in PLAIN.items() if isinstance(type_, known)), None)
    return Reading(name, kind, _unpadded(column)) if kind else _number(name, column)


def _shown(column: Column, name: str) -> Column:
    if name in GEOMETRY:
        return sa.func.ST_AsText(column)
    return sa.func.VEC_ToText(column) if name == "vector" else column


def _unpadded(column: Column) -> Column:
    """Read a number without the zeros it is shown with."""
    return column + sa.literal_column("0") if getattr(column.type, "zerofill", False) else column


def _number(name: str, column: Column) -> Reading:
    import pyarrow as pa

    from extractors.sql.raw_values import as_numbers

    type_ = column.type
    if isinstance(type_, sa.Float):
        # As text the server gives six digits of a number of single precision; in double precision all of them.
        exact = column * sa.literal_column("1e0") if isinstance(type_, mysql.FLOAT) else column
        precision = pa.float32() if isinstance(type_, mysql.FLOAT) else pa.float64()
        return Reading(name, Kind.FLOAT, exact, partial(as_numbers, type_=precision))
    if not isinstance(type_, sa.Integer):
        return Reading(name, Kind.TEXT, sa.cast(column, sa.Text))
    number = column + sa.literal_column("0")
    if isinstance(type_, Bits) and type_.length == 1:
        return Reading(name, Kind.BOOLEAN, number)
    width = pa.uint64() if getattr(type_, "unsigned", False) else pa.int64()
    return Reading(name, Kind.INTEGER, number, partial(as_numbers, type_=width))


def _without(column: Column, paths: Iterable[JsonPath], binds: Binds) -> Column:
    """Take parts out of JSON, or withhold it whole where that is in doubt.

    Of a name's two places only the first is looked at; a string may hold more JSON, and then its parts.
    """
    known = tuple(paths)
    named = {path[:length] for path in known for length in range(1, len(path) + 1) if isinstance(path[length - 1], str)}
    is_twofold = (_is_left(column, binds(_path(path), sa.Text())) for path in sorted(named, key=repr))
    is_sound = sa.and_(
        sa.func.JSON_VALID(column) == ONE,
        sa.func.JSON_TYPE(column) != sa.literal_column("'STRING'"),
        *(sa.not_(sa.func.coalesce(condition, sa.true())) for condition in is_twofold),
    )
    return sa.case((is_sound, sa.func.JSON_REMOVE(column, *(binds(_path(path), sa.Text()) for path in known))))


class HasPath(sa.sql.functions.FunctionElement[int]):
    """Whether something stands at a place in JSON; in MariaDB only one of two functions sees escaped names."""

    inherit_cache = True
    type = sa.Integer()


@compiles(HasPath, "mysql", "mariadb")
def _compile_has_path(element: HasPath, compiler: SQLCompiler, **options: Any) -> str:
    document, path = (compiler.process(clause, **options) for clause in element.clauses)
    is_mariadb = compiler.dialect.is_mariadb  # type: ignore[attr-defined]  # MySQL's dialect has it
    return f"JSON_EXISTS({document}, {path})" if is_mariadb else f"JSON_CONTAINS_PATH({document}, 'one', {path})"


def _is_left(column: Column, path: Column) -> Column:
    return HasPath(sa.func.JSON_REMOVE(column, path), path) == ONE


def _path(path: JsonPath) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{_escaped(step)}"' for step in path)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


@contextmanager
def _failures(source: str, *, was_connected: bool = True, is_writing: bool = False) -> Iterator[None]:
    from pymysql import Error

    try:
        yield
    except (sa.exc.DBAPIError, Error) as error:
        arguments = getattr(error, "orig", error).args
        state = state_of(arguments[0] if arguments and arguments[0] else None)
        raise described(source, state, was_connected=was_connected, is_writing=is_writing) from None


class MariadbReader:
    """Streams statements in the connection's transaction."""

    binds = staticmethod(typed_parameter)

    def __init__(self, connection: sa.Connection, source: str) -> None:
        self.connection = connection
        self.source = source
        self.unread: Any = None

    def row(self, select: sa.Select[Any]) -> tuple[Any, ...]:
        """See `Reader.row`."""
        with _failures(self.source):
            return tuple(self.connection.execute(select).one())

    def hang_up(self) -> None:
        """End the connection where a result was not read to its end, as it would be read to the end first."""
        if self.unread:
            self._stop()
            self.connection.invalidate()
            self.unread = None

    def stream(self, select: sa.Select[Any], readings: list[Reading]) -> Iterator[pa.RecordBatch]:
        """See `Reader.stream`."""
        with _failures(self.source):
            self.unread = self._execute(select)
            try:
                # Receiving the next batch overlaps with what is done to one.
                yield from ahead(_batches(self.unread, readings), stop=self._stop)
                self.unread = None
            finally:
                self.hang_up()

    def _stop(self) -> None:
        """End what a thread may be waiting for."""
        if self.unread:
            with suppress(OSError, AttributeError):
                self.unread.connection._sock.shutdown(socket.SHUT_RDWR)  # the library has no other way to its socket
            self.unread._result.unbuffered_active = False

    def _execute(self, select: sa.Select[Any]) -> Any:
        """Run a statement with a cursor of the library's: SQLAlchemy would already have taken the first row."""
        from pymysql.cursors import SSCursor

        from extractors.sql.raw_rows import receive_in_large_pieces

        compiled = select.compile(dialect=self.connection.dialect)
        cursor = self.connection.connection.cursor(SSCursor)
        receive_in_large_pieces(cursor.connection)
        cursor.execute(str(compiled), compiled.params)
        return cursor


def _batches(cursor: Any, readings: list[Reading]) -> Generator[pa.RecordBatch]:
    import pyarrow as pa

    from extractors.sql.raw_rows import raw_batches
    from extractors.sql.raw_values import BY_KIND, as_text

    names = [reading.name for reading in readings]
    converts: list[Callable[[Any], Any]] = [
        reading.convert or BY_KIND.get(reading.kind, as_text) for reading in readings
    ]
    for columns in raw_batches(cursor, len(readings)):
        arrays = [convert(values) for convert, values in zip(converts, columns, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, names=names)
