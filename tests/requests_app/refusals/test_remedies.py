"""What whoever is refused is told they can do: what each law wants, with addresses and days."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exporters.letter import Controller
from requests_app.authorities import competent
from requests_app.deadlines.rules import Refusal, shipped_rules
from requests_app.refusals.remedies import TOLD, lacking, remedies, ways

RULES = {rule.code: rule for rule in shipped_rules()}
FILLED = Controller(
    "Alpine Goods",
    ("Main Street 1", "Springfield"),
    email="privacy@alpine.example",
    privacy_url="https://alpine.example",
)
PLACES = {code: rule.places[0] for code, rule in RULES.items()}


def told(code, controller=FILLED, right=None):
    rule = RULES[code]
    return remedies([rule], right or rule.rights[0], controller, PLACES[code])


@pytest.mark.parametrize("code", RULES)
def test_every_law_has_its_remedies_worded_and_none_is_lacking(code):
    rule = RULES[code]
    authority = competent(PLACES[code], PLACES[code])
    assert authority is not None
    for right in rule.rights:
        found = remedies([rule], right, FILLED, PLACES[code])
        assert lacking([rule], right, FILLED, PLACES[code]) == ()
        kinds = {remedy.kind for remedy in found}
        assert kinds >= {TOLD[item] for item in map(str.lower, rule.refusal.content)} - {"reasons"}
        assert ("appeal" in kinds) == (rule.appeal is not None)
        assert not any("$" in remedy.words or "  " in remedy.words for remedy in found)
        assert any(authority.name in remedy.words for remedy in found)


def test_the_uk_wants_the_complaint_to_the_controller_told_first():
    kinds = [remedy.kind for remedy in told("UK")]
    assert kinds == ["controller", "authority", "court"]
    first = told("UK")[0].words
    assert "privacy@alpine.example" in first
    assert "Main Street 1" in first
    assert "30 days" in first


def test_an_appeal_names_the_address_and_the_days():
    assert "within 60 days" in told("US-VA")[0].words
    colorado = told("US-CO")[0].words
    assert "within 45 days" in colorado
    assert "60 days more" in colorado
    assert "by post to Alpine Goods, Main Street 1, Springfield" in colorado


def test_california_wants_told_what_becomes_of_the_rest_and_where_the_policy_is():
    erasure = [remedy.words for remedy in told("US-CA", right="erasure") if remedy.kind == "note"]
    access = [remedy.words for remedy in told("US-CA", right="access") if remedy.kind == "note"]
    assert ["we delete" in words for words in erasure] == [True]
    assert [words.endswith("https://alpine.example") for words in access] == [True]


@pytest.mark.parametrize("code", ["UK", "US-VA", "US-CA"])
def test_without_an_address_of_the_controller_something_is_lacking(code):
    bare = Controller("Alpine Goods")
    (fault,) = lacking([RULES[code]], "access", bare, PLACES[code])
    assert "Settings" in fault
    assert ways(bare) == ""


def test_without_an_authority_the_refusal_is_lacking():
    (fault,) = lacking([RULES["GDPR"]], "access", FILLED, "")
    assert "No competent authority" in fault
    assert [remedy.kind for remedy in remedies([RULES["GDPR"]], "access", FILLED, "")] == ["court"]


@pytest.mark.parametrize(
    ("codes", "place", "sits", "watching"),
    [
        (("GDPR", "UK"), "GB", "DE-BY", {"GDPR": "DE-BY", "UK": "GB"}),
        (("GDPR", "UK"), "FR", "GB", {"GDPR": "FR", "UK": "GB"}),
        (("GDPR", "CH"), "CH", "DE-BY", {"GDPR": "DE-BY", "CH": "CH"}),
        (("LGPD", "GDPR"), "BR", "IE", {"LGPD": "BR", "GDPR": "IE"}),
        (("UK", "US-CA"), "US-CA", "GB", {"UK": "GB", "US-CA": "US-CA"}),
        (("GDPR", "US-VA"), "US-VA", "DE-BY", {"GDPR": "DE-BY", "US-VA": "US-VA"}),
        (("GDPR",), "DE", "DE-BY", {"GDPR": "DE-BY"}),
    ],
)
def test_each_law_names_the_authority_that_watches_over_it(codes, place, sits, watching):
    found = remedies([RULES[code] for code in codes], "access", replace(FILLED, country=sits), place)
    told = {remedy.law: remedy.words for remedy in found if remedy.kind == "authority"}
    assert set(told) == set(watching)
    for law, where in watching.items():
        assert competent(where, where).name in told[law]
        assert (competent(where, where).address[0] in told[law]) == (
            law != codes[0]
        )  # the letter shows the first one's


def test_where_no_law_grants_the_right_none_is_cited():
    (remedy,) = remedies([], "access", FILLED, "US-NY")
    assert (remedy.kind, remedy.law) == ("controller", "")
    assert lacking([], "access", FILLED, "US-NY") == ()
    assert lacking([], "access", Controller("Alpine Goods"), "US-NY")


def test_what_a_law_wants_told_and_nobody_can_word_is_said():
    rule = RULES["GDPR"].model_copy(update={"refusal": Refusal(content=("reasons", "the name of the ombudsman"))})
    (fault,) = lacking([rule], "access", FILLED, "DE-BY")
    assert "the name of the ombudsman" in fault


def test_an_appeal_that_a_team_wrote_into_a_law_of_ours_is_not_forgotten():
    rule = RULES["GDPR"].model_copy(update={"appeal": RULES["US-VA"].appeal})
    (fault,) = lacking([rule], "access", FILLED, "DE-BY")
    assert "the appeal" in fault


def test_of_two_laws_each_remedy_is_told_once_that_of_the_leading_law_first():
    found = remedies([RULES["GDPR"], RULES["US-VA"]], "access", replace(FILLED, country="DE-BY"), "US-VA")
    assert [(remedy.kind, remedy.law) for remedy in found] == [
        ("authority", "GDPR"),
        ("court", "GDPR"),
        ("appeal", "US-VA"),
        ("authority", "US-VA"),
    ]
