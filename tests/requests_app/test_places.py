"""Where people live: names, choices, and what a browser's languages tell."""

from __future__ import annotations

import pytest

from requests_app import places
from requests_app.authorities import places as places_with_an_authority


@pytest.mark.parametrize(
    ("place", "language", "name"),
    [
        ("DE", "en", "Germany"),
        ("DE-BY", "en", "Germany (Bayern)"),
        ("DE", "de-AT", "Deutschland"),
        ("AT", "tlh", "Austria"),
        ("XY", "en", "XY"),
        ("US-WY", "en", "United States (WY)"),
    ],
)
def test_a_place_is_named_for_people(place: str, language: str, name: str):
    assert places.name_of(place, language) == name


def test_every_place_with_an_authority_can_be_chosen():
    assert [place for place in places_with_an_authority() if not places.is_known(place)] == []


def test_a_countrys_parts_follow_it_and_letters_with_marks_stand_where_they_are_looked_for():
    listed = [name for _, name in places.choices("en")]

    assert listed.index("Germany (Baden-Württemberg)") == listed.index("Germany") + 1
    assert listed.index("Åland Islands") < listed.index("Belgium")
    assert "European Union" not in listed


def test_every_place_can_be_chosen_once():
    codes = [code for code, _ in places.choices("de")]

    assert len(codes) == len(set(codes))
    assert all(places.is_known(code) for code in codes)


@pytest.mark.parametrize(
    ("languages", "place"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "AT"),
        ("de,fr-CH;q=0.7", "CH"),
        ("zh-Hant-TW", "TW"),
        ("en-US,en;q=0.9", ""),
        ("en-US,pl-PL;q=0.5", "PL"),
        ("*", ""),
        ("en-ZZ, x-klingon, \x00", ""),
        ("", ""),
    ],
)
def test_a_browsers_languages_propose_a_place_only_where_they_name_one(languages: str, place: str):
    assert places.proposed(languages) == place
