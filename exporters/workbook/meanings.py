"""The sheets that say what columns mean, and what the codes in them stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.workbook.cells import text_cell
from exporters.workbook.names import column_letters, place
from exporters.workbook.pages import row_height
from exporters.workbook.records import columns_of
from exporters.workbook.sheets import Frame, filtered_range, row, sheet
from exporters.workbook.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from exporters.base import CollectionAnswer
    from exporters.workbook.records import Column

COLUMNS, CODES = "Columns", "Codes"
_COLUMNS_HEADINGS = ("Sheet", "Column", "Name", "Technical name", "Meaning", "Category", "Values")
_COLUMNS_WIDTHS = (30, 12, 34, 30, 50, 18, 50)
_CODES_HEADINGS = ("Sheet", "Column", "Name", "Code", "Meaning")
_CODES_WIDTHS = (30, 12, 34, 24, 70)
_LONGEST_LIST = 500


def columns(sheets: Mapping[int, Sequence[str]], items: Sequence[CollectionAnswer], foot: str) -> Iterator[bytes]:
    """Write the sheet that says what each column means.

    Args:
        sheets: the names of each collection's sheets, by its place among the collections.
    """
    rows: list[bytes] = []
    links: list[tuple[str, str]] = []
    for index, item in enumerate(items):
        if item.collection.fields:
            links.append((f"A{len(rows) + 2}", place(sheets[index][0], "A1")))
        rows += _described(sheets[index][0], item)
    return _table(_COLUMNS_HEADINGS, _COLUMNS_WIDTHS, rows, links, foot)


def codes(sheets: Mapping[int, Sequence[str]], items: Sequence[CollectionAnswer], foot: str) -> Iterator[bytes]:
    """Write the sheet that says what each code means, one a row."""
    rows = [row for index, item in enumerate(items) for row in _explained(sheets[index][0], item)]
    return _table(_CODES_HEADINGS, _CODES_WIDTHS, rows, (), foot)


def has_codes(items: Iterable[CollectionAnswer]) -> bool:
    """Whether any field is one of codes."""
    return any(field.codes for item in items for field in item.collection.fields)


def _table(
    headings: Sequence[str], widths: Sequence[int], rows: Sequence[bytes], links: Iterable[tuple[str, str]], foot: str
) -> Iterator[bytes]:
    head = row((text_cell(text, Style.HEADER) for text in headings), height=24)
    span = filtered_range(len(headings), len(rows))
    return sheet([head, *rows], Frame(widths, frozen_rows=1, filtered=span, links=links, foot=foot))


def _described(name: str, item: CollectionAnswer) -> Iterator[bytes]:
    for place_, column in enumerate(columns_of(item.collection.fields)):
        texts = (column_letters(place_), column.heading, *_meaning(column, place_))
        yield _row((name, *texts), _COLUMNS_WIDTHS, Style.WRAPPED if place_ else Style.LINK)


def _row(texts: Sequence[str], widths: Sequence[int], first: Style = Style.WRAPPED) -> bytes:
    cells = (text_cell(text, Style.WRAPPED if place_ else first) for place_, text in enumerate(texts))
    return row(cells, row_height(texts, widths))


def _meaning(column: Column, place_: int) -> tuple[str, ...]:
    field = column.field
    if column.is_words:
        return "", f"What the code in column {column_letters(place_ - 1)} means", field.category or "", ""
    told = "; ".join(f"{code} = {meaning}" for code, meaning in field.codes.items())
    values = told if len(told) <= _LONGEST_LIST else f"{len(field.codes):,} codes: see the sheet “{CODES}”"
    return field.name, field.help or "", field.category or "", values


def _explained(name: str, item: CollectionAnswer) -> Iterator[bytes]:
    for place_, column in enumerate(columns_of(item.collection.fields)):
        if not column.is_words:
            about = (name, column_letters(place_), column.heading)
            for code, meaning in column.field.codes.items():
                yield _row((*about, code, meaning), _CODES_WIDTHS)
