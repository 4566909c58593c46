"""Takes the pictures of docs/rights: what the person reads when each right has come to its end, and its documents."""

from __future__ import annotations

import email
import email.policy
import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parents[2] / "docs" / "rights" / "pictures"
TOLD = {  # how the mail of the end begins, and what was asked for
    "access": ("your files are ready", "Access to my data"),
    "portability": ("your files are ready", "Take my data elsewhere"),
    "rectification": ("what was corrected", "Correct my data"),
    "erasure": ("what became of your data", "Erase my data"),
    "restriction": ("the use of your data is restricted", "Restrict the use of my data"),
    "objection": ("your data is not used any more", "Object to the use of my data"),
    "automated-decision": ("we have reviewed the decision", "Have a decision reviewed by a person"),
}
ENDED = ("access", "restriction", "objection", "automated-decision", "rectification", "erasure")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def take(browser: Browser, url: str, mails: Path) -> None:
    """Take each picture once: the person's page, the team's page, and the certificate."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    links = {right: _links(mails, *words) for right, words in TOLD.items()}
    for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        page = browser.new_context(viewport=viewport, reduced_motion="reduce").new_page()
        for right, found in links.items():
            page.goto(f"{url}/r/{found['r']}")
            _picture(page, f"{right}-{size}")
        page.goto(f"{url}/p/{links['objection']['p']}")
        _picture(page, f"preferences-{size}")
    _certificate(browser, f"{url}/r/{links['erasure']['r']}")
    _team(browser, url)


def _links(mails: Path, subject: str, asked: str) -> dict[str, str]:
    """Read the links out of the newest mail that tells how a request of a kind ended."""
    found: dict[str, str] = {}
    for file in sorted(mails.iterdir(), key=os.path.getmtime):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        if f"You asked for: {asked}" in text and subject in str(message["subject"]):
            found |= dict(re.findall(r"/([rp])/([\w-]{20,})", text))
    return found


def _picture(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.jpg", full_page=True, type="jpeg", quality=70)


def _certificate(browser: Browser, address: str) -> None:
    page = browser.new_context(accept_downloads=True).new_page()
    page.goto(address)
    with TemporaryDirectory() as folder, page.expect_download() as download:
        page.get_by_role("link", name="Download the certificate").click()
        file = Path(folder, "certificate.pdf")
        download.value.save_as(file)
        picture = FOLDER / "certificate"
        subprocess.run(
            ["pdftoppm", "-jpeg", "-r", "80", "-f", "1", "-l", "1", "-singlefile", file, picture], check=True
        )


def _team(browser: Browser, url: str) -> None:
    """Take what the team sees of each right: the newest that has ended."""
    page = browser.new_context(viewport=DESKTOP, reduced_motion="reduce").new_page()
    page.goto(f"{url}/console/")
    page.fill("[name=username]", "manager")
    page.fill("[name=password]", "demo-demo-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{url}/console/")
    requests = f"{url}/console/requests_app/subjectrequest/"
    for right in ENDED:
        _open(page, f"{requests}?status=ended&right={right.replace('-', '_')}")
        _picture(page, f"{right}-console")


def _open(page: Page, listed: str) -> None:
    page.goto(listed)
    page.get_by_role("link", name=re.compile("^DSR-")).first.click()
