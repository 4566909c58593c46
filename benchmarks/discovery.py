"""Discovering a source of five hundred tables that nobody described."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from benchmarks.measuring import manage, run
from benchmarks.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

AREAS = ("sales", "support", "billing", "stock", "hr", "web", "fleet", "school", "clinic", "club")
THINGS = """
    customer order invoice payment ticket message contract visit product address
    parcel device session complaint booking review note course grade event
    employee shift leave salary member donation pet vehicle trip fine
    patient finding prescription bed room key loan book author reader
    supplier delivery shelf batch quote offer lead campaign answer survey
"""
ROWS = 400

# Ten columns a table: three refer to earlier tables, of which one by a declared foreign key.
TABLE = sql.SQL("""
CREATE TABLE {table} (
    id int PRIMARY KEY, {first} int, {second} int, {third} int REFERENCES {target}, email text, full_name text,
    note text, token text, amount numeric(10, 2), created_at timestamptz
)""")
FILL = sql.SQL("""
INSERT INTO {table} SELECT n, 1 + n * 7 % {rows}, 1 + n * 13 % {rows}, 1 + n * 3 % {rows},
    'person' || n || '@example.test', (ARRAY['Anna', 'Boris', 'Clara', 'David'])[1 + n % 4] || ' ' || 'Miller',
    'Please look at number ' || n || ' as soon as you can.', md5(n::text || {name}), n * 1.25,
    timestamptz '2024-01-01' + n * interval '1 h'
FROM generate_series(1, {rows}) AS n""")


def make(server: PostgresServer) -> str:
    """Create the database of 500 tables with 5,000 columns and 200,000 rows, and return its URL."""
    url = server.create_database("discovery")
    names = [f"{area}_{thing}s" for area in AREAS for thing in THINGS.split()]
    with psycopg.connect(url) as connection:
        for number in range(len(names)):
            connection.execute(_filled(TABLE, names, number))
            connection.execute(_filled(FILL, names, number))
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    return url


def _filled(statement: sql.SQL, names: list[str], number: int) -> sql.Composed:
    near, far, third = (names[number * factor // 10] for factor in (9, 5, 2))
    columns = [f"{name.split('_')[1].removesuffix('s')}_id" for name in (near, far)]
    return statement.format(
        table=sql.Identifier(names[number]),
        first=sql.Identifier(f"first_{columns[0]}"),
        second=sql.Identifier(f"other_{columns[1]}"),
        third=sql.Identifier("parent_ref"),
        target=sql.Identifier(third),
        rows=sql.Literal(ROWS),
        name=sql.Literal(names[number]),
    )


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Discover it, the whole process."""
    cost = run(manage("dsr_discover", "--url", make(server), "--out", str(folder / "map.yaml")))
    yield Figure(
        "`dsr_discover` on 500 tables with 5,000 columns, constraints and contents sampled",
        f"{cost.seconds:.1f} s",
        "< 30 s",
        f"peak {cost.peak_mib:.0f} MB",
    )
