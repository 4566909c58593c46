"""The records of a batch as JSON text, made column by column; Python sees no single value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from exporters.values import joined, plain_text, utf8
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    import pyarrow as pa

    from extractors.batches import Field

_ESCAPES = {character: json.dumps(character)[1:-1] for character in (*map(chr, range(0x20)), '"', "\\")}
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_LOOSE_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def records_text(rows: pa.RecordBatch, fields: Sequence[Field], margin: str) -> bytes:
    """Write records as indented JSON objects, each with a comma and a line break before it.

    Args:
        rows: one column per field, named by its position.
        margin: the white space before an object's braces.
    """
    import polars as pl

    frame = pl.DataFrame(rows)
    texts: list[pl.Expr] = []
    before = f",\n{margin}{{"
    for position, field in enumerate(fields):
        value, quote = _value_text(frame.to_series(position), rows.column(position), field.kind)
        name = json.dumps(field.name, ensure_ascii=False)
        texts += (pl.lit(f"{before}{',' if position else ''}\n{margin}  {name}: {quote}"), value)
        before = quote
    end = f"{before}\n{margin}}}" if fields else f"{before}}}"
    texts.append(pl.repeat(end, frame.height, dtype=pl.String))
    return joined(frame.select(pl.concat_str(texts)).to_series())


def _value_text(column: pl.Series, octets: pa.Array[pa.Scalar[pa.DataType]], kind: Kind) -> tuple[pl.Expr, str]:
    """Write values, with the quotation mark that is still to be put around each."""
    text = plain_text(column, kind)
    if kind in {Kind.INTEGER, Kind.BOOLEAN, Kind.JSON}:
        written = _as_is(text)
    elif kind is Kind.FLOAT:
        written = _choice(column.is_finite(), text, _quoted(text))
    elif kind is Kind.DECIMAL:
        written = _decimals(text)
    else:
        content = _escaped(text) if kind is not Kind.BINARY and _needs_escaping(octets) else text
        if not column.null_count():
            return _as_is(content), '"'
        written = _quoted(content)
    return (written.fill_null("null") if column.null_count() else written), ""


def _as_is(text: pl.Series) -> pl.Expr:
    import polars as pl

    return pl.lit(text)


def _quoted(text: pl.Series) -> pl.Expr:
    import polars as pl

    quote = pl.lit('"')
    return pl.concat_str(quote, text, quote)


def _choice(is_number: pl.Series, number: pl.Series, otherwise: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.lit(number) if is_number.all() else pl.when(is_number).then(pl.lit(number)).otherwise(otherwise)


def _decimals(text: pl.Series) -> pl.Expr:
    """Write exact numbers with the digits they came with; what is no number becomes a string."""
    if text.str.contains(_NUMBER).all():
        return _as_is(text)
    return _choice(text.str.contains(_LOOSE_NUMBER), _mended(text), _quoted(_escaped(text)))


def _mended(text: pl.Series) -> pl.Series:
    """Give numbers the form RFC 8259 §6 asks for: no plus, no leading zeros, digits on both sides of a point."""
    unsigned = text.str.replace(r"^\+", "")
    led = unsigned.str.replace(r"^(-?)0+([0-9])", "$1$2").str.replace(r"^(-?)\.", "${1}0.")
    return led.str.replace(r"\.($|[eE])", "$1")


def _escaped(text: pl.Series) -> pl.Series:
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def _needs_escaping(column: pa.Array[pa.Scalar[pa.DataType]]) -> bool:
    """Tell whether a text column holds a control character, a quote or a backslash, in one pass over its buffer."""
    import polars as pl
    import pyarrow as pa

    buffer = utf8(column)
    octets = pl.Series(pa.Array.from_buffers(pa.uint8(), len(buffer), [None, buffer]))
    return bool(((octets < 0x20) | (octets == ord('"')) | (octets == ord("\\"))).any())
