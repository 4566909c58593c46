"""Fixed rows stay the ones that were found, are told apart whatever their key, and are changed by nobody else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa

from extractors.changes import UnchangeableSource
from extractors.errors import SourceUnavailable
from extractors.sql.changing.fixing import Fixing
from extractors.sql.comparing import bound
from tests.extractors.sql.changing.databases import engine
from tests.extractors.sql.sources import ANN, run, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from extractors.sql.changing.fixing import FixedRows

MAP: dict[str, dict[str, Any]] = {
    "people": {"identifiers": {"user_id": "id", "email": "email"}},
    "pairs": {"links": [{"column": "a", "to": "people.id"}]},
    "bare": {"links": [{"column": "a", "to": "people.id"}]},
}


@pytest.fixture
def url(database_url: str) -> str:
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, email text, name text)",
        'CREATE TABLE pairs (a int, "B ""%s" varchar(9), name text, PRIMARY KEY (a, "B ""%s"))',
        "CREATE TABLE bare (a int, name text)",
        "CREATE VIEW seen AS SELECT * FROM bare",
        "INSERT INTO people VALUES (1, 'a@x.org', 'Ann'), (2, 'b@x.org', 'Bob')",
        "INSERT INTO pairs VALUES (1, 'x''%s', 'Ann'), (1, 'y', 'Ann'), (2, 'y', 'Bob')",
        "INSERT INTO bare VALUES (1, 'Ann'), (1, 'Ann'), (2, 'Bob')",
    )
    return database_url


def fixed_rows(extractor: Any, connection: sa.Connection, fixing: Fixing, name: str) -> FixedRows:
    tables = extractor._tables(connection)
    found = extractor._traversal(tables, ANN, bound).found(name)
    return fixing.fix(name, tables[name], found)


def names(url: str, table: str) -> list[str]:
    with engine(url).connect() as connection:
        return sorted(connection.scalars(sa.text(f"SELECT name FROM {table}")))


@pytest.mark.parametrize("name", list(MAP))
def test_only_the_rows_found_are_updated_and_deleted(url: str, name: str) -> None:
    extractor: Any = source(url, **MAP)
    if name == "bare" and url.startswith("mariadb"):
        with extractor.writing_connection() as connection, pytest.raises(UnchangeableSource, match="bare"):
            fixed_rows(extractor, connection, Fixing(connection), name)
        return
    with extractor.writing_connection() as connection:
        fixing = Fixing(connection)
        fixed = fixed_rows(extractor, connection, fixing, name)
        before = names(url, name)
        assert fixed.count == before.count("Ann")
        fixing.lock(fixed)
        assert fixing.update(fixed, {"name": sa.literal("Eve")}) == fixed.count
        connection.commit()
        fixing.drop()
    assert names(url, name) == ["Bob"] + ["Eve"] * fixed.count
    with extractor.writing_connection() as connection:
        fixing = Fixing(connection)
        fixed = fixed_rows(extractor, connection, fixing, name)
        assert fixing.delete(fixed) == fixed.count
        connection.commit()
    assert names(url, name) == ["Bob"]


def test_what_is_not_committed_is_undone(url: str) -> None:
    extractor: Any = source(url, **MAP)
    with extractor.writing_connection() as connection:
        fixing = Fixing(connection)
        fixing.delete(fixed_rows(extractor, connection, fixing, "people"))
    assert names(url, "people") == ["Ann", "Bob"]


def test_rows_of_a_view_cannot_be_fixed(url: str) -> None:
    extractor: Any = source(url, people=MAP["people"], seen=MAP["bare"])
    with extractor.writing_connection() as connection, pytest.raises(UnchangeableSource, match="seen"):
        fixed_rows(extractor, connection, Fixing(connection), "seen")


def test_the_tables_of_keys_end_with_the_connection(url: str) -> None:
    extractor: Any = source(url, **MAP)
    with extractor.writing_connection() as connection:
        fixed_rows(extractor, connection, Fixing(connection), "people")
        connection.commit()
    with extractor.connection() as connection:
        names = sa.inspect(connection).get_table_names()
    assert not [name for name in names if name.startswith("dsr_")]


def test_nobody_points_at_a_locked_row_before_the_end(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("locked")
    run(
        url,
        "CREATE TABLE people (id int PRIMARY KEY, email text)",
        "CREATE TABLE notes (person int REFERENCES people)",
        "INSERT INTO people VALUES (1, 'a@x.org')",
    )
    extractor: Any = source(url, people=MAP["people"])
    refused: list[BaseException] = []

    def point() -> None:
        try:
            run(url, "INSERT INTO notes VALUES (1)")
        except psycopg.errors.ForeignKeyViolation as error:
            refused.append(error)

    with extractor.writing_connection() as connection:
        fixing = Fixing(connection)
        fixed = fixed_rows(extractor, connection, fixing, "people")
        fixing.lock(fixed)
        other = threading.Thread(target=point)
        other.start()
        other.join(0.3)
        assert other.is_alive()
        fixing.delete(fixed)
        connection.commit()
        other.join(10)
    assert refused


def writing(url: str) -> AbstractContextManager[sa.Connection]:
    extractor: Any = source(url, **MAP)
    return extractor.writing_connection()  # type: ignore[no-any-return]


@pytest.fixture
def weak_url(postgres_database: Callable[[str], str]) -> Iterator[str]:
    url = postgres_database("weak")
    name = url.split("/")[3].split("?")[0]
    run(url, "CREATE TABLE people (id int)", "DROP ROLE IF EXISTS weak", "CREATE ROLE weak LOGIN")
    run(url, f"REVOKE ALL ON DATABASE {name} FROM PUBLIC", f"GRANT CONNECT ON DATABASE {name} TO weak")
    yield url.replace("postgres@", "weak@")
    run(url, f"REVOKE ALL ON DATABASE {name} FROM weak", "DROP ROLE weak")


def test_a_user_without_the_right_is_told_what_it_takes(weak_url: str) -> None:
    with pytest.raises(SourceUnavailable, match="temporary tables"), writing(weak_url) as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE t (a int)")
