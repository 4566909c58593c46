"""The sheets in front: what the workbook holds, with links, and what its columns mean."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from exporters.information import information_of
from exporters.workbook.cells import number_cell, text_cell
from exporters.workbook.names import column_letters, place
from exporters.workbook.sheets import filtered_range, heading, row, sheet
from exporters.workbook.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from exporters.base import Answer, CollectionAnswer

CONTENTS, FIELDS = "Contents", "Columns"
_CONTENTS_HEADINGS = (
    "Data",
    "System",
    "Records",
    "Purposes",
    "Recipients",
    "How long it is kept",
    "Where it comes from",
)
_FIELDS_HEADINGS = ("Sheet", "Column", "Name", "Technical name", "Meaning", "Category", "Values")


def contents(answer: Answer, sheets: Mapping[int, Sequence[str]], items: Sequence[CollectionAnswer]) -> Iterator[bytes]:
    """Write the first sheet.

    Args:
        sheets: the names of each collection's sheets, by its place among the collections.
    """
    links: list[tuple[str, str]] = []
    rows = [*_opening(answer), row((text_cell(text, Style.HEADER) for text in _CONTENTS_HEADINGS), height=22)]
    for index, item in enumerate(items):
        for name in sheets[index]:
            rows.append(_line(item, name, is_first=name == sheets[index][0]))
            links.append((f"A{len(rows)}", place(name, "A1")))
    if not items:
        rows.append(row([text_cell("No data is held.")]))
    rows += _omissions(answer)
    return sheet((38, 24, 12, 40, 34, 34, 34), rows, links=links, has_grid=False)


def _opening(answer: Answer) -> list[bytes]:
    when = f"{answer.exported_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    complete = "Complete" if answer.is_complete else "Not complete: see what is missing below"
    facts = (answer.reference, when, complete, *(f"{kind}: {value}" for kind, value in answer.requester.items()))
    return [
        row([text_cell(f"Your data at {answer.system}", Style.TITLE)], height=30),
        row([text_cell(" · ".join(facts))]),
        row([]),
    ]


def _line(item: CollectionAnswer, name: str, *, is_first: bool) -> bytes:
    information = information_of(item.collection)
    told = (
        "; ".join(information.purposes),
        "; ".join(information.recipients),
        information.retention,
        information.origin,
    )
    label = item.collection.label if is_first else f"{item.collection.label} (continued: {name})"
    return row(
        [
            text_cell(label or name, Style.LINK),
            text_cell(item.collection.source.label, Style.WRAPPED),
            number_cell(item.count),
            *(text_cell(text or "", Style.QUIET) for text in told),
        ]
    )


def _omissions(answer: Answer) -> Iterator[bytes]:
    if answer.omissions:
        yield row([])
        yield row(
            [text_cell("Not included", Style.HEADER), *(text_cell(text, Style.HEADER) for text in ("System", "Reason"))]
        )
    for left in answer.omissions:
        yield row([text_cell(left.collection or "all of it"), text_cell(left.source), text_cell(left.reason)])


def columns(sheets: Mapping[int, Sequence[str]], items: Sequence[CollectionAnswer]) -> Iterator[bytes]:
    """Write the sheet that says what each column means."""
    rows = [row((text_cell(text, Style.HEADER) for text in _FIELDS_HEADINGS), height=22)]
    for index, item in enumerate(items):
        rows += _described(sheets[index][0], item)
    span = filtered_range(len(_FIELDS_HEADINGS), len(rows) - 1)
    return sheet((28, 10, 30, 30, 50, 16, 50), rows, frozen_rows=1, filtered=span)


def _described(name: str, item: CollectionAnswer) -> Iterable[bytes]:
    for position, field in enumerate(item.collection.fields):
        codes = "; ".join(f"{code} = {words}" for code, words in field.codes.items())
        texts = (name, column_letters(position), heading(field), field.name, field.help, field.category, codes)
        yield row(text_cell(text or "", Style.WRAPPED) for text in texts)
