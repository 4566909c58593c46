"""Chromium for tests: a page that complains of whatever the browser complained of."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = Path("/usr/lib/chromium/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MILLISECONDS = 15_000


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium, without a window."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; install the package chromium", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def quiet_page(chromium: Browser, **options: object) -> Iterator[Page]:
    """Open a page in a profile of its own, and fail at its end if the browser reported an error on it.

    What violates the content security policy is reported as an error too.

    Args:
        options: see `Browser.new_context`.
    """
    context = chromium.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.extend(_complaint(page, message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("crash", lambda _: complaints.append("the page crashed"))
    yield page
    context.close()
    assert not complaints, "the browser complained: " + "; ".join(complaints)


def _complaint(page: Page, message: ConsoleMessage) -> list[str]:
    """Give the text of an error, unless it only says that the page itself is an error page, as a test may want it."""
    is_own_status = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
    return [] if message.type != "error" or is_own_status else [f"{message.location['url']}: {message.text}"]
