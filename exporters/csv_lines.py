"""Lines of CSV that every reader takes as they are and no spreadsheet runs; Python sees no single value of a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from exporters.values import joined, plain_text, utf8
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl
    import pyarrow as pa

# What a spreadsheet may take for a formula, the full-width signs included; apostrophes before it are counted in, so
# that taking one away always undoes the guard.
# Source: OWASP, "CSV Injection".
_RUNNABLE = r"^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]"
_PLAIN_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_HARMLESS_KINDS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN})
_LINE_END = "\r\n"
_STRUCTURE = (b'"', b",", b"\r", b"\n")
_NUL = "_x0000_"  # readers drop the character itself, and then run what stood behind it


def record_lines(rows: pa.RecordBatch, kinds: Iterable[Kind]) -> bytes:
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


def line(cells: Iterable[str | None]) -> bytes:
    """Write one line of texts, None as an empty cell."""
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
