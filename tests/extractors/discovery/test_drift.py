"""What is told when a source has changed since its map was made; against real databases, changed in between."""

import json

import pytest

from extractors.datamap import DataMap
from extractors.discovery.drift import Severity, drift, outline
from extractors.discovery.findings import findings
from extractors.discovery.model import Sampling
from extractors.registry import kind_of
from tests.extractors.sql.sources import run

SHOP = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(200), name VARCHAR(80), password_hash VARCHAR(99))",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total NUMERIC(10, 2))",
    "CREATE TABLE colours (id INTEGER PRIMARY KEY, word VARCHAR(20))",
    "INSERT INTO customers VALUES (1, 'ann@example.test', 'Ann', 'x'), (2, 'bo@example.test', 'Bo', 'y')",
    "INSERT INTO orders VALUES (1, 1, 5), (2, 1, 7), (3, 2, 9)",
)
MAP = DataMap.model_validate(
    {
        "version": 1,
        "source": "shop",
        "collections": {
            "customers": {"identifiers": {"email": "email"}, "fields": {"password_hash": {"secret": True}}},
            "orders": {"links": [{"column": "customer_id", "to": "customers.id"}]},
        },
    }
)


def looked(url):
    inventory = kind_of(url).inventory(url, "shop", Sampling())
    return inventory, findings(inventory)


@pytest.fixture
def shop(database_url):
    run(database_url, *SHOP)
    return database_url


@pytest.fixture
def then(shop):
    """The outline as the portal stores it."""
    return json.loads(json.dumps(outline(*looked(shop))))


def changes(url, then, data_map=MAP):
    return [(change.severity, change.where) for change in drift(data_map, then, *looked(url))]


def test_nothing_is_told_where_nothing_changed(shop, then):
    assert changes(shop, then) == []


def test_rows_are_no_change(shop, then):
    run(shop, "INSERT INTO customers VALUES (3, 'cy@example.test', 'Cy', 'z')", "DELETE FROM orders")
    assert changes(shop, then) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, True),
        ({"json": True}, True),
        ({"json": True, "drop": ["$.theme"]}, True),
        ({"json": True, "drop": ["$.auth.apiKey"]}, False),
        ({"json": True, "drop": ["$.auth"]}, False),
        ({"secret": True}, False),
        ({"json": True, "category": "settings"}, False),
    ],
)
def test_a_secret_within_json_that_would_be_given_out_is_told(shop, then, said, told):
    run(shop, "ALTER TABLE customers ADD COLUMN settings VARCHAR(99)")
    run(shop, """UPDATE customers SET settings = '{"theme": 1, "auth": {"apiKey": "x"}}'""")
    document = MAP.model_dump(by_alias=True, exclude_defaults=True)
    document["collections"]["customers"]["fields"]["settings"] = said
    found = changes(shop, then, DataMap.model_validate(document))
    assert ((Severity.DANGER, "customers.settings") in found) is told


def test_a_new_secret_that_would_be_given_out_is_the_gravest(shop, then):
    run(shop, "ALTER TABLE customers ADD COLUMN api_key VARCHAR(80)", "ALTER TABLE orders ADD COLUMN width INTEGER")
    run(shop, "UPDATE customers SET api_key = 'sk_live_51HxQ9rKzT7vYw2Lp8NcBd4MfG6jR3sX'")
    found = changes(shop, then)
    assert found[0] == (Severity.DANGER, "customers.api_key")
    assert (Severity.NOTICE, "orders.width") in found


def test_a_secret_is_told_of_without_any_memory(shop):
    careless = MAP.model_copy(
        update={
            "collections": {
                "customers": MAP.collections["orders"].model_copy(
                    update={"links": (), "identifiers": {"email": ("email",)}}
                )
            }
        }
    )
    assert changes(shop, None, careless) == [(Severity.DANGER, "customers.password_hash")]
    assert changes(shop, None) == []


def test_a_secret_that_the_map_says_something_else_about_was_looked_at(shop, then):
    told = MAP.model_dump(by_alias=True)
    told["collections"]["customers"]["fields"]["password_hash"] = {"category": "a word for the door"}
    assert changes(shop, then, DataMap.model_validate(told)) == []


def test_new_personal_data_is_warned_of(shop, then):
    run(shop, "ALTER TABLE orders ADD COLUMN delivery_phone VARCHAR(40)")
    run(shop, "UPDATE orders SET delivery_phone = '+4915123456789'")
    assert (Severity.WARNING, "orders.delivery_phone") in changes(shop, then)


def test_a_table_that_is_gone_breaks_the_map(shop, then):
    run(shop, "DROP TABLE orders")
    assert changes(shop, then) == [(Severity.BROKEN, "orders")]


def test_a_column_that_only_a_link_of_another_collection_names_breaks_it_too(shop, then):
    run(shop, "DROP TABLE customers", "CREATE TABLE customers (number INTEGER PRIMARY KEY, email VARCHAR(200))")
    assert (Severity.BROKEN, "customers.id") in changes(shop, then)
    assert (Severity.BROKEN, "customers.password_hash") in changes(shop, then)


def test_a_new_table_that_refers_to_people_is_warned_of(shop, then):
    run(
        shop,
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, customer_id INTEGER)",
        "CREATE TABLE units (code VARCHAR(5))",
    )
    run(shop, "INSERT INTO visits VALUES (1, 1), (2, 2)")
    found = dict(reversed(change) for change in changes(shop, then))
    assert found == {"visits": Severity.WARNING, "units": Severity.NOTICE}


def test_a_type_that_changed_is_told_of(shop, then):
    run(
        shop,
        "DROP TABLE orders",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id VARCHAR(20), total INTEGER)",
    )
    assert changes(shop, then) == [(Severity.WARNING, "orders.customer_id"), (Severity.NOTICE, "orders.total")]


def test_what_the_map_leaves_out_may_go_with_a_notice(shop, then):
    run(shop, "DROP TABLE colours")
    assert changes(shop, then) == [(Severity.NOTICE, "colours")]


def test_a_foreign_key_that_is_gone_is_told_of(database_url):
    run(database_url, "CREATE TABLE a (id INTEGER PRIMARY KEY)")
    run(database_url, "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER, FOREIGN KEY (a_id) REFERENCES a (id))")
    data_map = DataMap.model_validate(
        {"version": 1, "source": "s", "collections": {"a": {"identifiers": {"user_id": "id"}}}}
    )
    then = outline(*looked(database_url))
    run(database_url, "DROP TABLE b", "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER)")
    assert changes(database_url, then, data_map) == [(Severity.NOTICE, "b.a_id")]


def test_a_map_may_write_the_default_schema(postgres_database):
    url = postgres_database("shop")
    run(url, *SHOP)
    told = MAP.model_dump(by_alias=True)
    told["collections"]["customers"]["table"] = "public.customers"
    assert changes(url, None, DataMap.model_validate(told)) == []


def test_no_value_is_told(shop, then):
    run(shop, "ALTER TABLE customers ADD COLUMN private_email VARCHAR(80)")
    run(shop, "UPDATE customers SET private_email = 'ann.private@example.test'")
    told = drift(MAP, then, *looked(shop))
    assert told
    assert "ann" not in repr(told).lower()
