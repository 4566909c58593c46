"""Reading a million rows of MariaDB into Arrow, beside its own client reading the same rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import MANAGE, side_by_side
from benchmarks.report import Figure
from tests.servers import running_mariadb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

FEW, MANY = "1", "2"  # the users with 100,000 and 1,000,000 rows
READ = """
import sys
sys.path.insert(0, {project!r})
from extractors.base import Scope
from extractors.datamap import load
from extractors.identifiers import Identifiers
from extractors.registry import open_source
person = Identifiers.of([("user_id", {user!r})])
extracts = open_source({url!r}, load({data_map!r})).extract(person, Scope.ALL)
rows = sum(batch.rows.num_rows for extract in extracts for batch in extract.batches)
assert rows == {rows}, rows
"""


def measure(_: PostgresServer, __: Path) -> Iterator[Figure]:
    """Compare times of whole processes, and the peak memory at both sizes."""
    with running_mariadb() as server:
        url = databases.make_mariadb(server, "one_person", databases.MARIADB_ONE_TABLE)
        database = url.split("@localhost/")[1].split("?")[0]
        query = f"SELECT * FROM events WHERE user_id = {MANY}"
        client = server.client("--quick", "--default-character-set=utf8mb4", "-e", query, database)
        beside, few, many = side_by_side(client, _reading(url, FEW, 100_000), _reading(url, MANY, 1_000_000))
    what = "1,000,000 rows of 10 columns of MariaDB, read into Arrow"
    times = f"{many.seconds:.2f} s; mariadb {beside.seconds:.2f} s"
    yield Figure(f"{what}: time", f"{many.seconds / beside.seconds:.2f} × mariadb --quick", "≤ 3 ×", times)
    growth = f"{many.peak_mib / few.peak_mib - 1:+.0%} from 100,000 rows"
    yield Figure(f"{what}: peak memory", f"{many.peak_mib:.0f} MiB, {growth}", "≤ 300 MB", "")


def _reading(url: str, user: str, rows: int) -> list[str]:
    project, data_map = str(MANAGE.parent), databases.ONE_TABLE_MAP
    return [sys.executable, "-c", READ.format(project=project, url=url, user=user, rows=rows, data_map=data_map)]
