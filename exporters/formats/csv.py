"""CSV: one file a collection, and a summary that says what they are, why they are held and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import TYPE_CHECKING, ClassVar

from exporters.base import Answer, CollectionAnswer, Exporter, Member
from exporters.filenames import FileNames
from exporters.information import information_of
from exporters.rows import rows_of
from exporters.values import joined, plain_text, utf8
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
_STRUCTURE = (b'"', b",", b"\r", b"\n")
_NUL = "_x0000_"  # readers drop the character itself, and then run what stood behind it


class CsvExporter(Exporter):
    """Writes `summary.csv` and a file per collection, in a folder per source where there are several.

    Null is an empty cell, empty text `""`. A cell that a spreadsheet would run has a `'` put before it, NUL is escaped.

    Source: RFC 4180.
    """

    slug: ClassVar[str] = "csv"
    media_type: ClassVar[str] = "text/csv"
    extension: ClassVar[str] = "csv"
    is_single_pass: ClassVar[bool] = True

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the collections in their order, empty ones too, then the summary, which counts them."""
        files: dict[str, CollectionAnswer] = {}
        for path, item in _files(answer):
            files[path] = item
            yield Member(path, _chunks(item))
        yield Member(SUMMARY, _summary(answer, files))


def _files(answer: Answer) -> Iterator[tuple[str, CollectionAnswer]]:
    outer = FileNames(SUMMARY)
    has_folders = len(answer.sources) > 1
    for source in answer.sources:
        folder, names = (outer.give(source.source.slug) + "/", FileNames()) if has_folders else ("", outer)
        for item in source.collections:
            yield folder + names.give(item.collection.name, ".csv"), item


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
    """Write records as lines, made column by column; Python sees no single value."""
    import polars as pl

    frame = pl.DataFrame(rows)
    texts: list[pl.Expr] = []
    for position, kind in enumerate(kinds):
        cells = _cells(frame.to_series(position), rows.column(position), kind)
        texts += (pl.lit("," if position else ""), pl.lit(cells.fill_null("") if cells.null_count() else cells))
    texts.append(pl.repeat(_LINE_END, frame.height, dtype=pl.String))
    return joined(frame.select(pl.concat_str(texts)).to_series())


def _cells(column: pl.Series, values: pa.Array[pa.Scalar[pa.DataType]], kind: Kind) -> pl.Series:
    text = plain_text(column, kind)
    if kind in _HARMLESS_KINDS:
        return text
    octets = b"" if kind is Kind.BINARY else utf8(values).to_pybytes()
    if b"\0" in octets or _NUL.encode() in octets:
        text = _without_nul(text)
    harmless = _harmless(text, kind) if _may_run(text) else text
    is_bare = not any(character in octets for character in _STRUCTURE) and not (text == "").any()
    return harmless if is_bare else _quoted(harmless)


def _without_nul(text: pl.Series) -> pl.Series:
    """Write NUL as an escape, and what would be taken for one in the same way."""
    import polars as pl

    escaped = text.str.replace_all("_x", "_x005F_x", literal=True).str.replace_all("\0", _NUL, literal=True)
    is_escaped = text.str.contains("\0", literal=True) | text.str.contains(_NUL, literal=True)
    return pl.select(pl.when(is_escaped).then(escaped).otherwise(text).alias(text.name)).to_series()


def _quoted(text: pl.Series) -> pl.Series:
    """Put quotes around what would not be read back as it is, empty text included (RFC 4180 §2)."""
    import polars as pl

    is_quoted = (text == "") | text.str.contains('[",\r\n]')
    quoted = '"' + text.str.replace_all('"', '""', literal=True) + '"'
    return pl.select(pl.when(is_quoted).then(quoted).otherwise(text).alias(text.name)).to_series()


def _harmless(text: pl.Series, kind: Kind) -> pl.Series:
    import polars as pl

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
    if "\0" in text or _NUL in text:
        text = text.replace("_x", "_x005F_x").replace("\0", _NUL)
    harmless = f"'{text}" if re.match(_RUNNABLE, text) else text
    is_bare = harmless and not re.search('[",\r\n\ufeff]', harmless)
    return harmless if is_bare else '"' + harmless.replace('"', '""') + '"'
