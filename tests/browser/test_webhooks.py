"""Webhooks in Chromium: set up, tested, watched and ended by somebody who never reads a manual."""

from __future__ import annotations

import re

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.steps import add_member, do, submit
from tests.requests_app.webhooks.receiving import taken, verified
from tests.servers import wait_until
from tests.servers.web import Reply, running_web_server

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("webhooks")
    extra = {"DSR_OUTGOING_ALLOW": "127.0.0.1"}
    with running_portal(
        folder / "portal", f"sqlite:///{folder}/portal.sqlite3", programs=("web", "quick"), extra_env=extra
    ) as up:
        up.member = add_member(up, "Manager")
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture
def receiver():
    with running_web_server() as started:
        yield started


class Looker:
    """Looks at a page as axe does, and for what is wider than the window."""

    def __init__(self, page, name):
        self.page, self.name, self.count = page, name, 0

    def __call__(self):
        self.count += 1
        look_over(self.page, f"webhooks-{self.name}-{self.count}")


def sign_in(page, portal):
    name, password = portal.member
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


@pytest.mark.parametrize(
    ("name", "size", "colours"), [("desktop", DESKTOP, "light"), ("phone", PHONE, "dark")], ids=["desktop", "phone"]
)
def test_a_system_is_told_from_the_first_look_to_the_last(chromium, portal, receiver, name, size, colours):
    with quiet_page(chromium, viewport=size, color_scheme=colours, permissions=["clipboard-write"]) as page:
        look = Looker(page, name)
        sign_in(page, portal)
        page.get_by_role("link", name="Settings").click()
        page.get_by_role("link", name="Webhooks").click()
        page.get_by_text("No system is told of anything yet.").wait_for()
        look()
        secret = add(page, look, receiver, f"Shop on a {name}")
        page.get_by_text("Nothing happened yet that it is told of.").wait_for()
        look()
        page.get_by_role("button", name="Send a test").click()
        page.get_by_text(re.compile(r"The test arrived: the receiver answered 204 after \d+ ms\.")).wait_for()
        assert verified(receiver.received[0], secret)["type"] == "ping"
        watch(page, look, portal, receiver, f"{name}@example.test")
        renew(page, look, secret)
        end(page, look)


def add(page, look, receiver, system):
    page.get_by_role("link", name="Add a webhook").click()
    look()
    page.get_by_role("textbox", name="Name").fill(system)
    page.get_by_role("textbox", name="Address").fill("http://10.0.0.1/hook")
    page.get_by_label("request.created").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("leads into a network that is not public").wait_for()
    look()
    assert page.get_by_label("request.created").is_checked()
    page.get_by_role("textbox", name="Address").fill(f"{receiver.url}/hook")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_role("heading", name=f"Secret of {system}").wait_for()
    look()
    secret = page.get_by_label("The secret, shown this once").input_value()
    page.get_by_role("button", name="Copy it").click()
    page.get_by_text("Copied.").wait_for()
    page.get_by_role("link", name="It is kept, go on").click()
    assert secret not in page.content()
    return secret


def watch(page, look, portal, receiver, email):
    submit(portal, email)
    wait_until(lambda: len(receiver.received) == 2, 30)
    assert taken(receiver)[1]["type"] == "request.created"
    assert email.encode() not in receiver.received[1].body
    receiver.replies = [Reply(503)]
    submit(portal, email, "erasure")
    wait_until(lambda: len(receiver.received) == 3, 30)
    deliveries = "WebhookDelivery.objects.filter(state='waiting').exclude(last_error='')"
    wait_until(lambda: do(portal, f"result = {deliveries}.count()") == 1, 30)
    reload(page)
    page.get_by_text("The receiver answered 503.").wait_for()
    page.locator(".heading .pill", has_text="does not take events").wait_for()
    look()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Its events wait here").wait_for()
    receiver.replies = [Reply(204)]
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Send now").click()
    page.get_by_text("It is sent again, with the same id as before.").wait_for()
    wait_until(lambda: len({item["id"] for item in taken(receiver)}) == 3 and len(receiver.received) >= 4, 30)
    page.get_by_role("link", name="Waiting").click()
    page.get_by_text("Nothing waits.").wait_for()
    do(
        portal,
        "result = WebhookDelivery.objects.filter(state='done').update(state='failed', last_error='It was down.')",
    )
    page.get_by_role("link", name="Given up").click()
    look()
    page.get_by_role("button", name="Send all again that were given up").click()
    page.get_by_text("2 given up before are sent again").wait_for()
    wait_until(lambda: len(receiver.received) >= 6, 90)


def renew(page, look, secret):
    page.get_by_role("link", name="New secret").click()
    look()
    page.get_by_role("button", name="Make a new secret").click()
    assert page.get_by_label("The secret, shown this once").input_value() != secret
    page.get_by_role("link", name="It is kept, go on").click()
    page.get_by_text("the old one works until").wait_for()


def end(page, look):
    page.get_by_role("link", name="Webhooks").first.click()
    look()
    page.get_by_role("link", name="Shop on a").click()
    page.get_by_role("link", name="Delete").click()
    look()
    page.get_by_role("button", name="Delete it").click()
    page.get_by_text("is told nothing any more").wait_for()
