"""What a notice without a refusal says that can be done: no court, and no authority, that the law does not open."""

from __future__ import annotations

import pytest

from requests_app.controller import controller
from requests_app.letters import contexts, writing
from requests_app.models import SubjectRequest
from tests.requests_app.portal import a_request, the_controller

pytestmark = pytest.mark.django_db


def text(place: str, country: str) -> str:
    the_controller(country=country)
    request: SubjectRequest = a_request(place=place)
    context = contexts.to_person(controller(), request)
    return writing.mail_text("extended", context)


def test_courts_are_named_where_the_law_opens_them():
    assert "go to court" in text("DE", "DE-BY")
    assert "Information Commissioner" in text("GB", "GB")


def test_no_court_is_named_in_a_state_whose_law_opens_none():
    words = text("US-VA", "US-NY")
    assert "Attorney General of Virginia" in words
    assert "court" not in words


def test_where_there_is_no_authority_none_is_spoken_of():
    words = text("US-NY", "US-NY")
    assert "look at it again" in words
    assert "authority" not in words
