"""Warnings of what will be slow, on all databases."""

from extractors.datamap import load
from extractors.registry import open_source
from tests.extractors.sql.sources import run

DATA_MAP = """
version: 1
source: shop
collections:
  people: {identifiers: {email: [email, previous_email], user_id: id}}
  orders: {links: [{column: person_id, to: people.id}]}
"""


def warnings(database_url, *indexes, type_="varchar(99)"):
    run(
        database_url,
        f"CREATE TABLE people (id integer PRIMARY KEY, email {type_}, previous_email {type_})",
        "CREATE TABLE orders (id integer PRIMARY KEY, person_id integer)",
        *(f"CREATE INDEX index_{number} ON {index}" for number, index in enumerate(indexes)),
    )
    return [str(warning) for warning in open_source(database_url, load(DATA_MAP)).check()]


def folded(database_url, column):
    """What serves an address: MariaDB's usual collation ignores case, and an index on it finds any."""
    return column if database_url.startswith("mariadb") else f"lower({column})"


def test_identifiers_and_links_without_an_index_are_named(database_url):
    email, previous = folded(database_url, "email"), folded(database_url, "previous_email")
    assert warnings(database_url) == [
        f"collections.people.identifiers.email[0]: slow: an index on {email} would serve it",
        f"collections.people.identifiers.email[1]: slow: an index on {previous} would serve it",
        "collections.orders.links[0].column: slow: an index on person_id would serve it",
    ]


def test_an_index_on_the_folded_address_serves_it_and_no_other(database_url):
    email, previous = folded(database_url, "email"), folded(database_url, "previous_email")
    other = "id, email" if database_url.startswith("mariadb") else "email"
    found = warnings(database_url, f"people ({previous})", f"people ({other})", "orders (person_id)")
    assert found == [f"collections.people.identifiers.email[0]: slow: an index on {email} would serve it"]


def test_nothing_is_said_where_all_is_served(database_url):
    email, previous = folded(database_url, "email"), folded(database_url, "previous_email")
    assert warnings(database_url, f"people ({email})", f"people ({previous})", "orders (person_id)") == []


def test_an_address_whose_collation_tells_case_apart_is_served_by_no_index(mariadb_database):
    indexes = ("people (email)", "people (previous_email)", "orders (person_id)")
    found = warnings(mariadb_database("bin"), *indexes, type_="varchar(99) COLLATE utf8mb4_bin")
    assert found == [
        f"collections.people.identifiers.email[{place}]: slow: an index on {name}, with a collation that ignores case, "
        "would serve it"
        for place, name in enumerate(("email", "previous_email"))
    ]
