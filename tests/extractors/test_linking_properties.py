"""A random world split over two databases is found as the plain walk over the whole finds it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.base import Scope
from extractors.datamap import DataMap
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from tests.extractors.linked import linked
from tests.extractors.sql.sources import run
from tests.extractors.sql.test_traversal_properties import rows
from tests.extractors.sql.worlds import DOMAINS, TYPES, World, worlds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from extractors.base import Extractor
    from tests.servers import MariadbServer, PostgresServer

SIDES = ("left", "right")


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database("halves")
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="module")
def mariadb_url(mariadb_server: MariadbServer) -> Iterator[str]:
    url = mariadb_server.create_database("right")
    yield url
    mariadb_server.drop_database(url)


@given(world=worlds(), choices=st.lists(st.booleans(), min_size=12, max_size=12))
def test_two_files_together_hold_what_one_would(tmp_path: Path, world: World, choices: list[bool]) -> None:
    sources = {}
    for side in SIDES:
        path = tmp_path / f"{side}.sqlite3"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(world.script("sqlite"))
        sources[side] = open_source(f"sqlite:///{path}", half(world, side, choices))
    assert_found(sources, world)


@settings(max_examples=settings().max_examples // 2)  # a server is slower
@given(world=worlds(), choices=st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_file_and_a_server_together_hold_what_one_would(
    tmp_path: Path, postgres_url: str, world: World, choices: list[bool]
) -> None:
    path = tmp_path / "left.sqlite3"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(world.script("sqlite"))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS world CASCADE; CREATE SCHEMA world; SET search_path = world")
        connection.execute(DOMAINS)
        connection.execute(world.script("postgresql"))
    left = open_source(f"sqlite:///{path}", half(world, "left", choices))
    right = open_source(postgres_url, half(world, "right", choices, "world."))
    assert_found({"left": left, "right": right}, world)


@pytest.mark.skipif("mariadb" not in TYPES, reason="the worlds are not written for MariaDB")
@settings(max_examples=settings().max_examples // 2)
@given(world=worlds(), choices=st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_server_whose_collations_fold_holds_its_part(
    tmp_path: Path, mariadb_url: str, world: World, choices: list[bool]
) -> None:
    path = tmp_path / "left.sqlite3"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(world.script("sqlite"))
    run(
        mariadb_url,
        "DROP DATABASE IF EXISTS halves",
        "CREATE DATABASE halves",
        "USE halves; " + world.script("mariadb"),
    )
    left = open_source(f"sqlite:///{path}", half(world, "left", choices))
    right = open_source(mariadb_url, half(world, "right", choices, "halves."))
    folding = frozenset(right.data_map.collections)
    assert_found({"left": left, "right": right}, FoldedInPart(**vars(world), folding=folding))


@dataclass(frozen=True)
class FoldedInPart(World):
    """A world of which some collections are in MariaDB: links between these alone compare by their collations."""

    folding: frozenset[str]

    def _folding(self, name: str, here: list[str], target: str, there: list[str], dialect: str) -> Any:
        is_within = {name, target} <= self.folding
        return super()._folding(name, here, target, there, "mariadb" if is_within else dialect)


def half(world: World, side: str, choices: list[bool], schema: str = "") -> DataMap:
    """The map of one side: its collections, with links that name the other side where they lead there."""
    sides = {name: SIDES[choice] for name, choice in zip(sorted(world.collections), choices, strict=False)}
    parts: dict[str, dict[str, Any]] = {}
    for name in [name for name in sides if sides[name] == side]:
        links = [{**link, "to": [_named(to, side, sides) for to in link["to"]]} for link in _links(world, name)]
        parts[name] = {"table": schema + name, **world.parts[name], "links": links}
    empty = {"nothing": {"table": schema + min(world.tables), "identifiers": {"never": world.tables["t0"].columns[0]}}}
    return DataMap.model_validate({"version": 1, "source": side, "collections": parts or empty})


def _links(world: World, name: str) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = world.parts[name].get("links", [])
    return links


def _named(to: str, side: str, sides: dict[str, str]) -> str:
    there = sides[to.split(".")[0]]
    return to if there == side else f"{there}.{to}"


def assert_found(sources: dict[str, Extractor], world: World) -> None:
    expected = world.expected()
    for side, extractor in sources.items():
        identifiers = linked(side, sources, Identifiers.of(world.person)).identifiers
        found = {
            extract.collection.name: Counter(row for batch in extract.batches for row in rows(batch))
            for extract in extractor.extract(identifiers, Scope.ALL)
        }
        found.pop("nothing", None)
        assert found == {name: expected[name] for name in found}
        counts = extractor.search(identifiers)
        counts.pop("nothing", None)
        assert counts == {name: expected[name].total() for name in counts}
