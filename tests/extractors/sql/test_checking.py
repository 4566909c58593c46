"""Warnings of what will be slow, on both databases."""

import sqlalchemy as sa

from extractors.datamap import load
from extractors.registry import open_source

DATA_MAP = """
version: 1
source: shop
collections:
  people: {identifiers: {email: [email, previous_email], user_id: id}}
  orders: {links: [{column: person_id, to: people.id}]}
"""


def warnings(database_url, *indexes):
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE people (id integer PRIMARY KEY, email text, previous_email text)")
        connection.exec_driver_sql("CREATE TABLE orders (id integer PRIMARY KEY, person_id integer)")
        for number, index in enumerate(indexes):
            connection.exec_driver_sql(f"CREATE INDEX index_{number} ON {index}")
    engine.dispose()
    return [str(warning) for warning in open_source(database_url, load(DATA_MAP)).check()]


def test_identifiers_and_links_without_an_index_are_named(database_url):
    assert warnings(database_url) == [
        "collections.people.identifiers.email[0]: slow: an index on lower(email) would serve it",
        "collections.people.identifiers.email[1]: slow: an index on lower(previous_email) would serve it",
        "collections.orders.links[0].column: slow: an index on person_id would serve it",
    ]


def test_an_index_on_the_folded_address_serves_it_and_no_other(database_url):
    found = warnings(database_url, "people (lower(previous_email))", "people (email)", "orders (person_id)")
    assert found == ["collections.people.identifiers.email[0]: slow: an index on lower(email) would serve it"]


def test_nothing_is_said_where_all_is_served(database_url):
    assert warnings(database_url, "people (lower(email))", "people (lower(previous_email))", "orders (person_id)") == []
