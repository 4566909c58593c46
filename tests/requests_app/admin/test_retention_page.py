from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as portal_settings
from django.utils import timezone

from requests_app import retention
from requests_app.audit import Actor
from requests_app.models import LegalHold, RetentionPeriod, Status
from tests.live.browser import browser, quiet_page
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import a_request, an_export, member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def test_the_schedule_shows_what_goes_now_soon_and_not():
    held, due = an_export(b"files"), an_export(b"files")
    retention.hold(held.request_id, "A claim", actor=Actor.staff(member("Manager")))
    type(due).objects.update(expires_at=timezone.now() + timedelta(days=3))
    text = words(signed_in("Manager").get(url("retention")))
    assert "Files for the person" in text
    assert "+ 1" in text
    assert held.request.reference in text
    assert "A claim" in text


def test_a_period_is_changed_and_a_wrong_one_is_named_and_kept_on_the_page():
    client = signed_in("Manager")
    assert client.post(url("retention.keep", "register"), {"days": "800"}).status_code == 302
    assert RetentionPeriod.objects.get().days == 800
    page = client.post(url("retention.keep", "register"), {"days": "3"})
    assert page.status_code == 400
    assert "choose between 365 and 3,650 days" in words(page)
    assert 'value="3"' in page.content.decode()
    assert client.post(url("retention.keep", "register"), {"days": "x" * 9}).status_code == 400
    assert RetentionPeriod.objects.get().days == 800


@pytest.mark.parametrize("role", ["Reviewer", "Processor", "Viewer"])
def test_only_managers_set_the_schedule_and_hold(role):
    client, request = signed_in(role), a_request()
    assert client.get(url("retention")).status_code == 403
    assert client.post(url("retention.keep", "register"), {"days": "800"}).status_code == 403
    assert client.post(url("requests.hold", request.pk), {"reason": "x"}).status_code == 403
    assert not LegalHold.objects.exists()


def test_a_request_is_held_with_a_reason_and_let_go():
    client, request = signed_in("Manager"), a_request(Status.COMPLETED)
    assert client.post(url("requests.hold", request.pk), {"reason": " "}).status_code == 400
    client.post(url("requests.hold", request.pk), {"reason": "A claim is pending"})
    page = words(client.get(url("requests.change", request.pk)))
    assert "On hold" in page
    assert "A claim is pending" in page
    standing = LegalHold.objects.get()
    client.post(url("requests.lift_hold", request.pk, standing.pk))
    standing.refresh_from_db()
    assert standing.lifted_at
    other = a_request(email="other@example.test")
    assert client.post(url("requests.lift_hold", other.pk, standing.pk)).status_code == 404


def test_a_request_whose_names_are_gone_can_still_be_looked_at():
    client, request = signed_in("Manager"), a_request(Status.COMPLETED, closed_at=timezone.now())
    retention.clean_up(timezone.now() + timedelta(days=1_200))
    page = client.get(url("requests.change", request.pk))
    assert page.status_code == 200
    assert "Who asked was removed" in words(page)
    assert "Ann" not in words(page)
    assert client.get(url("requests") + "?status=all").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_manager_holds_a_request_in_a_browser(live_server, size):
    request = a_request(Status.COMPLETED, closed_at=timezone.now())
    client = signed_in("Manager")
    name = portal_settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    with browser() as chromium, quiet_page(chromium, viewport=size) as page:
        page.context.add_cookies([cookie])
        page.goto(live_server.url + url("requests.change", request.pk))
        page.get_by_role("link", name=re.compile("^Hold")).click()
        page.get_by_label("Why it may be needed").fill("A claim is pending")
        page.get_by_role("button", name="Hold it").click()
        page.get_by_text("On hold").first.wait_for()
        page.goto(live_server.url + url("retention"))
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_label("Days for: The register of requests").fill("900")
        page.get_by_role("button", name="Keep so long: The register of requests").click()
        page.get_by_label("Days for: The register of requests").wait_for()
        assert page.get_by_label("Days for: The register of requests").input_value() == "900"
