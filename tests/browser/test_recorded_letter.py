"""A letter recorded by the team, from its scan to the letter that answers it, on a desk and on a telephone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.sources import register, sqlite_companies
from tests.live.steps import add_member, do, is_ready, sweep_until
from tests.requests_app.intake.test_recording import PNG

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
REQUESTS = "console/requests_app/subjectrequest"
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
SCAN = {"name": "letter.png", "mimeType": "image/png", "buffer": PNG}


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("letters")
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3") as up:
        register(up, sqlite_companies(folder))
        for role in ("Processor", "Reviewer", "Viewer"):
            add_member(up, role)
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


def sign_in(page, portal, role):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(role.lower())
    page.get_by_label("Password").fill(f"{role} correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def write_down(page, name, number=""):
    page.get_by_label("Letter", exact=True).check()
    page.get_by_label("Day of receipt").fill(YESTERDAY)
    page.get_by_label("Time of receipt").fill("08:00")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Postal address").fill("Elm Street 4\n12345 Springfield")
    page.get_by_label("Customer or user numbers").fill(number)
    page.get_by_label("Lives in").select_option("DE")
    page.get_by_role("checkbox", name="Access to my data").check()
    page.get_by_label("In their own words").fill("All that you hold about me.")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_letter_goes_from_its_scan_to_the_letter_that_is_posted(chromium, portal, size):
    name = f"Lena {size['width']}"
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "Processor")
        page.get_by_role("link", name="Record a request").click()
        look_over(page)
        write_down(page, name, f"C-{size['width']}")
        page.get_by_label("Scans of the letter").set_input_files(SCAN)
        page.get_by_label("We have made sure already").check()
        page.get_by_role("button", name="Record the request").click()
        page.get_by_text("Please say how you made sure").wait_for()
        assert page.get_by_label("Scans of the letter").evaluate("field => field.files.length") == 1
        assert page.get_by_label("In their own words").input_value() == "All that you hold about me."
        look_over(page)
        page.get_by_label("How you made sure").fill("Called back at the number of the customer's file.")
        page.get_by_role("button", name="Record the request").click()
        page.get_by_text("Recorded as DSR-").wait_for()
        page.get_by_role("heading", name="How it came").scroll_into_view_if_needed()
        page.get_by_text("letter.png").first.wait_for()
        look_over(page)
        release(chromium, portal, name)
        reload(page)
        page.get_by_text("To be handed over:").wait_for()
        page.get_by_role("link", name="Handed over").click()
        page.get_by_label("In person").check()
        look_over(page)
        page.get_by_role("button", name="Put it on record").click()
        page.get_by_text("Handed over in person").wait_for()
        post_letters(page, portal, name)


def release(chromium, portal, name):
    """Have the worker search and the reviewer release."""
    pk = int(do(portal, f"result = SubjectRequest.objects.get(name={name!r}).pk"))
    sweep_until(portal, lambda: is_ready(portal, pk))
    with quiet_page(chromium) as page:
        sign_in(page, portal, "Reviewer")
        page.goto(f"{portal.url}/{REQUESTS}/{pk}/change/")
        page.get_by_role("button", name="Release the answer").click()
        page.get_by_text("Released.").wait_for()
    done = f"result = SubjectRequest.objects.get(pk={pk}).status"
    sweep_until(portal, lambda: do(portal, done) == "completed")


def post_letters(page, portal, name):
    page.goto(f"{portal.url}/console/")
    page.get_by_role("link", name="Letters to post").click()
    waiting = page.locator(".letters > li", has_text=name)
    assert waiting.count() == 2
    look_over(page)
    printed = page.request.get(portal.url + waiting.first.get_by_role("link", name="Print").get_attribute("href"))
    assert printed.body().startswith(b"%PDF")
    waiting.first.get_by_role("button", name=re.compile("^Posted")).click()
    page.get_by_text("Posted; that is on record.").wait_for()
    page.locator(".letters > li", has_text=name).get_by_role("button", name="Leave unposted").click()
    page.get_by_text("It stays unposted").wait_for()
    assert page.locator(".letters > li", has_text=name).count() == 0


def test_an_earlier_request_is_proposed_linked_and_the_later_one_closed(chromium, portal):
    with quiet_page(chromium, viewport=PHONE) as page:
        sign_in(page, portal, "Processor")
        for _ in range(2):
            page.goto(f"{portal.url}/{REQUESTS}/record/")
            write_down(page, "Dora Double")
            page.get_by_label("It is still to be shown").check()
            page.get_by_role("button", name="Record the request").click()
            page.get_by_text("Recorded as").or_(page.get_by_text("Perhaps the same person")).wait_for()
        look_over(page)
        page.get_by_label("the same request again").check()
        page.get_by_role("button", name="Record the request").click()
        page.get_by_text("Recorded as").wait_for()
        page.get_by_role("link", name="Close as a duplicate").click()
        look_over(page)
        page.get_by_role("button", name="Close as a duplicate").click()
        page.get_by_text("Closed as a duplicate; answered with").wait_for()
        look_over(page)
        page.goto(f"{portal.url}/{REQUESTS}/letters/")
        page.get_by_text("Answered with another request", exact=True).first.wait_for()


def test_a_letter_is_recorded_without_javascript(chromium, portal):
    with quiet_page(chromium, java_script_enabled=False) as page:
        sign_in(page, portal, "Processor")
        page.goto(f"{portal.url}/{REQUESTS}/record/")
        write_down(page, "Nora Noscript")
        page.get_by_label("It is still to be shown").check()
        page.get_by_label("Day of receipt").fill("2100-01-01")
        page.get_by_role("button", name="Record the request").click()
        page.get_by_text("That is still to come").wait_for()
        assert page.get_by_label("In their own words").input_value() == "All that you hold about me."
        page.get_by_label("Day of receipt").fill(YESTERDAY)
        page.get_by_role("button", name="Record the request").click()
        page.get_by_text("Recorded as DSR-").wait_for()


def test_a_viewer_finds_no_way_to_record_and_has_none(chromium, portal):
    with quiet_page(chromium) as page:
        sign_in(page, portal, "Viewer")
        assert page.get_by_role("link", name="Record a request").count() == 0
        assert page.goto(f"{portal.url}/{REQUESTS}/record/").status == 403


def test_several_are_set_aside_as_spam_and_one_is_taken_back(chromium, portal):
    make = "intake.submit(intake.Submission(name='Robot', email='r{0}@example.test', right=Right.ACCESS), address=None)"
    do(portal, "\n".join(make.format(number) for number in range(2)) + "\nresult = 1")
    with quiet_page(chromium, viewport=PHONE) as page:
        sign_in(page, portal, "Processor")
        page.goto(f"{portal.url}/{REQUESTS}/?status=submitted&channel=form")
        for box in page.get_by_role("checkbox", name="Select DSR-").all():
            box.check()
        page.get_by_role("button", name="Mark as spam").click()
        look_over(page)
        page.get_by_label("Reason").fill("Robots.")
        page.get_by_role("button", name="Mark as spam").click()
        page.get_by_text("2 requests are set aside as spam.").wait_for()
        page.goto(f"{portal.url}/{REQUESTS}/?status=spam")
        page.get_by_role("link", name="DSR-").first.click()
        look_over(page)
        page.get_by_role("button", name="Not spam").click()
        page.get_by_text("Taken back; it goes on as before.").wait_for()
