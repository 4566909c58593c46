"""The sheets of records: a column a field, and beside a field of codes what they mean in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.about import label_of
from exporters.values import joined, plain_text
from exporters.workbook.cells import cells, text_cell, word_cells
from exporters.workbook.sheets import row
from exporters.workbook.styles import Style
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from exporters.rows import RowStream
    from exporters.workbook.long_texts import LongTexts
    from extractors.batches import Field

_NARROWEST, _WIDEST = 10, 60
_LINE_POINTS, _MOST_LINES = 15, 12
_WORDED = frozenset({Kind.TEXT, Kind.JSON})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: the values of a field as they are, or what they mean.

    Args:
        position: of the field among the fields.
    """

    position: int
    field: Field
    is_words: bool = False

    @property
    def heading(self) -> str:
        """What the column is called."""
        label = label_of(self.field)
        return f"{label} (in words)" if self.is_words else label


@dataclass(frozen=True, slots=True)
class Look:
    """The widths of a sheet's columns, in characters, and the style of the texts in each."""

    widths: tuple[int, ...]
    styles: tuple[Style, ...]


def columns_of(fields: Iterable[Field]) -> tuple[Column, ...]:
    """Lay fields out as columns; the words for codes stand beside them, so that no value is put in words alone."""
    return tuple(
        Column(position, field, is_words)
        for position, field in enumerate(fields)
        for is_words in ((False, True) if field.codes else (False,))
    )


def look(records: RowStream, columns: Sequence[Column]) -> Look:
    """Decide how the columns look by the first records: wide texts are wrapped."""
    rows = records.peek()
    longest = [_longest(rows, column) for column in columns]
    return Look(
        tuple(_width(column, value) for column, value in zip(columns, longest, strict=True)),
        tuple(_style(column, value) for column, value in zip(columns, longest, strict=True)),
    )


def _width(column: Column, longest: int) -> int:
    title = len(column.heading) + 4  # room for the filter's button
    return max(_NARROWEST, min(max(longest + 3, title), _WIDEST))


def _style(column: Column, longest: int) -> Style:
    if column.is_words:
        return Style.WORDS
    return Style.WRAPPED if column.field.kind in _WORDED and longest > _WIDEST else Style.TEXT


def _longest(rows: pa.RecordBatch | None, column: Column) -> int:
    if rows is None:
        return 0
    if column.is_words:
        return max(map(len, column.field.codes.values()))
    import polars as pl

    text = plain_text(pl.Series(rows.column(column.position).slice(0, 200)), column.field.kind)
    longest = text.str.len_chars().max()
    return longest if isinstance(longest, int) else 0


def header(columns: Iterable[Column]) -> bytes:
    """Write the row of headings."""
    headings = (
        text_cell(column.heading, Style.WORDS_HEADER if column.is_words else Style.HEADER) for column in columns
    )
    return row(headings, height=24)


def record_rows(rows: pa.RecordBatch, columns: Sequence[Column], styles: Sequence[Style], texts: LongTexts) -> bytes:
    """Write records as rows, made column by column; Python sees no single value."""
    import polars as pl

    frame = pl.DataFrame(rows)
    written = _opened(frame, columns, styles)
    for column, style in zip(columns, styles, strict=True):
        values, kind = frame.to_series(column.position), column.field.kind
        if column.is_words:
            written.append(pl.lit(word_cells(plain_text(values, kind), column.field.codes, style)))
        else:
            written.append(pl.lit(cells(values, rows.column(column.position), kind, style, texts.shorten)))
    written.append(pl.lit("</row>"))
    return joined(frame.select(pl.concat_str(written)).to_series())


def _opened(frame: pl.DataFrame, columns: Sequence[Column], styles: Sequence[Style]) -> list[pl.Expr]:
    """Write how rows begin: as high as their wrapped texts are, which not every spreadsheet finds out by itself."""
    import polars as pl

    wrapped = [column for column, style in zip(columns, styles, strict=True) if style is Style.WRAPPED]
    if not wrapped:
        return [pl.repeat("<row>", frame.height, dtype=pl.String)]
    texts = [pl.lit(frame.to_series(column.position)) for column in wrapped]
    lines = [text.str.len_chars() // _WIDEST + text.str.count_matches("\n", literal=True) + 1 for text in texts]
    height = pl.max_horizontal(*lines).fill_null(1).clip(1, _MOST_LINES) * _LINE_POINTS
    return [pl.lit('<row ht="'), height.cast(pl.String), pl.lit('" customHeight="1">')]


def long_values(rows: pa.RecordBatch, columns: Sequence[Column]) -> Iterator[tuple[int, pl.Series]]:
    """Yield, with the place of each column on the sheet, the values whose texts may be too long for a cell."""
    import polars as pl

    for place, column in enumerate(columns):
        if not column.is_words:
            yield place, plain_text(pl.Series(rows.column(column.position)), column.field.kind)
