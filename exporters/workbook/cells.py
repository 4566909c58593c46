"""A column's values as the cells of a sheet, made column by column; Python sees no single value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.markup import content, escaped, needs_escaping
from exporters.values import plain_text
from exporters.workbook.styles import Style
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl
    import pyarrow as pa

LONGEST_TEXT = 32_767  # units of UTF-16 a cell takes
_EXACT_DIGITS = 15  # of a number, that spreadsheets keep
_EPOCH = 25_569  # 1970-01-01, counted in days as spreadsheets do
_FIRST_DAY = "1900-03-01"  # before it they count a day that never was
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?$"
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_NOTHING = f'<c s="{Style.VALUE.value}"/>'
_SPREADSHEET_TEXT = ('<c t="inlineStr" s="{}"><is><t xml:space="preserve">', "</t></is></c>")


def cells(
    column: pl.Series,
    octets: pa.Array[pa.Scalar[pa.DataType]],
    kind: Kind,
    style: Style,
    shorten: Callable[[pl.Series], pl.Series],
) -> pl.Series:
    """Write values as cells, null as an empty one: numbers, dates and moments as such where none of it gets lost.

    Args:
        style: of texts.
        shorten: puts something shorter in place of texts that no cell takes.
    """
    import polars as pl

    text = shorten(plain_text(column, kind))
    if kind in _AS_SUCH:
        written = _AS_SUCH[kind](column, text, style)
    else:
        is_safe = kind is Kind.BINARY or not needs_escaping(octets)
        written = _texts(text if is_safe else escaped(text), style)
    return pl.select(pl.lit(written).fill_null(_NOTHING)).to_series()


def word_cells(text: pl.Series, codes: Mapping[str, str], style: Style) -> pl.Series:
    """Write what codes mean as cells; an empty one where nobody recorded it."""
    import polars as pl

    written = {code: text_cell(meaning, style) for code, meaning in codes.items()}
    return text.replace_strict(written, default=_NOTHING, return_dtype=pl.String).fill_null(_NOTHING)


def text_cell(text: str, style: Style) -> str:
    """Write one text as a cell."""
    opening, closing = _SPREADSHEET_TEXT
    return f"{opening.format(style.value)}{content(text)}{closing}"


def number_cell(number: int, style: Style) -> str:
    """Write one number as a cell."""
    return f'<c s="{style.value}"><v>{number}</v></c>'


def _texts(text: pl.Series, style: Style) -> pl.Series:
    import polars as pl

    opening, closing = _SPREADSHEET_TEXT
    return pl.select(pl.concat_str(pl.lit(opening.format(style.value)), pl.lit(text), pl.lit(closing))).to_series()


def _numbers(text: pl.Series, style: Style) -> pl.Series:
    import polars as pl

    opening = f'<c s="{style.value}"><v>'
    return pl.select(pl.concat_str(pl.lit(opening), pl.lit(text), pl.lit("</v></c>"))).to_series()


def _chosen(is_number: pl.Series, number: pl.Series, text: pl.Series, style: Style) -> pl.Series:
    """Take the number where it is one, else the text; nulls stay null."""
    import polars as pl

    if is_number.fill_null(value=True).all():
        return number
    return pl.select(pl.when(is_number).then(number).otherwise(_texts(escaped(text), style))).to_series()


def _integers(column: pl.Series, text: pl.Series, style: Style) -> pl.Series:
    import polars as pl

    limit = 10**_EXACT_DIGITS
    is_number = pl.select((pl.lit(column) < limit) & (pl.lit(column) > -limit)).to_series()
    return _chosen(is_number, _numbers(text, Style.VALUE), text, style)


def _floats(column: pl.Series, text: pl.Series, style: Style) -> pl.Series:
    return _chosen(column.is_finite(), _numbers(text, Style.VALUE), text, style)


def _booleans(_: pl.Series, text: pl.Series, __: Style) -> pl.Series:
    import polars as pl

    opening = f'<c t="b" s="{Style.TRUTH.value}"><v>'
    digit = pl.lit(text).replace_strict({"true": "1", "false": "0"}, return_dtype=pl.String)
    return pl.select(pl.concat_str(pl.lit(opening), digit, pl.lit("</v></c>"))).to_series()


def _decimals(_: pl.Series, text: pl.Series, style: Style) -> pl.Series:
    digits = text.str.replace_all("[^0-9]", "").str.strip_chars_start("0")
    is_number = text.str.contains(_NUMBER) & (digits.str.len_bytes() <= _EXACT_DIGITS)
    has_cents = bool(text.drop_nulls().str.contains(r"\.[0-9]{2}$").all())
    return _chosen(is_number, _numbers(text, Style.HUNDREDTHS if has_cents else Style.VALUE), text, style)


def _dates(_: pl.Series, text: pl.Series, style: Style) -> pl.Series:
    import polars as pl

    day = text.str.to_date("%Y-%m-%d", strict=False)
    is_date = text.str.contains(_DATE) & (text >= _FIRST_DAY) & day.is_not_null()
    serial = day.cast(pl.Int32) + _EPOCH
    return _chosen(
        is_date.fill_null(value=False) | text.is_null(), _numbers(serial.cast(pl.String), Style.DATE), text, style
    )


def _moments(_: pl.Series, text: pl.Series, style: Style) -> pl.Series:
    """Write moments to the millisecond as such, those of a known zone with their Z; finer ones stay text."""
    import polars as pl

    is_instant = bool(text.drop_nulls().str.ends_with("Z").all()) and text.null_count() < len(text)
    local = text.str.strip_suffix("Z") if is_instant else text
    moment = local.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="ms", strict=False)
    is_moment = local.str.contains(_MOMENT) & (local >= _FIRST_DAY) & moment.is_not_null()
    has_fraction = bool(local.drop_nulls().str.contains(".", literal=True).any())
    serial = moment.cast(pl.Int64).cast(pl.Float64) / 86_400_000 + _EPOCH
    shown = (Style.INSTANT if is_instant else Style.MOMENT) + (1 if has_fraction else 0)
    number = _numbers(serial.cast(pl.String), Style(shown))
    return _chosen(is_moment.fill_null(value=False) | text.is_null(), number, text, style)


def _clocks(_: pl.Series, text: pl.Series, style: Style) -> pl.Series:
    import polars as pl

    seconds = pl.lit(text).str.slice(0, 2).cast(pl.Int32, strict=False) * 3600
    seconds += pl.lit(text).str.slice(3, 2).cast(pl.Int32, strict=False) * 60
    seconds += pl.lit(text).str.slice(6, 2).cast(pl.Int32, strict=False)
    share = pl.select(seconds / 86_400).to_series().cast(pl.String)
    is_clock = text.str.contains(_CLOCK)
    return _chosen(is_clock.fill_null(value=False) | text.is_null(), _numbers(share, Style.CLOCK), text, style)


_AS_SUCH = {
    Kind.INTEGER: _integers,
    Kind.FLOAT: _floats,
    Kind.BOOLEAN: _booleans,
    Kind.DECIMAL: _decimals,
    Kind.DATE: _dates,
    Kind.TIMESTAMP: _moments,
    Kind.TIME: _clocks,
}
