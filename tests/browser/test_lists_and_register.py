"""Lists of requests, the register and its tokens in Chromium, at the width of a desk and of a phone."""

from __future__ import annotations

import csv
import json
import re
import urllib.request
from urllib.error import HTTPError

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over
from tests.live.portal import running_portal
from tests.live.steps import add_member, do

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
BACKLOG = """Eingang;Art;Vorname;Nachname;E-Mail;PLZ;Ort;Land
02.03.2026;Auskunft;Jörg;Müller;joerg.{tag}@example.test;20095;Hamburg;Deutschland
03.03.2026;Löschung;Zoë;Weiß;zoe.{tag}@example.test;;;FR
31.02.2026;Auskunft;Ohne;Tag;tag.{tag}@example.test;;;
02.03.2026;Auskunft;Jörg;Müller;JOERG.{tag}@example.test;20095;Hamburg;Deutschland
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    with running_portal(folder / "portal", url, programs=("web", "heavy"), heavy_workers=1, is_watched=False) as up:
        up.member = add_member(up, "Manager")
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(params=SIZES)
def page(request, chromium, portal):
    """A page of a manager who is signed in; `tag` tells the widths apart."""
    with quiet_page(chromium, viewport=SIZES[request.param], color_scheme="dark") as opened:
        opened.set_default_timeout(60_000)
        opened.goto(f"{portal.url}/console/")
        opened.get_by_label("Username").fill(portal.member[0])
        opened.get_by_label("Password").fill(portal.member[1])
        opened.get_by_role("button", name="Log in").click()
        opened.get_by_role("heading", name="Overview").wait_for()
        opened.tag = request.param
        yield opened


def test_a_backlog_goes_from_its_file_to_its_report_to_its_requests(page, portal, tmp_path):
    file = tmp_path / "Rückstand.csv"
    file.write_bytes(BACKLOG.format(tag=page.tag).encode("cp1252"))
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/")
    page.get_by_role("link", name="Import a list").press("Enter")
    look_over(page)
    page.get_by_role("link", name="Import a list").press("Enter")
    look_over(page)
    page.get_by_label("The list").set_input_files(file)
    page.get_by_role("button", name="Check the list").press("Enter")
    page.get_by_role("heading", name="The list is checked").wait_for()  # put in place by the script
    look_over(page)
    rows = page.get_by_role("table", name="Lines").locator("tbody tr")
    assert [rows.nth(place).locator(".pill").inner_text() for place in range(4)] == [
        "faulty",
        "double",
        "ready",
        "ready",
    ]
    assert "is no day of the calendar" in rows.first.inner_text()
    with page.expect_download() as given:
        page.get_by_role("link", name="Download it as CSV").click()
    table = list(csv.reader(given.value.path().read_text("utf-8-sig").splitlines()))
    assert [row[1] for row in table[1:]] == ["ready", "ready", "faulty", "double"]
    page.get_by_role("link", name="1 faulty").press("Enter")
    page.get_by_role("link", name="All 4").wait_for()
    assert rows.count() == 1
    page.get_by_label("Write to 2 people").wait_for()
    page.get_by_role("button", name="Take in 2 requests").press("Enter")
    page.get_by_role("heading", name="The list is taken in").wait_for()
    look_over(page)
    page.get_by_role("link", name="DSR-").first.click()
    page.get_by_role("heading", name="DSR-").wait_for()
    text = page.locator("main").inner_text()
    assert "Jörg Müller" in text or "Zoë Weiß" in text
    recorded = "SubjectRequest.objects.exclude(recorded_by=None).order_by('pk')"
    taken = f"{recorded}.filter(email__endswith='.{page.tag}@example.test')"
    assert do(portal, f"result = list({taken}.values_list('name', 'right', 'place'))") == [
        ["Jörg Müller", "access", "DE"],
        ["Zoë Weiß", "erasure", "FR"],
    ]


def test_columns_that_nobody_knows_are_assigned_beside_what_stands_in_them(page, portal, tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text(f"2026-03-02,Ann Example,ann.{page.tag}@example.test\n")
    page.goto(f"{portal.url}/console/requests_app/requestimport/add/")
    page.get_by_label("The list").set_input_files(file)
    page.get_by_role("button", name="Check the list").click()
    page.get_by_role("heading", name="How is the list read?").wait_for()
    look_over(page)
    page.get_by_role("button", name="Check the list").click()
    page.get_by_text("The list cannot be checked yet").wait_for()
    look_over(page)
    for column, field in (("Column 1", "Received"), ("Column 2", "Name"), ("Column 3", "E-mail")):
        page.get_by_label(column).select_option(label=field)
    page.get_by_label("Right", exact=False).first.select_option(label="Erase my data")
    page.get_by_role("button", name="Check the list").click()
    page.get_by_role("button", name="Take in 1 request").wait_for()
    page.get_by_role("button", name="Throw the list away").click()
    page.get_by_role("heading", name="The list was thrown away").wait_for()
    look_over(page)


PERSON = """
from requests_app.keys.stored import create_key
row = SubjectRequest.objects.create(name="Ann Example", email={email!r}, right="objection", status="in_progress",
    key=create_key())
