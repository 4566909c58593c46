"""The editor of notices, in Chromium."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as portal_settings
from django.test import Client

from requests_app.demonstration.controller import fill_in_controller
from requests_app.models import AuditEntry, NoticeText
from tests.live.browser import browser, quiet_page
from tests.requests_app.admin.test_letters_page import DESKTOP, PHONE, faults_of
from tests.requests_app.portal import a_request, member

pytestmark = pytest.mark.django_db(transaction=True)

STEM = "/console/requests_app/noticetext/"
EDITOR = f"{STEM}received/en/all/"


@pytest.fixture
def manager(live_server):
    """A manager, and the cookie that signs them in."""
    user = member("Manager")
    fill_in_controller(user)
    client = Client()
    client.force_login(user)
    name = portal_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": live_server.url}


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark"), (DESKTOP, "dark"), (PHONE, "light")], ids=str
)
def test_the_pages_are_in_order_at_every_width(live_server, manager, size, scheme):
    about = {"notice": "received", "language": "en", "version": 1}
    row = NoticeText.objects.create(**about, subject="Got it", body="# Got it\n\nHello.\n\n[Look]({{ status_link }})")
    paths = [STEM, EDITOR, f"{STEM}refused/de/erasure/", f"{STEM}versions/{row.pk}/"]
    with browser() as chromium, quiet_page(chromium, viewport=size, color_scheme=scheme) as page:
        page.context.add_cookies([manager])
        for path in paths:
            page.goto(live_server.url + path)
            assert faults_of(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_words_are_changed_seen_and_taken_back(live_server, manager, size):
    with browser() as chromium, quiet_page(chromium, viewport=size) as page:
        page.context.add_cookies([manager])
        page.goto(live_server.url + STEM)
        page.get_by_role("link", name=re.compile("As shipped.*Your request was received, German")).click()
        shown = page.frame_locator("iframe.mail")
        shown.get_by_text("Guten Tag Ann Example,").wait_for()
        text = page.get_by_label("Text", exact=True)
        text.fill(text.input_value().replace("Guten Tag {{ name }},", "Hallo {{ nme }},"))
        shown.get_by_text("There is no variable {{ nme }}").wait_for()
        page.get_by_role("button", name="Keep as a new version").click()
        page.get_by_role("alert").get_by_role("link", name="Text").wait_for()
        text.fill(text.input_value().replace("{{ nme }}", "{{ name }}"))
        shown.get_by_text("Hallo Ann Example,").wait_for()
        page.get_by_label("In the dark").check()
        page.wait_for_function("document.querySelector('iframe.mail')")
        shown.get_by_text("Hallo Ann Example,").wait_for()
        page.get_by_role("button", name="Keep as a new version").click()
        page.get_by_text("Version 1 is kept").wait_for()
        page.get_by_role("link", name="Version 1").click()
        page.locator("ins", has_text="Hallo").wait_for()
        page.go_back()
        page.get_by_role("button", name="Withdraw it").click()
        page.get_by_text("The words that come with the portal count.").wait_for()
        page.frame_locator("iframe.mail").get_by_text("Guten Tag Ann Example,").wait_for()
    assert NoticeText.objects.get().withdrawn_at


def test_the_preview_works_without_a_script_and_on_a_request(live_server, manager):
    request = a_request(name="Berta Real")
    with browser() as chromium, quiet_page(chromium, viewport=PHONE, java_script_enabled=False) as page:
        page.context.add_cookies([manager])
        page.goto(live_server.url + EDITOR)
        shown = page.frame_locator("iframe.mail")
        shown.get_by_text("Dear Ann Example,").wait_for()
        page.get_by_label("On a request").fill(request.reference)
        page.get_by_label("Plain text").check()
        page.get_by_role("button", name="Show the preview").click()
        shown.get_by_text("Dear Berta Real,").wait_for()
        assert shown.locator("h1").count() == 0
    assert AuditEntry.objects.filter(action="notice.previewed", request_id=request.pk).count() == 1
