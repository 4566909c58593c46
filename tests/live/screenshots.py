"""Takes the pictures of docs/screenshots from the demonstration: `python -m tests.live.screenshots`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.live import pictures_of_rights
from tests.live.browser import ARGUMENTS, CHROMIUM
from tests.live.portal import answers, free_port
from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")


def main() -> None:
    """Run the demonstration and take every picture in every size and colour scheme."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demonstration() as (url, mails), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for size in SIZES:
            for scheme in SCHEMES:
                _take_all(browser, url, _links(mails), size, scheme)
        pictures_of_rights.take(browser, url, mails)


@contextmanager
def demonstration() -> Iterator[tuple[str, Path]]:
    """Run the demonstration; gives its address, and the folder of the mails that were sent."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"http://localhost:{(port := free_port())}"
        command = [sys.executable, "manage.py", "dsr_demo", "--port", str(port), "--folder", f"{folder}/demo"]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            wait_until(lambda: answers(f"{url}/readyz"), 300)
            mails = Path(folder, "demo", "mails")
            wait_until(lambda: len(list(mails.iterdir())) >= 25, 60)
            yield url, mails
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _links(mails: Path) -> dict[str, str]:
    """Read the newest link of each kind out of the mails sent."""
    found: dict[str, str] = {}
    for file in sorted(mails.iterdir(), key=os.path.getmtime):
        text = file.read_text(encoding="utf-8").replace("=\n", "")
        tokens = dict(re.findall(r"/([crd])/([\w-]{20,})", text))
        for kind, token in tokens.items():
            name = "ready" if kind == "r" and "d" in tokens else kind
            found[name] = f"/{kind}/{token}"
    return found


def _take_all(browser: Browser, url: str, links: dict[str, str], size: str, scheme: str) -> None:
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()

    def take(name: str, path: str = "") -> None:
        if path:
            page.goto(url + path)
        file = FOLDER / f"{name}-{size}-{scheme}.jpg"
        page.screenshot(path=file, full_page=True, type="jpeg", quality=65)

    take("form", "/")
    page.fill("[name=name]", "Ann Example")
    page.fill("[name=email]", "not an address")
    page.locator("form[method=post] button").first.click()
    take("form-refused")
    take("sent", "/sent")
    take("confirm", links["c"])
    take("status", links["r"])
    take("status-ready", links["ready"])
    take("download", links["d"])
    take("unknown-link", "/c/no-such-link")
    take("mails", "/mail-sink/")
    _log_in(page, url, take)
    take("console", "/console/")
    take("console-requests", "/console/requests_app/subjectrequest/")
    take("console-sources", "/console/requests_app/datasource/")
    take("console-audit", "/console/requests_app/auditentry/")
    page.goto(f"{url}/console/requests_app/subjectrequest/")
    page.get_by_role("link", name=re.compile("DSR-")).nth(1).click()
    take("console-request")
    page.locator("details summary").filter(has_text="collections").first.click()
    page.locator("a[href*='/records/']").first.click()
    take("console-records")
    context.close()


def _log_in(page: Page, url: str, take) -> None:
    page.goto(f"{url}/console/")
    take("console-login")
    page.fill("[name=username]", "manager")
    page.fill("[name=password]", "demo-demo-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{url}/console/")


if __name__ == "__main__":
    main()
