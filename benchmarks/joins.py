"""Rows behind a join: ten times the orders must not cost a hundred times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import manage, side_by_side
from benchmarks.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Export customers with 10,000 and 100,000 orders of three items each."""
    url = databases.make(server, "joins", databases.JOINS)
    source = ("--url", url, "--map", databases.write_map(folder, databases.JOINS_MAP))
    options = (*source, "--format", "csv", "--out", str(folder / "out.zip"))
    few, many = side_by_side(
        *(manage("dsr_export", *options, "--email", f"c{customer}@example.test") for customer in (1, 2))
    )
    yield Figure(
        "customer → orders → 3 items each, from 10,000 to 100,000 orders: growth of the time",
        f"{many.seconds / few.seconds:.1f} ×",
        "≤ 13 ×",
        f"{few.seconds:.2f} s, {many.seconds:.2f} s",
    )
