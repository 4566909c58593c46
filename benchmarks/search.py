"""Finding one person's few rows among millions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import MANAGE, manage, side_by_side
from benchmarks.report import Figure
from tests.servers import running_mariadb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

# All that the search imports, and nothing of what it does.
START = """
import gc, os, runpy, sys
os.chdir({folder!r})
gc.set_threshold(100_000)  # as manage.py does
import {driver}, yaml
import extractors.registry, extractors.sql.extractor
extractors.registry._kinds()
sys.argv = ["manage.py", "dsr_search", "--help"]
runpy.run_path("manage.py", run_name="__main__")
"""
POSTGRESQL = "psycopg, sqlalchemy.dialects.postgresql.psycopg"
MARIADB = "pymysql, sqlalchemy.dialects.mysql.pymysql"


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Compare the search with a process that only starts."""
    data_map = databases.write_map(folder, databases.JOINS_MAP)
    url = databases.make(server, "search", databases.TEN_MILLION)
    yield _figure("PostgreSQL", url, data_map, POSTGRESQL)
    with running_mariadb() as other:
        url = databases.make_mariadb(other, "search", databases.MARIADB_TEN_MILLION)
        yield _figure("MariaDB", url, data_map, MARIADB)


def _figure(name: str, url: str, data_map: str, driver: str) -> Figure:
    search = manage("dsr_search", "--url", url, "--map", data_map, "--email", "c4711@example.test")
    start = [sys.executable, "-c", START.format(folder=str(MANAGE.parent), driver=driver)]
    started, found = side_by_side(start, search)
    return Figure(
        f"a person with 20 rows in a database of 10,000,000 on {name}, `dsr_search`: over the start of the process",
        f"{(found.seconds - started.seconds) * 1000:.0f} ms",
        "< 200 ms",
        f"{found.seconds:.2f} s, of which the start {started.seconds:.2f} s",
    )
