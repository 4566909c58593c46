"""`dsr_export`: write what a source holds about a person into a ZIP."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from extractors.base import Scope
from extractors.batches import counted
from extractors.datamap import DEFAULT_LANGUAGE
from extractors.datamap.languages import is_tag
from requests_app.collecting.segments import collect
from requests_app.dossier import temporary_segment
from requests_app.management.headless import WRONG_USAGE, PersonCommand, read_text
from requests_app.management.progress import progress_shown
from requests_app.management.whole_file import whole_file
from requests_app.rendering.answers import Heading, answer, passing_answer

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer, Exporter
    from extractors.batches import Extract
    from extractors.identifiers import Identifiers
    from requests_app.dossier import TemporarySegment
    from requests_app.management.progress import Shown

ACCESS, PORTABILITY = "access", "portability"


class Command(PersonCommand):
    """Export a person's data from one source, complete and exact."""

    help = "Export what a source holds about a person as a ZIP of one folder per format."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what is written, and how much."""
        super().add_arguments(parser)
        parser.add_argument("--format", default="json,csv", help="formats separated by commas (default: json,csv)")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.zip", help="the file to write")
        parser.add_argument("--include-deleted", action="store_true", help="soft-deleted records too")
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--all", action="store_true", help="an access answer: no limits, soft-deleted records too")
        told = "what is asked for: access is all of it, portability what the person gave by consent or contract"
        shape.add_argument("--right", choices=(ACCESS, PORTABILITY), help=told)
        told = "of the words about the data, where the map has them in several: de, pt-BR (default: en)"
        parser.add_argument("--language", default=DEFAULT_LANGUAGE, type=_tag, metavar="TAG", help=told)
        told = "how many records of a collection a PDF shows (default: as DSR_PDF_ROWS says, 200)"
        parser.add_argument("--pdf-rows", type=_rows, metavar="ROWS", help=told)
        parser.add_argument("--release-third-parties", action="store_true", help="give out fields about other people")
        told = "encrypt the ZIP (AES-256) by the first line of a file"
        parser.add_argument("--passphrase-file", metavar="FILE", help=told)

    def run(self, **options: Any) -> int | None:
        """Collect and render, at the same time where the format allows it; put the file in place at the end."""
        from exporters.package import write_package

        identifiers, exporters = self.identifiers(options), self._exporters(options["format"])
        passphrase = self._passphrase(options["passphrase_file"])
        Thread(target=_load_libraries, daemon=True).start()
        extractor = self.open_source(options)
        heading = Heading(*_name_and_time(), requester=_shown(identifiers), language=options["language"])
        heading = replace(heading, printed_rows=options["pdf_rows"] or heading.printed_rows)
        person = self.carried_over(extractor, identifiers)
        with (
            whole_file(options["out"]) as out,
            closing(extractor.extract(person, _scope(options))) as extracts,
            temporary_segment() as segment,
            progress_shown(self.stderr) as progress,
        ):
            result = _answer(heading, extracts, segment, exporters, progress, options["release_third_parties"])
            write_package(result, exporters, out, passphrase=passphrase, progress=progress.rendered)
        self._report(result, options)
        return None

    def _passphrase(self, path: str | None) -> str | None:
        """Read what is to protect the ZIP; ends with status 2 where it would not."""
        from exporters.passphrase import UnusablePassphrase, check_passphrase

        if path is None:
            return None
        passphrase = (read_text(path).splitlines() or [""])[0]
        try:
            check_passphrase(passphrase)
        except UnusablePassphrase as error:
            self.fail(WRONG_USAGE, f"The passphrase in {path} is of no use. {error}")
        return passphrase

    def _exporters(self, text: str) -> list[Exporter]:
        """Find the formats, those first that can be written while the source is read."""
        from exporters.registry import UnknownFormat, find

        try:
            found = [find(slug) for slug in dict.fromkeys(part.strip() for part in text.split(","))]
            return sorted(found, key=lambda exporter: not exporter.is_single_pass)
        except UnknownFormat as error:
            self.fail(WRONG_USAGE, str(error))

    def _report(self, result: Answer, options: dict[str, Any]) -> None:
        if options["json"]:
            left_out = [{"collection": item.collection, "reason": item.reason} for item in result.omissions]
            summary = {"records": result.records, "complete": result.is_complete, "not_included": left_out}
            self.stdout.write(json.dumps({"out": str(options["out"]), **summary}, ensure_ascii=False))
            return
        collections = sum(1 for _ in result.collections)
        self.stdout.write(
            f"{options['out']}: {counted(result.records, 'record')} in {counted(collections, 'collection')}"
        )
        for omission in result.omissions:
            self.stdout.write(f"  not included: {omission.collection}: {omission.reason}")


def _answer(
    heading: Heading,
    extracts: Iterator[Extract],
    segment: TemporarySegment,
    exporters: Sequence[Exporter],
    progress: Shown,
    releases_third_parties: bool,
) -> Answer:
    if exporters[0].is_single_pass:
        kept = segment if len(exporters) > 1 else None
        return passing_answer(
            heading, extracts, progress.collected, kept, releases_third_parties=releases_third_parties
        )
    collect(extracts, segment.writer, progress.collected)
    stored = answer(heading, [(segment.reader(), ())], releases_third_parties=releases_third_parties)
    progress.writing(stored.records * len(exporters))
    return stored


def _tag(text: str) -> str:
    if not is_tag(text):
        raise ArgumentTypeError(f"{text!r} is not a language tag; write one like en, de or pt-BR")
    return text


def _rows(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text!r} is not a number of records from 1")
    return int(text)


def _load_libraries() -> None:
    """Load what renders while the source is connected to."""
    from exporters.package import load_libraries

    load_libraries()


def _scope(options: dict[str, Any]) -> Scope:
    if options["all"] or options["right"] == ACCESS:
        return Scope.ALL
    if options["right"] == PORTABILITY:
        return Scope.PORTABILITY_WITH_DELETED if options["include_deleted"] else Scope.PORTABILITY
    return Scope.SELF_SERVICE_WITH_DELETED if options["include_deleted"] else Scope.SELF_SERVICE


def _name_and_time() -> tuple[str, str, datetime]:
    from django.conf import settings

    now = datetime.now(UTC)
    return f"EXPORT-{now:%Y%m%d-%H%M%S}", settings.DSR_SYSTEM_NAME, now


def _shown(identifiers: Identifiers) -> dict[str, str]:
    """Name each identifier once, as it is compared first."""
    return {kind: values[0] for kind, values in identifiers.values.items()}
