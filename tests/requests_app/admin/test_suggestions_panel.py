"""Suggestions on the page of a request: with reasons and links, cheap however much there is, quiet in logs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app.admin.panels import suggestions as panel
from requests_app.models import Right, Status
from requests_app.suggestions import help_with
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import member
from tests.requests_app.suggestions.around import DESK, PHONE, a_source, asked, closed, known_by, searched

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20


def page_of(request, role="Viewer"):
    return signed_in(role).get(url("requests.change", request.pk))


def an_eventful_request():
    """A request around which there is something to say of every kind that costs a query."""
    earlier, request = asked(Right.ERASURE, Status.COMPLETED), asked()
    shop, desk = a_source(), a_source("desk", DESK)
    known_by(earlier, "phone", PHONE)
    searched(earlier, shop, 30, counts={"customers": 2})
    searched(request, shop, counts={"customers": 2}, marks={"customers": 1})
    searched(request, desk)
    return request


def test_a_suggestion_stands_there_with_its_reason_and_leads_to_where_one_acts():
    request = an_eventful_request()
    page = page_of(request)
    text, html = words(page), page.content.decode()
    assert "The person has shown another phone number in" in text
    assert "Because Shop may hold more: people are found there by their phone number" in text
    assert "1 thing found may be about others" in text
    for suggestion in help_with(request).suggestions:
        assert f'href="{panel._address(suggestion.place)}"' in html
    assert re.search(r'href="#answer-title">Look at what was found', html)
    assert 'id="answer-title"' in html
    assert PHONE not in html


@pytest.mark.parametrize("part", ["answer-title", "clock", "others", "representative", "retention", "erasure"])
def test_every_part_of_the_page_that_is_named_is_there_when_there_is_something(part):
    """The places are words in the modules; a part that is called otherwise by now would be a dead link."""
    from pathlib import Path

    templates = Path(__file__).parents[3] / "templates" / "console"
    assert any(f'id="{part}"' in page.read_text() for page in templates.rglob("*.html"))


def test_where_nothing_stands_out_the_page_says_so_and_how_long_it_takes():
    request = asked()
    assert "Nothing stands out." in words(page_of(request))
    assert "no request of this right was answered so far" in words(page_of(request))
    closed(1)
    assert "only 1 request of this right was answered so far" in words(page_of(request))
    for _ in range(4):
        closed(1.5)
    assert "Because four of five of the last 5 requests of this right took at most 2 days" in words(page_of(request))
    for _ in range(3):
        closed(8.5)
    assert "Because half of the last 8 requests of this right took at most 2 days, and four of five at most 9" in words(
        page_of(request)
    )
    assert "Likely answered within 2 days once it is known who asks" in words(
        page_of(asked(status=Status.SUBMITTED, verified_at=None, email="new@example.test"))
    )


def test_an_ended_request_has_no_suggestions():
    assert "What may help" not in words(page_of(asked(status=Status.COMPLETED)))


def test_it_costs_a_handful_of_queries_however_much_there_is():
    request, user = an_eventful_request(), member("Viewer")
    with CaptureQueriesContext(
        connection,
    ) as few:
        panel.panel_of(request, user)
    for number in range(30):
        other = asked(Right.ERASURE, Status.COMPLETED, submitted_at=request.submitted_at)
        known_by(other, "phone", f"{PHONE}{number}")
        searched(other, a_source(f"s{number}"), 20, counts={"customers": number})
    with CaptureQueriesContext(connection) as many:
        panel.panel_of(request, user)
    assert len(few) <= len(many) <= MOST_QUERIES


def test_nothing_of_it_is_logged(caplog):
    with caplog.at_level("DEBUG"):
        page_of(an_eventful_request())
    assert not [record for record in caplog.records if PHONE in record.getMessage()]
