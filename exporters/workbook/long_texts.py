"""Texts longer than a cell takes: the cell shows how one begins and where it stands whole, cut into parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.workbook.cells import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

SHEET = "Long texts"
_PART = 30_000  # units of UTF-16, below the limit
_SHOWN = 300  # characters of the beginning
HEADINGS = ("Sheet", "Cell", "Part", "Text")


@dataclass(slots=True)
class LongTexts:
    """Counts the rows of the sheet of long texts, as far as they are pointed at."""

    rows: int = 1  # the header

    def shorten(self, text: pl.Series) -> pl.Series:
        """Put, in place of a text that is too long, how it begins and the row where it stands whole."""
        import polars as pl

        places = _too_long(text)
        if not places:
            return text
        pointers = []
        for place in places:
            whole = text[place]
            pointers.append(f"{whole[:_SHOWN]}… [continues: sheet “{SHEET}”, row {self.rows + 1}]")
            self.rows += sum(1 for _ in parts(whole))
        return text.scatter(pl.Series(places, dtype=pl.UInt32), pl.Series(pointers, dtype=pl.String))


def too_long(text: pl.Series) -> Iterator[tuple[int, str]]:
    """Yield the texts of a column that no cell takes, with their places."""
    yield from ((place, text[place]) for place in _too_long(text))


def _too_long(text: pl.Series) -> list[int]:
    suspects = (text.str.len_bytes() > LONGEST_TEXT).arg_true()
    return [place for place in suspects.to_list() if _units(text[place]) > LONGEST_TEXT]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parts(text: str) -> Iterator[str]:
    """Cut a text into parts that fit a cell, between characters; put together they are the text again."""
    octets = text.encode("utf-16-le")
    start = 0
    while start < len(octets):
        end = min(start + 2 * _PART, len(octets))
        if end < len(octets) and octets[end - 1] & 0xFC == 0xD8:  # half of a pair
            end -= 2
        yield octets[start:end].decode("utf-16-le")
        start = end
