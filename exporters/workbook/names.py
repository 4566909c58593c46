"""Names of sheets, and of the cells in them."""

from __future__ import annotations

import re

LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class SheetNames:
    """Hands out the names of a workbook's sheets: as spreadsheets allow them, no two alike.

    Source: Excel's rules: at most 31 characters, no brackets, colon, asterisk, question mark or slash of either kind,
    no apostrophe at either end, not "History".
    """

    def __init__(self, *taken: str) -> None:
        self._taken = {"history", *(name.casefold() for name in taken)}

    def give(self, wanted: str) -> str:
        """Make a name of any text; the same one asked for again gets a number."""
        stem = _FORBIDDEN.sub(" ", wanted)
        stem = _cut(" ".join(stem.split()).strip("'"), LONGEST_NAME) or "Sheet"
        name, number = stem, 1
        while name.casefold() in self._taken:
            number += 1
            ending = f" ({number})"
            name = _cut(stem, LONGEST_NAME - len(ending)) + ending
        self._taken.add(name.casefold())
        return name


def _cut(text: str, units: int) -> str:
    """Cut a text to so many units of UTF-16, in which spreadsheets count, between characters."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore").strip(" '")


def column_letters(position: int) -> str:
    """Name a column, counted from 0: A, B, … Z, AA."""
    letters = ""
    position += 1
    while position:
        position, remainder = divmod(position - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters


def place(sheet: str, cell: str) -> str:
    """Name a cell of a sheet as links and formulas do."""
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!{cell}"
