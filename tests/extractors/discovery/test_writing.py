"""A written map loads back to what was proposed, whatever things are called."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.datamap import load
from extractors.datamap.document import read_document
from extractors.discovery.model import Inventory, Proposal, Reason
from extractors.discovery.writing import inline, scalar, write_map

ODD = [
    "no",
    "null",
    "true",
    "~",
    "12",
    "1.5",
    "1e3",
    "- a",
    "a: b",
    "a #b",
    "'",
    '"',
    "{",
    "[x",
    "&a",
    "*a",
    "!x",
    "%y",
    "@z",
    "`",
    "|",
]
NAMES = st.one_of(
    st.sampled_from(ODD),
    st.text(string.ascii_letters + string.digits + "_- .:#'\"{}[],&*!|>%@`\\", min_size=1, max_size=20),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), NAMES)


def proposal(collections, reasons=(), left_out=None):
    document = {"version": 1, "source": "shop", "label": "Shop", "collections": collections}
    return Proposal(document, Inventory("shop", ()), {}, tuple(reasons), left_out or {})


def collection(columns):
    return st.fixed_dictionaries(
        {"identifiers": st.just({"email": columns})},
        optional={
            "links": st.just([{"column": columns, "to": [f"a.{name}" for name in columns]}]),
            "fields": st.just({name: {"category": name, "drop": [name]} for name in columns}),
            "where": st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3), max_size=2),
            "erase": st.fixed_dictionaries({"action": st.just("anonymise"), "fields": st.dictionaries(NAMES, VALUES)}),
            "context": st.booleans(),
        },
    )


COLLECTIONS = st.dictionaries(
    NAMES, st.lists(NAMES, min_size=1, max_size=4).flatmap(collection), min_size=1, max_size=3
)


@given(COLLECTIONS, st.text(), st.floats(0, 1))
def test_what_is_written_reads_back_the_same(collections, reason, confidence):
    paths = [f"collections.{name}" for name in collections]
    paths += [f"{path}.{part}" for path in paths for part in ("links[0]", "identifiers.email", "erase")]
    written = write_map(proposal(collections, [Reason(path, confidence, reason) for path in paths], {reason: reason}))
    document = read_document(written)
    assert document.faults == ()
    assert document.data["collections"] == collections


@given(VALUES)
def test_a_scalar_reads_back_the_same(value):
    assert read_document(f"value: {scalar(value)}").data == {"value": value}


@pytest.mark.parametrize("length", [300, 2_000])
def test_a_name_too_long_for_a_plain_key_reads_back_too(length):
    name = "\u0001" * length
    fields = {name: {"secret": True}, "x": {"secret": True}}
    written = write_map(proposal({"people": {"identifiers": {"email": ["x"]}, "fields": fields}}))
    assert read_document(written).data["collections"]["people"]["fields"] == fields


def test_reasons_stand_beside_their_parts_and_doubts_are_marked():
    people = {"identifiers": {"email": ["mail"]}, "fields": {"note": {"third_party": True}}}
    reasons = [
        Reason("collections.people.identifiers.email", 0.95, "is called like an e-mail address"),
        Reason("collections.people.fields.note", 0.3, "may speak of others"),
    ]
    written = write_map(proposal({"people": people}, reasons, {"plans": "nothing about people"}))
    assert "      email: [mail]  # 0.95: is called like an e-mail address\n" in written
    assert "      note: {third_party: true}  # 0.30, please check: may speak of others\n" in written
    assert written.endswith("# Left out:\n# - plans: nothing about people\n")
    assert load(written).collections["people"].fields["note"].third_party


def test_plain_words_are_written_without_quotes_and_doubtful_ones_with():
    assert inline({"column": "order_id", "to": "orders.id"}) == "{column: order_id, to: orders.id}"
    assert inline(["-created_at", "no", "1", "a, b", None]) == '[-created_at, "no", "1", "a, b", null]'


def test_no_line_is_wider_than_a_page_because_of_a_reason():
    reason = Reason("collections.people", 0.9, "word " * 60)
    written = write_map(proposal({"people": {"identifiers": {"email": ["x"]}}}, [reason]))
    assert max(map(len, written.splitlines())) <= 120
