"""Somebody asks for somebody else, and somebody shows by what is held who they are: on a desk and on a telephone."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.smtp import running_mail_server
from tests.live.steps import add_member, do
from tests.requests_app.uploads.files import pdf
from tests.servers import wait_until

SIZES = [{"width": 1280, "height": 900}, {"width": 390, "height": 844}]
PAPER = {"name": "authority.pdf", "mimeType": "application/pdf", "buffer": pdf("I let Lena ask for me")}
PATIENCE_SECONDS = 60  # the machine may be busy with other tests
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email}
    fields:
      born: {challenge: true, label: Your day of birth}
      zip: {challenge: true, label: Your postcode}
"""
RIGHT = {"Your day of birth": "5.3.1980", "Your postcode": "1234 ab"}


@pytest.fixture(scope="module")
def mails():
    with running_mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def portal(tmp_path_factory, mails):
    folder = tmp_path_factory.mktemp("representatives")
    shop = folder / "shop.sqlite3"
    with closing(sqlite3.connect(shop)) as database:
        people = ", ".join(f"('p{size['width']}@example.test', '1980-03-05', '1234AB')" for size in SIZES)
        database.executescript(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, born DATE, zip TEXT);"
            f"INSERT INTO customers (email, born, zip) VALUES {people};"
        )
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3", email_url=mails.url) as up:
        add_member(up, "Processor")
        do(
            up,
            "from requests_app import proofs, sources\nproofs.known_rules()\n"
            f"sources.save(DataSource(slug='shop', label='Web shop'), 'sqlite:///{shop}', {MAP!r}, None)\n"
            "IdentityRule.objects.update_or_create(right='erasure', place='', "
            "defaults={'checks': ['mailbox', 'challenge'], 'why': 'An erasure cannot be undone.'})\n"
            "result = 1",
        )
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(params=SIZES, ids=["desktop", "phone"])
def page(request, chromium):
    with quiet_page(chromium, viewport=request.param) as opened:
        yield opened


def ask_for_somebody(page, portal, lena, person, kind="I am a relative or friend"):
    page.goto(f"{portal.url}/?right=access")
    assert not page.get_by_label("Their name").is_visible()
    page.get_by_label("Your name").fill("Lena Advocate")
    page.get_by_label("Your e-mail address").fill(lena)
    page.get_by_label("For somebody else").check()
    look_over(page)
    page.get_by_label("Who are you to them?").select_option(label=kind)
    page.get_by_label("Their e-mail address").fill(person)
    page.get_by_label("What shows that you may").set_input_files(PAPER)
    page.get_by_label("Our answer may go to me").check()
    page.locator("input[name=terms]").check()
    page.get_by_role("button", name="Send the request").click()
    page.get_by_text("Please enter the name of whom you ask for.").first.wait_for()
    look_over(page)
    page.get_by_label("Their name").fill("Ann Example")
    page.get_by_label("What shows that you may").set_input_files(PAPER)
    page.get_by_role("button", name="Send the request").click()
    page.wait_for_url("**/sent")


def confirm_as(page, mails, lena):
    page.goto(mails.link_for(lena, "/c/", PATIENCE_SECONDS))
    look_over(page)
    page.get_by_role("button", name="Yes, it was me").click()
    page.get_by_role("heading", name="We look at your authority").wait_for()
    look_over(page)
    page.get_by_label("Documents").set_input_files({**PAPER, "name": "second.pdf"})
    page.get_by_role("button", name="Hand it in").click()
    page.get_by_text("second.pdf").wait_for()


def test_a_person_says_yes_and_may_end_it(page, portal, mails):
    width = page.viewport_size["width"]
    lena, person = f"lena{width}@lawyers.test", f"ann{width}@example.test"
    ask_for_somebody(page, portal, lena, person)
    confirm_as(page, mails, lena)
    page.goto(mails.link_for(person, "/a/", PATIENCE_SECONDS))
    look_over(page)
    page.get_by_role("button", name="Yes, and send them the answer").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    look_over(page)
    page.goto(mails.link_for(lena, "/r/", PATIENCE_SECONDS))
    page.get_by_text("for Ann Example").wait_for()
    look_over(page)
    representatives_page = page.url
    page.goto(mails.link_for(person, "/r/", PATIENCE_SECONDS))
    page.get_by_role("heading", name="Who acts for you").wait_for()
    look_over(page)
    page.get_by_role("link", name="End this").click()
    look_over(page)
    page.get_by_role("button", name="Yes, end it").click()
    page.get_by_role("heading", name="Come back at any time").wait_for()
    assert not page.get_by_role("heading", name="Who acts for you").is_visible()
    assert page.request.get(representatives_page).status == 410


def sign_in(page, portal):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill("processor")
    page.get_by_label("Password").fill("Processor correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def test_the_team_accepts_the_authority_of_a_lawyer(page, portal, mails):
    width = page.viewport_size["width"]
    lena, person = f"firm{width}@lawyers.test", f"client{width}@example.test"
    ask_for_somebody(page, portal, lena, person, kind="I am their lawyer")
    confirm_as(page, mails, lena)
    pk = do(portal, f"result = SubjectRequest.objects.get(email={person!r}).pk")
    sign_in(page, portal)
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{pk}/change/")
    page.get_by_role("heading", name="Representative").scroll_into_view_if_needed()
    page.get_by_text("authority.pdf").first.wait_for()
    look_over(page)
    page.get_by_role("link", name="Accept …", exact=True).click()
    look_over(page)
    page.get_by_role("button", name="Accept the authority").click()
    page.get_by_text("Please write what you looked at").first.wait_for()
    page.get_by_label("What you looked at").fill("A power of attorney of 3 May, signed.")
    page.get_by_label("The documents also show who the person is").check()
    page.get_by_role("button", name="Accept the authority").click()
    page.get_by_text("Accepted. The person is told").wait_for()
    look_over(page)
    page.goto(mails.link_for(lena, "/r/", PATIENCE_SECONDS))
    page.get_by_text("for Ann Example").wait_for()
    status = f"result = SubjectRequest.objects.get(pk={pk}).status"
    wait_until(lambda: do(portal, status) == "in_progress")


def test_somebody_shows_who_they_are_by_what_is_held(page, portal, mails):
    person = f"p{page.viewport_size['width']}@example.test"
    page.goto(f"{portal.url}/?right=erasure")
    page.get_by_label("Your name").fill("Pat Example")
    page.get_by_label("Your e-mail address").fill(person)
    page.locator("input[name=terms]").check()
    page.get_by_role("button", name="Send the request").click()
    page.goto(mails.link_for(person, "/c/", PATIENCE_SECONDS))
    page.get_by_role("button", name="Yes, begin with my request").click()
    page.goto(mails.link_for(person, "/r/", PATIENCE_SECONDS))
    first = page.get_by_label("Your day of birth")
    wait_until(lambda: reload(page) and first.is_visible(), 60)
    look_over(page)
    for label in RIGHT:
        page.get_by_label(label).fill("something else")
    page.get_by_role("button", name="Send the answers").click()
    page.get_by_text("That is not right.").first.wait_for()
    look_over(page)
    for label, answer in RIGHT.items():
        page.get_by_label(label).fill(answer)
    page.get_by_role("button", name="Send the answers").click()
    page.get_by_role("heading", name=re.compile("^We (are|hold) ")).first.wait_for()
    status = f"result = SubjectRequest.objects.get(email={person!r}).status"
    assert do(portal, status) in {"in_progress", "completed"}
