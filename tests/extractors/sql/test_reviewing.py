"""Extracts for a reviewer are marked: other people's addresses, and rows reached only through something shared."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from extractors.base import Scope
from extractors.batches import Concern
from extractors.datamap import DataMap
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from tests.extractors.sql.sources import run, source
from tests.extractors.sql.test_traversal_properties import rows as as_rows
from tests.extractors.sql.worlds import DOMAINS, World, _identifies, as_text, worlds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from extractors.base import Extractor
    from tests.extractors.sql.worlds import Row
    from tests.servers import PostgresServer

ANN = Identifiers.of([("email", "ann@x.org")])
HOUSEHOLD = {
    "households": {"links": [{"column": "id", "to": "customers.household_id"}]},
    "cities": {"links": [{"column": "id", "to": "households.city_id"}]},
    "customers": {
        "identifiers": {"email": ["email", "previous_email"], "phone": "mobile"},
        "links": [{"column": "household_id", "to": "households.id"}],
    },
    "orders": {"links": [{"column": "customer_id", "to": "customers.id"}], "order_by": "-id"},
}


@pytest.fixture
def household_url(database_url: str) -> str:
    run(
        database_url,
        "CREATE TABLE cities (id int PRIMARY KEY, name text)",
        "CREATE TABLE households (id int PRIMARY KEY, city_id int, street text)",
        "CREATE TABLE customers (id int PRIMARY KEY, household_id int, email text, previous_email text, mobile text)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, note text)",
        "INSERT INTO cities VALUES (1, 'Oslo')",
        "INSERT INTO households VALUES (1, 1, 'A'), (2, 1, 'B')",
        "INSERT INTO customers VALUES (1, 1, 'Ann@x.org', 'old@x.org', '0151 2345678'), "
        "(2, 1, 'bob@x.org', NULL, NULL), (3, 2, 'eve@x.org', NULL, '+49 30 901820')",
        "INSERT INTO orders VALUES (1, 1, 'for bob@x.org'), (2, 1, 'OLD@x.org, +491512345678'), "
        "(3, 2, 'b'), (4, 3, 'e')",
    )
    return database_url


def marked(extractor: Extractor, person: Identifiers = ANN, scope: Scope = Scope.ALL) -> set[tuple[Any, ...]]:
    """Give (collection, id, field, concern) of everything marked."""
    found = set()
    for extract in extractor.extract(person, scope, is_reviewed=True):
        for batch in extract.batches:
            assert batch.rows.schema.names == [field.name for field in extract.collection.fields]
            for mark in batch.marks.to_pylist() if batch.marks else []:
                key = batch.rows.column(0)[mark["row"]].as_py()
                found.add((extract.collection.name, key, mark["field"], mark["concern"]))
    return found


def test_the_neighbours_rows_are_marked_and_the_persons_own_are_not(household_url: str) -> None:
    assert marked(source(household_url, **HOUSEHOLD)) == {
        ("customers", 2, "", Concern.SHARED),
        ("customers", 2, "email", Concern.EMAIL),
        ("orders", 3, "", Concern.SHARED),
        ("orders", 1, "note", Concern.EMAIL),
    }


@pytest.mark.parametrize("scope", list(Scope))
def test_nothing_is_marked_where_nobody_reviews(household_url: str, scope: Scope) -> None:
    for extract in source(household_url, **HOUSEHOLD).extract(ANN, scope):
        assert all(batch.marks is None for batch in extract.batches)


def test_marking_changes_neither_rows_nor_their_order(household_url: str) -> None:
    extractor = source(household_url, **HOUSEHOLD)
    for scope in Scope:
        found = [
            [
                [row for batch in extract.batches for row in batch.rows.to_pylist()]
                for extract in extractor.extract(ANN, scope, is_reviewed=is_reviewed)
            ]
            for is_reviewed in (True, False)
        ]
        assert found[0] == found[1]


def test_what_stands_beside_an_identifier_is_the_persons_too_however_they_are_known(household_url: str) -> None:
    by_id = HOUSEHOLD | {"customers": {"identifiers": {"email": ["email"], "user_id": ["id"]}}}
    person = Identifiers.of([("user_id", "1")])
    assert marked(source(household_url, **by_id), person) == {
        ("customers", 1, "previous_email", Concern.EMAIL),  # no identifier of the map
        ("orders", 1, "note", Concern.EMAIL),
        ("orders", 2, "note", Concern.EMAIL),
        ("orders", 2, "note", Concern.PHONE),
    }


def test_who_writes_to_the_person_is_somebody_else_though_both_stand_in_one_row(database_url: str) -> None:
    run(
        database_url,
        "CREATE TABLE messages (id int PRIMARY KEY, sender text, recipient text)",
        "INSERT INTO messages VALUES (1, 'ann@x.org', 'bob@x.org'), (2, 'bob@x.org', 'eve@x.org')",
        "INSERT INTO messages VALUES (3, 'ann-old@x.org', 'ann@x.org')",
    )
    extractor = source(database_url, messages={"identifiers": {"email": ["sender", "recipient"]}})
    assert marked(extractor) == {("messages", 1, "recipient", Concern.EMAIL)}


def test_addresses_of_the_company_itself_can_be_named_in_the_map(household_url: str) -> None:
    extractor = source(household_url, **HOUSEHOLD)
    extractor.data_map = extractor.data_map.model_copy(update={"own_addresses": ("@x.org",)})
    assert {concern for *_, concern in marked(extractor)} == {Concern.SHARED}


@pytest.mark.parametrize("address", ["", "@", "shop.example", "a b@x.org", "x@", "a@b@c"])
def test_an_own_address_of_the_map_has_to_be_one(address: str) -> None:
    document = {"version": 1, "source": "s", "collections": {"t": {}}, "own_addresses": ["@shop.example", address]}
    with pytest.raises(ValidationError, match="own_addresses"):
        DataMap.model_validate(document)


def test_secrets_and_fields_about_others_teach_nothing(household_url: str) -> None:
    fields = {"previous_email": {"third_party": True}, "mobile": {"secret": True}}
    parts = HOUSEHOLD | {"customers": HOUSEHOLD["customers"] | {"fields": fields}}
    assert ("orders", 2, "note", Concern.EMAIL) in marked(source(household_url, **parts))
    assert ("orders", 2, "note", Concern.PHONE) in marked(source(household_url, **parts))


def test_rows_of_a_view_are_told_apart_by_what_decides(household_url: str) -> None:
    run(household_url, "CREATE VIEW seen AS SELECT id, customer_id, note FROM orders")
    parts = HOUSEHOLD | {"seen": {"links": [{"column": "customer_id", "to": "customers.id"}]}}
    shared = {(name, key) for name, key, _, concern in marked(source(household_url, **parts)) if concern == "shared"}
    assert shared == {("customers", 2), ("orders", 3), ("seen", 3)}


def test_a_circle_of_links_and_hostile_names_are_no_hindrance(database_url: str) -> None:
    run(
        database_url,
        'CREATE TABLE "found own_rows" (id int PRIMARY KEY, "is_own" int, "k0" int, "per%cent" text)',
        'INSERT INTO "found own_rows" VALUES '
        "(1, NULL, 1, 'ann@x.org'), (2, 1, 2, 'x'), (3, 1, 3, 'y'), (4, 2, 9, 'z')",
    )
    links = [{"column": "id", "to": "t.is_own"}, {"column": "is_own", "to": "t.id"}]
    part = {"table": "found own_rows", "identifiers": {"email": "per%cent"}, "links": links}
    assert marked(source(database_url, t=part)) == set()
    below = Identifiers({"email": ("y",)})
    assert marked(source(database_url, t=part), below) == {
        ("t", 1, "per%cent", Concern.EMAIL),
        ("t", 2, "", Concern.SHARED),
        ("t", 4, "", Concern.SHARED),
    }


@given(world=worlds())
def test_what_is_reached_by_something_shared_is_what_a_plain_walk_tells_on_sqlite(tmp_path: Path, world: World) -> None:
    path = tmp_path / "world.sqlite3"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(world.script("sqlite"))
    assert_told(open_source(f"sqlite:///{path}", world.data_map()), world)


@settings(max_examples=settings().max_examples // 2)
@given(world=worlds())
def test_what_is_reached_by_something_shared_is_what_a_plain_walk_tells_on_postgresql(
    postgres_url: str, world: World
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS world CASCADE; CREATE SCHEMA world; SET search_path = world")
        connection.execute(DOMAINS)
        connection.execute(world.script("postgresql"))
    assert_told(open_source(postgres_url, world.data_map("world.")), world)


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database("worlds")
    yield url
    postgres_server.drop_database(url)


def assert_told(extractor: Extractor, world: World) -> None:
    found: dict[str, Counter[Row]] = {}
    for extract in extractor.extract(Identifiers.of(world.person), Scope.ALL, is_reviewed=True):
        rows = found.setdefault(extract.collection.name, Counter())
        for batch in extract.batches:
            marks = batch.marks.to_pylist() if batch.marks else []
            shared = {mark["row"] for mark in marks if mark["concern"] == Concern.SHARED}
            rows.update(row for index, row in enumerate(as_rows(batch)) if index in shared)
    assert found == plain_walk(world)


def plain_walk(world: World) -> dict[str, Counter[Row]]:
    """Walk down from the person's rows, up from these and what is above them; the rest is reached otherwise."""
    down: dict[str, set[int]] = {name: set() for name in world.collections}
    above: dict[str, set[int]] = {name: set() for name in world.collections}
    while True:
        before = json.dumps([sorted(map(sorted, rows.values())) for rows in (down, above)])
        for name in world.collections:
            for index in world._eligible(name):
                if _identified(world, name, index) or _linked(world, name, index, (down,), is_up=False):
                    down[name].add(index)
                if _linked(world, name, index, (down, above), is_up=True):
                    above[name].add(index)
        if before == json.dumps([sorted(map(sorted, rows.values())) for rows in (down, above)]):
            break
    own = {name: Counter(as_text(world.rows(name)[i]) for i in down[name] | above[name]) for name in down}
    return {name: rows - own[name] for name, rows in world.expected().items()}


def _identified(world: World, name: str, index: int) -> bool:
    row = world.rows(name)[index]
    return any(
        value is not None and _identifies(kind, value, world.person)
        for kind, columns in world.parts[name].get("identifiers", {}).items()
        for value in world.values(name, row, columns)
    )


def _linked(world: World, name: str, index: int, from_: tuple[dict[str, set[int]], ...], *, is_up: bool) -> bool:
    for link in world.parts[name].get("links", []):
        target, there = link["to"][0].split(".")[0], [to.split(".")[1] for to in link["to"]]
        leads_up = _is_key(world, name, link["column"]) and not _is_key(world, target, there)
        here = world.values(name, world.rows(name)[index], link["column"])
        if leads_up is is_up and None not in here:
            rows = set().union(*(found[target] for found in from_))
            if here in (world.values(target, world.rows(target)[other], there) for other in rows):
                return True
    return False


def _is_key(world: World, name: str, columns: list[str]) -> bool:
    table = world.tables[world.collections[name]]
    return name == table.name and bool(table.key) and {table.columns[i] for i in table.key} <= set(columns)
