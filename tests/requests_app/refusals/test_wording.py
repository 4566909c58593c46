"""Refusals in German and French: whoever is written to in a language is told in it why, and what can be done."""

from __future__ import annotations

import pytest

from requests_app import audit
from requests_app.models import Right, Status
from requests_app.refusals import wording
from requests_app.refusals.grounds import every_ground
from requests_app.refusals.remedies import _table
from requests_app.timekeeping import clock
from tests.requests_app.portal import a_refusal, a_request, send_mails, the_controller

LANGUAGES, LAWS = ("de", "fr"), ("GDPR", "CH")
GROUNDS = {ground.slug: ground for ground in every_ground()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ground_and_remedy_of_the_laws_where_it_is_spoken_is_there(language):
    grounds = {slug for slug, ground in GROUNDS.items() if {*LAWS, "*"} & ground.articles.keys()}
    assert {slug for slug in grounds if not wording.ground_in(language, slug)} == set()
    for law in LAWS:
        for known in _table()[law]:
            own = wording.remedy_in(language, law, known.kind)
            assert own, (law, known.kind)
            assert ("$authority" in own) == ("$authority" in known.words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_is_not_there(language):
    words = wording._of(language)
    assert set(words.grounds) <= set(GROUNDS)
    assert set(words.remedies) <= {f"{law}.{known.kind}" for law, table in _table().items() for known in table}


@pytest.mark.parametrize("language", ["", "en", "xx", "../de", "de/../fr"])
def test_another_language_has_none(language):
    assert wording.ground_in(language, "unfounded") == ""
    assert wording.article_in(language, "GDPR Art. 77") == "GDPR Art. 77"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "why", "way"),
    [
        ("de-AT", "Ihr Antrag ist offenkundig unbegründet", "Sie können auch vor Gericht gehen"),
        ("fr", "Votre demande est manifestement infondée", "Vous pouvez aussi saisir la justice"),
        ("es", "Your request is manifestly unfounded", "You may also go to court"),
    ],
)
def test_a_refusal_is_told_in_the_language_of_the_request(language, why, way):
    the_controller()
    request = a_request(Status.IN_PROGRESS, right=Right.ERASURE, place="DE", language=language)
    clock.open_clock(request, actor=audit.SYSTEM)
    row = a_refusal(request)
    said = " ".join(send_mails()[-1].body.split())
    assert why in said
    assert way in said
    assert ("GDPR" in said) == (language == "es")
    assert "Bayerisches Landesamt" in said
    assert row.told["reasons"][0]["words"].startswith("Your request is manifestly unfounded")
