"""XLSX: a workbook with a contents sheet and a sheet a collection, cells of real types, nothing that runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from stat import S_IFREG
from typing import TYPE_CHECKING, ClassVar

from exporters.base import Answer, CollectionAnswer, Exporter, Member
from exporters.rows import RowStream
from exporters.workbook import contents, information, long_texts, meanings, package_parts
from exporters.workbook.cells import text_cell
from exporters.workbook.long_texts import LongTexts
from exporters.workbook.names import SheetNames, column_letters
from exporters.workbook.records import columns_of, header, long_values, look, record_rows
from exporters.workbook.sheets import MOST_ROWS, Frame, filtered_range, row, sheet
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
        names = SheetNames(contents.SHEET, information.SHEET, meanings.COLUMNS, meanings.CODES, long_texts.SHEET)
        self.sheets = {index: _sheets(item, names) for index, item in enumerate(self.items)}
        self.foot = contents.foot(answer)
        self.texts = LongTexts()
        self.names: list[str] = []

    def files(self) -> Iterator[MemberFile]:
        """Yield the files of the archive; those that list the sheets come last, when all are known."""
        further = self._further()
        yield self._sheet(contents.SHEET, contents.contents(self.answer, self.sheets, self.items, tuple(further)))
        for name, chunks in further.items():
            yield self._sheet(name, chunks)
        for index, item in enumerate(self.items):
            records = RowStream(item.batches())
            for name in self.sheets[index]:
                yield self._sheet(name, self._records(records, item))
        if self.texts.rows > 1:
            yield self._sheet(long_texts.SHEET, self._long_texts())
        headed = set(self.names) - {contents.SHEET, information.SHEET}
        for path, text in package_parts.texts(self.names, self.answer, headed).items():
            yield self._file(path, iter([text.encode()]))

    def _further(self) -> dict[str, Iterator[bytes]]:
        """Give the sheets that explain the others, by their names."""
        further = {information.SHEET: information.information(self.answer)} if self.items else {}
        if any(item.collection.fields for item in self.items):
            further[meanings.COLUMNS] = meanings.columns(self.sheets, self.items, self.foot)
        if meanings.has_codes(self.items):
            further[meanings.CODES] = meanings.codes(self.sheets, self.items, self.foot)
        return further

    def _sheet(self, name: str, chunks: Iterator[bytes]) -> MemberFile:
        self.names.append(name)
        return self._file(package_parts.sheet_path(len(self.names)), chunks)

    def _file(self, path: str, chunks: Iterator[bytes]) -> MemberFile:
        from stream_zip import ZIP_32

        return path, self.answer.exported_at.astimezone(UTC), _MODE, ZIP_32, chunks

    def _records(self, records: RowStream, item: CollectionAnswer) -> Iterator[bytes]:
        columns = columns_of(item.collection.fields)
        appearance = look(records, columns)
        rows = (record_rows(rows, columns, appearance.styles, self.texts) for rows in records.take(_MOST_RECORDS))
        span = filtered_range(len(columns), min(item.count, _MOST_RECORDS)) if columns else ""
        frame = Frame(appearance.widths, frozen_rows=1, filtered=span, foot=self.foot)
        return sheet(_chain(header(columns), rows), frame)

    def _long_texts(self) -> Iterator[bytes]:
        headings = row((text_cell(text, Style.HEADER) for text in long_texts.HEADINGS), height=24)
        return sheet(_chain(headings, self._parts()), Frame((24, 10, 8, 100), frozen_rows=1, foot=self.foot))

    def _parts(self) -> Iterator[bytes]:
        """Read the records again, in the same order, for the texts that were pointed at."""
        for index, item in enumerate(self.items):
            records, columns = RowStream(item.batches()), columns_of(item.collection.fields)
            for name in self.sheets[index]:
                above = 1
                for rows in records.take(_MOST_RECORDS):
                    for column, texts in long_values(rows, columns):
                        for place, whole in long_texts.too_long(texts):
                            cell = f"{column_letters(column)}{above + place + 1}"
                            yield from _part_rows(name, cell, whole)
                    above += rows.num_rows


def _part_rows(sheet_name: str, cell: str, whole: str) -> Iterator[bytes]:
    for number, part in enumerate(long_texts.parts(whole), 1):
        texts = (sheet_name, cell, str(number))
        yield row([*(text_cell(text, Style.LINE) for text in texts), text_cell(part, Style.WRAPPED)])


def _sheets(item: CollectionAnswer, names: SheetNames) -> list[str]:
    count = max(1, -(-item.count // _MOST_RECORDS))
    return [names.give(item.collection.label or item.collection.name) for _ in range(count)]


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
