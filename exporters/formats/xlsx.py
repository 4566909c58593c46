"""XLSX: a workbook with a contents sheet and a sheet a collection, cells of real types, nothing that runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from stat import S_IFREG
from typing import TYPE_CHECKING, ClassVar

from exporters.base import Answer, CollectionAnswer, Exporter, Member
from exporters.rows import RowStream
from exporters.values import plain_text
from exporters.workbook import front, long_texts, package_parts
from exporters.workbook.cells import text_cell
from exporters.workbook.long_texts import LongTexts
from exporters.workbook.names import SheetNames, column_letters
from exporters.workbook.sheets import MOST_ROWS, filtered_range, header, look, record_rows, row, sheet
from exporters.workbook.styles import Style
from exporters.zipping import zipped

if TYPE_CHECKING:
    from stream_zip import MemberFile

_MODE = S_IFREG | 0o600
_MOST_RECORDS = MOST_ROWS - 1  # below the header


class XlsxExporter(Exporter):
    """Writes `export.xlsx`.

    Numbers of more than 15 digits and moments finer than a millisecond are text, since spreadsheets would round them;
    characters XML lacks are escaped as spreadsheets do, texts no cell takes stand on a sheet of their own.

    Source: ECMA-376, "Office Open XML File Formats", Part 1.
    """

    slug: ClassVar[str] = "xlsx"
    media_type: ClassVar[str] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    extension: ClassVar[str] = "xlsx"

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the one file of the format."""
        yield Member("export.xlsx", iter(zipped(_Workbook(answer).files())))


class _Workbook:
    """One workbook in the making."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.items = list(answer.collections)
        names = SheetNames(front.CONTENTS, front.FIELDS, long_texts.SHEET)
        self.sheets = {index: _sheets(item, names) for index, item in enumerate(self.items)}
        self.texts = LongTexts()
        self.names: list[str] = []

    def files(self) -> Iterator[MemberFile]:
        """Yield the files of the archive; those that list the sheets come last, when all are known."""
        yield self._sheet(front.CONTENTS, front.contents(self.answer, self.sheets, self.items))
        if any(item.collection.fields for item in self.items):
            yield self._sheet(front.FIELDS, front.columns(self.sheets, self.items))
        for index, item in enumerate(self.items):
            records = RowStream(item.batches())
            for name in self.sheets[index]:
                yield self._sheet(name, self._records(records, item))
        if self.texts.rows > 1:
            yield self._sheet(long_texts.SHEET, self._long_texts())
        for path, text in package_parts.texts(self.names, self.answer).items():
            yield self._file(path, iter([text.encode()]))

    def _sheet(self, name: str, chunks: Iterator[bytes]) -> MemberFile:
        self.names.append(name)
        return self._file(package_parts.sheet_path(len(self.names)), chunks)

    def _file(self, path: str, chunks: Iterator[bytes]) -> MemberFile:
        from stream_zip import ZIP_32

        return path, self.answer.exported_at.astimezone(UTC), _MODE, ZIP_32, chunks

    def _records(self, records: RowStream, item: CollectionAnswer) -> Iterator[bytes]:
        fields = item.collection.fields
        appearance = look(records, fields)
        rows = (record_rows(rows, fields, appearance.styles, self.texts) for rows in records.take(_MOST_RECORDS))
        span = filtered_range(len(fields), min(item.count, _MOST_RECORDS)) if fields else ""
        headed = _chain(header(fields), rows)
        return sheet(appearance.widths, headed, frozen_rows=1, filtered=span)

    def _long_texts(self) -> Iterator[bytes]:
        headings = row((text_cell(text, Style.HEADER) for text in long_texts.HEADINGS), height=22)
        return sheet((24, 10, 8, 100), _chain(headings, self._parts()), frozen_rows=1)

    def _parts(self) -> Iterator[bytes]:
        """Read the records again, in the same order, for the texts that were pointed at."""
        import polars as pl

        for index, item in enumerate(self.items):
            records = RowStream(item.batches())
            for name in self.sheets[index]:
                above = 1
                for rows in records.take(_MOST_RECORDS):
                    for position, field in enumerate(item.collection.fields):
                        text = plain_text(pl.Series(rows.column(position)), field.kind)
                        for place, whole in long_texts.too_long(text):
                            cell = f"{column_letters(position)}{above + place + 1}"
                            yield from _part_rows(name, cell, whole)
                    above += rows.num_rows


def _part_rows(sheet_name: str, cell: str, whole: str) -> Iterator[bytes]:
    for number, part in enumerate(long_texts.parts(whole), 1):
        texts = (sheet_name, cell, str(number))
        yield row([*(text_cell(text) for text in texts), text_cell(part, Style.WRAPPED)])


def _sheets(item: CollectionAnswer, names: SheetNames) -> list[str]:
    count = max(1, -(-item.count // _MOST_RECORDS))
    return [names.give(item.collection.label or item.collection.name) for _ in range(count)]


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
