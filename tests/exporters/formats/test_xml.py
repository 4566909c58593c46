from __future__ import annotations

import json
import re
from base64 import b64decode
from decimal import Decimal

import pytest
from lxml import etree

from exporters.base import Answer
from exporters.letter import SearchOutcome
from exporters.registry import find
from exporters.schemas import XML_NAMESPACE, XML_SCHEMA, schema_text
from extractors.batches import Cause, Field, Information, Kind, Omission
from tests.exporters.factories import a_collection_answer, a_source, an_answer, comparable, written
from tests.exporters.letters import a_whole_answer
from tests.exporters.xml_schema import valid

NAMES = {"": XML_NAMESPACE}
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def read(answer: Answer, files: dict[str, bytes]) -> dict[tuple[str, str], list[list[object]]]:
    root = valid(files["export.xml"], files["export.xsd"])
    return {
        (plain(source.get("name")), plain(item.get("name"))): list(records(item))
        for source in root.iterfind("source", NAMES)
        for item in source.iterfind("collection", NAMES)
    }


def records(item):
    fields = [(plain(f.get("name")), Kind(f.get("kind"))) for f in item.iterfind("fields/field", NAMES)]
    found = list(item.iterfind("records/record", NAMES))
    assert int(item.get("count")) == len(found)
    for record in found:
        assert [plain(value.get("field")) for value in record] == [name for name, _ in fields]
        yield [value_of(value, kind) for value, (_, kind) in zip(record, fields, strict=True)]


def value_of(value, kind):
    if value.get(NIL) == "true":
        return None
    if kind is Kind.JSON:
        held = json_of(value[0])
        return None if held is None else ("json", held)
    text = plain(value.text or "")
    readers = {
        Kind.INTEGER: int,
        Kind.BOOLEAN: lambda text: {"true": True, "false": False}[text],
        Kind.BINARY: lambda text: b64decode(text, validate=True),
    }
    return comparable(readers.get(kind, str)(text), kind)


def json_of(element):
    name = element.tag.removeprefix(f"{{{XML_NAMESPACE}}}")
    text = plain(element.text or "")
    if name == "json":
        return json.loads(text, parse_float=Decimal)
    if name == "map":
        return {plain(member.get("key")): json_of(member) for member in element}
    if name == "array":
        return [json_of(member) for member in element]
    simple = {"string": text, "null": None, "boolean": text == "true"}
    if name in simple:
        return simple[name]
    return int(text) if re.fullmatch("-?[0-9]+", text) else Decimal(text)


def plain(text: str) -> str:
    """Undo the escape of characters that XML lacks."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def document(answer: Answer) -> etree._Element:
    files = written(find("xml"), answer)
    return valid(files["export.xml"], files["export.xsd"])


def test_the_document_says_what_it_is_and_what_is_missing():
    information = Information(("Shipping",), ("contact",), (), "Ten years")
    source = a_source(label="Shop & Co", purposes=("Selling",))
    item = a_collection_answer({"id": (Kind.INTEGER, [7])}, source=source, information=information, context=True)
    root = document(an_answer(item, omissions=[Omission("shop", None, "was <down>", cut=True)]))
    assert root.attrib["complete"] == "false"
    assert root.attrib["exported_at"] == "2024-05-06T07:08:10Z"
    assert root.find("source", NAMES).attrib["label"] == "Shop & Co"
    collection = root.find("source/collection", NAMES)
    assert collection.attrib["context"] == "true"
    assert [e.text for e in collection.iterfind("information/purposes", NAMES)] == ["Shipping"]
    left = root.find("not_included/omission", NAMES)
    assert (left.attrib, left.text) == ({"source": "shop"}, "was <down>")


def test_fields_are_described():
    field = Field("state", Kind.TEXT, label="State", help="How it is", category="profile", codes={"A": "active"})
    item = a_collection_answer({"state": (Kind.TEXT, ["A"])}, fields=(field,))
    described = document(an_answer(item)).find("source/collection/fields/field", NAMES)
    assert described.attrib == {"name": "state", "kind": "text", "label": "State", "category": "profile"}
    assert [(e.tag.rpartition("}")[2], e.get("value"), e.text) for e in described] == [
        ("help", None, "How it is"),
        ("code", "A", "active"),
    ]


def test_a_field_nobody_described_is_called_by_its_name_in_words():
    described = document(an_answer(a_collection_answer({"created_at": (Kind.DATE, [])}))).find(".//field", NAMES)
    assert described.attrib == {"name": "created_at", "kind": "date", "label": "Created at"}


def test_the_document_tells_who_answers_what_was_searched_and_why_something_is_missing():
    root = document(a_whole_answer("pt-BR"))
    assert root.attrib["language"] == "pt-BR"
    assert [e.text for e in root.iterfind("controller/address", NAMES)] == ["Hauptstraße 1", "10115 Berlin"]
    assert root.find("controller/name", NAMES).text == "Example & Söhne"
    assert root.find("authority/place", NAMES).text == "DE-BE"
    assert root.find("request/received_on", NAMES).text == "2024-04-22"
    assert root.find("request/decision", NAMES).text == "We withheld one note.\nIt is about your neighbour."
    omissions = root.iterfind("not_included/omission", NAMES)
    assert [left.get("cause") for left in omissions] == ["secret", "unreached", None]
    shop, _, desk, old = root.iterfind("searched/search", NAMES)
    assert dict(shop.attrib) == {
        "source": "shop",
        "label": "Web shop",
        "outcome": "found",
        "at": "2024-05-05T04:03:02Z",
        "records": "2",
    }
    assert [e.get("kind") for e in shop] == ["email", "user_id"]
    assert desk.find("note", NAMES).text == "Customer file was down."
    assert old.get("at") is None


def test_the_schema_knows_every_cause_and_outcome():
    schema = etree.fromstring(schema_text(XML_SCHEMA).encode())
    for name, values in (("cause", Cause), ("outcome", SearchOutcome)):
        (kind,) = (e for e in schema if e.get("name") == name)
        assert {e.get("value") for e in kind.iter("{*}enumeration")} == set(values)


@pytest.mark.parametrize(
    "text", ["_x", "_x0041_", "__x0041_x0042_", "_x005F_", "\x00_x0000_", "_\x00x", "\r_x", "\ufffe"]
)
def test_the_escape_can_be_undone(text: str):
    root = document(an_answer(a_collection_answer({"t": (Kind.TEXT, [text, text * 3])})))
    assert [plain(e.text) for e in root.iter(f"{{{XML_NAMESPACE}}}value")] == [text, text * 3]


def test_json_keeps_digits_order_and_names_given_twice():
    text = '{"b": 1.50, "a": [12345678901234567890123, -0.0, 1E+3], "b": "\\ud800 & \\u0000"}'
    value = document(an_answer(a_collection_answer({"j": (Kind.JSON, [text])}))).find(".//value", NAMES)
    members = list(value[0])
    assert [(plain(e.get("key")), e.tag.rpartition("}")[2]) for e in members] == [
        ("b", "number"),
        ("a", "array"),
        ("b", "string"),
    ]
    assert [e.text for e in members[1]] == ["12345678901234567890123", "-0.0", "1E+3"]
    assert members[0].text == "1.50"
    assert plain(members[2].text) == "\ud800 & \x00"


def test_json_nested_deeper_than_parsers_take_stays_text():
    text = "[" * 5000 + "]" * 5000
    value = document(an_answer(a_collection_answer({"j": (Kind.JSON, [text])}))).find(".//value", NAMES)
    assert value[0].tag == f"{{{XML_NAMESPACE}}}json"
    assert value[0].text == text
