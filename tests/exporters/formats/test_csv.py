from __future__ import annotations

import base64
import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import replace

import pytest

from exporters.base import Answer
from exporters.registry import find
from extractors.batches import Batch, Cause, Information, Kind, Omission
from tests.exporters.factories import (
    HOSTILE_TEXTS,
    a_collection_answer,
    a_source,
    an_answer,
    comparable,
    json_value,
    truth,
    written,
)
from tests.exporters.formats.test_xml import plain
from tests.exporters.letters import a_whole_answer

CELL = re.compile(r'(?:"((?:[^"]|"")*+)"|([^",\r\n]*+))(,|\r\n)')
RUNNABLE = tuple("=+-@\t\r\n＝＋－＠")


def lines(data: bytes) -> list[list[str | None]]:
    """Parse RFC 4180, an empty cell without quotes being None."""
    text, found, line, position = data.removeprefix(BOM_UTF8).decode(), [], [], 0
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
    assert list(written(find("csv"), an_answer(*items))) == [
        *("shop/orders.csv", "crm/orders.csv"),
        *("summary.csv", "searched.csv", "about.csv", "README.csv"),
    ]


def test_the_summary_tells_information_counts_files_and_what_is_missing():
    source = a_source(purposes=("Selling", "Accounting"), retention="Ten years")
    item = a_collection_answer({"id": (Kind.INTEGER, [1, 2])}, source=source, information=Information(origin="You"))
    answer = an_answer(item, omissions=[Omission("shop", "orders", "Rows beyond 1,000", cut=True, cause=Cause.LIMIT)])
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
        "cause": None,
    }
    assert omission[:2] == ["shop", "orders"]
    assert omission[-2:] == ["Rows beyond 1,000", "limit"]
    assert set(omission[2:-2]) == {None}


def test_a_byte_order_mark_in_a_name_is_not_the_files_own():
    files = written(find("csv"), an_answer(a_collection_answer({"\ufeffid": (Kind.INTEGER, [])})))
    assert files["orders.csv"].decode() == '"\ufeffid"\r\n'


def told(files: dict[str, bytes], path: str) -> list[dict[str, str | None]]:
    """Read a table beside the collections, line by line under its own names."""
    header, *rows = [[unguarded(cell) for cell in line] for line in lines(files[path])]
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_index_explains_every_column_of_every_file():
    items = [
        a_collection_answer({"id": (Kind.INTEGER, [1]), "=x": (Kind.TEXT, ["a"])}, source=a_source(slug))
        for slug in ("shop", "README.csv", "about")
    ]
    files = written(find("csv"), an_answer(*items))
    explained: dict[str, list[str]] = {}
    for line in told(files, "README.csv"):
        explained.setdefault(line["file"], []).append(line["column"])
        assert line["label"]
    assert explained == {path: [unguarded(name) for name in lines(data)[0]] for path, data in files.items()}


def test_the_index_has_the_words_of_the_data_map_and_runs_nothing():
    files = written(find("csv"), a_whole_answer())
    created, segment, *_ = told(files, "README.csv")
    assert created == {
        "file": "customers.csv",
        "source": "shop",
        "collection": "customers",
        "column": "created_at",
        "label": "Created at",
        "kind": "timestamp",
        "meaning": None,
        "values": None,
    }
    assert (segment["label"], segment["meaning"]) == ("Customer group", "How we group you")
    assert segment["values"] == 'A = regular; B = new; -1 = =1+1 "x"'
    assert not [cell for data in files.values() for line in lines(data) for cell in line if str(cell).startswith("=")]


def test_it_is_told_what_was_searched_who_answers_and_why_something_is_missing():
    files = written(find("csv"), a_whole_answer())
    shop, crm, desk, old = told(files, "searched.csv")
    assert shop == {
        "source": "shop",
        "label": "Web shop",
        "outcome": "found",
        "at": "2024-05-05T04:03:02Z",
        "identifiers": "email; user_id",
        "records": "2",
        "note": None,
    }
    assert [search["outcome"] for search in (crm, desk, old)] == ["empty", "partly", "failed"]
    about = [(line["name"], line["value"]) for line in told(files, "about.csv")]
    assert ("complete", "false") in about
    assert ("requester.email", "ann@example.org") in about
    assert [value for name, value in about if name == "controller.address"] == ["Hauptstraße 1", "10115 Berlin"]
    assert ("controller.phone", "+49 30 123456") in about
    assert ("authority.place", "DE-BE") in about
    assert dict(about)["request.decision"] == "We withheld one note.\nIt is about your neighbour."
    assert [line["cause"] for line in told(files, "summary.csv")] == [None, "secret", "unreached", None]


def test_what_was_searched_is_counted_when_the_records_have_passed():
    passing = a_collection_answer({"id": (Kind.INTEGER, [1, 2, 3])}, batch_rows=1)
    passed = 0

    def batches() -> Iterator[Batch]:
        nonlocal passed
        for batch in passing.batches():
            passed += batch.rows.num_rows
            yield batch

    files = written(find("csv"), an_answer(replace(passing, counted=lambda: passed, batches=batches)))
    (search,) = told(files, "searched.csv")
    assert (search["outcome"], search["records"], search["at"]) == ("found", "3", "2024-05-06T07:08:10Z")


@pytest.mark.parametrize(("language", "begins"), [("de", True), ("pt-BR", True), ("en", False), ("en-GB", False)])
def test_files_for_people_of_other_languages_begin_with_a_byte_order_mark(language: str, begins: bool):
    files = written(find("csv"), a_whole_answer(language))
    assert {data.startswith(BOM_UTF8) for data in files.values()} == {begins}
    assert {data.count(BOM_UTF8) for data in files.values()} == {int(begins)}


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_value_reads_back_with_and_without_a_byte_order_mark(language: str):
    columns = {"\ufeffid": (Kind.TEXT, HOSTILE_TEXTS), "née": (Kind.TEXT, HOSTILE_TEXTS[::-1])}
    answer = replace(an_answer(a_collection_answer(columns, batch_rows=7)), language=language)
    files = written(find("csv"), answer)
    assert read(answer, files) == truth(answer)
    header = next(csv.reader(io.StringIO(files["orders.csv"].decode("utf-8-sig" if language == "de" else "utf-8"))))
    assert header == ["\ufeffid", "née"]
