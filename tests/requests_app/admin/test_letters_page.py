"""The page of letters and look, and what it changes, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as portal_settings
from django.test import Client

from requests_app.demonstration import controller as demonstration
from requests_app.demonstration.controller import fill_in_controller
from requests_app.letters import colours
from requests_app.letters.notices import NOTICES
from requests_app.models import OutboxMail
from tests.live.browser import browser, quiet_page
from tests.requests_app.admin.console import url
from tests.requests_app.portal import a_request, member

pytestmark = pytest.mark.django_db(transaction=True)

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PICTURES = Path(demonstration.__file__).with_name("pictures")


@pytest.fixture
def manager(live_server):
    """A manager, and the cookie that signs them in."""
    user = member("Manager")
    client = Client()
    client.force_login(user)
    name = portal_settings.SESSION_COOKIE_NAME
    return user, {"name": name, "value": client.cookies[name].value, "url": live_server.url}


def faults_of(page):
    results = Axe().run(page, options={**RULES, "iframes": False}).response
    assert len(results["passes"]) > 10, "axe looked at next to nothing"
    return [(fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in results["violations"]]


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark"), (DESKTOP, "dark"), (PHONE, "light")], ids=str
)
def test_the_pages_are_in_order_at_every_width(live_server, manager, size, scheme):
    user, cookie = manager
    fill_in_controller(user)
    mail = OutboxMail.objects.create(request=a_request(decision="We keep invoices."), template="refused")
    paths = {
        "letters": url("letters"),
        "notice": url("letters.notice", "ready"),
        "mail": url("requests.mail", mail.request_id, mail.pk),
        "request": url("requests.change", mail.request_id),
        "form": "/",
        "nowhere": "/nowhere",
    }
    with browser() as chromium, quiet_page(chromium, viewport=size, color_scheme=scheme) as page:
        page.context.add_cookies([cookie])
        for name, path in paths.items():
            page.goto(live_server.url + path)
            assert faults_of(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_a_manager_fills_the_profile_in_and_sees_it_everywhere(live_server, manager):
    _, cookie = manager
    with browser() as chromium, quiet_page(chromium, viewport=DESKTOP) as page:
        page.context.add_cookies([cookie])
        page.goto(f"{live_server.url}/console/")
        page.get_by_role("link", name="Settings", exact=True).click()
        page.get_by_role("link", name="Letters", exact=True).click()
        page.get_by_label("Name", exact=False).first.fill("Fernhill Cooperative")
        page.get_by_label("Country").select_option("IE")
        page.get_by_label("Colour", exact=True).fill("#ffd23f")
        page.get_by_label("Logo").set_input_files(PICTURES / "logo.png")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("alert").get_by_role("link", name="Colour").wait_for()
        shown = page.get_by_text("A darker shade that works").inner_text()
        proposed = re.search(r"#[0-9a-f]{6}(?=\.$)", shown.strip())[0]
        page.get_by_label("Colour", exact=True).fill(proposed)
        page.get_by_label("Logo").set_input_files(PICTURES / "logo.png")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved.").wait_for()
        frame = page.frame_locator("iframe.mail")
        frame.get_by_role("img", name="Fernhill Cooperative").wait_for()
        page.get_by_alt_text("The logo as it is stored").wait_for()
        page.goto(live_server.url)
        logo = page.get_by_role("img", name="Fernhill Cooperative")
        assert logo.evaluate("picture => picture.naturalWidth") > 100
        ground = page.get_by_role("button", name="Send the request").evaluate(
            "b => getComputedStyle(b).backgroundColor"
        )
        accent = colours.light(proposed).accent
        assert ground == f"rgb({int(accent[1:3], 16)}, {int(accent[3:5], 16)}, {int(accent[5:], 16)})"


def test_the_logo_is_removed_by_the_keyboard_alone(live_server, manager):
    user, cookie = manager
    fill_in_controller(user)
    with browser() as chromium, quiet_page(chromium, viewport=PHONE, java_script_enabled=False) as page:
        page.context.add_cookies([cookie])
        page.goto(live_server.url + url("letters"))
        page.get_by_label("Remove the logo").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.get_by_text("Saved.").wait_for()
        assert page.get_by_label("Remove the logo").count() == 0


@pytest.mark.parametrize("width", [390, 800])
def test_every_mail_fits_a_phone_and_a_desktop_in_both_colours(live_server, manager, width):
    user, cookie = manager
    fill_in_controller(user)
    with browser() as chromium:
        for scheme in ("light", "dark"):
            with quiet_page(chromium, viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
                page.context.add_cookies([cookie])
                for name in NOTICES:
                    page.goto(live_server.url + url("letters.mail", name))
                    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
                    assert page.locator("img.logo").evaluate("logo => logo.naturalWidth") > 0
