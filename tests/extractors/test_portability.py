"""What is taken elsewhere, by every kind of source: nothing that was not given, and all that was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from extractors.base import Extractor, Scope
from extractors.batches import Cause
from extractors.errors import SourceUnavailable
from tests.extractors.sql.sources import ANN, omissions, records, run, source
from tests.extractors.test_contract import KINDS, SERVERS, again, new_url

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["new_url"]

PORTABLE = (Scope.PORTABILITY, Scope.PORTABILITY_WITH_DELETED)
PEOPLE = {
    "identifiers": {"user_id": "id"},
    "provided": True,
    "basis": "contract",
    "fields": {
        "id": {"provided": False},
        "password": {"secret": True},
        "score": {"provided": False},
        "vat": {"basis": "legal obligation"},
        "settings": {"json": True, "drop": ["$.token"]},
    },
}
COLLECTIONS: dict[str, dict[str, Any]] = {
    "people": PEOPLE,
    "orders": {
        "links": [{"column": "person_id", "to": "people.id"}],
        "fields": {"note": {"provided": True, "basis": "consent"}, "body": {"json": True, "drop": ["$.x"]}},
        "order_by": "-id",
        "limit": 2,
        "deleted": {"column": "gone"},
    },
    "visits": {"links": [{"column": "person_id", "to": "people.id"}], "order_by": "page", "limit": 1},
    "bills": {"links": [{"column": "person_id", "to": "people.id"}], "provided": True, "basis": "legal obligation"},
    "items": {"links": [{"column": "bill", "to": "bills.id"}], "provided": True, "basis": "contract"},
}
TABLES = (
    "CREATE TABLE people (id int PRIMARY KEY, name text, password text, score int, vat text, settings text)",
    "CREATE TABLE orders (id int PRIMARY KEY, person_id int, note text, body text, gone int)",
    "CREATE TABLE visits (person_id int, page text)",
    "CREATE TABLE bills (id int PRIMARY KEY, person_id int, amount int)",
    "CREATE TABLE items (bill int, article text)",
    """INSERT INTO people VALUES (1, 'Ann', 'hunter2', 7, 'XX1', '{"a": 1, "token": "t0ken"}')""",
    "INSERT INTO people VALUES (2, 'Bob', 'x', 8, '', '{}')",
    "INSERT INTO orders VALUES (1, 1, 'old', '{}', 0), (2, 1, 'mid', '{}', 0), (3, 1, 'new', '{}', 0)",
    "INSERT INTO orders VALUES (4, 1, 'was', '{}', 1)",
    "INSERT INTO visits VALUES (1, 'a'), (1, 'b'), (2, 'c')",
    "INSERT INTO bills VALUES (5, 1, 9), (6, 2, 9)",
    "INSERT INTO items VALUES (5, 'Chair'), (6, 'Table')",
)


@pytest.fixture(params=[*sorted(KINDS.keys() - {"other_sql"}), *(f"other_sql {server}" for server in SERVERS)])
def extractor(request: pytest.FixtureRequest) -> Extractor:
    slug, _, server = request.param.partition(" ")
    url = request.getfixturevalue("new_url")(server or slug, "portable")
    run(url, *TABLES)
    return again(KINDS[slug], url, **COLLECTIONS)


@pytest.mark.parametrize("is_reviewed", [False, True])
def test_what_was_given_is_there_and_nothing_else(extractor: Extractor, is_reviewed: bool) -> None:
    found = {
        extract.collection.name: [row for batch in extract.batches for row in batch.rows.to_pylist()]
        for extract in extractor.extract(ANN, Scope.PORTABILITY, is_reviewed=is_reviewed)
    }
    (person,) = found.pop("people")
    settings = person.pop("settings")
    assert settings is None or ("t0ken" not in settings and '"a"' in settings)
    assert person == {"name": "Ann"}
    assert found == {
        "orders": [{"note": "new"}, {"note": "mid"}],
        "visits": [],
        "bills": [],
        "items": [{"bill": 5, "article": "Chair"}],
    }


def test_deleted_records_come_where_they_are_asked_for_and_limits_stay(extractor: Extractor) -> None:
    assert records(extractor, ANN, Scope.PORTABILITY_WITH_DELETED)["orders"] == [{"note": "was"}, {"note": "new"}]


def test_what_is_left_out_is_told_with_its_reason_and_makes_nothing_incomplete(extractor: Extractor) -> None:
    told = {}
    for extract in extractor.extract(ANN, Scope.PORTABILITY):
        told[extract.collection.name] = [(left.cause, left.reason, left.cut) for left in extract.omissions]
        assert [left.label for left in extract.omissions if left.label] == (
            [extract.collection.label] if extract.is_left_out else []
        )
        extract.batches.close()
    other = "used on another ground than your consent or a contract, legal obligation"
    assert told == {
        "people": [
            (Cause.NOT_PORTABLE, "not given by you (2 fields): id, score", False),
            (Cause.NOT_PORTABLE, f"{other} (1 field): vat", False),
            (Cause.SECRET, "secret, never leaves the source: password", False),
            (Cause.SECRET, "parts withheld inside settings ($.token)", False),
        ],
        "orders": [
            (Cause.NOT_PORTABLE, "not given by you (4 fields): id, person_id, body, gone", False),
            (Cause.DELETED, "1 deleted record left out", True),
            (Cause.LIMIT, "only the newest 2 of 3 records", True),
        ],
        "visits": [(Cause.NOT_PORTABLE, "not given by you (2 fields)", False)],
        "bills": [(Cause.NOT_PORTABLE, f"{other} (3 fields)", False)],
        "items": [],
    }


def test_a_key_that_was_not_given_is_no_key_outside(extractor: Extractor) -> None:
    keys, left_out = {}, {}
    for extract in extractor.extract(ANN, Scope.PORTABILITY):
        keys[extract.collection.name], left_out[extract.collection.name] = extract.collection.key, extract.is_left_out
        extract.batches.close()
    assert set(keys.values()) == {()}
    assert left_out == {"people": False, "orders": False, "visits": True, "bills": True, "items": False}


def test_other_scopes_give_what_they_gave(extractor: Extractor) -> None:
    for scope in set(Scope) - set(PORTABLE):
        found = records(extractor, ANN, scope)
        assert set(found["people"][0]) == {"id", "name", "score", "vat", "settings"}
        assert [row["amount"] for row in found["bills"]] == [9]
        assert not any("given by you" in reason for reason in omissions(extractor, scope))


def test_an_estimate_counts_what_will_be_read(extractor: Extractor) -> None:
    estimated = extractor.estimate(ANN, Scope.PORTABILITY, seconds=5)
    expected = {"people": 1, "orders": 2, "visits": 0, "bills": 0, "items": 1}
    assert estimated in ({}, expected)
    assert estimated or extractor.slug == "other_sql"


def test_what_decides_about_portability_and_is_not_said_is_warned_of(extractor: Extractor) -> None:
    unsaid = {**COLLECTIONS, "items": {**COLLECTIONS["items"], "basis": "whatever"}, "bills": {**COLLECTIONS["bills"]}}
    unsaid["bills"].pop("basis")
    warned = {
        fault.path for fault in again(type(extractor), extractor.url, **unsaid).check() if "slow" not in fault.message
    }
    assert warned == {"collections.items.basis", "collections.bills.provided"}
    assert all("slow" in fault.message for fault in extractor.check())


def test_the_table_of_a_collection_that_is_left_out_is_not_read(postgres_database: Callable[[str], str]) -> None:
    """The user may not read it: whoever tried would be refused."""
    url = postgres_database("unread")
    run(url, *TABLES)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS portable_reader")
        connection.execute("CREATE ROLE portable_reader LOGIN")
        connection.execute("GRANT SELECT ON people, orders, bills, items TO portable_reader")
    extractor = source(url.replace("postgres@", "portable_reader@"), **COLLECTIONS)
    assert records(extractor, ANN, Scope.PORTABILITY)["people"]
    with pytest.raises(SourceUnavailable, match="does not let this user read"):
        records(extractor, ANN, Scope.ALL)


def test_a_column_that_is_left_out_is_not_selected(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("unselected")
    run(url, *TABLES)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS column_reader")
        connection.execute("CREATE ROLE column_reader LOGIN")
        connection.execute("GRANT SELECT (id, name, settings) ON people TO column_reader")
    extractor = source(url.replace("postgres@", "column_reader@"), people=PEOPLE)
    assert [row["name"] for row in records(extractor, ANN, Scope.PORTABILITY)["people"]] == ["Ann"]
    with pytest.raises(SourceUnavailable):
        records(extractor, ANN, Scope.ALL)
