"""Erasing equals a plain erasing in memory, on random worlds: the same numbers, and every row of every table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from extractors.registry import open_source
from tests.extractors.sql.changing.databases import contents
from tests.extractors.sql.changing.worlds import ME, Plain, World, worlds
from tests.extractors.sql.sources import Identifiers, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import MariadbServer, PostgresServer

PERSON = Identifiers.of([("user_id", str(ME))])
ON_SERVERS = settings(max_examples=settings().max_examples // 2)  # a server is slower


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database("erasing")
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="module")
def mariadb_url(mariadb_server: MariadbServer) -> Iterator[str]:
    url = mariadb_server.create_database("erasing")
    yield url
    mariadb_server.drop_database(url)


@given(world=worlds())
def test_erasing_equals_a_plain_erasing_on_sqlite(tmp_path: Path, world: World) -> None:
    path = tmp_path / "world.sqlite3"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(";\n".join(world.statements("sqlite")))
    assert_erased(f"sqlite:///{path}", world)


@ON_SERVERS
@given(world=worlds())
def test_erasing_equals_a_plain_erasing_on_postgresql(postgres_url: str, world: World) -> None:
    run(postgres_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public", *world.statements("postgresql"))
    assert_erased(postgres_url, world)


# MariaDB plans an expression that names itself often for minutes, and takes gigabytes for that.
MOST_STEPS = 6


def steps(world: World) -> int:
    """About how often a recursive expression over the world's links may name itself."""
    nodes = {(to, column) for name in world.parts for _, to, column in world.links(name)}
    return sum(len(world.links(name)) for name, _ in nodes)


@ON_SERVERS
@given(world=worlds(is_keyed=True).filter(lambda world: steps(world) <= MOST_STEPS))
def test_erasing_equals_a_plain_erasing_on_mariadb(mariadb_url: str, world: World) -> None:
    dropped = (f"DROP TABLE IF EXISTS {name}" for name in contents(mariadb_url))
    run(mariadb_url, "SET foreign_key_checks = 0", *dropped, "SET foreign_key_checks = 1", *world.statements("mariadb"))
    assert_erased(mariadb_url, world)


def assert_erased(url: str, world: World) -> None:
    plain, source = Plain(world), open_source(url, world.data_map())
    before = contents(url)
    preview = source.erase(PERSON, apply=False)
    assert {name: dict(item.fates) for name, item in preview.collections.items()} == plain.fates()
    assert contents(url) == before
    result = source.erase(PERSON, apply=True)
    assert {name: (i.found, i.fates, i.reasons) for name, i in result.collections.items()} == {
        name: (i.found, i.fates, i.reasons) for name, i in preview.collections.items()
    }
    assert contents(url) == plain.left()
    assert result.is_proven
