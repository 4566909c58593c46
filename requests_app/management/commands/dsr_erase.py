"""`dsr_erase`: erase a person from a source as its data map says, or say what that would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.batches import counted
from extractors.changes import UndecidedErasure
from extractors.errors import DsrError
from requests_app.management.headless import INTERRUPTED, PROBLEM, WRONG_USAGE, PersonCommand, read_text

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from extractors.base import Extractor
    from extractors.changes import CollectionErasure, Erasure, Witness
    from extractors.identifiers import Identifiers

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
        told = "write a certificate of what was erased, an archival PDF; only with --apply"
        parser.add_argument("--certificate", metavar="FILE.pdf", help=told)

    def run(self, **options: Any) -> int | None:
        """Print a line per collection, empty ones too, with why rows stay; status 1 unless it is decided and proven."""
        if options["certificate"] and not options["apply"]:
            self.fail(WRONG_USAGE, "A certificate is of what was erased: --certificate goes with --apply alone.")
        identifiers = self.identifiers(options)
        extractor = self.open_source(options)
        known = self.carried_over(extractor, identifiers)
        if options["certificate"]:
            self._erase_certified(Path(options["certificate"]), extractor, known, options)
        else:
            self._erase(extractor, known, options)
        return None

    def _erase(
        self, extractor: Extractor, known: Identifiers, options: dict[str, Any], witness: Witness | None = None
    ) -> Erasure:
        try:
            erasure = extractor.erase(known, apply=options["apply"], witness=witness)
        except KeyboardInterrupt:
            self.fail(INTERRUPTED, "Stopped; all was erased or nothing: --dry-run says what is there.")
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(extractor, erasure), ensure_ascii=False))
        else:
            self._print(erasure)
        self._refuse_unproven(erasure)
        return erasure

    def _erase_certified(self, path: Path, extractor: Extractor, known: Identifiers, options: dict[str, Any]) -> None:
        """Make sure that a certificate can be written, erase, and write it."""
        from requests_app.management.erasure_certificates import LastDays, drafted

        map_text, days, erasure, digest = read_text(options["map"]), LastDays(), None, ""
        try:
            with drafted(path) as draft:
                erasure = self._erase(extractor, known, options, days)
                digest = draft.write(erasure, extractor.data_map, map_text, days)
        except (DsrError, KeyboardInterrupt) as error:
            if erasure is None:
                raise
            self.fail(PROBLEM, f"Erased and proven, but there is no certificate: {error or 'stopped'}")
        if not options["json"]:
            self.stdout.write(f"Certificate written to {path}, SHA-256 {digest}.")

    def _refuse_unproven(self, erasure: Erasure) -> None:
        if erasure.undecided:
            self.fail(PROBLEM, str(UndecidedErasure(erasure.undecided)))
        if erasure.is_applied and not erasure.is_proven:
            left = [f"{counted(item.left, 'row')} of {name}" for name, item in erasure.collections.items() if item.left]
            self.fail(PROBLEM, f"Erased, but a search afterwards still finds {', '.join(left)}.")

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
