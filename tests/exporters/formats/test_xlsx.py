from __future__ import annotations

import io
import re
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import openpyxl
import pytest
from lxml import etree

from exporters.base import Answer
from exporters.registry import find
from exporters.workbook import sheets
from extractors.batches import Field, Information, Kind, Omission
from tests.exporters.factories import a_collection_answer, an_answer, comparable, json_value, written
from tests.exporters.formats.test_xml import plain

MAIN = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
FORMATS = {3: "date", 4: "", 5: "", 6: "Z", 7: "Z", 8: "time"}


def read(answer: Answer, files: dict[str, bytes]) -> dict[tuple[str, str], list[list[object]]]:
    """Read the sheets as they are written, every digit kept; collections have their sheets in their order."""
    with ZipFile(io.BytesIO(files["export.xlsx"])) as archive:
        assert archive.testzip() is None
        found = {name: etree.fromstring(archive.read(path), HUGE) for name, path in sheet_paths(archive)}
    names = iter(name for name in found if name not in ("Contents", "Columns", "Long texts"))
    long = whole_texts(found.get("Long texts"))
    result = {}
    for source in answer.sources:
        for item in source.collections:
            kinds = [field.kind for field in item.collection.fields]
            name = next(names)
            header, *rows = cells(found[name])
            assert len(header) == len(kinds)
            result[source.source.slug, item.collection.name] = [
                [
                    value(long.get((name, f"{letters(x)}{y}"), cell), kind)
                    for x, (cell, kind) in enumerate(zip(row, kinds, strict=True))
                ]
                for y, row in enumerate(rows, 2)
            ]
    assert list(names) == []
    return result


HUGE = etree.XMLParser(huge_tree=True, resolve_entities=False)


def letters(position):
    return openpyxl.utils.get_column_letter(position + 1)


def sheet_paths(archive):
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    for sheet in etree.fromstring(archive.read("xl/workbook.xml")).iterfind("sheets/sheet", MAIN):
        id_ = sheet.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id")
        yield plain(sheet.get("name")), "xl/" + targets[id_]


def cells(sheet):
    """The rows as (type, style, text), None for an empty cell."""
    for row in sheet.iterfind("sheetData/row", MAIN):
        yield [
            None if len(cell) == 0 else (cell.get("t", "n"), int(cell.get("s", "0")), plain("".join(cell.itertext())))
            for cell in row.iterfind("c", MAIN)
        ]


def whole_texts(sheet):
    whole: dict[tuple[str, str], tuple[str, int, str]] = {}
    if sheet is not None:
        for name, cell, part, text in list(cells(sheet))[1:]:
            before = whole.get((name[2], cell[2]), ("inlineStr", 0, ""))[2]
            assert part[2] == "1" or before
            whole[name[2], cell[2]] = ("inlineStr", 0, before + text[2])
    return whole


def value(cell, kind):
    if cell is None:
        return None
    type_, style, text = cell
    if type_ == "n" and style in FORMATS:
        text = moment(float(text), FORMATS[style], milliseconds=style in (5, 7))
    if kind is Kind.JSON:
        return json_value(text)
    if kind is Kind.BOOLEAN:
        assert type_ == "b"
        return text == "1"
    readers = {Kind.INTEGER: int, Kind.BINARY: lambda text: b64decode(text, validate=True)}
    return comparable(readers.get(kind, str)(text), kind)


def moment(serial, form, *, milliseconds):
    at = EPOCH + timedelta(milliseconds=round(serial * 86_400_000))
    if form == "date":
        return f"{at:%Y-%m-%d}"
    if form == "time":
        return f"{at:%H:%M:%S}"
    fraction = f".{at.microsecond // 1000:03}".rstrip("0").rstrip(".") if milliseconds else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}{form}"


def opened(answer: Answer) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(written(find("xlsx"), answer)["export.xlsx"]))


