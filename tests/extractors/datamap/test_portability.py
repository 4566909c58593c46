"""What the data map says may be taken elsewhere: what was given, by consent or contract."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.datamap import CollectionPart, DataMap
from extractors.datamap.portability import CONSENT, CONTRACT, OTHER_BASES, Bar, bar, doubts, left_out, portable
from extractors.discovery.lexicon import LANGUAGES


def part(**said: Any) -> CollectionPart:
    return CollectionPart.model_validate(said)


def warnings(**collection: Any) -> dict[str, str]:
    document = {"version": 1, "source": "shop", "collections": {"t": {"identifiers": {"email": "e"}, **collection}}}
    return {
        fault.path.removeprefix("collections.t."): fault.message for fault in doubts(DataMap.model_validate(document))
    }


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, Bar.NOT_PROVIDED),
        ({"basis": "contract"}, Bar.NOT_PROVIDED),
        ({"provided": True}, None),
        ({"provided": True, "basis": "contract"}, None),
        ({"provided": True, "basis": "consent"}, None),
        ({"provided": True, "basis": "legal obligation"}, Bar.OTHER_BASIS),
        ({"provided": True, "basis": "because"}, Bar.OTHER_BASIS),
        ({"provided": False, "basis": "legal obligation"}, Bar.NOT_PROVIDED),
    ],
)
def test_a_collection_is_taken_where_it_was_given_and_is_used_by_consent_or_contract(said, expected):
    assert bar(part(**said), "any") is expected


def test_what_is_said_of_a_field_counts_before_what_is_said_of_its_collection():
    fields = {
        "score": {"provided": False},
        "vat": {"basis": "legal obligation"},
        "label": {"label": "Only a name"},
        "news": {"basis": "consent"},
    }
    given = part(provided=True, basis="contract", fields=fields)
    assert portable(given, ["id", "score", "vat", "label", "news"]) == ["id", "label", "news"]
    kept = part(
        basis="legitimate interests", fields={"a": {"provided": True}, "b": {"provided": True, "basis": "consent"}}
    )
    assert portable(kept, ["id", "a", "b"]) == ["b"]


@pytest.mark.parametrize(
    "written", ["Contract", " CONTRACT ", "Art. 6(1)(b)", "6 (1) (b) GDPR", "Article 6(1)(b) GDPR"]
)
def test_a_basis_may_be_written_in_several_ways(written):
    assert bar(part(provided=True, basis=written), "any") is None


@pytest.mark.parametrize(
    "written", ["legal_obligation", "Legal-Obligation", "Art. 6(1)(c) GDPR", "Berechtigtes Interesse"]
)
def test_another_basis_is_known_and_does_not_count(written):
    assert bar(part(provided=True, basis=written), "any") is Bar.OTHER_BASIS
    assert warnings(provided=True, basis=written) == {}


def test_no_word_means_two_bases():
    assert not CONSENT & CONTRACT
    assert not (CONSENT | CONTRACT) & OTHER_BASES
    assert all(word == word.casefold() for word in CONSENT | CONTRACT | OTHER_BASES)


@pytest.mark.parametrize(
    ("language", "consent", "contract"),
    [
        ("en", "consent", "contract"),
        ("de", "Einwilligung", "Vertrag"),
        ("fr", "consentement", "contrat"),
        ("es", "consentimiento", "contrato"),
        ("it", "consenso", "contratto"),
        ("nl", "toestemming", "overeenkomst"),
        ("pt", "consentimento", "contrato"),
        ("pl", "zgoda", "umowa"),
    ],
)
def test_consent_and_contract_may_be_written_in_each_language_that_discovery_reads(language, consent, contract):
    assert language in LANGUAGES
    assert bar(part(provided=True, basis=consent), "any") is None
    assert bar(part(provided=True, basis=contract), "any") is None


def test_what_is_left_out_is_counted_and_named_with_each_reason():
    fields = {"score": {"provided": False}, "rank": {"provided": False}, "vat": {"basis": "legal obligation"}}
    given = part(provided=True, basis="contract", fields=fields)
    assert list(left_out(given, ["id", "score", "vat", "rank"])) == [
        "not given by you (2 fields): score, rank",
        "used on another ground than your consent or a contract, legal obligation (1 field): vat",
    ]
    assert list(left_out(given, ["id"])) == []


def test_of_a_collection_that_is_left_out_whole_the_fields_are_counted_alone():
    assert list(left_out(part(), ["id", "at", "ip"])) == ["not given by you (3 fields)"]


def test_a_basis_that_nobody_knows_is_warned_of():
    found = warnings(provided=True, basis="becuase", fields={"a": {"basis": "vertragg"}, "b": {"basis": "Vertrag"}})
    assert list(found) == ["basis", "fields.a.basis"]
    assert "no legal basis that is known" in found["basis"]
    assert "write one of consent, contract, legal obligation" in found["basis"]


def test_what_is_given_without_a_basis_is_warned_of():
    assert list(warnings(provided=True)) == ["provided"]
    assert list(warnings(fields={"a": {"provided": True}})) == ["fields.a.provided"]
    assert warnings(provided=True, basis="contract", fields={"a": {"provided": True}}) == {}
    assert warnings(fields={"a": {"provided": True, "basis": "consent"}}) == {}
    assert warnings() == {}
