"""The right to object in Chromium: advertising off by itself and on again, statistics weighed, refused by two."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from tests.browser.test_console import DESKTOP, PHONE
from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.steps import add_member, do, sweep_until
from tests.servers import wait_until

SIZES = {"desktop": DESKTOP, "phone": PHONE}
ROLES = {"processor": "Processor", "reviewer": "Reviewer"}
REQUESTS = "console/requests_app/subjectrequest"
MAP = """
version: 1
source: {slug}
label: {label}
collections:
  people:
    label: {people}
    identifiers: {{email: email}}
    object:
      marketing: {{set: {{newsletter: 0}}}}
      analytics: {{set: {{profiled: 0}}}}
      all: {{set: {{contactable: 0}}}}
"""
SOURCES = {"shop": ("Web shop", "Customers"), "club": ("Loyalty club", "Members")}
CONTROLLER = {
    "name": "Fish & Chips Ltd",
    "address": "1 Harbour Street\nWhitby\nUnited Kingdom",
    "country": "GB",
    "email": "privacy@fish.example",
    "privacy_url": "https://fish.example/privacy",
}
PEOPLE = ["dora", "paul", "dave", "pia", "dirk", "pam", "dean", "peg"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("objection")
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3", heavy_workers=1) as up:
        for role in ROLES.values():
            add_member(up, role)
        for slug in SOURCES:
            fill(folder / f"{slug}.sqlite3")
        known = [(slug, f"sqlite:///{folder}/{slug}.sqlite3", map_of(slug)) for slug in SOURCES]
        do(
            up,
            "from requests_app import sources\n"
            f"ControllerProfile.objects.update_or_create(pk=1, defaults={CONTROLLER!r})\n"
            f"for slug, url, text in {known!r}:\n"
            "    sources.save(DataSource(slug=slug, label=slug.title()), url, text, None)\n"
            "result = DataSource.objects.count()",
        )
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture
def person(chromium, size):
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        yield page


def map_of(slug):
    label, people = SOURCES[slug]
    return MAP.format(slug=slug, label=label, people=people)


def fill(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, newsletter INT, profiled INT, contactable INT)"
        )
        rows = [(number, f"{name}@example.test", 1, 1, 1) for number, name in enumerate(PEOPLE, 1)]
        database.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", [*rows, (99, "zoe@example.test", 0, 1, 0)])
        database.commit()


def rows_of(portal):
    """Read every row of both sources, by source and mailbox."""
    found = {}
    for slug in SOURCES:
        with closing(sqlite3.connect(portal.folder.parent / f"{slug}.sqlite3")) as database:
            found |= {(slug, row[1]): row for row in database.execute("SELECT * FROM people")}
    return found


def changed(portal, before, email):
    """Give what changed of a person, by source; make sure that nothing of anybody else did."""
    after = rows_of(portal)
    assert {key: row for key, row in after.items() if key[1] != email} == {
        key: row for key, row in before.items() if key[1] != email
    }
    return {slug: after[slug, email][2:] for slug in SOURCES if after[slug, email] != before[slug, email]}


def sign_in(page, portal, name):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(f"{ROLES[name]} correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def link_in_mail(portal, email, route):
    """Wait for a mail to somebody that holds a link, and give the newest such link."""
    found = []

    def has_come():
        texts = [path.read_text(errors="replace") for path in sorted((portal.folder / "mails").glob("*"))]
        theirs = [text.replace("=\n", "") for text in texts if f"To: {email}" in text]
        found[:] = [match for text in theirs for match in re.findall(rf"{portal.url}/{route}/[\w-]+", text)]
        return bool(found)

    wait_until(has_come, 60)
    return found[-1]


def object_to(page, portal, email, choice):
    """Object by the form, and confirm from the mailbox."""
    page.goto(f"{portal.url}/?right=objection")
    page.get_by_role("radio", name=choice).check()
    page.get_by_label("Your name").fill("Somebody Example")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("may be used to answer this request").check()
    look_over(page)
    page.get_by_role("button", name="Send the request").click()
    page.get_by_role("heading", name="Check your mailbox").wait_for()
    page.goto(link_in_mail(portal, email, "c"))
    page.get_by_role("button", name="Yes, begin with my request").click()
    page.get_by_role("heading", name="Your request is confirmed").wait_for()
    return do(portal, f"result = SubjectRequest.objects.get(email={email!r}).pk")


def has_ended(portal, request_id, status="completed"):
    return lambda: do(portal, f"result = SubjectRequest.objects.get(pk={request_id}).status") == status


def all_done(portal):
    return lambda: not do(portal, "result = SourceChange.objects.open().exists()")


def test_advertising_stops_by_itself_and_is_switched_on_again(person, portal, size):
    email = {"desktop": "dora@example.test", "phone": "paul@example.test"}[size]
    before = rows_of(portal)
    request_id = object_to(person, portal, email, re.compile("^Advertising"))
    sweep_until(portal, has_ended(portal, request_id))
    assert changed(portal, before, email) == {"shop": (0, 1, 1), "club": (0, 1, 1)}

    person.goto(link_in_mail(portal, email, "p"))
    person.get_by_role("heading", name="Your preferences").wait_for()
    person.get_by_text("Off since").wait_for()
    look_over(person)
    person.get_by_role("button", name="Switch on again").press("Enter")
    person.get_by_text("Advertising: allowed again.").wait_for()
    look_over(person)
    sweep_until(portal, all_done(portal))
    assert changed(portal, before, email) == {}

    person.get_by_role("button", name="Switch off").last.click()
    person.get_by_text("Statistics and profiles: stopped.").wait_for()
    sweep_until(portal, lambda: bool(all_done(portal)() and changed(portal, before, email)))
    assert changed(portal, before, email) == {"shop": (1, 0, 1), "club": (1, 0, 1)}
    person.get_by_role("button", name="Switch on again").click()
    person.get_by_text("Statistics and profiles: allowed again.").wait_for()
    sweep_until(portal, all_done(portal))
    assert changed(portal, before, email) == {}

    person.goto(f"{portal.url}/preferences")
    look_over(person)
    person.get_by_label("Your e-mail address").fill(email)
    person.get_by_role("button", name="Mail me the link").click()
    person.get_by_role("heading", name="Check your mailbox").wait_for()
    look_over(person)


def test_statistics_are_weighed_upheld_and_stop_everywhere(person, chromium, portal, size):
    email = {"desktop": "dave@example.test", "phone": "pia@example.test"}[size]
    before = rows_of(portal)
    request_id = object_to(person, portal, email, re.compile("^Statistics"))
    sweep_until(portal, has_ended(portal, request_id, "in_progress"))
    minted = f"links.mint(SubjectRequest.objects.get(pk={request_id}), 'status', lifetime=timedelta(days=1))"
    status = f"{portal.url}/r/{do(portal, f'result = {minted}')}"
    person.goto(status)
    person.get_by_role("heading", name="We are weighing your objection").wait_for()
    look_over(person)
    assert changed(portal, before, email) == {}
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        sign_in(page, portal, "reviewer")
        page.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
        page.get_by_role("link", name="Weigh the objection").wait_for()
        look_over(page)
        page.get_by_role("link", name="Weigh it …").click()
        page.get_by_role("button", name="Decide").click()
        page.get_by_text("Please give the reasons; the person reads them.").first.wait_for()
        look_over(page)
        page.get_by_label("What the data is wanted for").fill("We learn which pages are hard to find.")
        page.get_by_label(re.compile("The objection: it is upheld")).check()
        page.get_by_label(re.compile("The reasons, in words")).fill(
            "We can count visits without knowing that it is you."
        )
        page.get_by_role("button", name="Decide").click()
        page.get_by_text("Upheld. The use stops in all sources now.").wait_for()
        sweep_until(portal, has_ended(portal, request_id))
        reload(page)
        page.locator("#objection").get_by_role("rowheader", name="Club").first.wait_for()
        look_over(page)
    assert changed(portal, before, email) == {"shop": (1, 0, 1), "club": (1, 0, 1)}
    person.goto(status)
    person.get_by_text("We can count visits without knowing that it is you.").first.wait_for()
    look_over(person)
    person.get_by_role("button", name="See and change your preferences").click()
    person.get_by_text("Off since").wait_for()


def test_of_an_objection_to_everything_all_but_advertising_is_refused_by_two(person, chromium, portal, size):
    email = {"desktop": "dirk@example.test", "phone": "pam@example.test"}[size]
    before = rows_of(portal)
    request_id = object_to(person, portal, email, re.compile("^Every use"))
    sweep_until(portal, lambda: bool(all_done(portal)() and changed(portal, before, email)))
    assert changed(portal, before, email) == {"shop": (0, 1, 1), "club": (0, 1, 1)}
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        sign_in(page, portal, "reviewer")
        page.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
        page.get_by_role("link", name="Weigh it …").click()
        page.get_by_label("What the data is wanted for").fill("We find fraud by it.")
        page.get_by_label(re.compile("The compelling grounds")).check()
        page.get_by_label(re.compile("The reasons, in words")).fill("Without it, others would lose money.")
        look_over(page)
        page.get_by_role("button", name="Decide").click()
        page.get_by_text("Kept. Now prepare the refusal.").wait_for()
        look_over(page)
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        sign_in(page, portal, "processor")
        page.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
        page.get_by_role("link", name="Prepare the refusal …").click()
        assert page.get_by_label(re.compile("A part; the letter goes")).is_checked()
        assert "Without it, others would lose money." in page.get_by_label(re.compile("What is so")).input_value()
        page.get_by_role("button", name="Show the letter").click()
        page.get_by_role("button", name="Hand it to a second person").click()
        page.get_by_text("a second person has to approve it").first.wait_for()
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        sign_in(page, portal, "reviewer")
        page.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
        page.get_by_role("link", name="Read it and decide").click()
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("Approved: the answer tells it when it goes out.").wait_for()
    sweep_until(portal, has_ended(portal, request_id))
    assert do(portal, f"result = SubjectRequest.objects.get(pk={request_id}).outcome") == "partial"
    assert changed(portal, before, email) == {"shop": (0, 1, 1), "club": (0, 1, 1)}


def test_the_browsers_signal_is_honoured_shown_and_overruled_only_on_purpose(chromium, portal, size):
    email = {"desktop": "dean@example.test", "phone": "peg@example.test"}[size]
    known = f"dict(email={email!r}, right='access', status='completed', outcome='full', place='US-CA', name='Somebody')"
    made = do(
        portal,
        "from requests_app.keys.stored import create_key\n"
        f"made = SubjectRequest.objects.create(key=create_key(), **{known})\n"
        "result = links.mint(made, 'preferences', lifetime=timedelta(days=1))",
    )
    before = rows_of(portal)
    options = {"viewport": SIZES[size], "extra_http_headers": {"Sec-GPC": "1"}}
    with quiet_page(chromium, **options) as page:
        page.goto(f"{portal.url}/?place=US-CA")
        page.get_by_text("Your browser asks us").first.wait_for()
        assert page.get_by_role("radio", name="Object to the use of my data").is_checked()
        look_over(page)
        page.goto(f"{portal.url}/p/{made}")
        page.get_by_text("We have noted it as your objection").wait_for()
        look_over(page)
        sweep_until(portal, lambda: bool(all_done(portal)() and changed(portal, before, email)))
        assert changed(portal, before, email) == {"shop": (0, 1, 1), "club": (0, 1, 1)}
        page.get_by_role("button", name="Switch on again").click()
        page.get_by_role("heading", name="Allow advertising all the same?").wait_for()
        look_over(page)
        page.get_by_role("button", name="Yes, allow it to you").click()
        page.get_by_text("Advertising: allowed again.").wait_for()
        page.goto(f"{portal.url}/p/{made}")
        page.get_by_text("what counts is what stands below").wait_for()
    sweep_until(portal, all_done(portal))
    assert changed(portal, before, email) == {}
