"""Erasing one person from three kinds of database at once, by the portal, beside the statements written by hand."""

from __future__ import annotations

import json
import sqlite3
import statistics
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.report import Figure
from tests.live.portal import running_portal
from tests.servers import running_mariadb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.portal import Portal
    from tests.servers import MariadbServer, PostgresServer

ROWS, ROUNDS = 100_000, 5
EACH = ROWS // 3 // 20 * 20

# Every second order is customer 1's, with ten items each, so half of the items; the others' stand between.
TABLES = """
CREATE TABLE customers (id int PRIMARY KEY, email varchar(99), name varchar(99));
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id));
CREATE TABLE items (id int PRIMARY KEY, order_id int REFERENCES orders (id), note varchar(99), phone varchar(40));
INSERT INTO customers SELECT {n}, {mail}, 'name' FROM {numbers_2000};
INSERT INTO orders SELECT {n}, CASE WHEN {n} % 2 = 0 THEN 3 + {n} % 1998 ELSE 1 END FROM {numbers_orders};
INSERT INTO items SELECT {n}, 1 + {n} % {orders}, 'a note about it', '+49151' FROM {numbers_items};
CREATE INDEX i_email ON customers ({email});
CREATE INDEX i_customer ON orders (customer_id);
CREATE INDEX i_order ON items (order_id);
"""
SERIES = {
    "postgresql": "generate_series(1, {count}) AS g(n)",
    "mariadb": "(SELECT seq AS n FROM seq_1_to_{count}) AS g",
    "sqlite": "(WITH RECURSIVE s(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)",
}
BY_HAND = """
UPDATE items SET note = '[erased]', phone = NULL WHERE order_id IN (SELECT id FROM orders WHERE customer_id IN
(SELECT id FROM customers WHERE {email} = 'c1@example.test'))
"""
MAP = """
version: 1
source: {slug}
collections:
  customers: {{identifiers: {{email: email}}, erase: {{action: keep, ground: accounting}}}}
  orders: {{links: [{{column: customer_id, to: customers.id}}], erase: {{action: keep, ground: accounting}}}}
  items:
    links: [{{column: order_id, to: orders.id}}]
    erase: {{action: anonymise, fields: {{note: "[erased]", phone: null}}}}
"""
# By the stages themselves, in a process whose imports are behind it; previews and approvals are not counted.
ERASE = """
import gc, json, time
from django.test.utils import override_settings
from requests_app import sources, tasks
from requests_app.models import DataSource
from tests.requests_app.changing import shops

for slug, url, text in SOURCES:
    source = DataSource.objects.filter(slug=slug).first() or DataSource(slug=slug, label=slug)
    sources.save(source, url, text, None)
request = shops.an_erasure("c1@example.test")
with override_settings(DSR_ERASURE_UNDO_HOURS=0):
    shops.approved(request)
gc.set_threshold(100_000)  # as manage.py does
begun = time.perf_counter()
for change in request.changes.all():
    tasks.change_source(change.pk)
seconds = time.perf_counter() - begun
done = list(request.changes.all())
assert len(done) == 3 and all(change.is_proven for change in done), [change.last_error for change in done]
assert all(change.result["items"]["changed"] == EACH for change in done), [change.result for change in done]
print(json.dumps(seconds))
"""
HAND = """
import json, sqlite3, time
import psycopg, pymysql
from sqlalchemy.engine import make_url

def connected(slug, url):
    if slug == "sqlite":
        return sqlite3.connect(url.removeprefix("sqlite:///"))
    if slug == "postgresql":
        return psycopg.connect(url)
    known = make_url(url)
    return pymysql.connect(
        unix_socket=known.query.get("unix_socket"), host=known.host, port=known.port or 0,
        user=known.username, password=known.password or "", database=known.database,
    )

total = 0.0
for slug, url, statement in SOURCES:
    connection = connected(slug, url)
    cursor = connection.cursor()
    begun = time.perf_counter()
    cursor.execute(statement)
    connection.commit()
    total += time.perf_counter() - begun
    assert cursor.rowcount == EACH, (slug, cursor.rowcount)
    connection.close()
print(json.dumps(total))
"""


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Compare the portal with the statements; every round has tables of its own."""
    home = folder / "erasing-everywhere"
    home.mkdir()
    with (
        running_mariadb() as mariadb,
        running_portal(home, f"sqlite:///{home / 'portal.sqlite3'}", programs=(), is_watched=False) as portal,
    ):
        rounds: list[tuple[float, float]] = []
        for number in range(ROUNDS):
            by_hand = [
                (*made, BY_HAND.format(email=_email(made[0]))) for made in _made(home, server, mariadb, f"h{number}")
            ]
            erased = [(*made, MAP.format(slug=made[0])) for made in _made(home, server, mariadb, f"p{number}")]
            rounds.append((_seconds(portal, by_hand, HAND), _seconds(portal, erased, ERASE)))
    hand, portal_seconds = (statistics.median(values) for values in zip(*rounds, strict=True))
    yield Figure(
        f"Erasing {EACH * 3:,} rows of one person over SQLite, PostgreSQL and MariaDB, searched again, on record: time",
        f"{portal_seconds / hand:.2f} × the statements by hand",
        "≤ 2 ×",
        f"{portal_seconds:.2f} s; {hand:.2f} s",
    )


def _seconds(portal: Portal, sources: list[tuple[str, str, str]], code: str) -> float:
    return float(json.loads(portal.shell(f"EACH = {EACH}\nSOURCES = {sources!r}\n{code}")))


def _made(home: Path, server: PostgresServer, mariadb: MariadbServer, name: str) -> list[tuple[str, str]]:
    """Make the tables anew in each kind of database; gives the kinds and the URLs."""
    path = home / f"{name}.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_statements("sqlite"))
        connection.execute("ANALYZE")
    return [
        ("sqlite", f"sqlite:///{path}"),
        ("postgresql", databases.make(server, name, _statements("postgresql"))),
        ("mariadb", databases.make_mariadb(mariadb, name, _statements("mariadb"))),
    ]


def _statements(kind: str) -> str:
    orders = EACH // 5
    series = {
        f"numbers_{what}": SERIES[kind].format(count=count)
        for what, count in (("2000", 2_000), ("orders", orders), ("items", EACH * 2))
    }
    mail = "CONCAT('c', n, '@example.test')" if kind == "mariadb" else "'c' || n || '@example.test'"
    return TABLES.format(n="n", mail=mail, orders=orders, email=_email(kind), **series)


def _email(kind: str) -> str:
    return "email" if kind == "mariadb" else "lower(email)"
