from __future__ import annotations

import io
import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import openpyxl
import pytest
from lxml import etree
from openpyxl.worksheet.worksheet import Worksheet

from exporters.base import Answer
from exporters.registry import find
from exporters.workbook import sheets
from extractors.batches import Cause, Field, Information, Kind, Omission
from tests.exporters.factories import a_collection_answer, an_answer, comparable, json_value, written
from tests.exporters.formats.test_xml import plain
from tests.exporters.letters import a_whole_answer

MAIN = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
FORMATS = {3: "date", 4: "", 5: "", 6: "Z", 7: "Z", 8: "time"}


def read(answer: Answer, files: dict[str, bytes]) -> dict[tuple[str, str], list[list[object]]]:
    """Read the sheets as they are written, every digit kept; collections have their sheets in their order."""
    with ZipFile(io.BytesIO(files["export.xlsx"])) as archive:
        assert archive.testzip() is None
        found = {name: etree.fromstring(archive.read(path), HUGE) for name, path in sheet_paths(archive)}
    names = iter(name for name in found if name not in ("Contents", "Information", "Columns", "Codes", "Long texts"))
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


def texts_of(sheet: Worksheet) -> list[list[object]]:
    """Give the rows of a page as it is read: without margins and what is empty."""
    rows = ([cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows())
    return [row for row in rows if row]


def part_of(sheet: Worksheet, title: str) -> list[list[object]]:
    """Give the rows below a title, up to the next one."""
    rows = texts_of(sheet)
    start = rows.index([title]) + 1
    end = next((place for place, row in enumerate(rows[start:], start) if len(row) == 1), len(rows))
    return rows[start:end]


def test_the_contents_lead_to_every_sheet_and_say_what_is_missing():
    information = Information(("Shipping", "Support"), (), ("Carrier",), "Ten years", "You")
    item = a_collection_answer({"id": (Kind.INTEGER, [1])}, information=information)
    other = a_collection_answer({"id": (Kind.INTEGER, [])}, name="it's", label="It's", context=True)
    book = opened(an_answer(item, other, omissions=[Omission("shop", "logs", "only the newest 5", cut=True)]))
    assert book.sheetnames == ["Contents", "Information", "Columns", "Orders", "It's"]
    contents = book["Contents"]
    assert ["Result", "Not complete. What is missing, and why, stands below."] in texts_of(contents)
    assert part_of(contents, "What you receive")[1:] == [
        ["Orders", "Web shop", 1, "Shipping; Support", "Ten years"],
        ["It's", "Web shop", 0, "Not about you: given so that the rest is understood."],
    ]
    assert part_of(contents, "What is not included")[1:] == [["logs", "Web shop", "only the newest 5"]]
    links = {link.ref: link.location for link in contents._hyperlinks} or {
        cell.coordinate: cell.hyperlink.location for row in contents.iter_rows() for cell in row if cell.hyperlink
    }
    assert list(links.values()) == ["'Orders'!A1", "'It''s'!A1"]


def test_what_is_withheld_by_law_does_not_make_an_answer_incomplete():
    item = a_collection_answer({"id": (Kind.INTEGER, [1])})
    results = {
        cause: dict(row for row in texts_of(opened(an_answer(item, omissions=left))["Contents"]) if len(row) == 2)
        for cause, left in {
            None: [],
            Cause.THIRD_PARTY: [Omission("shop", "orders", "a note", cause=Cause.THIRD_PARTY)],
            Cause.LIMIT: [Omission("shop", "orders", "the rest", cut=True, cause=Cause.LIMIT)],
        }.items()
    }
    assert results[None]["Result"].startswith("Complete.")
    assert results[Cause.THIRD_PARTY]["Result"].startswith("Every record is here.")
    assert results[Cause.LIMIT]["Result"].startswith("Not complete.")


def test_the_contents_tell_who_answers_and_what_was_searched():
    contents = opened(a_whole_answer())["Contents"]
    facts = {row[0]: row[1] for row in texts_of(contents) if len(row) == 2}
    assert facts["For"] == "Ann Älvsjö  ·  ann@example.org"
    assert facts["Your request"] == "For access to your personal data, received on 22 April 2024"
    assert facts["What we decided"] == "We withheld one note.\nIt is about your neighbour."
    assert facts["From"].startswith("Example & Söhne  ·  Hauptstraße 1, 10115 Berlin")
    assert facts["Where you may complain"].endswith("https://www.datenschutz-berlin.de/beschwerde")
    assert part_of(contents, "What was searched")[1:] == [
        ["Web shop", "Found", 2, "E-mail address and user number", "5 May 2024, 04:03 UTC"],
        ["Customer file", "Nothing found", 0, "E-mail address", "5 May 2024, 04:03 UTC"],
        ["Help desk", "Searched in part", 0, "E-mail address\nCustomer file was down.", "5 May 2024, 04:03 UTC"],
        ["Old archive", "Could not be searched", 0, "It could not be reached.", "Never"],
    ]
    assert [row[0] for row in part_of(contents, "What is not included")] == [
        *("Data", "Customers", "All of it", "Customers")
    ]
    assert part_of(contents, "What is not included")[2][3] == "Could not be searched"


def test_the_information_is_told_by_source_and_where_a_collection_differs():
    page = opened(a_whole_answer())["Information"]
    assert part_of(page, "Web shop") == [
        ["Why it is used", "Selling", "Art. 15(1)(a)"],
        ["Who receives it", "Carrier", "Art. 15(1)(c)"],
        ["How long it is kept", "Ten years", "Art. 15(1)(d)"],
        ["Transfers to other countries", "None", "Art. 15(2)"],
        ["Not recorded", "Kinds of data; where it comes from; automated decisions. You may ask for it."],
    ]
    assert part_of(page, "Customers") == [
        ["Why it is used", "Advice", "Art. 15(1)(a)"],
        ["Automated decisions", "None", "Art. 15(1)(h)"],
    ]
    rights = {row[0]: row[1] for row in part_of(page, "Your rights")}
    assert {"Correction", "Erasure", "Objection"} <= rights.keys()
    assert "privacy@example.org" in rights["Whom to ask"]
    assert "Berliner Beauftragte" in rights["Where to complain"]


def test_columns_are_explained():
    field = Field("state", Kind.TEXT, label="State", help="How it is", category="profile", codes={"A": "active"})
    book = opened(an_answer(a_collection_answer({"state": (Kind.TEXT, ["A"])}, fields=(field,))))
    described, words = ([cell.value for cell in row] for row in book["Columns"].iter_rows(min_row=2))
    assert described == ["Orders", "A", "State", "state", "How it is", "profile", "A = active"]
    assert words[:5] == ["Orders", "B", "State (in words)", "", "What the code in column A means"]
    assert book["Orders"]["A1"].value == "State"
    assert [cell.value for cell in book["Codes"][2]] == ["Orders", "A", "State", "A", "active"]


def test_what_codes_mean_stands_beside_them_and_no_code_is_lost():
    fields = (
        Field("state", Kind.TEXT, codes={"A": "active", "": "unknown", "=1": "=1+1 <b>"}),
        Field("level", Kind.INTEGER, codes={"1": "low", "-1": "none"}),
        Field("id", Kind.INTEGER),
    )
    columns = {
        "state": (Kind.TEXT, ["A", "", "=1", "Z", None]),
        "level": (Kind.INTEGER, [1, -1, 7, None, 1]),
        "id": (Kind.INTEGER, range(5)),
    }
    sheet = opened(an_answer(a_collection_answer(columns, fields=fields, batch_rows=2)))["Orders"]
    assert [[cell.value or None for cell in row] for row in sheet.iter_rows()] == [
        ["State", "State (in words)", "Level", "Level (in words)", "Id"],
        ["A", "active", 1, "low", None],
        [None, "unknown", -1, "none", 1],
        ["=1", "=1+1 <b>", 7, None, 2],
        ["Z", None, None, None, 3],
        [None, None, 1, "low", 4],
    ]
    assert sheet["B4"].data_type == "s"
    assert sheet.auto_filter.ref == "A1:E6"


def test_many_codes_stand_on_a_sheet_of_their_own_alone():
    field = Field("code", Kind.TEXT, codes={f"{n}": f"meaning {n}" for n in range(3000)})
    book = opened(an_answer(a_collection_answer({"code": (Kind.TEXT, ["7"])}, fields=(field,))))
    assert book["Columns"]["G2"].value == "3,000 codes: see the sheet “Codes”"
    assert book["Codes"].max_row == 3001
    assert book["Orders"]["B2"].value == "meaning 7"


def test_a_long_text_behind_codes_is_pointed_at_where_it_stands():
    fields = (Field("state", Kind.TEXT, codes={"A": "active"}), Field("note", Kind.TEXT))
    columns = {"state": (Kind.TEXT, ["A"]), "note": (Kind.TEXT, ["long " * 10_000])}
    book = opened(an_answer(a_collection_answer(columns, fields=fields)))
    assert [row[:2] for row in book["Long texts"].iter_rows(min_row=2, values_only=True)] == [("Orders", "C2")] * 2


def test_long_texts_are_wrapped_in_rows_high_enough_to_read_them():
    columns = {"note": (Kind.TEXT, ["word " * 100, "line\n" * 4, "short", None, "x" * 5000])}
    sheet = opened(an_answer(a_collection_answer(columns)))["Orders"]
    assert sheet["A2"].alignment.wrap_text
    assert [sheet.row_dimensions[row].height for row in range(2, 7)] == [135, 75, 15, 15, 180]


def test_titles_are_printed_on_every_page_and_in_the_colour_of_who_answers():
    answer = a_whole_answer()
    letter = replace(answer.letter, controller=replace(answer.letter.controller, colour="#7a1f5c"))
    book = opened(replace(answer, letter=letter))
    assert book["Customers"].print_title_rows == "$1:$1"
    assert not book["Contents"].print_title_rows
    assert book["Customers"]["A1"].fill.fgColor.rgb == "FF7A1F5C"
    assert (
        book["Customers"].oddFooter.left.text == "Example && Söhne · DSR-2024-0001"
    )  # an ampersand alone would be a code


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
    assert book.sheetnames[3:] == ["Orders", "Orders (2)", "Orders (3)"]
    ids = [[row[0] for row in book[name].iter_rows(min_row=2, values_only=True)] for name in book.sheetnames[3:]]
    assert ids == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert sheets.MOST_ROWS == 1_048_576


def test_an_answer_without_data_says_so():
    book = opened(an_answer())
    assert ["Result", "No data is held."] in texts_of(book["Contents"])
    assert book.sheetnames == ["Contents"]


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
