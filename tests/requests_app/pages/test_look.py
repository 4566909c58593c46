from __future__ import annotations

import re

import pytest

from requests_app.letters.profile import stored
from tests.requests_app.letters.pictures import SVG, a_png

pytestmark = pytest.mark.django_db


def filled_in(**fields: object) -> None:
    profile = stored()
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.save()


def addresses(client) -> dict[str, str]:
    page = client.get("/").content.decode()
    return dict(re.findall(r'(?:href|src)="(/(look\.css|logo)[^"]*)"', page)) | {
        found[1]: found[0] for found in re.findall(r'(?:href|src)="(/(look\.css|logo)\?v=[^"]*)"', page)
    }


def test_the_pages_carry_name_contact_and_policy_of_the_settings_until_somebody_fills_them_in(client, settings):
    settings.DSR_SYSTEM_NAME, settings.DSR_CONTACT_EMAIL = "Our portal", "ask@example.test"
    page = client.get("/").content.decode()
    assert "Our portal holds data about you?" in page
    assert "mailto:ask@example.test" in page
    filled_in(name="Fish & Chips", email="privacy@fish.test", privacy_url="https://fish.test/privacy")
    page = client.get("/").content.decode()
    assert "Fish &amp; Chips holds data about you?" in page
    assert "Our portal" not in page
    assert "mailto:privacy@fish.test" in page
    assert 'href="https://fish.test/privacy"' in page


def test_the_style_has_the_colour_and_is_kept_until_it_changes(client):
    filled_in(colour="#7A1F5C")
    address = addresses(client)["look.css"]
    response = client.get(address)
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "--accent: #7a1f5c;" in response.content.decode()
    assert "immutable" in response.headers["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    filled_in(colour="#0b6b74")
    assert addresses(client)["look.css"] != address
    news = client.get("/look.css", headers={"If-None-Match": response.headers["ETag"]})
    assert (news.status_code, news.headers["Cache-Control"]) == (200, "no-cache")
    assert "--accent: #0b6b74;" in news.content.decode()


def test_a_colour_that_is_none_brings_nothing_into_the_style(client):
    filled_in(colour="#12}*{")
    assert "}*{" not in client.get("/look.css").content.decode()


@pytest.mark.parametrize(("content", "kind"), [(SVG, "image/svg+xml"), (a_png(), "image/png")])
def test_the_logo_is_shown_and_by_itself_can_do_nothing(client, content, kind):
    assert client.get("/logo").status_code == 404
    assert "logo" not in addresses(client)
    filled_in(name="Fish & Chips", logo=content, logo_type=kind)
    page = client.get("/").content.decode()
    assert 'alt="Fish &amp; Chips"' in page
    response = client.get(addresses(client)["logo"])
    assert (response.content, response.headers["Content-Type"]) == (content, kind)
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/logo", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert client.post("/logo").status_code == 405


def test_the_signature_is_on_no_public_page(client):
    filled_in(signature=a_png(), signature_type="image/png")
    assert client.get("/logo").status_code == 404


def test_a_page_asks_once_for_the_look(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/sent")
