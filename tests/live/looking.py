"""Looks at pages in a browser: what every one must be, and what loads itself anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PICTURES = os.environ.get("TEST_PICTURES")  # a folder, to look at the pages oneself


def look_over(page: Page, name: str = "") -> None:
    """Find nothing on a page that a person could not use, and nothing wider than the window.

    Args:
        name: of the pictures of it, where they are wanted.
    """
    page.wait_for_load_state()
    page.locator("h1").first.wait_for(state="attached")  # a link that was followed may not have led anywhere yet
    if PICTURES and name:
        _picture(page, Path(PICTURES), name)
    try:
        found = faults_of(page)
    except Error:  # it may just have loaded itself anew
        page.wait_for_load_state()
        found = faults_of(page)
    assert found == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"


def faults_of(page: Page, within: str | None = None, passes: int = 10) -> list[tuple[str, list[list[str]]]]:
    """Give what axe finds fault with, and where; `passes` is what it must have found right at least."""
    page.evaluate("scrollTo(0, 0)")  # what lies under the top, which stays, counts as covered
    results = Axe().run(page, context=within, options=RULES).response
    assert len(results["passes"]) > passes, "axe looked at next to nothing"
    return [(fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in results["violations"]]


def reload(page: Page) -> bool:
    """Load a page anew, which may just be doing so by itself; always true, for conditions that begin with it."""
    try:
        page.reload()
    except Error as error:
        if "ERR_ABORTED" not in error.message:
            raise
        page.wait_for_load_state()
    return True


def _picture(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of the whole page in light and dark."""
    width = page.viewport_size["width"] if page.viewport_size else "any"
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
