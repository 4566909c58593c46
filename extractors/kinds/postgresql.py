"""PostgreSQL, read through ADBC (COPY underneath) into Arrow, streaming in one read-only snapshot.

Types that a driver carries with loss (infinite timestamps, money, multidimensional arrays …) are cast to text by
the server; time zone and date style are pinned, so that the text is the same everywhere. Dates and timestamps come as
numbers, which costs the server a quarter less.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.pool import NullPool

from extractors.ahead import ahead
from extractors.base import Scope
from extractors.batches import Kind
from extractors.sql import output
from extractors.sql.carrying import json_chunks
from extractors.sql.comparing import StrictComparing
from extractors.sql.extractor import SqlExtractor
from extractors.sql.failures import described
from extractors.sql.json_text import valid_json
from extractors.sql.output import Reading
from extractors.sql.walking import Recursion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa
    from sqlalchemy.engine.interfaces import IsolationLevel

    from extractors.datamap import CollectionPart, DataMap, FieldPart
    from extractors.datamap.json_paths import JsonPath
    from extractors.sql.arrow_connection import ArrowConnection
    from extractors.sql.carrying import Row
    from extractors.sql.comparing import Binds, Type
    from extractors.sql.schema import Reflection, SourceTable, TableName
    from extractors.sql.traversal import Found

SIZED = {"adbc.postgresql.batch_size_hint_bytes": str(2**21)}
CONNECT_SECONDS = 10
LOCK_SECONDS = 60
DIALECT = pg.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy's is untyped
PINNED = {"TimeZone": "UTC", "DateStyle": "ISO, YMD", "IntervalStyle": "iso_8601", "extra_float_digits": "1"}
NATIVE = {
    pg.SMALLINT: Kind.INTEGER,
    pg.INTEGER: Kind.INTEGER,
    pg.BIGINT: Kind.INTEGER,
    pg.REAL: Kind.FLOAT,
    pg.DOUBLE_PRECISION: Kind.FLOAT,
    pg.BOOLEAN: Kind.BOOLEAN,
    pg.TEXT: Kind.TEXT,
    pg.VARCHAR: Kind.TEXT,
    pg.CHAR: Kind.TEXT,
    pg.BYTEA: Kind.BINARY,
}
AS_TEXT = {
    pg.NUMERIC: Kind.DECIMAL,
    pg.TIME: Kind.TIME,
    pg.UUID: Kind.UUID,
    pg.JSON: Kind.JSON,
    pg.JSONB: Kind.JSON,
}


class TID(sa.types.UserDefinedType[str]):
    """Where a row stands in its table."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Name the type."""
        return "TID"


