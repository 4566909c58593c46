from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from extractors.datamap import json_schema, load
from extractors.datamap.document import read_document
from extractors.datamap.languages import in_language
from extractors.errors import FaultyDataMap

SHOP = """
version: 1
source: shop
label: {de: Laden, en: Shop}
information:
  purposes: {en: [Billing, Support], de: Abrechnung}
  recipients: [{en: Carrier, de: Spedition}, Bank]
  retention: {fr: Dix ans}
collections:
  customers:
    label: {en: Customers, de: Kunden}
    information: {origin: {en: You, de: Sie}}
    identifiers: {email: email}
    fields:
      segment:
        label: {en: Customer group, de: Kundengruppe}
        help: {en: How we group you, de: Wie wir Sie einordnen}
        codes: {A: {en: regular, de: Stammkunde}, B: new}
    erase: {action: keep, ground: {en: tax records, de: Steuerunterlagen}}
"""


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(FaultyDataMap) as caught:
        load(text)
    return {fault.path: fault.message for fault in caught.value.faults}


def test_a_map_read_in_a_language_holds_its_texts_alone():
    data_map = load(SHOP, "de")
    customers = data_map.collections["customers"]
    segment = customers.fields["segment"]
    assert data_map.label == "Laden"
    assert data_map.information.purposes == ("Abrechnung",)
    assert data_map.information.recipients == ("Spedition", "Bank")
    assert (customers.label, customers.information.origin) == ("Kunden", "Sie")
    assert (segment.label, segment.help) == ("Kundengruppe", "Wie wir Sie einordnen")
    assert segment.codes == {"A": "Stammkunde", "B": "new"}
    assert customers.erase.ground == "Steuerunterlagen"


def test_a_map_read_without_a_language_is_english():
    assert load(SHOP) == load(SHOP, "en")
    assert load(SHOP).information.purposes == ("Billing", "Support")


def test_a_text_that_is_not_there_in_english_either_is_told_in_the_first_language():
    assert load(SHOP, "de").information.retention == "Dix ans"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Farbe"),
        ("DE-at", "Farbe"),
        ("pt-PT", "Cor"),
        ("pt", "Cor"),
        ("zh-Hant-TW", "顏色"),
        ("zh", "颜色"),
        ("en-US", "Colour"),
        ("fr", "Colour"),
    ],
)
def test_the_nearest_language_is_taken(language: str, text: str):
    texts = {"de": "Farbe", "en-GB": "Colour", "pt-BR": "Cor", "zh-Hans": "颜色", "zh-Hant": "顏色"}
    assert in_language(texts, language) == text


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{}", "empty: write a text, or one for each language"),
        ("{de: , en: Shop}", "the language de has no text"),
        ("{de: 5, en: Shop}", "the language de has no text"),
        ("{de: a, DE: b}", "the language DE is written twice"),
        ("{de_DE: Laden}", "'de_DE' is not a language tag; write one like en, de or pt-BR"),
        ("{english: Shop}", "'english' is not a language tag"),
        (f"{{en: Shop, de: {'x' * 10_001}}}", "the text for de is longer than 10,000 characters"),
        ("[Shop]", "valid string"),
    ],
)
def test_what_is_no_text_in_any_language_is_told_in_words(written: str, message: str):
    assert message in faults_of(SHOP.replace("{de: Laden, en: Shop}", written))["label"]


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ("{}", "information.purposes", "empty"),
        ("{de: [5]}", "information.purposes", "the language de has no text"),
        ("{german: [Abrechnung]}", "information.purposes", "'german' is not a language tag"),
        ("[Billing, {}]", "information.purposes[1]", "empty"),
        ("[[Billing]]", "information.purposes[0]", "valid string"),
    ],
)
def test_lists_have_their_faults_where_they_stand(written: str, path: str, message: str):
    text = SHOP.replace("{en: [Billing, Support], de: Abrechnung}", written)
    assert message in faults_of(text)[path]


def test_a_fault_in_a_language_not_asked_for_is_found_too():
    assert "codes.A" in next(iter(faults_of(SHOP.replace("de: Stammkunde", "de: "))))


def test_the_published_schema_shows_both_forms():
    validator = Draft202012Validator(json_schema())
    document = read_document(SHOP).data
    assert validator.is_valid(document)
    for label in ("Shop", None, {"en": "Shop", "pt-BR": "Loja"}):
        assert validator.is_valid({**document, "label": label})
    for label in ({}, {"de_DE": "Laden"}, {"de": None}, {"de": ""}, ["Shop"], 5):
        assert not validator.is_valid({**document, "label": label})
    for purposes in ("Billing", ["Billing", {"de": "Hilfe"}], {"de": ["Hilfe"], "en": "Support"}):
        assert validator.is_valid({**document, "information": {"purposes": purposes}})
    for purposes in ({"de": [5]}, [["Billing"]], {"german": ["Hilfe"]}):
        assert not validator.is_valid({**document, "information": {"purposes": purposes}})
