"""`dsr_erase`: erase a person from a source as its data map says, or say what that would do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from extractors.batches import counted
from extractors.changes import UndecidedErasure
from requests_app.management.headless import INTERRUPTED, PROBLEM, PersonCommand

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from extractors.base import Extractor
    from extractors.changes import CollectionErasure, Erasure

NUMBERS = ("found", "changed", "kept", "left")


class Command(PersonCommand):
    """Erase a person, or only count; the portal's register of erasures hears nothing of it."""

    help = "Erase a person from a source as its data map says (--apply), or only say what that would do (--dry-run)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the choice between trying and doing, which has no default."""
        super().add_arguments(parser)
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("--dry-run", action="store_true", help="change nothing, say what would be")
        choice.add_argument("--apply", action="store_true", help="erase, all or nothing, and search again afterwards")

    def run(self, **options: Any) -> int | None:
        """Print a line per collection, empty ones too, with why rows stay; status 1 unless it is decided and proven."""
        identifiers = self.identifiers(options)
        extractor = self.open_source(options)
        known = self.carried_over(extractor, identifiers)
        try:
            erasure = extractor.erase(known, apply=options["apply"])
        except KeyboardInterrupt:
            self.fail(INTERRUPTED, "Stopped; all was erased or nothing: --dry-run says what is there.")
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(extractor, erasure), ensure_ascii=False))
        else:
            self._print(erasure)
        if erasure.undecided:
            self.fail(PROBLEM, str(UndecidedErasure(erasure.undecided)))
        if erasure.is_applied and not erasure.is_proven:
            left = [f"{counted(item.left, 'row')} of {name}" for name, item in erasure.collections.items() if item.left]
            self.fail(PROBLEM, f"Erased, but a search afterwards still finds {', '.join(left)}.")
        return None

    def _print(self, erasure: Erasure) -> None:
        rows = {name: _numbers(item) for name, item in erasure.collections.items()}
        total = {number: _sum(row[number] for row in rows.values()) for number in NUMBERS}
        width = max(map(len, (*rows, "total")))
        self.stdout.write(" " * width + "".join(f"{number:>11}" for number in NUMBERS))
        for name, row in (*rows.items(), ("total", total)):
            cells = "".join(f"{'-' if row[number] is None else f'{row[number]:,}':>11}" for number in NUMBERS)
            self.stdout.write(f"{name:<{width}}{cells}")
            for reason in erasure.collections[name].reasons if name in rows else ():
                self.stdout.write(f"{'':<{width}}  {reason}")


def _as_json(extractor: Extractor, erasure: Erasure) -> dict[str, object]:
    """Write an erasure for machines; `left` and `proven` are null where nothing was applied."""
    collections = erasure.collections.items()
    return {
        "source": extractor.data_map.source,
        "total": sum(item.found for _, item in collections),
        "applied": erasure.is_applied,
        "proven": erasure.is_proven if erasure.is_applied else None,
        "collections": {name: _numbers(item) for name, item in collections},
        "reasons": {name: list(item.reasons) for name, item in collections if item.reasons},
    }


def _numbers(item: CollectionErasure) -> dict[str, int | None]:
    return {"found": item.found, "changed": item.changed, "kept": item.kept, "left": item.left}


def _sum(numbers: Any) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
