"""`dsr_discover`: propose a data map for a source that nobody described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.batches import counted
from extractors.discovery.diagram import svg
from extractors.discovery.discovering import discover
from extractors.discovery.model import Sampling
from extractors.discovery.summary import summarise
from extractors.discovery.writing import write_map
from extractors.errors import DsrError
from requests_app.management.headless import WRONG_USAGE, HeadlessCommand, read_url
from requests_app.management.whole_file import whole_file

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from extractors.discovery.model import Proposal

BOUNDS = Sampling()


class NobodyFound(DsrError, LookupError):
    """Say that no table of a source looks as if it held people."""


class Command(HeadlessCommand):
    """Look at a source, within bounds and changing nothing, and write a data map for it."""

    help = "Propose a data map for a source: every part with how sure it is and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say which source is looked at, for how long, and where the map goes."""
        parser.add_argument("--url", required=True, help="the source, or @FILE whose first line is its URL")
        parser.add_argument(
            "--out", type=Path, metavar="map.yaml", help="a file for the map (default: standard output)"
        )
        parser.add_argument("--diagram", type=Path, metavar="tables.svg", help="a file for a drawing of what was found")
        parser.add_argument("--source", metavar="SLUG", default="source", help="what the source is to be called")
        parser.add_argument("--schema", action="append", default=[], help="look at this schema only; may be repeated")
        parser.add_argument("--rows", type=int, default=BOUNDS.rows, help="most rows looked at of each table")
        parser.add_argument("--seconds", type=float, default=BOUNDS.seconds, help="most seconds spent looking")
        parser.add_argument("--json", action="store_true", help="print the proposal for machines")

    def run(self, **options: Any) -> int | None:
        """Write the map; what was found in short, and what is being done meanwhile, goes to stderr."""
        if options["rows"] < 1 or options["seconds"] <= 0:
            self.fail(WRONG_USAGE, "--rows and --seconds need to be more than 0.")
        sampling = Sampling(rows=options["rows"], seconds=options["seconds"], schemas=tuple(options["schema"]))
        proposal = discover(read_url(options["url"]), options["source"], sampling, self._tell)
        if not proposal.document["collections"]:
            looked = counted(len(proposal.inventory.tables), "table")
            raise NobodyFound(f"No map was written: {looked} looked at, and none holds people.")
        text = write_map(proposal)
        if options["out"]:
            with whole_file(options["out"]) as file:
                file.write(text.encode())
        if options["diagram"]:
            with whole_file(options["diagram"]) as file:
                file.write(svg(proposal.inventory, proposal.findings, proposal).encode())
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(proposal), ensure_ascii=False))
        elif not options["out"]:
            self.stdout.write(text, ending="")
        for line in summarise(proposal):
            self.stderr.write(line)
        return None

    def _tell(self, text: str) -> None:
        self.stderr.write(f"{text} …")


def _as_json(proposal: Proposal) -> dict[str, object]:
    return {
        "map": proposal.document,
        "reasons": [
            {"path": reason.path, "confidence": reason.confidence, "text": reason.text} for reason in proposal.reasons
        ],
        "left_out": proposal.left_out,
        "notes": proposal.inventory.notes,
    }
