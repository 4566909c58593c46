from __future__ import annotations

import base64
import csv
import io
import re

import pytest

from exporters.base import Answer
from exporters.registry import find
from extractors.batches import Information, Kind, Omission
from tests.exporters.factories import (
    HOSTILE_TEXTS,
    a_collection_answer,
    a_source,
    an_answer,
    comparable,
    json_value,
    written,
)
from tests.exporters.formats.test_xml import plain

CELL = re.compile(r'(?:"((?:[^"]|"")*+)"|([^",\r\n]*+))(,|\r\n)')
RUNNABLE = tuple("=+-@\t\r\n＝＋－＠")


def lines(data: bytes) -> list[list[str | None]]:
    """Parse RFC 4180, an empty cell without quotes being None."""
    text, found, line, position = data.decode(), [], [], 0
    while position < len(text):
        match = CELL.match(text, position)
        assert match, f"no RFC 4180 at {position}"
        quoted, bare, end = match.groups()
        line.append(quoted.replace('""', '"') if quoted is not None else bare or None)
        if end == "\r\n":
            found.append(line)
            line = []
        position = match.end()
    assert not line
    return found


def unguarded(cell: str | None) -> str | None:
    """Take one apostrophe away where docs/formats.md says that one was added, and undo the escape of NUL."""
    bare = cell[1:] if cell and cell[0] == "'" and cell.lstrip("'").startswith(RUNNABLE) else cell
    return plain(bare) if bare and "_x0000_" in bare else bare


def read(answer: Answer, files: dict[str, bytes]) -> dict[tuple[str, str], list[list[object]]]:
    """Read every record back as comparable values, finding the files by the summary."""
    header, *rows = [[unguarded(cell) for cell in line] for line in lines(files["summary.csv"])]
    summary = {}
    for row in (dict(zip(header, row, strict=True)) for row in rows):
        if row["file"]:
            summary[row["source"], row["collection"]] = row
    collections = {
        (source.source.slug, item.collection.name): item.collection
        for source in answer.sources
        for item in source.collections
    }
    assert summary.keys() == collections.keys()
    found = {}
    for key, collection in collections.items():
        names, *records = lines(files[summary[key]["file"]])
        assert [unguarded(name) for name in names] == [field.name or "" for field in collection.fields]
        assert len(records) == int(summary[key]["records"])
        kinds = [field.kind for field in collection.fields]
        found[key] = [[value(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in records]
    return found


def value(cell: str | None, kind: Kind) -> object:
    if cell is None:
        return None
    cell = unguarded(cell)
    readers = {
        Kind.INTEGER: int,
        Kind.BOOLEAN: {"true": True, "false": False}.__getitem__,
        Kind.BINARY: lambda text: base64.b64decode(text, validate=True),
        Kind.JSON: json_value,
    }
    return comparable(readers.get(kind, str)(cell), kind)


def cells_of(kind: Kind, values: list[object]) -> list[str | None]:
    files = written(find("csv"), an_answer(a_collection_answer({"field": (kind, values)})))
    return [line[0] for line in lines(files["orders.csv"])[1:]]


def test_null_is_an_empty_cell_and_empty_text_a_quoted_one():
    columns = {"id": (Kind.INTEGER, [1, 2, 3]), "note": (Kind.TEXT, ["", None, "x"])}
    files = written(find("csv"), an_answer(a_collection_answer(columns)))
    assert files["orders.csv"] == b'id,note\r\n1,""\r\n2,\r\n3,x\r\n'


def test_a_collection_without_records_has_its_header():
    files = written(find("csv"), an_answer(a_collection_answer({"id": (Kind.INTEGER, []), "=x": (Kind.TEXT, [])})))
    assert files["orders.csv"] == b"id,'=x\r\n"


def test_no_text_that_a_spreadsheet_would_run_stands_at_the_start_of_a_cell():
    found = cells_of(Kind.TEXT, HOSTILE_TEXTS)
    assert [unguarded(cell) for cell in found] == HOSTILE_TEXTS
    assert not [cell for cell in found if cell.startswith(RUNNABLE)]


@pytest.mark.parametrize("kind", [Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.UUID, Kind.JSON, Kind.DECIMAL])
def test_a_source_that_lies_about_a_kind_smuggles_no_formula_in(kind: Kind):
    assert cells_of(kind, ["=1+1", "@x", "-2+cmd"]) == ["'=1+1", "'@x", "'-2+cmd"]


def test_nul_is_escaped_and_what_looks_like_the_escape_too():
    texts = ["a\0_xb", "_x0000_", "max_x", "_x005F_x0000_", "\0=1"]
    escaped = ["a_x0000__x005F_xb", "_x005F_x0000_", "max_x", "_x005F_x005F_x005F_x0000_", "_x0000_=1"]
    assert cells_of(Kind.TEXT, texts) == escaped
    assert [unguarded(cell) for cell in escaped] == texts


def test_bytes_whose_base64_starts_like_a_formula_are_guarded():
    assert cells_of(Kind.BINARY, [b"\xfb\xef\xbe"]) == ["'++++"]


def test_numbers_stay_numbers():
    assert cells_of(Kind.INTEGER, [-5]) == ["-5"]
    assert cells_of(Kind.FLOAT, [-1.5, 1e22]) == ["-1.5", "1e+22"]
    assert cells_of(Kind.DECIMAL, ["-1.50", "+5", "-Infinity"]) == ["-1.50", "+5", "'-Infinity"]


def test_the_standard_reader_of_python_agrees():
    texts = [text for text in HOSTILE_TEXTS if text]
    columns = {"id": (Kind.INTEGER, range(len(texts))), "text": (Kind.TEXT, texts)}
    files = written(find("csv"), an_answer(a_collection_answer(columns)))
    rows = list(csv.reader(io.StringIO(files["orders.csv"].decode(), newline="")))
    assert [unguarded(text) for _, text in rows[1:]] == texts


def test_several_sources_have_a_folder_each():
    items = [a_collection_answer({"id": (Kind.INTEGER, [])}, source=a_source(slug)) for slug in ("shop", "crm")]
    assert list(written(find("csv"), an_answer(*items))) == ["shop/orders.csv", "crm/orders.csv", "summary.csv"]


def test_the_summary_tells_information_counts_files_and_what_is_missing():
    source = a_source(purposes=("Selling", "Accounting"), retention="Ten years")
    item = a_collection_answer({"id": (Kind.INTEGER, [1, 2])}, source=source, information=Information(origin="You"))
    answer = an_answer(item, omissions=[Omission("shop", "orders", "Rows beyond 1,000", cut=True)])
    header, orders, omission = lines(written(find("csv"), answer)["summary.csv"])
    assert dict(zip(header, orders, strict=True)) == {
        "source": "shop",
        "collection": "orders",
        "label": "Orders",
        "records": "2",
        "file": "orders.csv",
        "purposes": "Selling; Accounting",
        "categories": None,
        "recipients": None,
        "retention": "Ten years",
        "origin": "You",
        "transfers": None,
        "automated_decisions": None,
        "not_included": None,
    }
    assert omission[:2] == ["shop", "orders"]
    assert omission[-1] == "Rows beyond 1,000"
    assert set(omission[2:-1]) == {None}


def test_a_byte_order_mark_in_a_name_is_not_the_files_own():
    files = written(find("csv"), an_answer(a_collection_answer({"\ufeffid": (Kind.INTEGER, [])})))
    assert files["orders.csv"].decode() == '"\ufeffid"\r\n'
