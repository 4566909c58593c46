"""Measures and, when everything was asked for, writes the report."""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks import (
    discovering,
    discovery,
    downloading,
    erasing,
    erasing_everywhere,
    formats,
    importing,
    joins,
    mariadb,
    one_person,
    portal,
    search,
    suppressions,
)
from tests.servers import running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.report import Figure
    from tests.servers import PostgresServer

MEASUREMENTS = {
    "one_person": one_person.measure,
    "formats": formats.measure,
    "joins": joins.measure,
    "search": search.measure,
    "mariadb": mariadb.measure,
    "portal": portal.measure,
    "discovering": discovering.measure,
    "discovery": discovery.measure,
    "erasing": erasing.measure,
    "erasing_everywhere": erasing_everywhere.measure,
    "downloading": downloading.measure,
    "suppressions": suppressions.measure,
    "importing": importing.measure,
}
REPORT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


def main() -> None:
    """Measure what the arguments name, or everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; none for all")
    names = parser.parse_args().names
    unknown = set(names) - MEASUREMENTS.keys()
    if unknown:
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}")
    with running_postgres() as server, TemporaryDirectory() as folder:
        lines = list(_table(figure for name in names or MEASUREMENTS for figure in _measured(name, server, folder)))
    print("\n".join(lines))
    if not names:
        REPORT.write_text(f"{INTRODUCTION.format(machine=_machine())}\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _measured(name: str, server: PostgresServer, folder: str) -> Iterator[Figure]:
    print(f"measuring {name} …", flush=True)
    yield from MEASUREMENTS[name](server, Path(folder))


def _table(figures: Iterator[Figure]) -> Iterator[str]:
    yield "| what | measured | asked for | beside |"
    yield "|---|---|---|---|"
    yield from (str(figure) for figure in figures)


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL 18, all on one machine"


INTRODUCTION = """# Performance

Written by `make bench`: medians of five runs, whole processes with their start-up, the commands compared run in turn
so that a busy machine slows all of them alike. Ratios hold across machines, seconds do not. {machine}.

What each format takes is measured by `python -m benchmarks formats`, by the same command as anybody's: what a PDF shows
of a collection is raised to 5,000 rows for it. Memory is that of the command and of the processes it starts, together
(PSS). Seconds are those of a machine that does nothing else; where others are at work, compare the processor's seconds.

How much discovery finds is measured by `python -m benchmarks discovering`: a map is proposed from samples alone (no
database has a foreign key), written, loaded, and everybody in the database is searched for by it; the truth was
noted when the rows were made. `library_pl`, `hr_pt`, `charity_fr` and `telco_en` were held back until the rules
stood. Their first figures were, in this order, 80.5 %, 100 %, 100 % and 97.8 % of each person's rows on average,
with 34, 240, 0 and 0 rows of strangers. A second set was written later and measured, every second or third person,
before anything was mended for
it: `bank_de` 62.6 %, `hospital_en` 57.4 % with 5,314 rows of strangers, `northwind` 100 % with 9, `persons_en` 18.5 %,
`profiles_en` none at all, `chat_en` 14.9 %, `learning_en` and `school_it` 100 %, but with erase rules for courses and
towns that are everybody's; four more that are not kept here (a municipality, tickets, a Hungarian firm, an insurer's
parties) 100 % with no stranger's row. Of five that somebody else wrote, two were wrong: 21.5 % in a market whose
accounts have their addresses in another table, and the courses. A third set, measured when the second was right, gave
95.0 % (dating, in Spanish) and 84.7 % with 15 rows of strangers (a shop after Magento): expect as much of a database
nobody has seen, and look at what is proposed. What all showed was mended since, so the table below
says of them, too, what is reached and no longer what a database nobody has seen will give.
"""

if __name__ == "__main__":
    main()
