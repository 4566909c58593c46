"""Anonymising many rows of one person behind two joins, beside the statement one would write by hand."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from benchmarks import databases
from benchmarks.measuring import MANAGE
from benchmarks.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

ROWS, MANY_ROWS, ROUNDS = 100_000, 1_000_000, 5

# Every second order is customer 1's, with ten items each, so half of the items; the others' stand between.
TABLES = """
CREATE TABLE customers (id int PRIMARY KEY, email text, name text);
INSERT INTO customers SELECT g, 'c' || g || '@example.test', 'name ' || g FROM generate_series(1, 20000) AS g;
CREATE INDEX ON customers (lower(email));
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, placed_at timestamptz);
INSERT INTO orders SELECT g, CASE WHEN g % 2 = 0 THEN 3 + g % 19998 ELSE 1 END, timestamptz '2026-01-01'
FROM generate_series(1, {rows} / 5) AS g;
CREATE INDEX ON orders (customer_id);
CREATE TABLE items (id int PRIMARY KEY, order_id int REFERENCES orders, note text, phone text, amount numeric);
INSERT INTO items SELECT g, 1 + g % ({rows} / 5), 'a note about ' || g, '+49151' || g, g / 100.0
FROM generate_series(1, {rows} * 2) AS g;
CREATE INDEX ON items (order_id);
"""
DATA_MAP = """
version: 1
source: bench
collections:
  customers: {identifiers: {email: email}, erase: {action: keep, ground: accounting}}
  orders: {links: [{column: customer_id, to: customers.id}], erase: {action: keep, ground: accounting}}
  items:
    links: [{column: order_id, to: orders.id}]
    erase: {action: anonymise, fields: {note: "[erased]", phone: null}}
"""
BY_HAND = """
UPDATE items SET note = '[erased]', phone = NULL WHERE order_id IN (SELECT id FROM orders WHERE customer_id IN
(SELECT id FROM customers WHERE lower(email) = lower('c1@example.test')))
"""
# What the erasing costs a process that has started: not the imports, which a hand-written statement has none of.
ERASE = """
import json, resource, sys, time
from pathlib import Path
import psycopg, sqlalchemy.dialects.postgresql.psycopg
import extractors.sql.changing.erasing
from extractors.datamap import load
from extractors.identifiers import Identifiers
from extractors.registry import open_source

url, data_map = sys.argv[1:]
extractor = open_source(url, load(Path(data_map).read_text()))
begun = time.perf_counter()
result = extractor.erase(Identifiers.of([("email", "c1@example.test")]), apply=True)
seconds = time.perf_counter() - begun
assert result.is_proven and result.collections["items"].changed == {rows}, result
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Compare with the statement by hand, and with ten times the rows; every run has a fresh copy of the tables."""
    data_map = databases.write_map(folder, DATA_MAP)
    few = [_round(server, data_map, ROWS) for _ in range(ROUNDS)]
    by_hand, erased, peak = (statistics.median(values) for values in zip(*few, strict=True))
    what = f"PostgreSQL, erasing (anonymise) {ROWS:,} rows behind two joins, searched again"
    yield Figure(
        f"{what}: time", f"{erased / by_hand:.2f} × UPDATE by hand", "≤ 2 ×", f"{erased:.2f} s; {by_hand:.2f} s"
    )
    many = [_round(server, data_map, MANY_ROWS) for _ in range(2)]
    by_hand_many, erased_many, peak_many = (min(values) for values in zip(*many, strict=True))
    growth = f"{erased:.2f} s, {erased_many:.2f} s; by hand {by_hand:.2f} s, {by_hand_many:.2f} s"
    times = f"{erased_many / erased:.1f} ×, by hand {by_hand_many / by_hand:.1f} ×"
    yield Figure(f"{what}: growth of the time to {MANY_ROWS:,}", times, "linear, as by hand", growth)
    yield Figure(f"{what}: peak memory at {MANY_ROWS:,}", f"{peak_many:.0f} MiB", "± 10 %", f"{peak:.0f} MiB")


def _round(server: PostgresServer, data_map: str, rows: int) -> tuple[float, float, float]:
    """Measure the statement by hand, then the erasing, each on tables made for it."""
    with _made(server, rows) as url:
        by_hand = _by_hand(url)
    with _made(server, rows) as url:
        return by_hand, *_erased(url, data_map, rows)


@contextmanager
def _made(server: PostgresServer, rows: int) -> Iterator[str]:
    """Copy the tables, made once, as they were; a copy is a copy of files."""
    template = f"erasing_{rows}"
    if template not in TEMPLATES:
        TEMPLATES[template] = databases.make(server, template, TABLES.format(rows=rows))
    copy = server.create_database("copy")
    server.drop_database(copy)
    server.execute(f'CREATE DATABASE "{_name(copy)}" TEMPLATE "{_name(TEMPLATES[template])}"')
    server.execute("CHECKPOINT")
    yield copy
    server.drop_database(copy)


def _name(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


TEMPLATES: dict[str, str] = {}


def _by_hand(url: str) -> float:
    with psycopg.connect(url) as connection:
        begun = time.perf_counter()
        connection.execute(BY_HAND)
        connection.commit()
        return time.perf_counter() - begun


def _erased(url: str, data_map: str, rows: int) -> tuple[float, float]:
    command = [sys.executable, "-c", ERASE.replace("{rows}", str(rows)), url, data_map]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=MANAGE.parent)
    seconds, peak = json.loads(run.stdout)
    return seconds, peak
