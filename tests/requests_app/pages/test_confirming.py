from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, links
from requests_app.models import Right, SecureLink, Status
from requests_app.workflow import perform
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import acts, submitted

pytestmark = pytest.mark.django_db
CONFIRM, STATUS = SecureLink.Purpose.CONFIRM, SecureLink.Purpose.STATUS


def link_to(request, purpose=CONFIRM, days: int = 7) -> str:
    return links.mint(request, purpose, lifetime=timedelta(days=days))


def test_looking_at_the_page_confirms_nothing(client):
    request = submitted()
    path = f"/c/{link_to(request)}"
    for page in (client.get(path), client.head(path), client.get(path)):
        assert page.status_code == 200
    assert "Was it you who asked?" in text_of(client.get(path))
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED


def test_the_button_confirms_and_a_second_click_changes_nothing(client):
    request = submitted(right=Right.ERASURE)
    path = f"/c/{link_to(request)}"
    first = client.post(path)
    assert (first.status_code, first.url) == (302, path)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
    confirmed_at, recorded = request.verified_at, acts(request.pk)
    second = client.post(path)
    assert (second.status_code, second.url) == (302, path)
    words = text_of(client.get(path))
    assert "Your request is confirmed" in words
    assert request.reference in words
    request.refresh_from_db()
    assert (request.verified_at, acts(request.pk)) == (confirmed_at, recorded)


def test_an_expired_link_offers_another(client):
    page = client.get(f"/c/{link_to(submitted(), days=-1)}")
    assert page.status_code == 410
    assert "let us send you a new link" in text_of(page)
    assert 'action="/resend"' in page.content.decode()


def test_an_expired_link_of_a_confirmed_request_is_friendly(client):
    request = submitted(right=Right.ERASURE)
    client.post(f"/c/{link_to(request)}")
    page = client.get(f"/c/{link_to(request, days=-1)}")
    assert page.status_code == 410
    assert "Your request is confirmed" in text_of(page)
    assert request.reference not in text_of(page)


@pytest.mark.parametrize("name", ["lapse", "withdraw"])
def test_what_is_over_cannot_be_confirmed(client, name):
    request = submitted(right=Right.ERASURE)
    perform(request.pk, name, actor=audit.SYSTEM)
    path = f"/c/{link_to(request)}"
    assert client.post(path).status_code == 302
    page = client.get(path)
    assert "Ask again" in text_of(page)
    assert "/?right=erasure" in page.content.decode()
    request.refresh_from_db()
    assert request.status in {Status.LAPSED, Status.WITHDRAWN}


def test_a_place_that_somebody_typed_meanwhile_is_shown_before_it_is_confirmed(client):
    request = submitted(right=Right.ERASURE, place="DE-BY")
    path = f"/c/{link_to(request)}"
    page = client.get(path)
    assert "Germany (Bayern)" in text_of(page)
    submitted(right=Right.ERASURE, place="US-CA")
    refused = client.post(path, {"seen": page.context["seen"]})
    assert refused.status_code == 409
    assert "United States (California)" in text_of(refused)
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED


def test_a_second_request_of_the_same_kind_is_told_of_the_first(client):
    first = submitted(right=Right.ERASURE)
    client.post(f"/c/{link_to(first)}")
    type(first).objects.filter(pk=first.pk).update(verified_at=timezone.now() - timedelta(days=2))
    second = submitted(right=Right.ERASURE)
    type(first).objects.filter(pk=first.pk).update(verified_at=timezone.now())
    page = client.post(f"/c/{link_to(second)}")
    assert page.status_code == 409
    assert "less than a day ago" in text_of(page)


@pytest.mark.parametrize("token", ["x", "a" * 43, "%F0%9F%94%91", "a" * 3000])
def test_an_unknown_link_is_refused_in_plain_words(client, token):
    for page in (client.get(f"/c/{token}"), client.post(f"/c/{token}")):
        assert page.status_code == 404
        assert "We do not know this link" in text_of(page)


def test_a_link_for_something_else_confirms_nothing(client):
    request = submitted()
    assert client.post(f"/c/{link_to(request, STATUS)}").status_code == 404
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED


def test_trying_links_out_is_stopped(client):
    answers = [client.get(f"/c/{number}").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]
    refused = client.get("/c/31")
    assert int(refused.headers["Retry-After"]) > 0
    assert "too often" in text_of(refused)


def test_the_address_of_the_page_stays_secret(client):
    for path in (f"/c/{link_to(submitted())}", "/c/unknown"):
        headers = client.get(path).headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"


def test_other_methods_are_refused(client):
    assert client.put(f"/c/{link_to(submitted())}").status_code == 405
