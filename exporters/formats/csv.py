"""CSV: one file a collection, and a summary that says what they are, why they are held and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar

from exporters.base import Answer, CollectionAnswer, Exporter, Member
from exporters.filenames import FileNames
from exporters.information import information_of
from exporters.rows import rows_of
from exporters.values import plain_text
from extractors.batches import Kind

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from extractors.batches import Collection

SUMMARY = "summary.csv"
SUMMARY_COLUMNS = (
    "source",
    "collection",
    "label",
    "records",
    "file",
    "purposes",
    "categories",
    "recipients",
    "retention",
    "origin",
    "transfers",
    "automated_decisions",
    "not_included",
)

# What a spreadsheet may take for a formula, the full-width signs included; apostrophes before it are counted in, so
# that taking one away always undoes the guard.
# Source: OWASP, "CSV Injection".
_RUNNABLE = r"^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]"
_PLAIN_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_HARMLESS_KINDS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN})
_LINE_END = "\r\n"


class CsvExporter(Exporter):
    """Writes `summary.csv` and a file per collection, in a folder per source where there are several.

    Null is an empty cell, empty text `""`. A cell that a spreadsheet would run has a `'` put before it.

    Source: RFC 4180.
    """

    slug: ClassVar[str] = "csv"
    media_type: ClassVar[str] = "text/csv"
    extension: ClassVar[str] = "csv"

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the summary, then the collections in their order, empty ones too."""
        files = _files(answer)
        yield Member(SUMMARY, _summary(answer, files))
        for path, item in files.items():
            yield Member(path, _chunks(item))


def _files(answer: Answer) -> dict[str, CollectionAnswer]:
    files: dict[str, CollectionAnswer] = {}
    outer = FileNames(SUMMARY)
    has_folders = len(answer.sources) > 1
    for source in answer.sources:
        folder, names = (outer.give(source.source.slug) + "/", FileNames()) if has_folders else ("", outer)
        files |= {folder + names.give(item.collection.name, ".csv"): item for item in source.collections}
    return files


def _summary(answer: Answer, files: dict[str, CollectionAnswer]) -> Iterator[bytes]:
    yield _line(SUMMARY_COLUMNS)
    for path, item in files.items():
        yield _line((*_described(item.collection), str(item.count), path, *_information(item.collection), None))
    blanks = (None,) * (len(SUMMARY_COLUMNS) - 3)
    for omission in answer.omissions:
        yield _line((omission.source, omission.collection, *blanks, omission.reason))


def _described(collection: Collection) -> tuple[str, str, str]:
    return collection.source.slug, collection.name, collection.label


def _information(collection: Collection) -> Iterator[str | None]:
    for part in astuple(information_of(collection)):
        yield "; ".join(part) or None if isinstance(part, tuple) else part


def _chunks(item: CollectionAnswer) -> Iterator[bytes]:
    fields = item.collection.fields
    yield _line(field.name for field in fields)
    for rows in rows_of(item.batches()):
        yield _lines(rows, [field.kind for field in fields])


def _lines(rows: pa.RecordBatch, kinds: Iterable[Kind]) -> bytes:
    import polars as pl

    columns = [_cells(column, kind) for column, kind in zip(pl.DataFrame(rows), kinds, strict=True)]
    written = BytesIO()
    pl.DataFrame(columns).write_csv(written, include_header=False, line_terminator=_LINE_END)
    return written.getvalue()


def _cells(column: pl.Series, kind: Kind) -> pl.Series:
    if kind in _HARMLESS_KINDS:
        is_written_alike = kind is not Kind.FLOAT or bool(column.is_finite().all())
        return column if is_written_alike else plain_text(column, kind)
    return _harmless(plain_text(column, kind), kind)


def _harmless(text: pl.Series, kind: Kind) -> pl.Series:
    import polars as pl

    if not _may_run(text):
        return text
    runnable = text.str.contains(_RUNNABLE)
    if kind is Kind.DECIMAL and runnable.any():
        runnable &= ~text.str.contains(_PLAIN_NUMBER)
    if not runnable.any():
        return text
    return pl.select(pl.when(runnable).then("'" + text).otherwise(text).alias(text.name)).to_series()


def _may_run(text: pl.Series) -> bool:
    """Look where cells stand in order, which is cheap: what runs begins before `0`, between `9` and `A` or far up."""
    suspicious = (text < "0") & (text >= "\t") | (text >= ":") & (text < "A") | (text >= "\uff00")
    return bool(suspicious.any())


def _line(cells: Iterable[str | None]) -> bytes:
    return (",".join(map(_cell, cells)) + _LINE_END).encode()


def _cell(text: str | None) -> str:
    """Write one cell; a byte order mark is quoted, since a reader would take it away at the start of a file."""
    if text is None:
        return ""
    harmless = f"'{text}" if re.match(_RUNNABLE, text) else text
    is_bare = harmless and not re.search('[",\r\n\ufeff]', harmless)
    return harmless if is_bare else '"' + harmless.replace('"', '""') + '"'
