"""Erasing does what the map says, to the person's rows and no others, and tells the numbers beforehand."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from extractors.changes import Erasure, Fate, UnchangeableSource, UndecidedErasure
from extractors.identifiers import Identifiers
from extractors.sql.changing.cases import HELD
from tests.extractors.sql.changing.databases import changed, contents
from tests.extractors.sql.sources import ANN, run, source

if TYPE_CHECKING:
    import pyarrow as pa

    from extractors.base import Extractor

BOB = Identifiers.of([("user_id", "2")])
SHOP = (
    "CREATE TABLE addresses (id int PRIMARY KEY, street varchar(40), city varchar(40) NOT NULL)",
    "CREATE TABLE people (id int PRIMARY KEY, email varchar(60) UNIQUE, name varchar(40) NOT NULL, born date,"
    " address_id int REFERENCES addresses (id))",
    "CREATE TABLE orders (id int PRIMARY KEY, person_id int REFERENCES people (id),"
    " ship_to int REFERENCES addresses (id), placed varchar(20), note varchar(40))",
    "CREATE TABLE items (order_id int REFERENCES orders (id), line int, what varchar(20),"
    " PRIMARY KEY (order_id, line))",
    "CREATE TABLE visits (person_id int REFERENCES people (id), page varchar(20))",
    "INSERT INTO addresses VALUES (1, 'Elm 1', 'Ulm'), (2, 'Oak 2', 'Bonn'), (3, 'Ash 3', 'Kiel')",
    "INSERT INTO people VALUES (1, 'ann@x.org', 'Ann', '1980-05-17', 1), (2, 'bob@x.org', 'Bob', '1990-01-02', 2)",
    "INSERT INTO orders VALUES (1, 1, 1, '2020-02-29', 'ring'), (2, 1, 2, '2024-01-31', NULL), (3, 2, 2, NULL, 'b')",
    "INSERT INTO items VALUES (1, 1, 'pen'), (1, 2, 'ink'), (2, 1, 'pad'), (3, 1, 'cup')",
    "INSERT INTO visits VALUES (1, 'home'), (1, 'home'), (2, 'home')",
)
PEOPLE: dict[str, Any] = {"identifiers": {"user_id": "id", "email": "email"}}
ORDERS: dict[str, Any] = {"links": [{"column": "person_id", "to": "people.id"}]}
ITEMS: dict[str, Any] = {"links": [{"column": "order_id", "to": "orders.id"}]}
VISITS: dict[str, Any] = {"links": [{"column": "person_id", "to": "people.id"}]}
ADDRESSES: dict[str, Any] = {
    "links": [{"column": "id", "to": "people.address_id"}, {"column": "id", "to": "orders.ship_to"}]
}
DELETE = {"erase": {"action": "delete"}}
KEEP = {"erase": {"action": "keep", "ground": "tax"}}


class Seen:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Fate], list[dict[str, str | None]]] = defaultdict(list)
        self.is_over = False

    def fixed(self, collection: str, fate: Fate, rows: pa.RecordBatch) -> None:
        self.rows[collection, fate] += rows.to_pylist()

    def all_fixed(self) -> None:
        self.is_over = True


@pytest.fixture
def url(database_url: str) -> str:
    run(database_url, *SHOP)
    if database_url.startswith("mariadb"):  # nothing tells rows without a key apart there; SELECT * leaves this out
        run(database_url, "ALTER TABLE visits ADD COLUMN place int AUTO_INCREMENT PRIMARY KEY INVISIBLE")
    return database_url


def numbers(erasure: Erasure) -> dict[str, Any]:
    return {name: (item.found, dict(item.fates), item.reasons) for name, item in erasure.collections.items()}


def erase(extractor: Extractor, person: Identifiers = ANN) -> Erasure:
    """Preview and erase: the preview changes nothing and says what comes of it; afterwards nothing is left."""
    before = contents(extractor.url)
    preview = extractor.erase(person, apply=False)
    assert contents(extractor.url) == before
    assert all(item.left is None for item in preview.collections.values())
    result = extractor.erase(person, apply=True)
    assert numbers(result) == numbers(preview)
    assert result.is_proven
    return result


def test_deleting_takes_the_rows_and_no_others(url: str) -> None:
    before = contents(url)
    shop = source(
        url,
        people={**PEOPLE, **DELETE},
        orders={**ORDERS, **DELETE},
        items={**ITEMS, **DELETE},
        visits={**VISITS, **DELETE},
    )
    result = erase(shop)
    assert {name: item.changed for name, item in result.collections.items()} == {
        "people": 1, "orders": 2, "items": 3, "visits": 2
    }  # fmt: skip
    assert shop.search(ANN) == dict.fromkeys(shop.data_map.collections, 0)
    assert changed(before, contents(url)) == {
        "people": {(1, "ann@x.org", "Ann", "1980-05-17", 1)},
        "orders": {(1, 1, 1, "2020-02-29", "ring"), (2, 1, 2, "2024-01-31", None)},
        "items": {(1, 1, "pen"), (1, 2, "ink"), (2, 1, "pad")},
        "visits": {(1, "home")},
    }


def test_a_row_that_others_point_at_stays_and_is_named(url: str) -> None:
    shop = source(url, people={**PEOPLE, **DELETE}, orders={**ORDERS, **DELETE}, items={**ITEMS, **DELETE})
    result = erase(shop)
    assert result.collections["people"].fates == {Fate.REFERENCED: 1}
    assert result.collections["people"].reasons == ("1 record: referenced by visits.person_id", HELD)
    assert result.collections["orders"].reasons == ()


def test_a_reference_that_is_erased_holds_no_row(url: str) -> None:
    orders = {**ORDERS, "erase": {"action": "keep", "ground": "tax", "anonymise": {"person_id": None, "note": None}}}
    shop = source(url, people={**PEOPLE, **DELETE}, orders=orders, visits={**VISITS, **DELETE})
    result = erase(shop)
    assert result.collections["people"].fates == {Fate.DELETED: 1}
    assert contents(url)["orders"][(1, None, 1, "2020-02-29", None)] == 1


def test_what_is_kept_holds_what_it_points_at_along_the_whole_way(url: str) -> None:
    shop = source(
        url,
        people={**PEOPLE, **DELETE},
        orders={**ORDERS, **DELETE},
        items={**ITEMS, **KEEP},
        visits={**VISITS, **DELETE},
    )
    result = erase(shop)
    assert result.collections["orders"].reasons == ("2 records: referenced by items.order_id", HELD)
    assert result.collections["people"].reasons == ("1 record: referenced by orders.person_id", HELD)
    assert result.collections["visits"].fates == {Fate.DELETED: 2}


def test_an_address_of_others_too_stays_as_it_is(url: str) -> None:
    fields = {"street": None, "city": "[erased]"}
    shop = source(
        url,
        people={**PEOPLE, **KEEP},
        orders={**ORDERS, **KEEP},
        addresses={**ADDRESSES, "erase": {"action": "anonymise", "fields": fields}},
    )
    result = erase(shop)
    assert result.collections["addresses"].fates == {Fate.ANONYMISED: 1, Fate.SHARED: 1}
    assert set(contents(url)["addresses"]) == {(1, None, "[erased]"), (2, "Oak 2", "Bonn"), (3, "Ash 3", "Kiel")}


def test_what_only_a_shared_row_leads_to_is_shared(url: str) -> None:
    run(
        url,
        "CREATE TABLE rooms (id int PRIMARY KEY, address_id int, next_id int)",
        "INSERT INTO rooms VALUES (1, 1, NULL), (2, 2, 3), (3, 9, 2), (4, 9, 1)",
    )
    rooms = {
        "links": [{"column": "address_id", "to": "addresses.id"}, {"column": "next_id", "to": "rooms.id"}],
        **DELETE,
    }
    shop = source(
        url, people={**PEOPLE, **KEEP}, orders={**ORDERS, **KEEP}, addresses={**ADDRESSES, **DELETE}, rooms=rooms
    )
    result = erase(shop)
    assert result.collections["rooms"].fates == {Fate.DELETED: 2, Fate.SHARED: 2}
    assert sorted(row[0] for row in contents(url)["rooms"]) == [2, 3]


def test_the_persons_own_row_is_not_shared_because_others_name_them(url: str) -> None:
    run(url, "ALTER TABLE people ADD COLUMN invited_by int", "UPDATE people SET invited_by = 1 WHERE id = 2")
    people = {
        **PEOPLE,
        "links": [{"column": "id", "to": "orders.person_id"}],
        "erase": {"action": "anonymise", "fields": {"name": "[erased]", "email": {"mask": "email"}}},
    }
    orders = {"identifiers": {"order": "id"}, **ORDERS, **KEEP}
    shop = source(url, people=people, orders=orders)
    assert erase(shop).collections["people"].fates == {Fate.ANONYMISED: 1}


def test_undecided_collections_stop_an_erasure_and_show_in_the_preview(url: str) -> None:
    shop = source(url, people={**PEOPLE, **DELETE}, orders=ORDERS, items={**ITEMS, "context": True}, visits=VISITS)
    before = contents(url)
    preview = shop.erase(ANN, apply=False)
    assert preview.undecided == ("orders", "visits")
    assert preview.collections["items"].kept == 3
    with pytest.raises(UndecidedErasure, match="orders, visits"):
        shop.erase(ANN, apply=True)
    assert contents(url) == before
    assert shop.erase(Identifiers.of([("user_id", "404")]), apply=True).is_proven


def test_the_witness_sees_every_key_with_its_fate_before_the_first_change(url: str) -> None:
    orders = {
        **ORDERS,
        "erase": {"action": "keep", "ground": "tax", "years": 3, "from": "placed", "anonymise": {"note": None}},
    }
    shop = source(
        url, people={**PEOPLE, **DELETE}, orders=orders, items={**ITEMS, **DELETE}, visits={**VISITS, **DELETE}
    )
    for apply in (False, True):
        seen = Seen()
        shop.erase(ANN, apply=apply, witness=seen)
        assert seen.is_over
        visits = seen.rows.pop(("visits", Fate.DELETED))
        assert len({tuple(row.values()) for row in visits}) == 2
        assert {key: sorted(map(str, rows)) for key, rows in seen.rows.items()} == {
            ("people", Fate.REFERENCED): [str({"id": "1"})],
            ("orders", Fate.KEPT): [str({"id": "1", "until": "2023-02-28"}), str({"id": "2", "until": "2027-01-31"})],
            ("items", Fate.DELETED): [str({"order_id": o, "line": n}) for o, n in (("1", "1"), ("1", "2"), ("2", "1"))],
        }


def test_a_witness_that_objects_leaves_the_source_as_it_was(url: str) -> None:
    class Objecting(Seen):
        def all_fixed(self) -> None:
            raise KeyError

    before = contents(url)
    shop = source(url, people={**PEOPLE, **DELETE}, orders={**ORDERS, **DELETE})
    with pytest.raises(KeyError):
        shop.erase(ANN, apply=True, witness=Objecting())
    assert contents(url) == before


def test_rows_whose_years_are_over_are_erased_by_their_keys(url: str) -> None:
    shop = source(
        url,
        people={**PEOPLE, **KEEP},
        orders={**ORDERS, "erase": {"action": "keep", "ground": "tax", "years": 1, "from": "placed"}},
        items={**ITEMS, **KEEP},
    )
    seen = Seen()
    shop.erase(ANN, apply=True, witness=seen)
    import pyarrow as pa

    rows = [pa.RecordBatch.from_pylist([{"id": row["id"]}]) for row in seen.rows["orders", Fate.KEPT]]
    rows.append(pa.RecordBatch.from_pylist([{"id": "404"}]))
    run(url, "DELETE FROM items WHERE order_id = 1")
    before = contents(url)
    preview = shop.erase_kept("orders", rows, apply=False)
    assert contents(url) == before
    result = shop.erase_kept("orders", iter(rows), apply=True)
    assert numbers(result) == numbers(preview)
    assert result.is_proven
    assert result.collections["orders"].fates == {Fate.DELETED: 1, Fate.REFERENCED: 1}
    assert changed(before, contents(url)) == {"orders": {(1, 1, 1, "2020-02-29", "ring")}}


def test_archiving_marks_and_says_when(url: str) -> None:
    run(
        url,
        "ALTER TABLE people ADD COLUMN gone timestamp",
        "ALTER TABLE orders ADD COLUMN state varchar(9)",
        "ALTER TABLE items ADD COLUMN gone boolean",
        "ALTER TABLE addresses ADD COLUMN gone date",
    )
    archive = {"action": "archive"}
    shop = source(
        url,
        people={**PEOPLE, "deleted": {"column": "gone"}, "erase": {**archive, "fields": {"name": "-"}}},
        orders={**ORDERS, "deleted": {"column": "state", "equals": ["trash", "bin"]}, "erase": archive},
        items={**ITEMS, "deleted": {"column": "gone"}, "erase": archive},
        addresses={"links": ADDRESSES["links"][:1], "deleted": {"column": "gone"}, "erase": archive},
    )
    result = erase(shop)
    assert [item.fates for item in result.collections.values()] == [{Fate.ARCHIVED: n} for n in (1, 2, 3, 1)]
    assert {len(row[-1]) for row in contents(url)["addresses"] if row[-1]} == {len("2020-12-31")}
    assert {row[-1] for row in contents(url)["orders"]} == {"trash", None}
    assert sum(count for row, count in contents(url)["items"].items() if row[-1]) == 3
    first = contents(url)["people"]
    shop.erase(ANN, apply=True)
    assert contents(url)["people"] == first


def test_two_collections_over_one_table_agree_before_a_row_is_deleted(url: str) -> None:
    first = {"table": "orders", **ORDERS, **DELETE}
    second = {"table": "orders", **ORDERS, "where": {"id": [2, 3]}, **KEEP}
    shop = source(url, people={**PEOPLE, **KEEP}, first=first, second=second, third={**first, "where": {"id": [1]}})
    run(url, "DELETE FROM items")
    result = erase(shop)
    assert result.collections["first"].reasons == ("1 record: not deleted as second",)
    assert sorted(row[0] for row in contents(url)["orders"]) == [2, 3]


def test_a_view_cannot_be_changed_but_may_be_kept(url: str) -> None:
    run(url, "CREATE VIEW seen AS SELECT * FROM visits")
    for erase_part in ({"action": "delete"}, {"action": "anonymise", "fields": {"page": None}}):
        shop = source(url, people={**PEOPLE, **KEEP}, seen={**VISITS, "erase": erase_part})
        with pytest.raises(UnchangeableSource, match="seen"):
            shop.erase(ANN, apply=False)
        assert shop.erase(Identifiers.of([("user_id", "404")]), apply=True).is_proven
    shop = source(url, people={**PEOPLE, **KEEP}, seen={**VISITS, **KEEP})
    assert shop.erase(ANN, apply=True).collections["seen"].fates == {Fate.KEPT: 2}


def test_rows_without_a_key_are_followed_when_they_move(url: str) -> None:
    visits = {
        **VISITS,
        "identifiers": {"page": "page"},
        "erase": {"action": "anonymise", "fields": {"page": "[erased]"}},
    }
    shop = source(
        url,
        people={**PEOPLE, **KEEP},
        visits=visits,
        again={"table": "visits", **VISITS, "erase": {"action": "anonymise", "fields": {"person_id": None}}},
    )
    assert erase(shop).collections["visits"].fates == {Fate.ANONYMISED: 2}
    assert contents(url)["visits"] == {(None, "[erased]"): 2, (2, "home"): 1}


def test_the_identifiers_of_everyone_are_streamed(url: str) -> None:
    shop = source(url, people={**PEOPLE, "where": {"name": ["Bob", "Ann"]}}, orders={"identifiers": {"order": "id"}})
    assert sorted(shop.everyones_identifiers()) == [
        ("email", ["ann@x.org", "bob@x.org"]), ("order", ["1", "2", "3"]), ("user_id", ["1", "2"])
    ]  # fmt: skip
