"""Columns as text that every format shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.batches import Kind

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa


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


def joined(texts: pl.Series) -> bytes:
    """Give texts, none of them null, one behind the other as they lie in memory."""
    import polars as pl

    array = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    if offsets is None or data is None:
        return b""
    ends = memoryview(offsets).cast("q")
    return bytes(memoryview(data)[ends[array.offset] : ends[array.offset + len(array)]])


def utf8(column: pa.Array[pa.Scalar[pa.DataType]]) -> pa.Buffer:
    """Give all values of a text column one behind the other, to look for some character in them at once."""
    import pyarrow as pa

    values = column.cast(pa.large_binary())
    _, offsets, data = values.buffers()
    ends = memoryview(offsets or b"").cast("q")
    start, end = ends[values.offset], ends[values.offset + len(values)]
    return (data or pa.py_buffer(b"")).slice(start, end - start)
