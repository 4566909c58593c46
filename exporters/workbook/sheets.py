"""The parts of a workbook that are sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exporters.markup import attribute, content
from exporters.workbook.names import column_letters

MOST_ROWS = 1_048_576
_OPENING = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
)
_PAGE = (
    '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.7" header="0.3" footer="0.35"/>'
    '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around the rows of a sheet.

    Args:
        widths: of the columns, in characters.
        frozen_rows: those that stay in sight.
        filtered: the range that has a filter.
        links: cells, and the places within the workbook they lead to.
        merged: ranges of cells that are one.
        is_page: whether it is read like a page: without the names of rows and columns.
        foot: what stands below a printed page, beside its number.
    """

    widths: Iterable[int]
    frozen_rows: int = 0
    filtered: str = ""
    links: Iterable[tuple[str, str]] = ()
    merged: Iterable[str] = ()
    is_page: bool = False
    foot: str = ""


def sheet(rows: Iterable[bytes], frame: Frame) -> Iterator[bytes]:
    """Write a sheet around its rows."""
    yield f"{_OPENING}{_view(frame)}{_columns(frame.widths)}<sheetData>".encode()
    yield from rows
    yield b"</sheetData>"
    if frame.filtered:
        yield f'<autoFilter ref="{frame.filtered}"/>'.encode()
    if merged := "".join(f'<mergeCell ref="{cells}"/>' for cells in frame.merged):
        yield f"<mergeCells>{merged}</mergeCells>".encode()
    if links := "".join(f'<hyperlink ref="{cell}"{attribute("location", to)}/>' for cell, to in frame.links):
        yield f"<hyperlinks>{links}</hyperlinks>".encode()
    yield f"{_PAGE}{_foot(frame.foot)}</worksheet>".encode()


def _view(frame: Frame) -> str:
    shown = ' showGridLines="0"' + (' showRowColHeaders="0"' if frame.is_page else "")
    pane = ""
    if frame.frozen_rows:
        below = f"A{frame.frozen_rows + 1}"
        pane = f'<pane ySplit="{frame.frozen_rows}" topLeftCell="{below}" activePane="bottomLeft" state="frozen"/>'
        pane += f'<selection pane="bottomLeft" activeCell="{below}" sqref="{below}"/>'
    fit = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    return f'{fit}<sheetViews><sheetView workbookViewId="0"{shown}>{pane}</sheetView></sheetViews>'


def _columns(widths: Iterable[int]) -> str:
    written = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    return f"<cols>{written}</cols>" if written else ""


def _foot(text: str) -> str:
    small = "&9&K52606D"  # a colour of six digits, behind which a text may begin with one
    told = content(f"&L{small}{text[:100].replace('&', '&&')}&C{small}&A&R{small}&P / &N")
    return f"<headerFooter><oddFooter>{told}</oddFooter></headerFooter>"


def row(cells: Iterable[str], height: int = 0) -> bytes:
    """Write a row of cells."""
    told = f' ht="{height}" customHeight="1"' if height else ""
    return f"<row{told}>{''.join(cells)}</row>".encode()


def filtered_range(columns: int, rows: int) -> str:
    """Name the range of a header and the rows below it."""
    return f"A1:{column_letters(max(columns, 1) - 1)}{rows + 1}"
