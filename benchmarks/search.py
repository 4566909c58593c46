"""Finding one person's few rows among millions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import MANAGE, manage, side_by_side
from benchmarks.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

# All that the search imports, and nothing of what it does.
START = """
import gc, runpy, sys
gc.set_threshold(100_000)  # as manage.py does
import psycopg, sqlalchemy.dialects.postgresql.psycopg, yaml, extractors.kinds.postgresql, extractors.kinds.sqlite
import extractors.sql.extractor
sys.argv = ["manage.py", "dsr_search", "--help"]
runpy.run_path("manage.py", run_name="__main__")
"""


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Compare the search with a process that only starts."""
    url = databases.make(server, "search", databases.MANY_ROWS)
    source = ("--url", url, "--map", databases.write_map(folder, databases.JOINS_MAP))
    search = manage("dsr_search", *source, "--email", "c4711@example.test")
    started, found = side_by_side([sys.executable, "-c", f"import os; os.chdir({str(MANAGE.parent)!r}){START}"], search)
    yield Figure(
        "a person with 20 rows in a database of 4,000,000, `dsr_search`: over the start of the process",
        f"{(found.seconds - started.seconds) * 1000:.0f} ms",
        "≤ 300 ms",
        f"{found.seconds:.2f} s, of which the start {started.seconds:.2f} s",
    )
