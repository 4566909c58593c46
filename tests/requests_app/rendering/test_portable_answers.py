"""What is taken elsewhere, in every format: nothing that was not given leaks, all that was is there, and it is said."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from exporters.letter import Controller, Letter, Searched, SearchOutcome
from exporters.opening.result import Result, result_of
from exporters.opening.statement import statement
from exporters.package import write_package
from exporters.registry import find, slugs
from extractors.base import Scope
from extractors.datamap import load
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from requests_app.collecting.segments import collect
from requests_app.dossier import temporary_segment
from requests_app.rendering.answers import Heading, answer, passing_answer
from tests.exporters.xml_schema import valid
from tests.extractors.sql.sources import run
from tests.read_back import programs

DATA_MAP = """
version: 1
source: shop
label: {en: Web shop, de: Internetladen}
collections:
  customers:
    label: {en: Your account, de: Ihr Konto}
    identifiers: {email: email}
    provided: true
    basis: contract
    fields:
      risk_score: {provided: false}
      tax_number: {basis: legal obligation}
      friend: {third_party: true}
      pin: {secret: true}
  visits:
    label: {en: Your visits, de: Ihre Besuche}
    identifiers: {email: email}
  bills:
    label: {en: Your bills, de: Ihre Rechnungen}
    identifiers: {email: email}
    provided: true
    basis: legal obligation
