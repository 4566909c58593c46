"""Writes a demonstration company into a database: one transaction, all of it or nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

import psycopg
from sqlalchemy import ARRAY, create_engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from extractors.errors import SourceUnavailable, UnwritableOutput
from requests_app.demonstration.grants import Grants
from requests_app.demonstration.saas import Saas
from requests_app.demonstration.truth import SECRET_MARKER, Truth, person_truth, table_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection, Engine, MetaData, Table
    from sqlalchemy.engine import URL

    from requests_app.demonstration.people import Cast

    Progress = Callable[[int], None]

Row = tuple[object, ...]
DEFAULT_ROWS = 220_000
DEFAULT_PEOPLE = 2_100
PROGRESS_ROWS = 2_000


class Company(Protocol):
    """What a company's module offers: its schema, its people, and its tables' rows in the order to make them in."""

    metadata: ClassVar[MetaData]
    about: ClassVar[Mapping[str, str]]
    cast: Cast

    def tables(self) -> Iterator[tuple[Table, Iterator[Row]]]:
        """Yield every table with its rows; once."""
        ...


COMPANIES: dict[str, Callable[[int, int, int], Company]] = {"saas": Saas, "grants": Grants}


def write_demonstration(
    company: str,
    url: str,
    rows: int = DEFAULT_ROWS,
    people: int = DEFAULT_PEOPLE,
    seed: int = 1,
    progress: Progress | None = None,
) -> Truth:
    """Write a company's tables and rows; the same seed and scale give the same rows on every database.

    Args:
        company: a key of `COMPANIES`.
        url: of a SQLite or PostgreSQL database none of whose tables has a name of the company's.
        rows: over all tables, exactly.
        people: including those built as traps and one of whom nothing is held.
        progress: called with the number of rows written since the last call.

    Raises:
        ValueError: too few people or rows to build every trap, or neither SQLite nor PostgreSQL.
        SourceUnavailable: the database cannot be reached.
        UnwritableOutput: one of the tables exists already, or the database refuses them.
    """
    made = COMPANIES[company](rows, people, seed)
    engine = _engine(url)
    try:
        with _nothing_left_behind(engine.url), _connect(engine) as connection:
            counts = _write(connection, made, progress or (lambda _: None))
    except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
        reason = type(getattr(error, "orig", error)).__name__
        raise UnwritableOutput(f"The database refused the demonstration ({reason})") from error
    finally:
        engine.dispose()
    return Truth(
        company=company,
        seed=seed,
        secret_marker=SECRET_MARKER,
        tables={table.name: table_truth(table, counts[table.name]) for table in made.metadata.tables.values()},
        traps=made.cast.traps(dict(made.about)),
        people={person.key: person_truth(person, made.metadata) for person in made.cast.people},
    )


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return create_engine(parsed, connect_args={"isolation_level": None})
        return create_engine(_through_psycopg(parsed))
    except (ArgumentError, NoSuchModuleError):
        raise ValueError("The URL is not one of a SQLite or PostgreSQL database") from None


def _through_psycopg(url: URL) -> URL:
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ArgumentError
    return url.set(drivername="postgresql+psycopg")


@contextmanager
def _nothing_left_behind(url: URL) -> Iterator[None]:
    """Remove the file that SQLite made when the block fails; what is inside a database is undone by itself."""
    file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    is_new = file is not None and not file.exists()
    try:
        yield
    except BaseException:
        if file and is_new:
            file.unlink(missing_ok=True)
        raise


def _connect(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        raise SourceUnavailable("The database cannot be reached or refuses the login", permanent=False) from error


def _write(connection: Connection, made: Company, progress: Progress) -> dict[str, int]:
    """Write everything or nothing; both databases undo the making of tables too."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    _refuse_existing(connection, made.metadata)
    counts = (_write_sqlite if is_sqlite else _write_postgresql)(connection, made, progress)
    connection.commit()
    return counts


def _refuse_existing(connection: Connection, metadata: MetaData) -> None:
    existing = sorted(set(metadata.tables) & set(inspect(connection).get_table_names()))
    if existing:
        raise UnwritableOutput(f"The database already has a table {existing[0]}; nothing was written")


def _write_sqlite(connection: Connection, made: Company, progress: Progress) -> dict[str, int]:
    counts: dict[str, int] = {}
    database = connection.connection.driver_connection
    assert isinstance(database, sqlite3.Connection)  # noqa: S101  # the only driver used for SQLite
    for table, rows in made.tables():
        connection.execute(CreateTable(table))
        lists = [index for index, column in enumerate(table.columns) if isinstance(column.type, ARRAY)]
        marks = ", ".join("?" * len(table.columns))
        ready = _counted(_lists_as_json(rows, lists), progress, counts, table.name)
        database.executemany(f"INSERT INTO {table.name} VALUES ({marks})", ready)  # noqa: S608  # names of our own
    for table in made.metadata.tables.values():
        _create_indexes(connection, table)
    return counts


def _lists_as_json(rows: Iterator[Row], positions: list[int]) -> Iterator[Row]:
    """SQLite has no arrays: write them as JSON."""
    if not positions:
        return rows
    return (
        tuple(
            json.dumps(value, ensure_ascii=False) if index in positions and value is not None else value
            for index, value in enumerate(row)
        )
        for row in rows
    )


def _write_postgresql(connection: Connection, made: Company, progress: Progress) -> dict[str, int]:
    """Copy into bare tables, then build indexes and check the foreign keys once: they form a circle."""
    counts: dict[str, int] = {}
    database = connection.connection.driver_connection
    assert isinstance(database, psycopg.Connection)  # noqa: S101  # the only driver used for PostgreSQL
    for table, rows in made.tables():
        connection.execute(CreateTable(table, include_foreign_key_constraints=()))
        with database.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
            for row in _counted(rows, progress, counts, table.name):
                copy.write_row(row)
    for table in made.metadata.tables.values():
        _create_indexes(connection, table)
        for constraint in sorted(table.foreign_key_constraints, key=lambda item: str(item.name)):
            # Not isolated: that would leave it out of every table made later from the same definition.
            connection.execute(AddConstraint(constraint, isolate_from_table=False))
    return counts


def _create_indexes(connection: Connection, table: Table) -> None:
    for index in sorted(table.indexes, key=lambda item: str(item.name)):
        connection.execute(CreateIndex(index))


def _counted(rows: Iterator[Row], progress: Progress, counts: dict[str, int], name: str) -> Iterator[Row]:
    """Pass rows through, counting them into `counts`, telling the progress every so many."""
    told = number = 0
    for number, row in enumerate(rows, 1):
        if number - told >= PROGRESS_ROWS:
            progress(number - told)
            told = number
        yield row
    progress(number - told)
    counts[name] = number
