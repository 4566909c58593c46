"""Columns as text that every format shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.batches import Kind

if TYPE_CHECKING:
    import polars as pl


def plain_text(column: pl.Series, kind: Kind) -> pl.Series:
    """Give the values of a column as text, exact and without any escaping; null stays null.

    Floats are their shortest text that reads back the same, or `NaN`, `Infinity`, `-Infinity`; bytes are base64
    (RFC 4648 §4); booleans are `true` and `false`; what is carried as text stays as it is.
    """
    import polars as pl

    if kind is Kind.BINARY:
        return column.bin.encode("base64")
    text = column.cast(pl.String)
    if kind is Kind.FLOAT and not column.is_finite().all():
        return text.str.replace("inf", "Infinity", literal=True)
    return text
