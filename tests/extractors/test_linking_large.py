"""A hundred thousand values carried from one database to another: by indexes, in seconds, in little memory."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.extractors.linked import a_source, counts, linked, new_urls
from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.extractors.linked import NewUrl
    from tests.servers import PostgresServer

MANY = 100_000
ROWS = 300_000
RECURSIVE = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {0}) SELECT {1} FROM s"
SERIES = {
    "sqlite": RECURSIVE,
    "postgresql": "SELECT {1} FROM generate_series(1, {0}) AS s(n)",
    "mariadb": RECURSIVE,
}
ANALYZE = {"sqlite": "ANALYZE", "postgresql": "ANALYZE t", "mariadb": "ANALYZE TABLE t"}


def table(kind: str, columns: str, rows: int, values: str, index: str) -> str:
    return f"""
        CREATE TABLE t ({columns}); INSERT INTO t {SERIES[kind].format(rows, values)};
        CREATE INDEX by_{index} ON t ({index}); {ANALYZE[kind]}
    """


def sequential_reads(server: PostgresServer, url: str) -> int:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(server.url(), autocommit=True) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        wait_until(lambda: connection.execute(others, (name,)).fetchone() == (0,))
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 't'").fetchone()
    return int(count)


@pytest.fixture
def new(tmp_path: Path, postgres_database: Callable[[str], str], mariadb_database: Callable[[str], str]) -> NewUrl:
    return new_urls(tmp_path, postgresql=postgres_database, mariadb=mariadb_database)


@pytest.mark.parametrize(
    ("first", "second"), [("sqlite", "postgresql"), ("postgresql", "mariadb"), ("mariadb", "sqlite")]
)
def test_a_hundred_thousand_values_are_carried_in_seconds(new: NewUrl, first: str, second: str) -> None:
    theirs = table(first, "id int, number int, name varchar(9)", MANY, "1, n, n + 5", "id")
    ours = table(second, "number varchar(9), name varchar(9)", ROWS, "n, n + 5", "number")
    composite = {"column": ["number", "name"], "to": ["a.t.number", "a.t.name"]}
    sources = {
        "a": a_source(new(first, "a"), "a", theirs, t={"identifiers": {"user_id": "id"}}),
        "b": a_source(new(second, "b"), "b", ours, t={"links": [{"column": "number", "to": "a.t.number"}]}),
        "c": a_source(new(second, "c"), "c", ours, t={"links": [composite]}),
    }
    begun_at = time.monotonic()
    assert counts("b", sources) == {"t": MANY}
    assert sources["c"].search(linked("c", sources).identifiers) == {"t": MANY}
    assert time.monotonic() - begun_at < 40
    tracemalloc.start()
    linked("b", sources)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * 2**20


def test_few_values_from_elsewhere_are_looked_up_by_the_index(new: NewUrl, postgres_server: PostgresServer) -> None:
    theirs = table("sqlite", "id int, number int", 1_000, "1, n", "id")
    for name, type_ in (("text", "text"), ("number", "bigint"), ("exact", "numeric"), ("short", "varchar(9)")):
        url = new("postgresql", name)
        ours = table("postgresql", f"number {type_}, name text", ROWS, "n, 'n'", "number")
        sources = {
            "a": a_source(new("sqlite", f"a{name}"), "a", theirs, t={"identifiers": {"user_id": "id"}}),
            "b": a_source(url, "b", ours, t={"links": [{"column": "number", "to": "a.t.number"}]}),
        }
        before = sequential_reads(postgres_server, url)
        assert counts("b", sources) == {"t": 1_000}
        assert sequential_reads(postgres_server, url) == before
