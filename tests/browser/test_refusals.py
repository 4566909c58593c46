"""A request refused and one answered in part, in Chromium: from the console to the person's letter and page."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_console import DESKTOP, PHONE
from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over
from tests.live.portal import running_portal
from tests.live.steps import add_member, do

CONTROLLER = {
    "name": "Fish & Chips Ltd",
    "address": "1 Harbour Street\nWhitby\nUnited Kingdom",
    "country": "GB",
    "email": "privacy@fish.example",
    "privacy_url": "https://fish.example/privacy",
}
PEOPLE = {"processor": "Processor", "reviewer": "Reviewer"}
A_REQUEST = """
from requests_app.keys.stored import create_key
from requests_app.timekeeping import clock
ControllerProfile.objects.update_or_create(pk=1, defaults={controller!r})
known = dict(right="erasure", status="in_progress", name="Ann Example", email="ann@example.test", key=create_key())
made = SubjectRequest.objects.create(place="GB", verified_at=timezone.now(), details="Erase everything.", **known)
clock.open_clock(made, actor=audit.SYSTEM)
result = made.pk
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refusals")
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3", programs=("web",)) as up:
        for role in PEOPLE.values():
            add_member(up, role)
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture
def request_id(portal):
    return do(portal, A_REQUEST.format(controller=CONTROLLER))


def sign_in(page, portal, name):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(f"{PEOPLE[name]} correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def prepare(page, portal, request_id, *, extent, withheld=""):
    """Prepare a refusal as somebody does who first forgets the facts."""
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request_id}/change/")
    page.get_by_role("link", name="Refuse").click()
    page.get_by_role("heading", name="Refuse").wait_for()
    page.get_by_label(re.compile(extent)).check()
    page.get_by_label(re.compile("Legal claims")).check()
    if withheld:
        page.get_by_label(re.compile("What is withheld")).fill(withheld)
    look_over(page)
    page.get_by_role("button", name="Show the letter").click()
    page.get_by_text("please write what is so in this very case").wait_for()
    look_over(page)
    page.get_by_label(re.compile("What is so in this very case")).fill("You have sued us over order 4711.")
    page.get_by_role("button", name="Show the letter").click()
    page.get_by_role("heading", name="What the person will read").wait_for()
    assert "order 4711" in page.get_by_label("The letter", exact=True).inner_text()
    look_over(page)
    page.get_by_role("button", name="Hand it to a second person").click()
    page.get_by_text("a second person has to approve it").first.wait_for()
    page.locator("#refusal .pill", has_text="waiting for approval").wait_for()
    look_over(page)


def person_page(portal, request_id):
    minted = f"links.mint(SubjectRequest.objects.get(pk={request_id}), 'status', lifetime=timedelta(days=1))"
    return f"{portal.url}/r/{do(portal, f'result = {minted}')}"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_request_is_refused_by_two_people_and_the_person_complains(chromium, portal, request_id, size):
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "processor")
        prepare(page, portal, request_id, extent="All of the request")
        page.get_by_role("link", name="Read the letter").click()
        assert page.get_by_role("button", name="Approve").count() == 0
        look_over(page)
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "reviewer")
        page.get_by_role("link", name="Waiting for approval").click()
        page.get_by_role("link", name="DSR-").first.click()
        page.get_by_role("link", name="Read it and decide").click()
        letter = page.get_by_label("The letter", exact=True).inner_text()
        for part in ("UK GDPR Art. 17(3)(e)", "order 4711", "Wycliffe House", "privacy@fish.example", "go to court"):
            assert part in letter
        look_over(page)
        paper = page.request.get(portal.url + page.get_by_role("link", name="As a letter").get_attribute("href"))
        assert paper.body().startswith(b"%PDF")
        page.get_by_role("button", name="Approve and refuse the request").click()
        page.get_by_text("Refused. The letter is on its way to the person.").wait_for()
        look_over(page)
    assert do(portal, f"result = list(OutboxMail.objects.filter(request={request_id}).values_list('template'))") == [
        ["refused"]
    ]
    with quiet_page(chromium, viewport=size) as page:
        page.goto(person_page(portal, request_id))
        page.get_by_role("heading", name="Your request was refused").wait_for()
        assert "You have sued us over order 4711." in page.locator("main").inner_text()
        assert "Wycliffe House" in page.locator("main").inner_text()
        look_over(page)
        page.get_by_label(re.compile("Complain to us here")).fill("The lawsuit is over.")
        page.get_by_role("button", name="Send the complaint").click()
        page.get_by_text("you told us that you disagree").first.wait_for()
        look_over(page)
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "reviewer")
        page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request_id}/change/")
        look_over(page)
        page.get_by_label("Our decision stands").check()
        page.get_by_label(re.compile("The answer and its reasons")).fill("It is not: the appeal is pending.")
        page.get_by_role("button", name="Answer by mail").click()
        page.get_by_text("Answered. It is on its way to the person.").wait_for()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_request_is_answered_in_part_and_the_person_reads_what_is_withheld(chromium, portal, request_id, size):
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "processor")
        prepare(page, portal, request_id, extent="A part", withheld="Your order 4711\nIts invoice")
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "reviewer")
        page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request_id}/change/")
        page.get_by_role("link", name="Read it and decide").click()
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("Approved: the answer tells it when it goes out.").wait_for()
        look_over(page)
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "processor")
        page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request_id}/change/")
        page.get_by_role("link", name=re.compile("^Complete")).click()
        assert page.get_by_label("Answered in full").count() == 0
        page.get_by_label("What was done").fill("Your account and your addresses are erased.")
        page.get_by_role("button", name="Complete").click()
        page.get_by_text("Complete: done.").wait_for()
    with quiet_page(chromium, viewport=size) as page:
        page.goto(person_page(portal, request_id))
        told = page.locator("main").inner_text()
        for part in (
            "Answered in part",
            "Your account and your addresses are erased.",
            "Its invoice",
            "Wycliffe House",
        ):
            assert part in told
        look_over(page)
