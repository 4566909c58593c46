"""Sheets that are read like a page: a band in the controller's colour, a title, facts, tables."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, TypeAlias

from exporters.workbook.cells import number_cell, text_cell
from exporters.workbook.names import column_letters
from exporters.workbook.sheets import Frame, row, sheet
from exporters.workbook.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Cell: TypeAlias = "tuple[str | int, Style]"

_MARGIN = 3  # the width of an empty column, in characters
_LINE_POINTS, _AIR_POINTS = 15, 7
_MOST_POINTS = 400  # of a row; spreadsheets take 409
_FILLED = 0.92  # of a line, as words are not cut
_EMPTY = "<c/>"


class Page:
    """A page in the making, of a few columns, an empty one in front.

    Args:
        widths: of the columns, in characters.
        foot: what stands below the printed page.
    """

    def __init__(self, widths: Sequence[int], foot: str) -> None:
        self._widths = widths
        self._foot = foot
        self._rows: list[bytes] = []
        self._merged: list[str] = []
        self._links: list[tuple[str, str]] = []

    def open(self, title: str, lead: str) -> None:
        """Write the band, the title and a line below it."""
        self._rows.append(row([_blank(Style.BAND)] * (len(self._widths) + 1), height=9))
        self.space()
        self._add([(title, Style.TITLE)], height=38)
        self.wide(lead)

    def space(self, height: int = 14) -> None:
        """Leave a row empty."""
        self._rows.append(row([], height=height))

    def section(self, title: str) -> None:
        """Begin a part of the page."""
        self.space(20)
        self._add([(title, Style.SECTION)], height=28)

    def topic(self, title: str) -> None:
        """Begin a smaller part."""
        self._add([(title, Style.TOPIC)], height=32)

    def wide(self, text: str) -> None:
        """Write a quiet text over all columns."""
        self._merge(0)
        self._add([(text, Style.LEAD)], row_height([text], [sum(self._widths)]))

    def fact(self, name: str, text: str, style: Style = Style.LINE) -> None:
        """Write a name and, over all other columns, a text; nothing where there is none."""
        if text:
            self._merge(1)
            others: list[Cell] = [("", style)] * (len(self._widths) - 2)
            height = row_height([text], [sum(self._widths[1:])])
            self._add([(name, Style.LINE_QUIET), (text, style), *others], height)

    def head(self, texts: Iterable[str], numbers: Iterable[str] = ()) -> None:
        """Write the headings of a table; those of `numbers` stand on the right of their column."""
        right = frozenset(numbers)
        self._add([(text, Style.HEAD_NUMBER if text in right else Style.HEAD) for text in texts], height=24)

    def line(self, *cells: Cell, link: str = "") -> None:
        """Write a row of a table, whose first cell may lead to another place."""
        self._add(cells, row_height((str(told) for told, _ in cells), self._widths))
        if link:
            self._links.append((f"B{len(self._rows)}", link))

    def chunks(self) -> Iterator[bytes]:
        """Write the sheet."""
        widths = (_MARGIN, *self._widths)
        frame = Frame(widths, links=self._links, merged=self._merged, is_page=True, foot=self._foot)
        return sheet(self._rows, frame)

    def _add(self, cells: Iterable[Cell], height: int) -> None:
        self._rows.append(row([_EMPTY, *(_written(told, style) for told, style in cells)], height))

    def _merge(self, first: int) -> None:
        number, last = len(self._rows) + 1, len(self._widths)
        self._merged.append(f"{column_letters(first + 1)}{number}:{column_letters(last)}{number}")


def row_height(texts: Iterable[str], widths: Iterable[int]) -> int:
    """Reckon how high a row has to be, in points, which not every spreadsheet finds out by itself.

    Args:
        widths: of the columns, in characters.
    """
    lines = (_lines(text, width * _FILLED) for text, width in zip(texts, widths, strict=True))
    return min(max(lines) * _LINE_POINTS + _AIR_POINTS, _MOST_POINTS)


def _lines(text: str, room: float) -> int:
    return sum(max(1, ceil(len(line) / room)) for line in text.splitlines() or [""])


def _written(told: str | int, style: Style) -> str:
    if isinstance(told, int):
        return number_cell(told, style)
    return text_cell(told, style) if told else _blank(style)


def _blank(style: Style) -> str:
    return f'<c s="{style.value}"/>'
