"""The databases that are measured, made in private servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from tests.servers import MariadbServer, PostgresServer

ONE_TABLE = """
CREATE TABLE events AS
SELECT g::bigint AS id, CASE WHEN g <= 100000 THEN 1 ELSE 2 END AS user_id, 'name ' || g AS name,
       'ann' || g || '@example.test' AS email, timestamptz '2026-01-01' - g * interval '1 s' AS created_at,
       (g * 1.01)::numeric(12, 2) AS amount, g % 2 = 0 AS flag, g / 7.0::float8 AS score, md5(g::text) AS note,
       date '2020-01-01' + (g % 1000)::int AS day
FROM generate_series(1, 1100000) AS g;
ALTER TABLE events ADD PRIMARY KEY (id);
CREATE INDEX ON events (user_id);
"""
ONE_TABLE_MAP = """
version: 1
source: bench
collections:
  events: {identifiers: {user_id: user_id}}
"""

# Customer 1 has 10,000 orders of three items, customer 2 has 100,000; all others are in the way.
JOINS = """
CREATE TABLE customers (id int PRIMARY KEY, email text);
INSERT INTO customers SELECT g, 'c' || g || '@example.test' FROM generate_series(1, 50000) AS g;
CREATE INDEX ON customers (lower(email));
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, placed_at timestamptz, total numeric);
INSERT INTO orders SELECT g, CASE WHEN g <= 10000 THEN 1 WHEN g <= 110000 THEN 2 ELSE 3 + g % 49998 END,
       timestamptz '2026-01-01' + g * interval '1 min', g / 100.0 FROM generate_series(1, 300000) AS g;
CREATE INDEX ON orders (customer_id);
CREATE TABLE order_items (order_id int REFERENCES orders, line int, product text, PRIMARY KEY (order_id, line));
INSERT INTO order_items SELECT o, l, 'product ' || o % 1000 FROM generate_series(1, 300000) o, generate_series(1, 3) l;
"""
JOINS_MAP = """
version: 1
source: bench
collections:
  customers: {identifiers: {email: email}}
  orders: {links: [{column: customer_id, to: customers.id}]}
  order_items: {links: [{column: order_id, to: orders.id}]}
"""

MARIADB_ONE_TABLE = """
CREATE TABLE events (id bigint PRIMARY KEY, user_id int, name varchar(99), email varchar(99),
    created_at timestamp NULL, amount decimal(12, 2), flag boolean, score double, note varchar(99), day date);
INSERT INTO events SELECT seq, IF(seq <= 100000, 1, 2), CONCAT('name ', seq), CONCAT('ann', seq, '@example.test'),
    TIMESTAMP '2026-01-01 00:00:00' - INTERVAL seq SECOND, seq * 1.01, seq % 2, seq / 7.0e0, MD5(seq),
    DATE '2020-01-01' + INTERVAL seq % 1000 DAY FROM seq_1_to_1100000;
CREATE INDEX i_user ON events (user_id);
ANALYZE TABLE events
"""

# The same 10,000,000 rows on both; each customer has 20.
TEN_MILLION = """
CREATE TABLE customers (id int PRIMARY KEY, email text, name text);
INSERT INTO customers SELECT g, 'c' || g || '@example.test', 'name' FROM generate_series(1, 500000) AS g;
CREATE INDEX ON customers (lower(email));
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric);
INSERT INTO orders SELECT g, 1 + g % 500000, g / 100.0 FROM generate_series(1, 2000000) AS g;
CREATE INDEX ON orders (customer_id);
CREATE TABLE order_items (id int PRIMARY KEY, order_id int, product text);
INSERT INTO order_items SELECT g, 1 + g % 2000000, 'product' FROM generate_series(1, 7500000) AS g;
CREATE INDEX ON order_items (order_id);
"""
MARIADB_TEN_MILLION = """
CREATE TABLE customers (id int PRIMARY KEY, email varchar(99), name varchar(99));
INSERT INTO customers SELECT seq, CONCAT('c', seq, '@example.test'), 'name' FROM seq_1_to_500000;
CREATE INDEX i_email ON customers (email);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total decimal(12, 2));
INSERT INTO orders SELECT seq, 1 + seq % 500000, seq / 100 FROM seq_1_to_2000000;
CREATE INDEX i_customer ON orders (customer_id);
CREATE TABLE order_items (id int PRIMARY KEY, order_id int, product varchar(99));
INSERT INTO order_items SELECT seq, 1 + seq % 2000000, 'product' FROM seq_1_to_7500000;
CREATE INDEX i_order ON order_items (order_id);
ANALYZE TABLE customers, orders, order_items
"""


def make(server: PostgresServer, name: str, statements: str) -> str:
    """Create a database, its statistics up to date, and return its URL."""
    url = server.create_database(name)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
    return url


def write_map(folder: Path, text: str) -> str:
    """Write a data map and return its path."""
    path = folder / "map.yaml"
    path.write_text(text)
    return str(path)


def make_mariadb(server: MariadbServer, name: str, statements: str) -> str:
    """Create a database, its statistics up to date, and return its URL."""
    url = server.create_database(name)
    server.execute(f"USE `{url.split('@localhost/')[1].split('?')[0]}`; {statements}")
    return url
