"""CSV: one file a collection, and files that say what they are, why they are held and what is missing."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING, ClassVar

from exporters import csv_index
from exporters.base import Answer, CollectionAnswer, Exporter, Member
from exporters.csv_lines import line, record_lines
from exporters.filenames import FileNames
from exporters.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class CsvExporter(Exporter):
    """Writes a file per collection, in a folder per source where there are several, and `README.csv` beside others.

    Null is an empty cell, empty text `""`. A cell that a spreadsheet would run has a `'` put before it, NUL is escaped.
    Files for people who read another language than English begin with a byte order mark, without which spreadsheets
    take them for some older encoding.

    Source: RFC 4180.
    """

    slug: ClassVar[str] = "csv"
    media_type: ClassVar[str] = "text/csv"
    extension: ClassVar[str] = "csv"
    is_single_pass: ClassVar[bool] = True

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the collections in their order, empty ones too, then what is told about them and counts them."""
        mark = _mark(answer.language)
        files: dict[str, CollectionAnswer] = {}
        for path, item in _files(answer):
            files[path] = item
            yield Member(path, _chunks(item, mark))
        for path, lines in csv_index.tables(answer, files):
            yield Member(path, iter([mark + b"".join(map(line, lines))]))


def _mark(language: str) -> bytes:
    is_english = language.partition("-")[0].lower() == "en"
    return b"" if is_english else BOM_UTF8


def _files(answer: Answer) -> Iterator[tuple[str, CollectionAnswer]]:
    outer = FileNames(*csv_index.NAMES)
    has_folders = len(answer.sources) > 1
    for source in answer.sources:
        folder, names = (outer.give(source.source.slug) + "/", FileNames()) if has_folders else ("", outer)
        for item in source.collections:
            yield folder + names.give(item.collection.name, ".csv"), item


def _chunks(item: CollectionAnswer, mark: bytes) -> Iterator[bytes]:
    fields = item.collection.fields
    yield mark + line(field.name for field in fields)
    for rows in rows_of(item.batches()):
        yield record_lines(rows, [field.kind for field in fields])
