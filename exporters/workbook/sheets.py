"""The parts of a workbook that are sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.markup import attribute
from exporters.values import joined, plain_text
from exporters.workbook.cells import cells, text_cell
from exporters.workbook.names import column_letters
from exporters.workbook.styles import Style
from extractors.batches import Kind, words

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from exporters.rows import RowStream
    from exporters.workbook.long_texts import LongTexts
    from extractors.batches import Field

MOST_ROWS = 1_048_576
_NARROWEST, _WIDEST = 10, 60
_OPENING = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
)
_WORDED = frozenset({Kind.TEXT, Kind.JSON})


@dataclass(frozen=True, slots=True)
class Look:
    """The widths of a sheet's columns, in characters, and the style of the texts in each."""

    widths: tuple[int, ...]
    styles: tuple[Style, ...]


def sheet(
    widths: Iterable[int],
    rows: Iterable[bytes],
    *,
    frozen_rows: int = 0,
    filtered: str = "",
    links: Iterable[tuple[str, str]] = (),
    has_grid: bool = True,
) -> Iterator[bytes]:
    """Write a sheet around its rows.

    Args:
        filtered: the range that has a filter.
        links: cells, and the places within the workbook they lead to.
    """
    yield f"{_OPENING}{_view(frozen_rows, has_grid=has_grid)}{_columns(widths)}<sheetData>".encode()
    yield from rows
    yield b"</sheetData>"
    if filtered:
        yield f'<autoFilter ref="{filtered}"/>'.encode()
    if written := "".join(f'<hyperlink ref="{cell}"{attribute("location", to)}/>' for cell, to in links):
        yield f"<hyperlinks>{written}</hyperlinks>".encode()
    yield b'<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
    yield b'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'


def _view(frozen_rows: int, *, has_grid: bool) -> str:
    grid = "" if has_grid else ' showGridLines="0"'
    pane = ""
    if frozen_rows:
        below = f"A{frozen_rows + 1}"
        pane = f'<pane ySplit="{frozen_rows}" topLeftCell="{below}" activePane="bottomLeft" state="frozen"/>'
        pane += f'<selection pane="bottomLeft" activeCell="{below}" sqref="{below}"/>'
    fit = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    return f'{fit}<sheetViews><sheetView workbookViewId="0"{grid}>{pane}</sheetView></sheetViews>'


def _columns(widths: Iterable[int]) -> str:
    written = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    return f"<cols>{written}</cols>" if written else ""


def row(cells_: Iterable[str], height: int = 0) -> bytes:
    """Write a row of cells."""
    told = f' ht="{height}" customHeight="1"' if height else ""
    return f"<row{told}>{''.join(cells_)}</row>".encode()


def look(records: RowStream, fields: Sequence[Field]) -> Look:
    """Decide how the columns look by the first records: wide texts are wrapped."""
    rows = records.peek()
    longest = [_longest(rows, position, field) for position, field in enumerate(fields)]
    headings = [len(heading(field)) + 4 for field in fields]  # room for the filter's button
    widths = tuple(
        max(_NARROWEST, min(max(value + 2, title), _WIDEST)) for value, title in zip(longest, headings, strict=True)
    )
    styles = tuple(
        Style.WRAPPED if field.kind in _WORDED and value > _WIDEST else Style.PLAIN
        for field, value in zip(fields, longest, strict=True)
    )
    return Look(widths, styles)


def _longest(rows: pa.RecordBatch | None, position: int, field: Field) -> int:
    if rows is None:
        return 0
    import polars as pl

    text = plain_text(pl.Series(rows.column(position).slice(0, 200)), field.kind)
    longest = text.str.len_chars().max()
    return longest if isinstance(longest, int) else 0


def heading(field: Field) -> str:
    """Name a field for people."""
    return field.label or words(field.name)


def header(fields: Sequence[Field]) -> bytes:
    """Write the row of headings."""
    return row((text_cell(heading(field), Style.HEADER) for field in fields), height=22)


def record_rows(rows: pa.RecordBatch, fields: Sequence[Field], styles: Sequence[Style], texts: LongTexts) -> bytes:
    """Write records as rows."""
    import polars as pl

    frame = pl.DataFrame(rows)
    written: list[pl.Expr] = [pl.repeat("<row>", frame.height, dtype=pl.String)]
    for position, field in enumerate(fields):
        column = frame.to_series(position)
        written.append(pl.lit(cells(column, rows.column(position), field.kind, styles[position], texts.shorten)))
    written.append(pl.lit("</row>"))
    return joined(frame.select(pl.concat_str(written)).to_series())


def filtered_range(columns: int, rows: int) -> str:
    """Name the range of a header and the rows below it."""
    return f"A1:{column_letters(max(columns, 1) - 1)}{rows + 1}"
