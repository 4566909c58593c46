"""The compiled traversal finds what a plain walk over the rows finds, each row once, on random worlds."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import given, settings

from extractors.base import Scope
from extractors.batches import Kind
from extractors.identifiers import Identifiers
from extractors.kinds.other_sql import OtherSqlExtractor
from extractors.registry import open_source
from tests.extractors.sql.sources import run
from tests.extractors.sql.worlds import DOMAINS, World, as_text, worlds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from extractors.base import Extractor
    from extractors.batches import Batch
    from tests.extractors.sql.worlds import Row
    from tests.servers import MariadbServer, PostgresServer


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database("worlds")
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="module")
def mariadb_url(mariadb_server: MariadbServer) -> Iterator[str]:
    url = mariadb_server.create_database("worlds")
    yield url
    mariadb_server.drop_database(url)


@given(world=worlds())
def test_the_compiled_traversal_equals_a_plain_walk_on_sqlite(tmp_path: Path, world: World) -> None:
    path = tmp_path / "world.sqlite3"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(world.script("sqlite"))
    assert_found(open_source(f"sqlite:///{path}", world.data_map()), world)


@settings(max_examples=settings().max_examples // 2)  # a server is slower
@given(world=worlds())
def test_the_compiled_traversal_equals_a_plain_walk_on_postgresql(postgres_url: str, world: World) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS world CASCADE; CREATE SCHEMA world; SET search_path = world")
        connection.execute(DOMAINS)
        connection.execute(world.script("postgresql"))
    assert_found(open_source(postgres_url, world.data_map("world.")), world)


@settings(max_examples=settings().max_examples // 2)
@given(world=worlds())
def test_the_compiled_traversal_equals_a_plain_walk_on_mariadb(mariadb_url: str, world: World) -> None:
    run(mariadb_url, "DROP DATABASE IF EXISTS world", "CREATE DATABASE world", "USE world; " + world.script("mariadb"))
    assert_found(open_source(mariadb_url, world.data_map("world.")), world)


@settings(max_examples=settings().max_examples // 3)
@given(world=worlds())
def test_the_generic_kind_walks_postgresql_alike(postgres_url: str, world: World) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS world CASCADE; CREATE SCHEMA world; SET search_path = world")
        connection.execute(DOMAINS)
        connection.execute(world.script("postgresql"))
    url = postgres_url.replace("postgresql://", "postgresql+psycopg://")
    assert_found(OtherSqlExtractor(url, world.data_map("world.")), world)


def assert_found(extractor: Extractor, world: World) -> None:
    expected, identifiers = world.expected(extractor.slug), Identifiers.of(world.person)
    found = {
        extract.collection.name: Counter(row for batch in extract.batches for row in rows(batch))
        for extract in extractor.extract(identifiers, Scope.ALL)
    }
    assert found == expected
    assert extractor.search(identifiers) == {name: rows.total() for name, rows in expected.items()}


def rows(batch: Batch) -> Iterator[Row]:
    """The rows as text; a column of SQLite that holds numbers and texts comes as JSON."""
    columns = [
        [json.loads(value) if field.kind is Kind.JSON and value else value for value in column.to_pylist()]
        for field, column in zip(batch.collection.fields, batch.rows.columns, strict=True)
    ]
    yield from map(as_text, zip(*columns, strict=True))
