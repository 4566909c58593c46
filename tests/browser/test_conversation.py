"""A conversation with files in Chromium: on desktop and phone, with and without JavaScript, by keyboard."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from requests_app import links, questions
from requests_app.audit import Actor
from requests_app.models import CannedText, Message, PersonWait, SecureLink
from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over
from tests.requests_app.portal import a_request, member
from tests.requests_app.uploads.files import pdf, picture

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture(params=["with a script", "without"])
def has_script(request):
    return request.param == "with a script"


@pytest.fixture(autouse=True)
def storage_folder(settings, tmp_path):
    settings.DSR_STORAGE_DIR = tmp_path / "storage"


@pytest.fixture
def chromium(monkeypatch):
    # Playwright runs a loop of events in this thread; the database is asked by nobody else meanwhile.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with browser() as started:
        yield started


@pytest.fixture
def row(db):
    return a_request(details="Please send me everything you hold about my two accounts.")


@pytest.fixture
def status_url(live_server, row):
    token = links.mint(row, SecureLink.Purpose.STATUS, lifetime=timedelta(days=1))
    return f"{live_server.url}/r/{token}"


@pytest.fixture
def console(live_server, row):
    """The address of the request in the console, and the cookie of who is signed in there."""
    client, user = Client(), member("Manager")
    client.force_login(user)
    cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
    return f"{live_server.url}/console/requests_app/subjectrequest/{row.pk}/change/", cookie, user


def files(folder: Path) -> list[Path]:
    """Put two files where a person has them."""
    letter, photo = folder / "Letter of Ann.pdf", folder / "Grüße.png"
    letter.write_bytes(pdf())
    photo.write_bytes(picture("PNG"))
    return [letter, photo]


def test_a_question_is_answered_with_files_and_the_team_writes_back(
    chromium, size, has_script, status_url, console, row, tmp_path
):
    address, cookie, user = console
    CannedText.objects.create(title="Thank you", text="Dear {{ name }},\n\nthank you for {{ reference }}.")
    questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which of your two accounts?", actor=Actor.staff(user))
    options = {"viewport": SIZES[size], "java_script_enabled": has_script}
    name = f"{size}-{'script' if has_script else 'plain'}"
    with quiet_page(chromium, **options) as page:
        page.goto(status_url)
        page.get_by_role("link", name="Answer it below").click()
        page.get_by_label("Your answer").fill("The one of Kiel.\nSee the letter.")
        page.locator("[name=attached]").set_input_files(files(tmp_path))
        if has_script:
            look_over(page, f"asked-{name}")
        page.get_by_role("button", name="Send").click()
        page.get_by_text("Thank you. We have your message").wait_for()
        with page.expect_download() as given:
            page.get_by_role("link", name="Letter of Ann.pdf").click()
        assert given.value.path().read_bytes() == pdf()
    assert not row.waits.filter(answered_at=None).exists()

    with quiet_page(chromium, **options) as page:
        page.context.add_cookies([cookie])
        page.goto(address)
        messages = page.get_by_role("region", name="Messages with the person")
        assert messages.get_by_text("1 new", exact=True).is_visible()
        with page.expect_download() as given:
            messages.get_by_role("link", name="Grüße.png").click()
        assert given.value.path().read_bytes() == picture("PNG")
        messages.get_by_label("Message to the person").fill("Hello,")
        messages.get_by_label("Canned text").select_option("Thank you")
        messages.get_by_role("button", name="Insert it").click()
        written = page.get_by_label("Message to the person")
        assert written.input_value() == f"Hello,\n\nDear Ann Example,\n\nthank you for {row.reference}."
        page.locator("[name=attached]").set_input_files(files(tmp_path)[:1])
        page.get_by_role("button", name="Send to the person").click()
        page.get_by_text("Your message is there").wait_for()
        if has_script:
            look_over(page, f"console-{name}")

    with quiet_page(chromium, **options) as page:
        page.goto(status_url)
        page.get_by_role("link", name="Read it below").click()
        if has_script:
            look_over(page, f"answered-{name}")
            page.get_by_text("thank you for").scroll_into_view_if_needed()
            page.wait_for_timeout(1_500)
            page.wait_for_load_state("networkidle")
        else:
            page.get_by_role("button", name="I have read this").click()
        page.goto(status_url)
        assert page.get_by_text("A message waits for you").count() == 0
    assert Message.objects.get(kind=Message.Kind.TO_PERSON).read_at


def test_a_refused_file_loses_nothing_and_the_keyboard_is_enough(chromium, size, status_url, tmp_path):
    wrong = tmp_path / "<b>page.html"
    wrong.write_text("<html><script>alert(1)</script>")
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        page.goto(status_url)
        field = page.get_by_label("Your message")
        field.focus()
        page.keyboard.type("My long draft")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.type") == "file"
        page.locator("[name=attached]").set_input_files(wrong)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Please look at this again").wait_for()
        assert page.get_by_label("Your message").input_value() == "My long draft"
        page.get_by_role("link", name="Files of this type are not taken").click()
        assert page.evaluate("document.activeElement.id") == "message-attached"
        look_over(page, f"refused-{size}")
    assert not Message.objects.exists()


def test_what_is_typed_survives_the_news_of_the_page(chromium, status_url, row):
    with quiet_page(chromium, viewport=SIZES["phone"]) as page:
        page.goto(status_url)
        page.get_by_label("Your message").fill("A draft")
        page.evaluate("document.activeElement.blur()")
        assert page.evaluate("isUsed()")
        page.get_by_label("Your message").fill("")
        page.evaluate("document.activeElement.blur()")
        assert not page.evaluate("isUsed()")


def test_several_open_questions_are_chosen_among(chromium, size, status_url, console, row):
    actor = Actor.staff(console[2])
    first = questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which of your two accounts?", actor=actor)
    second = questions.ask(row.pk, PersonWait.Kind.IDENTITY, "What is your customer number?", actor=actor)
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        page.goto(status_url)
        look_over(page, f"two-questions-{size}")
        page.get_by_label("Your message").fill("4711")
        page.get_by_role("checkbox", name="Which of your two accounts?").uncheck()
        page.get_by_role("button", name="Send").click()
        page.get_by_text("Thank you. We have your message").wait_for()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.answer, second.answer) == ("", "4711")


def test_canned_texts_are_kept_in_the_settings(chromium, size, console, live_server):
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        page.context.add_cookies([console[1]])
        page.goto(f"{live_server.url}/console/settings/")
        page.get_by_role("link", name="Canned texts").click()
        page.get_by_role("link", name="Write a text").click()
        page.get_by_label("Title").fill("Thank you")
        page.get_by_label("Text", exact=True).fill("Dear {{ nam }}")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("{{ nam }} is not filled in").wait_for()
        look_over(page, f"canned-form-{size}")
        page.get_by_label("Text", exact=True).fill("Dear {{ name }}")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Thank you").wait_for()
        look_over(page, f"canned-list-{size}")
    assert CannedText.objects.get().text == "Dear {{ name }}"
