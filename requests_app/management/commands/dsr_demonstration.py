"""`dsr_demonstration`: a made-up company's database to try maps and commands on."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from requests_app.demonstration.writing import COMPANIES, DEFAULT_PEOPLE, DEFAULT_ROWS, write_demonstration
from requests_app.management.headless import WRONG_USAGE, HeadlessCommand
from requests_app.management.progress import progress_shown
from requests_app.management.whole_file import whole_file

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from requests_app.demonstration.truth import Truth


class Command(HeadlessCommand):
    """Write a company's tables and rows, and the truth about whose they are; all of it or nothing."""

    help = "Write a made-up company's tables and rows into a SQLite or PostgreSQL database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say which company, where to, how much of it."""
        parser.add_argument("--company", required=True, choices=sorted(COMPANIES), help="whose system")
        parser.add_argument("--url", required=True, help="where to: sqlite:///FILE or postgresql://…")
        parser.add_argument("--rows", type=int, default=DEFAULT_ROWS, help="over all tables (%(default)s)")
        parser.add_argument("--people", type=int, default=DEFAULT_PEOPLE, help="how many (%(default)s)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same rows (%(default)s)")
        parser.add_argument("--truth", type=Path, metavar="FILE.json", help="write here whose row is whose")

    def run(self, **options: Any) -> int | None:
        """Write the company and, where asked for, the truth."""
        with whole_file(options["truth"]) if options["truth"] else nullcontext() as file:
            truth = self._write(options)
            if file:
                file.write(truth.as_json().encode())
        tables = len(truth.tables)
        self.stdout.write(f"{truth.company}: {len(truth.people):,} people, {options['rows']:,} rows, {tables} tables")
        return None

    def _write(self, options: dict[str, Any]) -> Truth:
        rows = options["rows"]
        with progress_shown(self.stderr) as shown:
            shown.writing(rows)
            try:
                return write_demonstration(
                    options["company"], options["url"], rows, options["people"], options["seed"], shown.rendered
                )
            except ValueError as error:
                self.fail(WRONG_USAGE, f"{error}.")
