"""`dsr_discover`: propose a data map for a source that nobody described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.batches import counted
from extractors.datamap import load
from extractors.discovery.against import against
from extractors.discovery.diagram import svg
from extractors.discovery.discovering import discover
from extractors.discovery.drift import Severity
from extractors.discovery.model import Sampling
from extractors.discovery.summary import summarise
from extractors.discovery.writing import write_map
from extractors.errors import DsrError
from requests_app.management.headless import DONE, PROBLEM, WRONG_USAGE, HeadlessCommand, read_text, read_url
from requests_app.management.whole_file import whole_file

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from extractors.datamap import DataMap
    from extractors.discovery.model import Proposal

BOUNDS = Sampling()
GRAVE = frozenset({Severity.DANGER, Severity.BROKEN})


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
        told = "tell where this map no longer fits, instead of printing a new one; status 1 when it is broken"
        parser.add_argument("--against", metavar="MAP.yaml", help=told)
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
        self._write_files(proposal, options)
        if options["against"]:
            return self._compare(proposal, load(read_text(options["against"])), is_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(proposal), ensure_ascii=False))
        elif not options["out"]:
            self.stdout.write(write_map(proposal), ending="")
        for line in summarise(proposal):
            self.stderr.write(line)
        return None

    @staticmethod
    def _write_files(proposal: Proposal, options: dict[str, Any]) -> None:
        if options["out"]:
            with whole_file(options["out"]) as file:
                file.write(write_map(proposal).encode())
        if options["diagram"]:
            with whole_file(options["diagram"]) as file:
                file.write(svg(proposal.inventory, proposal.findings, proposal).encode())

    def _compare(self, proposal: Proposal, data_map: DataMap, *, is_json: bool) -> int:
        """Print what changed; a map that names what is gone, or lets a secret out, is a problem."""
        changes = against(data_map, proposal)
        if is_json:
            told = [{"severity": change.severity, "where": change.where, "text": change.text} for change in changes]
            self.stdout.write(json.dumps({"changes": told}, ensure_ascii=False))
        else:
            for change in changes:
                self.stdout.write(f"{change.severity}: {change.text}")
            if not changes:
                self.stdout.write("The map still fits.")
        return PROBLEM if any(change.severity in GRAVE for change in changes) else DONE

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
