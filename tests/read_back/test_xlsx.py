from __future__ import annotations

import csv
import io
import re
from base64 import b64decode
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from exporters.base import Answer
from exporters.registry import find
from exporters.workbook import long_texts
from extractors.batches import Kind
from tests.exporters.factories import json_value, truth, written
from tests.exporters.formats.test_xml import plain
from tests.read_back.hostile import CASES
from tests.read_back.programs import EACH_AS_CSV, convert, needs_office, run

if TYPE_CHECKING:
    from collections.abc import Iterator

Rows = list[list[object]]
SPACES = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text")}


@pytest.mark.parametrize("case", CASES)
def test_openpyxl_finds_every_value(case: str):
    answer = CASES[case]()
    book = openpyxl.load_workbook(io.BytesIO(written(find("xlsx"), answer)["export.xlsx"]))
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    sheets = {name: [[undone(cell) for cell in row] for row in book[name].iter_rows()] for name in book.sheetnames}
    assert records_in(answer, sheets, names_of_sheets(book.worksheets[0])) == comparable_truth(answer)


def undone(cell: Cell) -> object:
    """Give what a cell holds, the escape of characters undone; days, moments and times as they are shown."""
    if isinstance(cell.value, datetime):
        zone = "Z" if "Z" in cell.number_format else ""
        return f"{cell.value:%Y-%m-%d}" if "hh" not in cell.number_format else cell.value.isoformat() + zone
    if isinstance(cell.value, time):
        return cell.value.isoformat()
    return plain(cell.value) if isinstance(cell.value, str) else cell.value


def names_of_sheets(contents: Worksheet) -> list[str]:
    """List the sheets of the collections by the links of the first one."""
    links = [cell.hyperlink.location for row in contents.iter_rows() for cell in row if cell.hyperlink]
    return [re.fullmatch("'(.*)'!A1", link)[1].replace("''", "'") for link in links]


def records_in(answer: Answer, sheets: dict[str, Rows], names: list[str]) -> dict[tuple[str, str], Rows]:
    long = whole_texts(sheets.get(long_texts.SHEET, []))
    found = {}
    for item, name in zip(answer.collections, names, strict=True):
        kinds = [field.kind for field in item.collection.fields]
        found[item.collection.source.slug, item.collection.name] = [
            [
                comparable(long.get((name, f"{letters(x)}{y}"), row[x] if x < len(row) else None), kind)
                for x, kind in enumerate(kinds)
            ]
            for y, row in enumerate(sheets[name][1:], 2)
        ]
    return found


def letters(position: int) -> str:
    return openpyxl.utils.get_column_letter(position + 1)


def whole_texts(rows: Rows) -> dict[tuple[object, object], str]:
    whole: dict[tuple[object, object], str] = {}
    for sheet, cell, _, text in rows[1:]:
        whole[sheet, cell] = whole.get((sheet, cell), "") + str(text)
    return whole


def comparable_truth(answer: Answer) -> dict[tuple[str, str], Rows]:
    kinds = {
        (item.collection.source.slug, item.collection.name): [field.kind for field in item.collection.fields]
        for item in answer.collections
    }
    return {
        key: [[comparable(cell, kind) for cell, kind in zip(row, kinds[key], strict=True)] for row in rows]
        for key, rows in truth(answer).items()
    }


def comparable(cell: object, kind: Kind) -> object:
    """Give a value the form in which spreadsheets keep it: null is empty, lines end in one way."""
    if cell is None or cell in ("", b""):
        return None
    if isinstance(cell, tuple | bytes):
        return cell
    return READERS.get(kind, str)(re.sub("\r\n?", "\n", str(cell)))


def number(text: str) -> object:
    try:
        value = Decimal(text) if text.isascii() and text == text.strip() else text
    except InvalidOperation:
        return text
    return str(value) if isinstance(value, str) or not value.is_finite() else value


