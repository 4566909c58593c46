"""The way to the files as a person goes it, in Chromium: the code, the cookie, the keyboard, what is saved."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from requests_app import links
from requests_app.models import Download, SecureLink
from tests.live.browser import browser, quiet_page
from tests.requests_app.packages import FILES, a_package
from tests.requests_app.portal import send_mails

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage_folder", "between_steps")]


@pytest.fixture
def between_steps(monkeypatch):
    """Let the test look into the database while Playwright's loop runs."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def export():
    return a_package()


@pytest.fixture
def address(live_server, export) -> str:
    token = links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(days=2))
    return f"{live_server.url}/d/{token}"


def saved(page, button):
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_with_the_code_from_the_mail_a_person_gets_all_files_and_a_single_one(export, address, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    with browser() as chromium, quiet_page(chromium) as page:
        page.goto(address)
        page.get_by_role("button", name="Send me a code").press("Enter")
        field = page.get_by_label("Code from the mail")
        field.wait_for()
        assert page.locator(":focus").get_attribute("name") == "code"
        (mail,) = send_mails()
        page.keyboard.type(re.search(r"^\s+(\w{4}-\w{4})$", mail.body, re.MULTILINE)[1].lower())
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Your files are ready").wait_for()
        name, content = saved(page, page.get_by_role("button", name="Download"))
        assert name == f"{export.request.reference}.zip"
        assert sha256(content).hexdigest() == export.sha256
        assert saved(page, page.get_by_role("link", name="index.html")) == ("index.html", FILES["html/index.html"])
        (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == "download"]
        assert (cookie["path"], cookie["sameSite"], cookie["httpOnly"]) == (
            "/d" + address.partition("/d")[2],
            "Strict",
            True,
        )
        assert page.evaluate("document.cookie") == ""
    assert sorted(Download.objects.values_list("member", flat=True)) == ["", "html/index.html"]


def test_the_page_counts_down_in_words_and_copies_its_address(address):
    with browser() as chromium, quiet_page(chromium) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{address}?from=mail")
        assert page.locator("[data-left]").inner_text() == "6 days and 23 hours left"
        page.get_by_role("button", name="Copy the link to this page").click()
        page.get_by_text("Copied.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == address


def test_all_of_it_is_reached_by_keyboard(address):
    with browser() as chromium, quiet_page(chromium) as page:
        page.goto(address)
        reached: list[str] = []
        while "Check that the file arrived whole" not in reached:
            page.keyboard.press("Tab")
            reached.append(page.locator(":focus").inner_text().split("\n")[0].strip())
        page.keyboard.press("Enter")
        page.get_by_text(re.compile(r"^[0-9a-f]{64}$")).last.wait_for()
    files = ["START-HERE.pdf", "export.json", "shop/orders.csv", "index.html"]
    wanted = ["Download", "Copy the link to this page", *files]
    assert [each for each in reached if each in wanted] == wanted


def test_without_a_script_everything_works(export, address):
    with browser() as chromium, quiet_page(chromium, java_script_enabled=False) as page:
        page.goto(address)
        assert "left" in page.locator("[data-left]").inner_text()
        assert page.get_by_role("button", name="Copy the link to this page").is_hidden()
        _, content = saved(page, page.get_by_role("button", name="Download"))
    assert len(content) == export.size_bytes
