"""One letter for a copy and an erasure, from the form to the certificate: on a desk and on a telephone."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.smtp import links, running_mail_server
from tests.live.steps import add_member, do
from tests.servers import wait_until

SIZES = [{"width": 1280, "height": 900}, {"width": 390, "height": 844}]
PATIENCE_SECONDS = 90  # the machine may be busy with other tests
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email}
    erase: {action: delete}
"""


@pytest.fixture(scope="module")
def mails():
    with running_mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("combined") / "shop.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        people = ", ".join(f"('p{size['width']}@example.test', 'Oslo')" for size in SIZES)
        database.executescript(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, city TEXT);"
            f"INSERT INTO customers (email, city) VALUES {people}, ('other@example.test', 'Rome');"
        )
    return path


@pytest.fixture(scope="module")
def portal(tmp_path_factory, mails, shop):
    folder = tmp_path_factory.mktemp("portal")
    url = f"sqlite:///{folder}/portal.sqlite3"
    with running_portal(folder / "portal", url, email_url=mails.url, extra_env={"DSR_ERASURE_UNDO_HOURS": "0"}) as up:
        for role in ("Processor", "Reviewer"):
            add_member(up, role)
        source = "DataSource(slug='shop', label='Web shop')"
        do(
            up,
            f"from requests_app import sources\nsources.save({source}, 'sqlite:///{shop}', {MAP!r}, None)\nresult = 1",
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


def test_a_letter_for_a_copy_and_an_erasure(portal, mails, page, shop):
    email = f"p{page.viewport_size['width']}@example.test"
    ask(page, portal, email)
    confirm(page, mails, email)
    read_pages(page, mails, email)
    erasure = do(portal, f"result = SubjectRequest.objects.get(email={email!r}, right='erasure').pk")
    access = do(portal, f"result = SubjectRequest.objects.get(email={email!r}, right='access').pk")
    wait_until(
        lambda: do(portal, f"result = SourceChange.objects.get(request={erasure}).is_previewed"), PATIENCE_SECONDS
    )
    prepare(portal, erasure)
    assert "comes first" in approve(portal, erasure)
    see_the_letter_in_the_console(page, portal, erasure)
    assert email in held(shop)
    answer(portal, access)
    assert approve(portal, erasure) == ""
    ended = f"result = SubjectRequest.objects.get(pk={erasure}).status == 'completed'"
    wait_until(lambda: do(portal, ended), PATIENCE_SECONDS)
    assert email not in held(shop)
    assert "other@example.test" in held(shop)
    assert do(portal, f"result = Export.objects.get(request={access}).removed_at is None")
    reload(page)
    look_over(page)


def ask(page, portal, email):
    """Fill in the form with the keyboard where it opens."""
    page.goto(f"{portal.url}/?right=access")
    assert page.get_by_text("How would you like your copy?").is_visible()
    assert not page.get_by_text("Why should your data be erased?").is_visible()
    page.get_by_text("Something else too?").first.focus()
    page.keyboard.press("Enter")
    others = page.locator(".also")
    assert not others.get_by_label("Access to my data").is_visible()
    others.get_by_label("Erase my data").check()
    assert page.get_by_text("Why should your data be erased?").is_visible()
    assert not page.get_by_text("What do you object to?").is_visible()
    look_over(page)
    page.get_by_label(re.compile("I take back my consent")).check()
    page.fill("[name=name]", "Ann Example")
    page.fill("[name=email]", email)
    page.check("[name=terms]")
    page.get_by_role("button", name="Send the request").click()
    page.wait_for_url("**/sent*")


def confirm(page, mails, email):
    """Open the one mail, read both, and confirm both by one button."""
    page.goto(mails.link_for(email, "/c/"))
    for words in ("Request 1 of 2", "Request 2 of 2", "I take back my consent"):
        assert page.get_by_text(words).is_visible()
    look_over(page)
    page.get_by_role("button", name="Yes, begin with both requests").click()
    assert page.get_by_role("heading", name="Your request is confirmed").is_visible()
    assert len([mail for mail in mails.mails if email in str(mail["To"]) and links(mail, "/c/")]) == 1


def read_pages(page, mails, email):
    """Go from the page of one request to that of the other."""
    page.goto(mails.link_for(email, "/r/"))
    assert page.get_by_role("heading", name="Part of the same letter").is_visible()
    look_over(page)
    before = page.locator(".eyebrow .reference").inner_text()
    page.get_by_role("button", name=re.compile("Open its page")).click()
    assert page.locator(".eyebrow .reference").inner_text() != before
    page.get_by_text("I do without the copy", exact=True).click()
    assert page.get_by_role("button", name="Erase my data without a copy first").is_visible()
    look_over(page)


def see_the_letter_in_the_console(page, portal, erasure):
    """Look at the order as the team does, before the copy is there."""
    page_of_person = page.url
    page.goto(f"{portal.url}/console/")
    page.fill("[name=username]", "processor")
    page.fill("[name=password]", "Processor correct horse battery")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{portal.url}/console/")
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{erasure}/change/")
    letter = page.get_by_role("region", name="Part of the same letter")
    assert letter.get_by_text("The copy comes first").is_visible()
    letter.get_by_text("The person does without the copy").click()
    assert letter.get_by_label("When and how they said so").is_visible()
    look_over(page)
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/record/")
    page.get_by_label("Erase my data").check()
    assert page.get_by_text("Why should your data be erased?").is_visible()
    assert not page.get_by_text("What do you object to?").is_visible()
    look_over(page)
    page.goto(page_of_person)


def prepare(portal, erasure):
    do(
        portal,
        "from requests_app.changing import approvals\n"
        "actor = audit.Actor.staff(User.objects.get(username='processor'))\n"
        f"approvals.prepare({erasure}, 'erasure', actor=actor)\nresult = 1",
    )


def approve(portal, erasure) -> str:
    """Approve the erasure, and give what stands against it."""
    return str(
        do(
            portal,
            "from requests_app.changing import approvals\nresult = ''\n"
            "actor = audit.Actor.staff(User.objects.get(username='reviewer'))\n"
            "try:\n"
            f"    approvals.approve({erasure}, 'erasure', actor=actor)\n"
            "except approvals.NotApprovable as error:\n"
            "    result = str(error)\n",
        )
    )


def answer(portal, access):
    """Wait until the sources have answered, and release the copy."""
    ready = f"result = planning.is_ready_for_review(SubjectRequest.objects.get(pk={access}))"
    wait_until(lambda: do(portal, ready), PATIENCE_SECONDS)
    do(
        portal,
        "actor = audit.Actor.staff(User.objects.get(username='reviewer'))\n"
        f"review.release({access}, actor=actor, formats=('json',))\nresult = 1",
    )
    ended = f"result = SubjectRequest.objects.get(pk={access}).status == 'completed'"
    wait_until(lambda: do(portal, ended), PATIENCE_SECONDS)


def held(shop) -> list[str]:
    with closing(sqlite3.connect(shop)) as database:
        return [email for (email,) in database.execute("SELECT email FROM customers")]