class PostgresqlExtractor(SqlExtractor["PostgresqlReader"]):
    """Reads a PostgreSQL database; SELECT rights on the map's tables suffice."""

    slug = "postgresql"
    schemes = ("postgresql", "postgres")
    comparing = StrictComparing
    recursion = Recursion.NESTED

    def connection(self) -> AbstractContextManager[sa.Connection]:
        """Open a transaction of one snapshot through psycopg."""
        return self._connected("REPEATABLE READ" if self.data_map.snapshot else "READ COMMITTED", is_writing=False)

    @contextmanager
    def writing_connection(self) -> Iterator[sa.Connection]:
        """See `SqlExtractor.writing_connection`: rows that others change meanwhile end the transaction.

        So does another change that was judged by what this one changes: two persons erased at once who share a row.
        """
        with self._connected("SERIALIZABLE", is_writing=True) as connection:
            for name, value in {**PINNED, "lock_timeout": f"{LOCK_SECONDS}s"}.items():
                connection.exec_driver_sql(f"SET {name} = '{value}'")
            yield connection

    @contextmanager
    def _connected(self, isolation: IsolationLevel, *, is_writing: bool) -> Iterator[sa.Connection]:
        engine = sa.create_engine(
            self._url.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            isolation_level=isolation,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
        was_connected = False
        try:
            with engine.connect().execution_options(postgresql_readonly=not is_writing) as connection:
                was_connected = True
                yield connection
        except sa.exc.DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            raise described(self.data_map.source, state, was_connected=was_connected, is_writing=is_writing) from None

    def limit_statements(self, connection: sa.Connection, seconds: float) -> bool:
        """See `SqlExtractor.limit_statements`."""
        timeout = max(1, int(seconds * 1000))
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {timeout}")
        return True

    @property
    def _url(self) -> sa.URL:
        return sa.make_url(self.url)

    @contextmanager
    def reader(self, connection: sa.Connection) -> Iterator[PostgresqlReader]:
        """Open the streaming connection; the reflecting one is done with and goes idle."""
        import adbc_driver_postgresql

        from extractors.sql.arrow_connection import ArrowConnection

        connection.rollback()
        uri = self._url.set(drivername="postgresql").update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
        with _failures(self.data_map.source, was_connected=False):
            database = adbc_driver_postgresql.connect(uri.render_as_string(hide_password=False))
            streaming = ArrowConnection(database)
        with closing(streaming):
            yield PostgresqlReader(streaming, self.data_map)

    def locators(self, reflection: Reflection, name: TableName, *, has_key: bool) -> tuple[sa.Column[Any], ...]:
        """Tell rows without a key apart by partition and place; views have neither."""
        if has_key or not _has_places(reflection.connection, name):
            return ()
        return (
            sa.Column("tableoid", pg.OID, system=True, nullable=False),
            sa.Column("ctid", TID, system=True, nullable=False),
        )

    def listed(self, rows: Sequence[Row], types: Sequence[Type], binds: Binds) -> sa.SelectBase:
        """See `SqlExtractor.listed`."""
        names = [f"v{index}" for index in range(len(types))]
        columns = [sa.column(name, type_) for name, type_ in zip(names, types, strict=True)]
        texts = (sa.cast(binds(chunk, sa.Text()), pg.JSON) for chunk in json_chunks(rows, names))
        sets = (sa.func.json_to_recordset(text).table_valued(*columns, name="listed") for text in texts)
        selects = [sa.select(*rows.c) for rows in (found.render_derived(with_types=True) for found in sets)]
        return sa.union_all(*selects) if len(selects) > 1 else selects[0]

    def readings(
        self,
        reader: PostgresqlReader,
        part: CollectionPart,
        source: SourceTable,
        found: Found | None,
        scope: Scope = Scope.ALL,
    ) -> list[Reading]:
        """Decide each field's kind by its declared type."""
        columns = found.columns if found else source.table.c
        names = output.readable_columns(part, source, scope)
        return [_reading(name, columns[name], part.fields.get(name), reader.binds) for name in names]


def _has_places(connection: sa.Connection, name: TableName) -> bool:
    quoted = DIALECT.identifier_preparer.format_table(sa.Table(name[1], sa.MetaData(), schema=name[0]))
    kind = sa.text("SELECT relkind IN ('r', 'p', 'm') FROM pg_class WHERE oid = CAST(:name AS regclass)")
    return bool(connection.scalar(kind, {"name": quoted}))


def _reading(name: str, column: sa.ColumnElement[Any], field: FieldPart | None, binds: Binds) -> Reading:
    type_ = column.type
    if isinstance(type_, pg.DOMAIN):
        column, type_ = sa.cast(column, type_.data_type), type_.data_type
    if isinstance(type_, pg.ARRAY):
        if not (field and field.drop):
            return Reading(name, Kind.JSON, sa.cast(sa.func.to_json(column), sa.Text))
        column = sa.func.to_jsonb(column, type_=pg.JSONB())
    if field and field.json_:
        return _json_reading(name, column, field, binds)
    if type(type_) in NATIVE:
        return Reading(name, NATIVE[type(type_)], column)
    if isinstance(type_, pg.TIMESTAMP):
        from extractors.sql.moments import timestamps_as_text

        return Reading(name, Kind.TIMESTAMP, column, partial(timestamps_as_text, is_instant=bool(type_.timezone)))
    if isinstance(type_, pg.DATE):
        from extractors.sql.moments import dates_as_text

        return Reading(name, Kind.DATE, column, dates_as_text)
    text = sa.cast(column, sa.Text)
    return Reading(name, AS_TEXT.get(type(type_), Kind.TEXT), text)


def _json_reading(name: str, column: sa.ColumnElement[Any], field: FieldPart, binds: Binds) -> Reading:
    """Read JSON as text; where parts are withheld, what cannot be taken apart is withheld whole (PostgreSQL 16)."""
    text, type_ = sa.cast(column, sa.Text), column.type
    if not field.drop:
        return Reading(name, Kind.JSON, text, None if isinstance(type_, pg.JSON) else valid_json)
    rest = _without(sa.cast(column, pg.JSONB), field.dropped_paths, binds)
    is_sound = sa.func.pg_input_is_valid(text, sa.literal_column("'jsonb'"))
    return Reading(name, Kind.JSON, rest if isinstance(type_, pg.JSONB) else sa.case((is_sound, rest)))


def _without(whole: sa.ColumnElement[Any], paths: Iterable[JsonPath], binds: Binds) -> sa.ColumnElement[Any]:
    """Take parts out of JSON; a string may hold more JSON, and then its parts: it is withheld whole.

    Where a path leads nowhere nothing is taken out, as PostgreSQL would fail at some (`$.name` in an array).
    """
    rest, nothing = whole, sa.cast(sa.literal_column("'{}'"), pg.ARRAY(sa.Text))
    for path in paths:
        steps = sa.cast(binds(_array_text(path), sa.Text()), pg.ARRAY(sa.Text))
        rest = rest.op("#-")(sa.case((whole.op("#>")(steps).is_not(None), steps), else_=nothing))
    kind: sa.ColumnElement[str] = sa.func.jsonb_typeof(whole)
    has_parts = kind.in_([sa.literal_column("'object'"), sa.literal_column("'array'")])
    return sa.case(
        (has_parts, sa.cast(rest, sa.Text)), (kind != sa.literal_column("'string'"), sa.cast(whole, sa.Text))
    )


def _array_text(path: tuple[str | int, ...]) -> str:
    """Write steps as an array literal (PostgreSQL manual, "Array Input")."""
    steps = (str(step).replace("\\", "\\\\").replace('"', '\\"') for step in path)
    return "{" + ",".join(f'"{step}"' for step in steps) + "}"


@contextmanager
def _failures(source: str, *, was_connected: bool = True) -> Iterator[None]:
    import adbc_driver_manager

    try:
        yield
    except adbc_driver_manager.Error as error:
        raise described(source, error.sqlstate, was_connected=was_connected) from None


class Settings:
    """Binds values as settings of the transaction: any ordinary parameter would switch ADBC's streaming off."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.known = 0

    def __call__(self, value: str, type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
        """See `Binds`."""
        self.values.append(value)
        setting = sa.literal_column(f"current_setting('dsr.p{len(self.values)}')", sa.Text())
        return setting if isinstance(type_, sa.Text) else sa.cast(setting, type_)

    def unknown(self) -> list[tuple[str, str]]:
        """Give the settings the server has not been told yet."""
        names = [(f"dsr.p{number}", value) for number, value in enumerate(self.values, 1)]
        new, self.known = names[self.known :], len(names)
        return new


class PostgresqlReader:
    """Streams statements over one ADBC connection, in one transaction."""

    def __init__(self, connection: ArrowConnection, data_map: DataMap) -> None:
        self.connection = connection
        self.source = data_map.source
        self.binds = Settings()
        isolation = "REPEATABLE READ" if data_map.snapshot else "READ COMMITTED"
        with _failures(self.source):
            connection.run(f"BEGIN ISOLATION LEVEL {isolation} READ ONLY")
            for name, value in PINNED.items():
                connection.run(f"SET LOCAL {name} = '{value}'")

    def row(self, select: sa.Select[Any]) -> tuple[Any, ...]:
        """See `Reader.row`."""
        with _failures(self.source):
            (batch,) = self.connection.stream(self._text(select))
        return tuple(column[0].as_py() for column in batch.columns)

    def stream(self, select: sa.Select[Any], readings: list[Reading]) -> Iterator[pa.RecordBatch]:
        """See `Reader.stream`."""
        with _failures(self.source):
            # What is done to a batch by its reader, up to encrypting it, overlaps with receiving the next.
            for batch in ahead(self.connection.stream(self._text(select), **SIZED), stop=self.connection.cancel):
                yield _named(batch, readings)

    def _text(self, select: sa.Select[Any]) -> str:
        """Compile a statement and tell the server the values it reads from settings."""
        for name, value in self.binds.unknown():
            self.connection.run("SELECT set_config($1, $2, true)", name, value)
        compiled = select.compile(dialect=DIALECT)
        if compiled.params:
            raise AssertionError("a value was bound as a parameter")
        return str(compiled)


def _named(batch: pa.RecordBatch, readings: list[Reading]) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = [
        reading.convert(values) if reading.convert else values
        for values, reading in zip(batch.columns, readings, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=[reading.name for reading in readings])
