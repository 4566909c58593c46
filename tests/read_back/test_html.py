from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from exporters.registry import find
from tests.exporters.factories import truth, written
from tests.exporters.formats.test_html import read
from tests.live.browser import browser, quiet_page
from tests.read_back.hostile import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

AUTHORITIES = "https://www.edpb.europa.eu/"  # where to complain: the only place the words of ours lead to
# What axe finds in pages of so many cells, it finds after minutes; a page of fewer has the same parts.
HEAVY = ("cells of a megabyte", "300 columns", "deep JSON", "names")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@contextmanager
def watched(chromium: Browser, **options: object) -> Iterator[Page]:
    """Open a page that must not ask for anything but its own files, nor open a dialogue or another page."""
    asked: list[str] = []
    with quiet_page(chromium, **options) as page:
        page.context.on("request", lambda request: asked.append(request.url))
        page.context.on("page", lambda opened: asked.append(f"a page at {opened.url}"))
        page.on("dialog", lambda dialog: asked.append(f"a dialogue: {dialog.message}"))
        yield page
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def placed(case: str, folder: Path) -> list[Path]:
    files = []
    for path, content in written(find("html"), CASES[case]()).items():
        files.append(folder / path)
        files[-1].write_bytes(content)
    return files


@pytest.mark.parametrize("case", CASES)
def test_chromium_finds_every_value_without_running_a_script(case: str, chromium: Browser, tmp_path: Path):
    found: dict[str, bytes] = {}
    with watched(chromium, java_script_enabled=False) as page:
        for file in placed(case, tmp_path):
            page.goto(file.as_uri())
            # What Chromium made of it, not what was written; a carriage return would not outlive the next parser.
            found[file.name] = page.content().replace("\r", "&#13;").encode()
    assert read(CASES[case](), found) == truth(CASES[case]())


@pytest.mark.parametrize("case", CASES)
def test_nothing_hostile_runs_where_scripts_may(case: str, chromium: Browser, tmp_path: Path):
    with watched(chromium) as page:
        for file in placed(case, tmp_path):
            page.goto(file.as_uri())
            own = page.locator("script").count()
            assert own <= 1
            assert page.locator("[onload], [onerror], [onclick], iframe, object, embed, form[action]").count() == 0
            links = page.eval_on_selector_all("a", "links => links.map(link => link.href)")
            assert [link for link in links if not link.startswith(("file:", AUTHORITIES))] == []


@pytest.mark.parametrize("case", [case for case in CASES if case not in HEAVY])
def test_axe_finds_no_fault(case: str, chromium: Browser, tmp_path: Path):
    with watched(chromium) as page:
        for file in placed(case, tmp_path):
            page.goto(file.as_uri())
            violations = Axe().run(page).response["violations"]
            assert [(item["id"], item["nodes"][0]["html"][:300]) for item in violations] == []
