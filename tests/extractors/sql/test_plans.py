"""How the databases go about it: by indexes for a person of few rows, and never in squares."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from extractors.identifiers import Identifiers
from tests.extractors.sql.sources import ANN, mariadb_connection, records, run, source
from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import MariadbServer, PostgresServer

PEOPLE, ORDERS = 60_000, 200_000
SERIES = "FROM generate_series(1, {}) n"
P, N = SERIES.format(PEOPLE), SERIES.format(ORDERS)
MP, MN = f"FROM seq_1_to_{PEOPLE}", f"FROM seq_1_to_{ORDERS}"
TABLES = (
    "CREATE TABLE people (id int PRIMARY KEY, email text, old_email text, invited_by int, address_id int)",
    f"INSERT INTO people SELECT n, 'p' || n || '@x.org', 'o' || n || '@x.org', n + 7, n {P}",
    "CREATE TABLE orders (id int PRIMARY KEY, buyer_id int, payer_id int, reference text, address_id int)",
    f"INSERT INTO orders SELECT n, n % {PEOPLE}, (n + 5) % {PEOPLE}, 'r' || n, n % {PEOPLE} {N}",
    "CREATE TABLE events (order_id text, kind int)",
    f"INSERT INTO events SELECT n, 1 {N}",
    "CREATE TABLE addresses (id int PRIMARY KEY, city text)",
    f"INSERT INTO addresses SELECT n, 'c' {P}",
    "CREATE TABLE comments (id int PRIMARY KEY, author_id int, parent_id int)",
    f"INSERT INTO comments SELECT n, n % {PEOPLE}, n - {PEOPLE} {N}",
    *(f"CREATE INDEX ON people ({column})" for column in ("lower(email)", "lower(old_email)", "invited_by")),
    *(f"CREATE INDEX ON orders ({column})" for column in ("buyer_id", "payer_id")),
    *(f"CREATE INDEX ON comments ({column})" for column in ("author_id", "parent_id")),
    "CREATE INDEX ON events (order_id)",
    "CREATE VIEW visible_orders AS SELECT * FROM orders",
    "ANALYZE",
)
PERSON: dict[str, Any] = {"identifiers": {"email": ["email", "old_email"], "user_id": "id"}}
TWO_WAYS = [{"column": "buyer_id", "to": "people.id"}, {"column": "payer_id", "to": "people.id"}]
MAPS: dict[str, dict[str, Any]] = {
    "two ways into a table": {"people": PERSON, "orders": {"links": TWO_WAYS}},
    "two ways into a view": {"people": PERSON, "visible_orders": {"links": TWO_WAYS}},
    "a chain through a table without a key, and types that differ": {
        "people": PERSON,
        "orders": {"links": TWO_WAYS},
        "events": {"links": [{"column": "order_id", "to": "orders.id"}]},
    },
    "rows that theirs point at, over a diamond": {
        "people": PERSON,
        "orders": {"links": TWO_WAYS},
        "addresses": {
            "links": [{"column": "id", "to": "people.address_id"}, {"column": "id", "to": "orders.address_id"}]
        },
    },
    "a self-reference": {
        "people": PERSON,
        "comments": {
            "links": [{"column": "author_id", "to": "people.id"}, {"column": "parent_id", "to": "comments.id"}]
        },
        "orders": {"links": [{"column": "id", "to": "comments.id"}]},
    },
}


@pytest.fixture(scope="module")
def large_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database("large")
    run(url, *TABLES)
    yield url
    postgres_server.drop_database(url)


def rows_read_in_sequence(server: PostgresServer, url: str) -> int:
    """Rows of our tables read by sequential scans so far, once all other connections have reported theirs."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        wait_until(lambda: connection.execute(others, (name,)).fetchone() == (0,))
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT sum(seq_tup_read) FROM pg_stat_user_tables").fetchone() or (0,)
    return int(count)


@pytest.mark.parametrize("case", MAPS)
def test_a_person_of_few_rows_is_found_by_indexes_alone(
    postgres_server: PostgresServer, large_url: str, case: str
) -> None:
    before = rows_read_in_sequence(postgres_server, large_url)
    extractor = source(large_url, **MAPS[case])
    person = Identifiers.of([("email", "P77@x.org"), ("email", "o78@x.org"), ("user_id", "79")])
    counts = extractor.search(person)
    assert all(0 < count < 50 for count in counts.values()), counts
    assert {name: len(rows) for name, rows in records(extractor, person).items()} == counts
    assert rows_read_in_sequence(postgres_server, large_url) == before


def test_a_table_without_the_index_is_read_in_sequence(postgres_server: PostgresServer, large_url: str) -> None:
    before = rows_read_in_sequence(postgres_server, large_url)
    source(large_url, orders={"identifiers": {"user_id": "reference"}}).search(ANN)
    assert rows_read_in_sequence(postgres_server, large_url) - before >= ORDERS


