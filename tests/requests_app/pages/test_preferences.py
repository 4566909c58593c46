"""The page of preferences: by its link alone, without a script, and as the browser's signal wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from requests_app import browser_signals, links
from requests_app.models import SecureLink, SubjectRequest
from requests_app.places import SUBDIVISIONS
from requests_app.preferences import MOST_LINKS_AN_HOUR
from tests.requests_app import objections as an
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import ANN, BOB, acts, send_mails, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
SIGNAL = {"headers": {"Sec-GPC": "1"}}
SECRET = "a-secret-of-the-host-application-0123456789"


@pytest.fixture
def asked():
    return an.known_person(place="US-CA")


@pytest.fixture
def address(asked):
    token = links.mint(asked, SecureLink.Purpose.PREFERENCES, lifetime=timedelta(days=1))
    return f"/p/{token}"


@pytest.fixture
def shop(sqlite_url):
    an.a_shop(sqlite_url)
    return sqlite_url


def test_the_page_shows_what_is_on_and_what_is_off(client, address):
    words = text_of(client.get(address))
    assert words.count("Switch off") == 2
    assert "Nothing was ever switched off." in words
    assert ANN in words


def test_what_is_switched_is_done_told_and_remembered(client, address, shop):
    response = client.post(f"{address}/switch", {"scope": "marketing", "to": "off"}, follow=True)
    assert "Advertising: stopped." in text_of(response)
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    words = text_of(client.get(address))
    assert "Off since" in words
    assert "Advertising: off, by the preference page" in words
    response = client.post(f"{address}/switch", {"scope": "marketing", "to": "on"}, follow=True)
    assert "Advertising: allowed again." in text_of(response)
    an.work()
    assert an.ann(shop) == an.BEFORE[0]


def test_looking_changes_nothing(client, address):
    for _ in range(2):
        client.get(address)
        client.head(address, **SIGNAL)
    assert SubjectRequest.objects.count() == 1
    assert client.get(f"{address}/switch").status_code == 405


@pytest.mark.parametrize(
    "typed", [{}, {"scope": "marketing"}, {"scope": "restriction", "to": "on"}, {"scope": "x", "to": "off"}]
)
def test_what_no_button_sends_is_refused(client, address, typed):
    assert client.post(f"{address}/switch", typed).status_code == 400
    assert SubjectRequest.objects.count() == 1


def test_what_is_weighed_cannot_be_switched(client, address, settings):
    settings.DSR_PREFERENCES = ("marketing",)
    assert "object to it" in text_of(client.get(address))
    response = client.post(f"{address}/switch", {"scope": "analytics", "to": "off"})
    assert response.status_code == 409
    assert an.scopes_of() == set()


def test_a_link_whose_person_is_forgotten_is_dead(client, asked, address):
    SubjectRequest.objects.filter(pk=asked.pk).update(email="")
    assert client.get(address).status_code == 410
    assert client.post(f"{address}/switch", {"scope": "marketing", "to": "off"}).status_code == 410


def test_a_signal_that_counts_is_entered_at_once_and_shown_once(client, address):
    assert "We have noted it as your objection" in text_of(client.get(address, **SIGNAL))
    assert an.scopes_of() == {"marketing"}
    words = text_of(client.get(address, **SIGNAL))
    assert "We have noted it" not in words
    assert "what counts is what stands below" in words
    assert "by a signal of the browser" in words


def test_against_the_signal_nothing_is_switched_on_unless_it_is_confirmed(client, address):
    client.get(address, **SIGNAL)
    asked = client.post(f"{address}/switch", {"scope": "marketing", "to": "on"}, **SIGNAL)
    assert "Allow advertising all the same?" in text_of(asked)
    assert an.scopes_of() == {"marketing"}
    client.post(f"{address}/switch", {"scope": "marketing", "to": "on", "confirmed": "1"}, **SIGNAL)
    assert an.scopes_of() == set()
    client.get(address, **SIGNAL)
    assert an.scopes_of() == set(), "what was confirmed holds"


def test_the_link_is_had_by_giving_the_mailbox_in_the_same_words_whether_known_or_not(client, asked):
    told = [text_of(client.post("/preferences", {"email": email}, follow=True)) for email in (ANN, BOB)]
    assert told[0] == told[1]
    (message,) = send_mails()
    assert message.to == [ANN]
    assert client.get(f"/p/{token_in(message, 'p')}").status_code == 200


@pytest.mark.parametrize("typed", ["", "ann@", "nobody"])
def test_what_is_no_mailbox_is_said(client, typed):
    assert client.post("/preferences", {"email": typed}).status_code == 400


def test_links_are_not_asked_for_without_end(client):
    for _ in range(MOST_LINKS_AN_HOUR):
        assert client.post("/preferences", {"email": BOB}).status_code == 302
    assert client.post("/preferences", {"email": BOB}).status_code == 429


def test_the_page_of_an_objection_leads_to_the_preferences(client):
    request = an.an_objection()
    token = links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=1))
    words = text_of(client.get(f"/r/{token}"))
    assert "Advertising Stopped on" in words
    assert "See and change your preferences" in words
    response = client.post(f"/r/{token}/preferences")
    assert response.url.startswith("/p/")
    assert "Off since" in text_of(client.get(response.url))


def test_the_page_of_an_objection_says_that_it_is_weighed(client):
    request = an.an_objection("all")
    token = links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=1))
    words = text_of(client.get(f"/r/{token}"))
    assert "We are weighing your objection" in words
    assert "restrict its use" in words


def test_the_portal_says_that_it_honours_the_signal(client):
    response = client.get("/.well-known/gpc.json")
    assert response.json() == {"gpc": True, "lastUpdate": browser_signals.LAST_CHANGED}
    assert datetime.fromisoformat(browser_signals.LAST_CHANGED)


def test_every_place_with_a_law_can_be_chosen_and_names_its_source():
    assert set(browser_signals.laws()) <= set(SUBDIVISIONS)
    assert all(law.source for law in browser_signals.laws().values())
    assert "7025" in browser_signals.laws()["US-CA"].source


@pytest.mark.parametrize(
    ("path", "headers", "is_chosen", "words"),
    [
        ("/?place=US-CA", {"Sec-GPC": "1"}, True, "is chosen already"),
        ("/?place=US-CA&right=access", {"Sec-GPC": "1"}, False, "is chosen already"),
        ("/", {"Sec-GPC": "1"}, False, "Where you live decides"),
        ("/", {"Sec-GPC": "1", "Accept-Language": "de-DE"}, False, None),
        ("/?place=US-VA", {"Sec-GPC": "1"}, False, None),
        ("/?place=US-CA", {}, False, None),
    ],
    ids=["counts", "chosen otherwise", "unknown place", "Germany", "no law", "no signal"],
)
def test_the_form_says_what_the_signal_means_and_chooses_only_where_it_counts(client, path, headers, is_chosen, words):
    response = client.get(path, headers=headers)
    assert (response.context["chosen_right"] == "objection") is is_chosen
    shown = text_of(response)
    assert ("Your browser asks us" in shown) is (words is not None)
    assert words is None or words in shown


@pytest.fixture
def account(settings):
    """Give what our own service sends of Ann when she goes on to the portal."""
    settings.DSR_ASSERTION_ALGORITHM, settings.DSR_ASSERTION_KEY = "HS256", SECRET
    settings.DSR_ASSERTION_ISSUER, settings.DSR_ASSERTION_AUDIENCE = "https://shop.test", "portal"
    now = int(datetime.now(UTC).timestamp())
    told = {"sub": "1", "email": ANN, "name": "Ann", "iat": now, "exp": now + 60}
    claims = told | {"iss": "https://shop.test", "aud": "portal"}
    return {"assertion": jwt.encode(claims, SECRET, algorithm="HS256")}


@pytest.mark.parametrize(("place", "is_noted"), [("US-CO", True), ("DE", False), ("", False), ("XX", False)])
def test_who_comes_signed_in_has_the_signal_noted_where_it_counts(client, account, place, is_noted):
    response = client.post("/signed-in", account | {"place": place}, **SIGNAL)
    assert response.status_code == 200
    assert ("We have noted it as your objection" in text_of(response)) is is_noted
    assert an.scopes_of() == ({"marketing"} if is_noted else set())
    if is_noted:
        assert "suppression.entered" in acts(SubjectRequest.objects.get().pk)
