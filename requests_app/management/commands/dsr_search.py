"""`dsr_search`: how much does a source hold about a person?"""

from __future__ import annotations

import json
from typing import Any

from requests_app.management.headless import PersonCommand


class Command(PersonCommand):
    """Count a person's rows per collection."""

    help = "Count what a source holds about a person, per collection."

    def run(self, **options: Any) -> int | None:
        """Print a line per collection, empty ones too, and the total."""
        identifiers = self.identifiers(options)
        extractor = self.open_source(options)
        counts = extractor.search(self.carried_over(extractor, identifiers))
        total = sum(counts.values())
        if options["json"]:
            result = {"source": extractor.data_map.source, "total": total, "collections": counts}
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return None
        width = max(map(len, (*counts, "total")))
        for name, count in (*counts.items(), ("total", total)):
            self.stdout.write(f"{name:<{width}}  {count:>9,}")
        return None
