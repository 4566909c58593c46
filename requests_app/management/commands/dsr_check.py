"""`dsr_check`: does a data map fit a source?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from extractors.batches import counted
from extractors.errors import FaultyDataMap
from extractors.linking import check_links
from requests_app.management.headless import PROBLEM, HeadlessCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.errors import Fault


class Command(HeadlessCommand):
    """Hold a data map against its source and list what is wrong and what will be slow."""

    help = "Check a data map against its source: faults (status 1) and warnings."

    def run(self, **options: Any) -> int | None:
        """Print every fault, or every warning."""
        try:
            extractor = self.open_source(options)
            warnings = extractor.check()
            faults, unchecked = check_links(extractor.data_map, self.other_source)
            if faults:
                raise FaultyDataMap(faults)
            warnings += unchecked
        except FaultyDataMap as error:
            if options["json"]:
                self._print_json(error.faults, ())
            self.fail(PROBLEM, str(error))
        if options["json"]:
            self._print_json((), warnings)
            return None
        for warning in warnings:
            self.stdout.write(str(warning))
        self.stdout.write(f"The data map fits: {counted(len(extractor.data_map.collections), 'collection')}, no fault.")
        return None

    def _print_json(self, faults: Sequence[Fault], warnings: Sequence[Fault]) -> None:
        self.stdout.write(json.dumps({"faults": _listed(faults), "warnings": _listed(warnings)}))


def _listed(faults: Sequence[Fault]) -> list[dict[str, object]]:
    return [{"path": fault.path, "line": fault.line, "message": fault.message} for fault in faults]
