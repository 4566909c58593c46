"""One person's million rows, beside psql's `copy` of the same rows piped into `gzip -1`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import Cost, manage, side_by_side
from benchmarks.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

FORMATS = {"csv": "1.5 ×", "json,csv": "2.2 ×"}
FEW, MANY = "1", "2"  # the users with 100,000 and 1,000,000 rows


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Compare times, and the peak memory at both sizes."""
    url = databases.make(server, "one_person", databases.ONE_TABLE)
    data_map = databases.write_map(folder, databases.ONE_TABLE_MAP)
    source = ("--url", url, "--map", data_map, "--out", str(folder / "out.zip"))
    exports = [
        manage("dsr_export", *source, "--user-id", user, "--format", formats)
        for formats in FORMATS
        for user in (FEW, MANY)
    ]
    psql, *costs = side_by_side(copied(server, url, folder), *exports)
    for (formats, bound), few, many in zip(FORMATS.items(), costs[::2], costs[1::2], strict=True):
        yield from _figures(formats, bound, psql, few, many)


def _figures(formats: str, bound: str, psql: Cost, few: Cost, many: Cost) -> Iterator[Figure]:
    what = f"1,000,000 rows of 10 columns, `dsr_export --format {formats}`"
    times = f"{many.seconds:.2f} s; psql \\| gzip {psql.seconds:.2f} s"
    yield Figure(f"{what}: time", f"{many.seconds / psql.seconds:.2f} × psql \\| gzip -1", f"≤ {bound}", times)
    growth = f"{many.peak_mib / few.peak_mib - 1:+.0%} from 100,000 rows"
    yield Figure(f"{what}: peak memory", f"{many.peak_mib:.0f} MiB, {growth}", "≤ 300 MB, ± 10 %", "")


def copied(server: PostgresServer, url: str, folder: Path) -> list[str]:
    """Give the command line of psql copying the million rows into gzip."""
    copy = f"\\copy (SELECT * FROM events WHERE user_id = {MANY}) TO STDOUT WITH (FORMAT csv, HEADER)"
    return ["sh", "-c", f"{server.programs / 'psql'} '{url}' -c '{copy}' | gzip -1 > {folder / 'psql.csv.gz'}"]
