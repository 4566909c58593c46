"""`dsr_import_fides`: turn a Fides dataset manifest into data maps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.batches import counted
from extractors.errors import DsrError, UnwritableOutput
from extractors.fides import import_manifest
from requests_app.management.headless import WRONG_USAGE, HeadlessCommand, read_text
from requests_app.management.whole_file import whole_file

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from extractors.fides import ImportedMap


class UnknownDataset(DsrError, LookupError):
    """Say that a manifest has no dataset of a name."""


class Command(HeadlessCommand):
    """Write a data map for each dataset of a manifest, and say what it could not carry over."""

    help = "Turn a Fides dataset manifest into data maps; what they cannot carry is listed on stderr."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what is read and where the maps go."""
        parser.add_argument("manifest", metavar="dataset.yml", help="the manifest")
        parser.add_argument("--dataset", metavar="KEY", help="only the dataset of this fides_key")
        told = "a file, or a folder for one SOURCE.yaml per dataset (default: the standard output)"
        parser.add_argument("--out", type=Path, metavar="map.yaml", help=told)
        parser.add_argument(
            "--json", action="store_true", help="print what was written, and what was not, for machines"
        )

    def run(self, **options: Any) -> int | None:
        """Write the maps; the remarks go to stderr, and stand as comments in the maps too."""
        maps = _chosen(import_manifest(read_text(options["manifest"])), options["dataset"])
        files = self._files(maps, options)
        for imported, file in files:
            if file:
                with whole_file(file) as out:
                    out.write(imported.text.encode())
            elif not options["json"]:
                self.stdout.write(imported.text, ending="")
        self._report(files, is_json=options["json"])
        return None

    def _files(self, maps: Sequence[ImportedMap], options: dict[str, Any]) -> list[tuple[ImportedMap, Path | None]]:
        out: Path | None = options["out"]
        if out and (len(maps) > 1 or out.is_dir()):
            _make(out)
            return [(imported, out / f"{imported.source}.yaml") for imported in maps]
        if len(maps) > 1:
            found = ", ".join(imported.dataset for imported in maps)
            self.fail(
                WRONG_USAGE, f"The manifest holds several datasets ({found}): name a folder by --out, or --dataset."
            )
        return [(imported, out) for imported in maps]

    def _report(self, files: Sequence[tuple[ImportedMap, Path | None]], *, is_json: bool) -> None:
        if is_json:
            told = [_as_json(imported, file) for imported, file in files]
            self.stdout.write(json.dumps({"maps": told}, ensure_ascii=False))
            return
        for imported, file in files:
            for remark in imported.remarks:
                self.stderr.write(str(remark))
            if file:
                count = counted(len(imported.remarks), "remark")
                self.stdout.write(f"{file}: the source {imported.source}, {count}; see them in its first lines")


def _chosen(maps: list[ImportedMap], dataset: str | None) -> list[ImportedMap]:
    chosen = [imported for imported in maps if dataset in (None, imported.dataset)]
    if not chosen:
        known = ", ".join(imported.dataset for imported in maps)
        raise UnknownDataset(f"The manifest has no dataset {dataset}; it has {known}.")
    return chosen


def _as_json(imported: ImportedMap, file: Path | None) -> dict[str, object]:
    remarks = [{"line": item.line, "path": item.path, "message": item.message} for item in imported.remarks]
    place: dict[str, object] = {"file": str(file)} if file else {"map": imported.text}
    return {"dataset": imported.dataset, "source": imported.source, **place, "remarks": remarks}


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UnwritableOutput(f"{folder} cannot be made: {error.strerror}") from None