Identifier.objects.create(request=row, kind="email", value={email!r}, proof="mailbox", proven_at=timezone.now())
result = row.pk
"""


def test_somebody_is_entered_found_by_a_system_with_its_token_and_lifted(page, portal):
    email = f"register.{page.tag}@example.test"
    request_id = do(portal, PERSON.format(email=email))
    page.goto(f"{portal.url}/console/settings/")
    page.get_by_role("link", name="Tokens").click()
    page.get_by_role("link", name="Make a token").click()
    look_over(page)
    page.get_by_label("System").fill(f"Newsletter {page.tag}")
    page.get_by_role("button", name="Make it").click()
    token = page.get_by_label("The token, shown this once").input_value()
    look_over(page)
    page.get_by_role("link", name="It is kept, go on").click()
    look_over(page)
    assert token not in page.content()
    assert asked(portal, token, email) == {"suppressed": False, "scopes": {}}

    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request_id}/change/")
    page.get_by_role("link", name="Enter the person into the register").press("Enter")
    look_over(page)
    page.get_by_label("Direct marketing (GDPR").check()
    page.get_by_role("button", name="Enter").press("Enter")
    page.get_by_text("Entered. Systems that ask are told").wait_for()
    assert list(asked(portal, token, email.upper())["scopes"]) == ["marketing"]

    page.get_by_role("navigation", name="Console").get_by_role("link", name="Register").click()
    look_over(page)
    page.get_by_label("Identifier").fill(email)
    page.get_by_role("button", name="Look up").press("Enter")
    page.get_by_role("heading", name="The data must not be used").wait_for()
    assert email not in page.url
    look_over(page)
    page.get_by_role("link", name="Lift …").press("Enter")
    page.get_by_label("Why the data may be used again").fill("They agreed again.")
    look_over(page)
    page.get_by_role("button", name="Lift it").press("Enter")
    page.get_by_text("Lifted. Systems that ask are told").wait_for()
    assert asked(portal, token, email)["suppressed"] is False

    page.goto(f"{portal.url}/console/requests_app/servicetoken/")
    page.get_by_role("button", name=re.compile(f"End it.*{page.tag}")).click()
    page.get_by_text("Ended. The system that has it is refused").wait_for()
    with pytest.raises(HTTPError) as error:
        asked(portal, token, email)
    error.value.close()
    assert error.value.code == 401


def asked(portal, token: str, email: str) -> dict[str, object]:
    """Ask the register as another system does."""
    body = json.dumps({"identifiers": [{"kind": "email", "value": email}]}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"{portal.url}/api/v1/suppressions/check"
    with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=30) as response:  # noqa: S310
        return json.load(response)["results"][0]