MARIADB_TABLES = (
    "CREATE TABLE people (id int PRIMARY KEY, email varchar(99), old_email varchar(99),"
    " invited_by int, address_id int)",
    f"INSERT INTO people SELECT seq, concat('p', seq, '@x.org'), concat('o', seq, '@x.org'), seq + 7, seq {MP}",
    "CREATE TABLE orders (id int PRIMARY KEY, buyer_id int, payer_id int, reference varchar(99), address_id int)",
    f"INSERT INTO orders SELECT seq, seq % {PEOPLE}, (seq + 5) % {PEOPLE}, concat('r', seq), seq % {PEOPLE} {MN}",
    "CREATE TABLE events (order_id varchar(20) COLLATE utf8mb4_unicode_ci, kind int)",
    f"INSERT INTO events SELECT seq, 1 {MN}",
    "CREATE TABLE addresses (id int PRIMARY KEY, city text)",
    f"INSERT INTO addresses SELECT seq, 'c' {MP}",
    "CREATE TABLE comments (id int PRIMARY KEY, author_id int, parent_id int)",
    f"INSERT INTO comments SELECT seq, seq % {PEOPLE}, CAST(seq AS SIGNED) - {PEOPLE} {MN}",
    "CREATE TABLE tags (reference varchar(99) CHARACTER SET latin1)",
    f"INSERT INTO tags SELECT concat('r', seq) {MN}",
    *(f"CREATE INDEX i_{column} ON people ({column})" for column in ("email", "old_email", "invited_by")),
    *(f"CREATE INDEX i_{column} ON orders ({column})" for column in ("buyer_id", "payer_id")),
    *(f"CREATE INDEX i_{column} ON comments ({column})" for column in ("author_id", "parent_id")),
    "CREATE INDEX i_order ON events (order_id)",
    "CREATE INDEX i_reference ON tags (reference)",
    "CREATE VIEW visible_orders AS SELECT * FROM orders",
    "ANALYZE TABLE people, orders, events, addresses, comments, tags",
)
MARIADB_MAPS = MAPS | {
    "a text in another character set and collation": {
        "people": PERSON,
        "orders": {"links": TWO_WAYS},
        "tags": {"links": [{"column": "reference", "to": "orders.reference"}]},
    }
}


@pytest.fixture(scope="module")
def large_mariadb_url(mariadb_server: MariadbServer) -> Iterator[str]:
    url = mariadb_server.create_database("large")
    run(url, *MARIADB_TABLES)
    yield url
    mariadb_server.drop_database(url)


def rows_read_one_by_one(url: str, act: Callable[[], object]) -> int:
    """Rows read while something is done, other than those an index led to."""
    counter = "SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'"
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(counter)
        before = int(cursor.fetchall()[0][1])
        act()
        cursor.execute(counter)
        return int(cursor.fetchall()[0][1]) - before


@pytest.mark.parametrize("case", MARIADB_MAPS)
def test_a_person_of_few_rows_is_found_by_indexes_alone_on_mariadb(large_mariadb_url: str, case: str) -> None:
    extractor = source(large_mariadb_url, **MARIADB_MAPS[case])
    person = Identifiers.of([("email", "P77@x.org"), ("email", "o78@x.org"), ("user_id", "79")])
    counts: dict[str, int] = {}
    read = rows_read_one_by_one(large_mariadb_url, lambda: counts.update(extractor.search(person)))
    assert all(0 < count < 50 for count in counts.values()), counts
    assert read < 5_000  # of what the server keeps of its tables, and of the keys found


def test_a_table_of_mariadb_without_the_index_is_read_whole(large_mariadb_url: str) -> None:
    extractor = source(large_mariadb_url, orders={"identifiers": {"user_id": "reference"}})
    assert rows_read_one_by_one(large_mariadb_url, lambda: extractor.search(ANN)) >= ORDERS


LONG = 50_000
CHAIN = {
    "identifiers": {"user_id": "id"},
    "links": [{"column": "parent", "to": "chain.id"}, {"column": "id", "to": "chain.parent"}],
}
CIRCLE = {
    "a": {"identifiers": {"user_id": "id"}, "links": [{"column": "id", "to": "b.a_id"}]},
    "b": {"links": [{"column": "id", "to": "a.b_id"}]},
}


def circles(url: str) -> None:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LONG}) "
    run(
        url,
        "CREATE TABLE chain (id int, parent int)",
        "CREATE TABLE a (id int, b_id int)",
        "CREATE TABLE b (id int, a_id int)",
        f"INSERT INTO chain {numbers} SELECT i, i - 1 FROM n",
        "INSERT INTO a SELECT id, id FROM chain",
        f"INSERT INTO b SELECT id, id % {LONG} + 1 FROM chain",
    )


@pytest.mark.parametrize("collections", [{"chain": CHAIN}, CIRCLE])
def test_a_long_circle_takes_seconds(database_url: str, collections: dict[str, Any]) -> None:
    circles(database_url)
    if not database_url.startswith("sqlite"):  # which makes its own
        indexes = ("chain (id)", "chain (parent)", "a (id)", "b (id)")
        run(database_url, *(f"CREATE INDEX i{number} ON {index}" for number, index in enumerate(indexes)))
        run(database_url, "ANALYZE" if database_url.startswith("postgresql") else "ANALYZE TABLE chain, a, b")
    begun_at = time.monotonic()
    extractor = source(database_url, **collections)
    assert set(extractor.search(ANN).values()) == {LONG}
    assert {len(rows) for rows in records(extractor).values()} == {LONG}
    assert time.monotonic() - begun_at < 20
