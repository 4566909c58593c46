from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from xml.etree import ElementTree

import pytest

from exporters.registry import find
from exporters.schemas import XML_NAMESPACE
from extractors.batches import Kind
from tests.exporters.factories import comparable, truth, written
from tests.exporters.formats.test_xml import json_of, plain
from tests.read_back.hostile import CASES
from tests.read_back.programs import run

NAMES = {"": XML_NAMESPACE}
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@pytest.mark.parametrize("case", CASES)
def test_xmllint_finds_the_document_valid_and_expat_every_value_in_it(case: str, tmp_path: Path):
    answer = CASES[case]()
    for path, content in written(find("xml"), answer).items():
        (tmp_path / path).write_bytes(content)
    document, schema = tmp_path / "export.xml", tmp_path / "export.xsd"
    run("xmllint", "--noout", "--nonet", "--huge", "--schema", schema, document)
    root = ElementTree.parse(document).getroot()  # noqa: S314  # of our own making
    found = {
        (plain(source.get("name")), plain(item.get("name"))): [
            [value(cell, Kind(plain(field.get("kind")))) for cell, field in zip(record, fields, strict=True)]
            for fields in [item.findall("fields/field", NAMES)]
            for record in item.iterfind("records/record", NAMES)
        ]
        for source in root.iterfind("source", NAMES)
        for item in source.iterfind("collection", NAMES)
    }
    assert found == truth(answer)


def value(cell: ElementTree.Element, kind: Kind) -> object:
    if cell.get(NIL) == "true":
        return None
    if kind is Kind.JSON:
        held = json_of(cell[0])
        return None if held is None else ("json", held)
    text = plain(cell.text or "")
    readers = {Kind.INTEGER: int, Kind.BOOLEAN: {"true": True, "false": False}.__getitem__, Kind.BINARY: octets}
    return comparable(readers.get(kind, str)(text), kind)


def octets(text: str) -> bytes:
    return b64decode(text, validate=True)


def test_xmllint_refuses_what_the_schema_does_not_allow(tmp_path: Path):
    files = written(find("xml"), CASES["formulas"]())
    (tmp_path / "export.xsd").write_bytes(files["export.xsd"])
    (tmp_path / "export.xml").write_bytes(files["export.xml"].replace(b"<records>", b"<records><other/>", 1))
    with pytest.raises(AssertionError, match="xmllint ended with 3"):
        run("xmllint", "--noout", "--schema", tmp_path / "export.xsd", tmp_path / "export.xml")
