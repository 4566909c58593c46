"""Reads a list as spreadsheets write it: whichever letters, whichever sign between the cells, a few lines at a time."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from extractors.errors import DsrError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Buffer

SAMPLE_BYTES = 256 * 1024
LONGEST_CELL = 20_000
MOST_CELLS = 200
SEPARATORS = (",", ";", "\t", "|")
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "mac_roman": "Mac OS Roman",
}
"""The letters a list may be written in, by Python's name, with a name for people."""
_GUESSED = [name for name in ENCODINGS if not name.startswith("utf")]
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
_WORKBOOKS = {b"PK\x03\x04": "a workbook (XLSX or ODS)", b"\xd0\xcf\x11\xe0": "an old workbook (XLS)", b"%PDF": "a PDF"}


class UnusableList(DsrError, ValueError):
    """Say that a file is no list that can be read, and what to do about it; never tried again."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list is written.

    Args:
        encoding: one of `ENCODINGS`.
        separator: stands between the cells.
        has_hint: whether its first line only names the separator, as Excel writes it.
    """

    encoding: str
    separator: str
    has_hint: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is what a spreadsheet shows beside it, the headings being row 1."""

    number: int
    cells: tuple[str, ...]


def look_at(chunks: Callable[[], Iterable[bytes]], *, encoding: str = "") -> Shape:
    """Find out how a list is written.

    Args:
        chunks: gives its bytes from the start, each time it is called.
        encoding: the letters it is written in, where somebody knows them.

    Raises:
        UnusableList: it is empty, a workbook, or no text.
    """
    sample = _start(chunks())
    if not sample.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnusableList("The file is empty. Please hand in a list with a line of headings and a line per request.")
    for magic, what in _WORKBOOKS.items():
        if sample.startswith(magic):
            raise UnusableList(f"This is {what}. Please save it as CSV (in Excel: “CSV UTF-8”) and hand that in.")
    encoding = encoding or _encoding(sample, chunks)
    text = sample.decode(encoding, "replace").removeprefix("\ufeff")
    if "\x00" in text:
        raise UnusableList("The file is no text. Please save your list as CSV (UTF-8) and hand that in.")
    first = text.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return Shape(encoding, first[4], has_hint=True)
    return Shape(encoding, _separator(first or text))


def rows(chunks: Iterable[bytes], shape: Shape) -> Iterator[Row]:
    """Read the rows of a list, headings first and empty ones left out; holds no more than one row.

    Raises:
        UnusableList: a cell is longer than any may be, most often as a quotation mark was never closed.
    """
    text = io.TextIOWrapper(io.BufferedReader(_Stream(chunks)), shape.encoding, errors="replace", newline="")
    if shape.has_hint:
        text.readline()
    read = csv.reader(_limited(text), delimiter=shape.separator)
    number = 0
    while True:
        number += 1
        try:
            cells = next(read)
        except StopIteration:
            return
        except csv.Error:
            raise _too_long(number) from None
        if len(cells) > MOST_CELLS or any(len(cell) > LONGEST_CELL for cell in cells):
            raise _too_long(number)
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(map(_clean, cells)))


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell.replace("\r\n", "\n").replace("\r", "\n")).strip()


class _Stream(io.RawIOBase):
    """Bytes that come in chunks, as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        into = memoryview(buffer).cast("B")
        taken = min(len(into), len(self._left))
        into[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken


def _limited(text: io.TextIOBase) -> Iterator[str]:
    """Give the lines of a text; one without an end is cut, so that it is refused and not held."""
    while line := text.readline(LONGEST_CELL * 10):
        yield line


def _start(chunks: Iterable[bytes]) -> bytes:
    sample = b""
    for chunk in chunks:
        sample += chunk[: SAMPLE_BYTES - len(sample)]
        if len(sample) >= SAMPLE_BYTES:
            break
    return sample


def _encoding(sample: bytes, chunks: Callable[[], Iterable[bytes]]) -> str:
    for mark, encoding in _MARKS.items():
        if sample.startswith(mark):
            return encoding
    if sample[1:400:2].count(0) > len(sample[1:400:2]) // 2:
        return "utf-16-le"
    other = _part_in_other_letters(chunks())
    return _guessed(other) if other else "utf-8-sig"


def _part_in_other_letters(chunks: Iterable[bytes]) -> bytes:
    """Give the text from where it stops being UTF-8, up to a sample; nothing where all of it is."""
    decoder, left = codecs.getincrementaldecoder("utf-8")(), iter(chunks)
    try:
        for chunk in left:
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _start(chain([chunk], left))
    return b""


def _guessed(part: bytes) -> str:
    """Guess the letters of a text; Windows-1252 wherever it may be that, as most lists are."""
    from charset_normalizer import from_bytes

    found = list(from_bytes(part, cp_isolation=_GUESSED, enable_fallback=False))
    likely = [name for match in found if match.chaos <= found[0].chaos for name in match.could_be_from_charset]
    known = [name for name in ("cp1252", *likely) if name in ENCODINGS]
    return known[0] if not likely or "cp1252" in likely else known[1]


def _separator(first: str) -> str:
    """Give the sign that stands most often in the headings, outside of quotation marks."""
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _too_long(number: int) -> UnusableList:
    return UnusableList(
        f"Row {number} has a cell that is too long to be one, or too many cells. Most often a quotation mark was "
        "opened in this row or before it and never closed; please mend that and hand the list in again."
    )
