"""The machine-readable record of a certificate."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from exporters.certificate.records import ErasureRecord, as_json, canonical, content_hash, sha256
from exporters.certificate.schema import schema_text
from tests.exporters.certificate.samples import AT, ERASURE, HANDLING, HEADING, ISSUER, SHOP

SCHEMA = json.loads(schema_text())
UNISSUED = replace(HEADING, number=None, public_page=None, audit=None)
BY_COMMAND = ErasureRecord(None, (replace(SHOP, map_version=None, decision=None, audit_entries=()),))


def valid(document: object) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("heading", "record"),
    [(HEADING, ERASURE), (HEADING, HANDLING), (UNISSUED, BY_COMMAND)],
    ids=["erasure", "handling", "command"],
)
def test_every_record_fits_the_published_schema(heading, record):
    assert valid(json.loads(as_json(heading, record)))


def test_the_schema_refuses_what_is_no_record():
    document = json.loads(as_json(HEADING, ERASURE))
    assert not valid(document | {"handling": document["erasure"]})
    assert not valid(document | {"kind": "handling"})
    assert not valid(document | {"surname": "Example"})
    assert not valid(document | {"issued_at": "yesterday"})


def test_the_record_is_written_the_one_canonical_way():
    content = as_json(HEADING, ERASURE)
    again = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content == again.encode()
    assert "Lindenstraße" in content.decode()
    # The vectors of RFC 8785 §3.2.2.2 for text.
    vector = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"}
    assert canonical(vector) == b'{"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


def test_times_are_whole_seconds_in_utc_and_days_are_days():
    document = json.loads(as_json(HEADING, HANDLING))
    assert document["issued_at"] == "2026-11-26T09:12:05Z"
    assert document["handling"]["due_on"] == "2026-11-05"
    assert document["handling"]["deadline"][1]["on"] == "2026-11-05"


def test_the_hash_of_what_is_certified_is_that_of_neither_number_nor_time():
    same = content_hash(ISSUER, ERASURE)
    assert same == content_hash(ISSUER, replace(ERASURE))
    assert same != content_hash(ISSUER, replace(ERASURE, left_out=()))
    assert same != content_hash(replace(ISSUER, name="Another"), ERASURE)
    other = replace(HEADING, issued_at=AT.replace(year=2027))
    assert sha256(as_json(HEADING, ERASURE)) != sha256(as_json(other, ERASURE))


def test_every_row_counts_once():
    for source in ERASURE.sources:
        for item in source.collections:
            assert item.before == item.deleted + item.anonymised + item.archived + item.staying
            assert item.after == item.staying + item.left


def test_what_a_record_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="float"):
        as_json(HEADING, replace(ERASURE, sources=(replace(SHOP, came_since=1.5),)))