def test_values_have_real_types_in_a_program_that_is_not_ours():
    columns = {
        "id": (Kind.INTEGER, [7, 10**15, None]),
        "price": (Kind.DECIMAL, ["1.50", "12345678901234.56", "0.10"]),
        "on": (Kind.DATE, ["2024-02-29", "1899-12-31", "infinity"]),
        "at": (Kind.TIMESTAMP, ["2024-02-29T12:30:00Z", "2024-02-29T12:30:00.250Z", "2024-02-29T12:30:00.123456Z"]),
        "flag": (Kind.BOOLEAN, [True, False, None]),
        "score": (Kind.FLOAT, [0.1, float("inf"), 1e22]),
        "clock": (Kind.TIME, ["12:00:00", "24:00:00", "12:00:00.5"]),
        "text": (Kind.TEXT, ["=1+1", "007", "-5"]),
    }
    sheet = opened(an_answer(a_collection_answer(columns)))["Orders"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["Id", "Price", "On", "At", "Flag", "Score", "Clock", "Text"]
    assert rows[1][:3] == [7, 1.5, datetime(2024, 2, 29)]  # noqa: DTZ001  # spreadsheets know no zone
    assert rows[1][3] == datetime(2024, 2, 29, 12, 30)  # noqa: DTZ001
    assert rows[1][4:6] == [True, 0.1]
    assert rows[2][:3] == ["1000000000000000", "12345678901234.56", "1899-12-31"]
    assert rows[3][3] == "2024-02-29T12:30:00.123456Z"
    assert [row[7] for row in rows[1:]] == ["=1+1", "007", "-5"]
    assert {cell.data_type for cell in sheet["H"][1:]} == {"s"}
    assert "Z" in sheet["D2"].number_format
    assert sheet["C2"].is_date


def test_the_header_stays_in_sight_and_filters():
    sheet = opened(an_answer(a_collection_answer({"id": (Kind.INTEGER, [1, 2]), "name": (Kind.TEXT, ["a", "b"])})))[
        "Orders"
    ]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_the_contents_lead_to_every_sheet_and_say_what_is_missing():
    information = Information(("Shipping",), (), ("Carrier",), "Ten years", "You")
    item = a_collection_answer({"id": (Kind.INTEGER, [1])}, information=information)
    other = a_collection_answer({"id": (Kind.INTEGER, [])}, name="it's", label="It's")
    book = opened(an_answer(item, other, omissions=[Omission("shop", "logs", "only the newest 5", cut=True)]))
    assert book.sheetnames == ["Contents", "Columns", "Orders", "It's"]
    contents = book["Contents"]
    texts = [[cell.value for cell in row] for row in contents.iter_rows()]
    assert "Not complete" in texts[1][0]
    assert texts[4] == ["Orders", "Web shop", 1, "Shipping", "Carrier", "Ten years", "You"]
    assert ["logs", "shop", "only the newest 5"] in [row[:3] for row in texts]
    links = {link.ref: link.location for link in contents._hyperlinks} or {
        cell.coordinate: cell.hyperlink.location for row in contents.iter_rows() for cell in row if cell.hyperlink
    }
    assert list(links.values()) == ["'Orders'!A1", "'It''s'!A1"]


def test_columns_are_explained():
    field = Field("state", Kind.TEXT, label="State", help="How it is", category="profile", codes={"A": "active"})
    book = opened(an_answer(a_collection_answer({"state": (Kind.TEXT, ["A"])}, fields=(field,))))
    assert [cell.value for cell in book["Columns"][2]] == [
        *("Orders", "A", "State", "state", "How it is", "profile", "A = active")
    ]
    assert book["Orders"]["A1"].value == "State"


def test_a_text_no_cell_takes_is_pointed_at():
    text = "word 𝄞 " * 20_000
    book = opened(an_answer(a_collection_answer({"id": (Kind.INTEGER, [1]), "note": (Kind.TEXT, [text])})))
    assert re.search(r"… \[continues: sheet “Long texts”, row 2\]$", book["Orders"]["B2"].value)
    rows = list(book["Long texts"].iter_rows(min_row=2, values_only=True))
    assert {row[:2] for row in rows} == {("Orders", "B2")}
    assert "".join(row[3] for row in rows) == text
    assert all(len(row[3].encode("utf-16-le")) <= 2 * 32_767 for row in rows)


def test_a_collection_too_long_for_a_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("exporters.formats.xlsx._MOST_RECORDS", 4)
    book = opened(an_answer(a_collection_answer({"id": (Kind.INTEGER, range(10))}, batch_rows=3)))
    assert book.sheetnames[2:] == ["Orders", "Orders (2)", "Orders (3)"]
    ids = [[row[0] for row in book[name].iter_rows(min_row=2, values_only=True)] for name in book.sheetnames[2:]]
    assert ids == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert sheets.MOST_ROWS == 1_048_576


def test_an_answer_without_data_says_so():
    book = opened(an_answer())
    assert "No data is held." in [cell.value for cell in book["Contents"]["A"]]


def test_names_of_sheets_are_allowed_and_differ():
    items = [
        a_collection_answer({}, name=str(n), label=label)
        for n, label in enumerate(["a/b:c", "A B C", "History", "'x'", "y" * 50, "y" * 60, "𝄞" * 20])
    ]
    names = opened(an_answer(*items)).sheetnames
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name.encode("utf-16-le")) <= 62 and not set(name) & set("[]:*?/\\") for name in names)
    assert "history" not in {name.casefold() for name in names}


def test_days_are_counted_as_spreadsheets_do():
    columns = {"on": (Kind.DATE, ["1900-03-01", "9999-12-31", "2000-01-01"])}
    sheet = opened(an_answer(a_collection_answer(columns)))["Orders"]
    assert [cell.value.date() for cell in sheet["A"][1:]] == [date(1900, 3, 1), date(9999, 12, 31), date(2000, 1, 1)]
