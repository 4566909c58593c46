"""What each format takes: a million rows in three formats, beside psql and gzip; workbook, report and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import Cost, manage, side_by_side
from benchmarks.one_person import FEW, MANY, copied
from benchmarks.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

PACKAGE = "json,csv,xml"
SHOWN = {"xlsx": "2 s", "html": "2 s"}
MIB = 350
PRINTED_ROWS = 5_000
RUNS = 3


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Compare times and peak memory, each at two sizes."""
    url = databases.make(server, "formats", databases.ONE_TABLE)
    source = ("--url", url, "--map", databases.write_map(folder, databases.ONE_TABLE_MAP))
    out = ("--out", str(folder / "out.zip"))

    def export(formats: str, user: str, *more: str) -> list[str]:
        return manage("dsr_export", *source, *out, "--user-id", user, "--format", formats, *more)

    commands = [export(formats, user) for formats in (PACKAGE, *SHOWN) for user in (FEW, MANY)]
    psql, *costs = side_by_side(copied(server, url, folder), *commands)
    package, *shown = zip(costs[::2], costs[1::2], strict=True)
    yield from _package(psql, *package)
    for (slug, bound), (few, many) in zip(SHOWN.items(), shown, strict=True):
        yield from _shown(slug, bound, few, many)
    few, many = side_by_side(
        *(export("pdf", FEW, "--pdf-rows", str(rows)) for rows in (PRINTED_ROWS // 5, PRINTED_ROWS)), runs=RUNS
    )
    yield from _printed(few, many)


def _package(psql: Cost, few: Cost, many: Cost) -> Iterator[Figure]:
    what = f"1,000,000 rows of 10 columns, the whole package of {PACKAGE}"
    times = f"{many.seconds:.2f} s ({many.cpu_seconds:.2f} s of two cores); psql \\| gzip {psql.seconds:.2f} s"
    yield Figure(f"{what}: time", f"{many.seconds / psql.seconds:.2f} × psql \\| gzip -1", "≤ 3.4 ×", times)
    yield _memory(what, few, many, "100,000")


def _shown(slug: str, bound: str, few: Cost, many: Cost) -> Iterator[Figure]:
    what = f"100,000 rows of 10 columns, `dsr_export --format {slug}`"
    beside = f"{few.cpu_seconds:.2f} s of both cores; 1,000,000 rows in {many.seconds:.2f} s"
    yield Figure(f"{what}: time", f"{few.seconds:.2f} s", f"≤ {bound}", beside)
    yield _memory(f"1,000,000 rows of 10 columns, `dsr_export --format {slug}`", few, many, "100,000")


def _printed(few: Cost, many: Cost) -> Iterator[Figure]:
    what = f"{PRINTED_ROWS:,} rows of 10 columns, `dsr_export --format pdf`"
    yield Figure(f"{what}: time", f"{many.seconds:.1f} s", "≤ 15 s", f"{many.cpu_seconds:.1f} s of both cores")
    yield _memory(what, few, many, f"{PRINTED_ROWS // 5:,}")


def _memory(what: str, few: Cost, many: Cost, fewer: str) -> Figure:
    growth = f"{many.peak_mib / few.peak_mib - 1:+.0%} from {fewer} rows"
    return Figure(f"{what}: peak memory, its children's too", f"{many.peak_mib:.0f} MiB, {growth}", f"≤ {MIB} MB", "")