def moment(text: str) -> str:
    """Write a moment without the zeros at its end, and with the T that spreadsheets show as a space."""
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9:]{8})(?:\.([0-9]+?)0*)?(Z?)", text)
    if not found:
        return text
    day, clock, fraction, zone = found.groups()
    return f"{day}T{clock}{f'.{fraction}' if (fraction or '0') != '0' else ''}{zone}"


READERS = {
    Kind.INTEGER: number,
    Kind.DECIMAL: number,
    Kind.FLOAT: lambda text: repr(float(text) + 0),
    Kind.BOOLEAN: str.lower,
    Kind.TIMESTAMP: moment,
    Kind.JSON: json_value,
    Kind.BINARY: lambda text: b64decode(text, validate=True),
}


@pytest.fixture(scope="module")
def by_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sheets of every case's workbook, opened by LibreOffice and saved as CSV."""
    folder = tmp_path_factory.mktemp("office")
    return convert(folder, [placed(folder / f"{number}.xlsx", case) for number, case in enumerate(CASES)], EACH_AS_CSV)


def placed(file: Path, case: str) -> Path:
    file.write_bytes(written(find("xlsx"), CASES[case]())["export.xlsx"])
    return file


# What a spreadsheet keeps as a day or a moment, it does not write into CSV as it shows it: see the next test.
@needs_office
@pytest.mark.parametrize("case", [case for case in CASES if case != "ordinary values"])
def test_libreoffice_finds_every_value(case: str, by_office: Path):
    answer, number = CASES[case](), list(CASES).index(case)
    book = openpyxl.load_workbook(io.BytesIO(written(find("xlsx"), answer)["export.xlsx"]))
    sheets = {name: rows_of(by_office / f"{number}-{name}.csv") for name in book.sheetnames}
    assert records_in(answer, sheets, names_of_sheets(book.worksheets[0])) == comparable_truth(answer)


def rows_of(file: Path) -> Rows:
    before = csv.field_size_limit(2**30)
    try:
        return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    finally:
        csv.field_size_limit(before)


@needs_office
def test_libreoffice_shows_numbers_days_and_moments_as_they_were(tmp_path: Path):
    made = convert(tmp_path, [placed(tmp_path / "export.xlsx", "ordinary values")], "fods") / "export.fods"
    (sheet,) = ElementTree.parse(made).iterfind(".//table:table[@table:name='Orders']", SPACES)  # noqa: S314
    rows = [[shown(cell) for cell in cells_of(row)] for row in sheet.iterfind(".//table:table-row", SPACES)]
    answer = CASES["ordinary values"]()
    found = records_in(answer, {"Orders": rows[: answer.records + 1]}, ["Orders"])
    assert found == comparable_truth(answer)


def cells_of(row: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for cell in row.iterfind("table:table-cell", SPACES):
        yield from [cell] * int(cell.get(f"{{{SPACES['table']}}}number-columns-repeated", "1"))


def shown(cell: ElementTree.Element) -> str:
    """Give a number as it is kept, anything else as it is shown."""
    text = "\n".join("".join(line.itertext()) for line in cell.iterfind("text:p", SPACES))
    return text if text in ("TRUE", "FALSE") else cell.get(f"{{{SPACES['office']}}}value", text)


@pytest.mark.parametrize("case", CASES)
def test_the_archive_and_every_part_of_it_are_sound(case: str, tmp_path: Path):
    file = tmp_path / "export.xlsx"
    file.write_bytes(written(find("xlsx"), CASES[case]())["export.xlsx"])
    assert b"No errors detected" in run("unzip", "-t", file)
    with ZipFile(file) as archive:
        for name in archive.namelist():
            (tmp_path / "part.xml").write_bytes(archive.read(name))
            run("xmllint", "--noout", "--nonet", "--huge", tmp_path / "part.xml")
        assert not [name for name in archive.namelist() if re.search("vba|macro|external|connection|query", name)]