"""
WITHOUT_FRIENDS = DATA_MAP.replace("third_party: true", "provided: false")
GIVEN = ("Given-Ann", "ann@example.test", "Given-Street")
KEPT = ("KEPT-SCORE", "KEPT-TAX", "KEPT-FRIEND", "KEPT-PIN", "KEPT-PAGE", "KEPT-SUM")
OF_DATA = ("json", "xml", "csv", "xlsx", "html", "pdf")


@pytest.fixture
def shop(sqlite_url):
    run(
        sqlite_url,
        "CREATE TABLE customers (email text, name text, street text, risk_score text, tax_number text, friend text)",
        "ALTER TABLE customers ADD COLUMN pin text",
        "CREATE TABLE visits (email text, page text)",
        "CREATE TABLE bills (email text, amount text)",
        """INSERT INTO customers VALUES
           ('ann@example.test', 'Given-Ann', 'Given-Street', 'KEPT-SCORE', 'KEPT-TAX', 'KEPT-FRIEND', 'KEPT-PIN')""",
        "INSERT INTO visits VALUES ('ann@example.test', 'KEPT-PAGE'), ('bob@example.test', 'KEPT-PAGE')",
        "INSERT INTO bills VALUES ('ann@example.test', 'KEPT-SUM')",
    )
    return sqlite_url


def heading(language="en"):
    letter = Letter(Controller("Shop Ltd"), None, "portability", "Ann", date(2026, 1, 2))
    searched = (Searched("shop", "Web shop", SearchOutcome.FOUND, datetime(2026, 1, 3, tzinfo=UTC), ("email",), 1),)
    moment = datetime(2026, 1, 4, tzinfo=UTC)
    return Heading("R-1", "portal", moment, {"email": "ann@example.test"}, searched, letter, language)


def packed(url, formats, *, email="ann@example.test", language="en", data_map=DATA_MAP, is_passing=False):
    """Write a package and give its files, and the answer it was made of."""
    extractor = open_source(url, load(data_map, language))
    extracts = extractor.extract(Identifiers.of([("email", email)]), Scope.PORTABILITY)
    out = io.BytesIO()
    with temporary_segment() as segment:
        if is_passing:
            result = passing_answer(heading(language), extracts, lambda *_: None, segment)
        else:
            collect(extracts, segment.writer, lambda *_: None)
            result = answer(heading(language), [(segment.reader(), ())])
        write_package(result, [find(slug) for slug in formats], out, is_printed="pdf" in formats)
        with zipfile.ZipFile(out) as package:
            return {name: package.read(name) for name in package.namelist()}, told(result), result_of(result)


def told(result):
    return [(left.collection, left.cause, left.reason) for left in result.omissions]


def text_of(name: str, content: bytes) -> str:
    """Read whatever a file shows as plain text."""
    if name.endswith(".pdf"):
        return programs.run("pdftotext", "-layout", "-", "-", content=content).decode()
    if name.endswith(".xlsx"):
        cells = (str(cell) for sheet in load_workbook(io.BytesIO(content)) for row in sheet.values for cell in row)
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return " ".join([*cells, *(book.read(part).decode(errors="replace") for part in book.namelist())])
    return content.decode("utf-8-sig", errors="replace")


@pytest.mark.parametrize("is_passing", [False, True])
def test_nothing_that_was_not_given_leaks_in_any_format_and_all_that_was_is_there(shop, is_passing):
    files, _, result = packed(shop, slugs(), is_passing=is_passing)
    texts = {name: text_of(name, content) for name, content in files.items()}
    for name, text in texts.items():
        assert not [value for value in KEPT if value in text], name
    for slug in OF_DATA:
        whole = " ".join(text for name, text in texts.items() if name.startswith(f"{slug}/"))
        assert [value for value in GIVEN if value not in whole] == [], slug
    assert result is Result.PARTIAL  # as what is about a friend is withheld


def test_what_is_no_part_of_the_right_is_no_gap(shop):
    assert packed(shop, ["json"], data_map=WITHOUT_FRIENDS)[2] is Result.WHOLE


def test_what_is_left_out_is_in_the_json_which_keeps_its_schema(shop):
    files, omissions, _ = packed(shop, ["json"])
    document = json.loads(files["json/export.json"])
    Draft202012Validator(json.loads(files["json/export.schema.json"])).validate(document)
    assert list(document["data_sources"]["shop"]["collections"]) == ["customers"]
    assert list(document["data_sources"]["shop"]["collections"]["customers"]["fields"]) == ["email", "name", "street"]
    other = "used on another ground than your consent or a contract, legal obligation"
    assert omissions == [
        ("customers", "not_portable", "not given by you (1 field): risk_score"),
        ("customers", "not_portable", f"{other} (1 field): tax_number"),
        ("customers", "secret", "secret, never leaves the source: pin"),
        ("customers", "third_party", "about other people, withheld (GDPR Art. 15(4)): friend"),
        ("visits", "not_portable", "not given by you (2 fields)"),
        ("bills", "not_portable", f"{other} (2 fields)"),
    ]
    given = [(left["collection"], left["cause"], left["reason"]) for left in document["not_included"]]
    assert given == omissions
    assert document["meta"]["complete"] is True
    assert document["meta"]["totals"] == {"sources": 1, "collections": 1, "records": 1}


def test_what_is_left_out_is_in_the_xml_which_keeps_its_schema(shop):
    files, omissions, _ = packed(shop, ["xml"])
    root = valid(files["xml/export.xml"], files["xml/export.xsd"])
    space = {"x": "urn:dsr-portal:export:1"}
    found = root.findall(".//x:omission", space)
    assert [(left.get("collection"), left.get("cause"), left.text) for left in found] == omissions
    assert [item.get("name") for item in root.findall(".//x:source/x:collection", space)] == ["customers"]


def test_what_is_left_out_has_lines_in_the_csv_and_no_empty_tables(shop):
    files, omissions, _ = packed(shop, ["csv"])
    assert {name for name in files if name.startswith("csv/")} >= {"csv/customers.csv", "csv/summary.csv"}
    assert not {"csv/visits.csv", "csv/bills.csv"} & set(files)
    lines = csv.DictReader(io.StringIO(files["csv/summary.csv"].decode("utf-8-sig")))
    missing = [(line["collection"], line["cause"]) for line in lines if line["cause"]]
    assert missing == [(collection, cause) for collection, cause, _ in omissions]


@pytest.mark.parametrize(("name", "formats"), [("START-HERE.html", ["json"]), ("START-HERE.pdf", ["json", "pdf"])])
def test_the_statement_says_what_is_no_part_of_the_answer_and_where_to_get_it(shop, name, formats):
    files, _, _ = packed(shop, formats, data_map=WITHOUT_FRIENDS)
    text = " ".join(re.sub(r"<[^>]+>", " ", text_of(name, files[name])).split())
    assert "Not part of this right" in text
    assert "by a request for access (Article 15)" in text
    assert "Everything is in this answer that you gave us" in text
    assert re.search(r"Your account\s*: not given by you, 2 fields: Risk score, Friend", text)
    assert re.search(r"Your visits\s*: not given by you \(2 fields\)", text)
    assert "found nothing about you" not in text


def test_collections_that_are_left_out_are_called_as_the_map_calls_them_in_the_persons_language(shop):
    files, _, _ = packed(shop, ["json"], language="de")
    text = files["START-HERE.html"].decode()
    assert "Ihre Besuche" in text
    assert "Ihre Rechnungen" in text


def test_who_gave_nothing_is_not_told_that_nothing_is_held(shop):
    nothing = DATA_MAP.replace("    provided: true\n", "")
    files, _, result = packed(shop, ["json"], data_map=nothing)
    assert result is Result.NOTHING_FOUND
    text = files["START-HERE.html"].decode()
    assert "hold no" not in text
    assert "found nothing in it that you gave us yourself" in text
    assert "Nothing to give" in text


@pytest.mark.parametrize("slug", OF_DATA)
def test_every_format_writes_an_answer_in_which_a_source_has_nothing_to_give(shop, slug):
    files, _, _ = packed(shop, [slug], data_map=DATA_MAP.replace("    provided: true\n", ""))
    assert files
    assert not [name for name, content in files.items() if any(value in text_of(name, content) for value in KEPT)]


def test_an_answer_to_access_says_nothing_of_portability(shop):
    extractor = open_source(shop, load(DATA_MAP))
    with temporary_segment() as segment:
        person = Identifiers.of([("email", "ann@example.test")])
        collect(extractor.extract(person, Scope.ALL), segment.writer, lambda *_: None)
        result = answer(heading(), [(segment.reader(), ())])
        assert "Not part of this right" not in statement(result)
        assert [item.collection.name for item in result.collections] == ["customers", "visits", "bills"]
