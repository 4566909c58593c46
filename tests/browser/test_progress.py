"""A person and the team watch a large source being searched."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from playwright.sync_api import Error

from tests.live.browser import browser, quiet_page
from tests.live.large import PERSON, a_large_shop, register_large_shop
from tests.live.portal import running_portal
from tests.live.steps import add_member, confirm, do, submit
from tests.servers import wait_until

ROWS = 1_000_000
PHONE = {"width": 390, "height": 844}
STATUS_PAGE = """
request = SubjectRequest.objects.get()
result = "/r/" + links.mint(request, "status", lifetime=timedelta(days=1))
"""
LOOK = """() => {
  const text = (selector) => document.querySelector(selector)?.textContent ?? "";
  return {
    percent: document.querySelector(".progress progress")?.value ?? 100,
    step: text("[data-step]"), left: text("[data-time-left]"), spoken: text("[data-spoken]"),
    heading: text("h1"), width: document.documentElement.scrollWidth <= innerWidth,
  };
}"""


@pytest.fixture
def portal(tmp_path):
    url = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    with running_portal(tmp_path, url, programs=("web", "heavy")) as portal:
        register_large_shop(portal, a_large_shop(tmp_path, ROWS))
        yield portal


def watched(page, look, is_over, seconds=120):
    """Look at a page until it shows the end; gives all that was seen, each once."""
    seen = []
    end = time.monotonic() + seconds
    while not (seen and is_over(seen[-1])):
        assert time.monotonic() < end, seen[-3:]
        with suppress(Error):  # the page may be loading anew just then
            now = look(page)
            if not seen or now != seen[-1]:
                seen.append(now)
        page.wait_for_timeout(200)
    return seen


def test_a_person_watches_the_search_go_on(portal):
    request = submit(portal, PERSON)
    with browser() as chromium, quiet_page(chromium, viewport=PHONE) as page:
        confirm(portal, request)
        page.goto(portal.url + do(portal, STATUS_PAGE))
        is_collected = lambda now: now["heading"] == "Our team is checking your data"  # noqa: E731
        seen = watched(page, lambda page: page.evaluate(LOOK), is_collected)
        percents = [now["percent"] for now in seen]
        assert percents == sorted(percents)
        assert len({percent for percent in percents if 10 < percent < 70}) >= 2
        assert any(f" of about {ROWS:,} records, 0 of 1 systems done" in now["step"] for now in seen)
        assert any("left" in now["left"] for now in seen)
        assert all(now["width"] for now in seen)
        spoken = {now["spoken"] for now in seen if now["spoken"]}
        assert len(spoken) < len({now["step"] for now in seen})


def test_the_team_watches_it_too_and_it_is_there_without_a_script(portal):
    request = submit(portal, PERSON)
    name, password = add_member(portal, "Reviewer")
    with browser() as chromium, quiet_page(chromium) as page, quiet_page(chromium, java_script_enabled=False) as plain:
        page.goto(f"{portal.url}/console/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        confirm(portal, request)
        plain.goto(portal.url + do(portal, STATUS_PAGE))
        page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request}/change/")
        bars = [now for now in watched(page, _bar, lambda now: now is None) if now is not None]
        assert bars == sorted(bars)
        assert any(0 < percent < 100 for percent in bars)  # how many are seen depends on the machine
        wait_until(lambda: "Ready for review" in page.content())
        plain.get_by_role("link", name="See how far it is now").click()
        plain.get_by_role("heading", name="Our team is checking your data").wait_for()


def _bar(page):
    """The per cent of the source's own bar; None once it is done."""
    return page.evaluate("""() => {
      const rows = [...document.querySelectorAll("table[aria-label='Sources searched'] tbody tr")];
      if (rows.some((row) => row.textContent.includes("searched"))) return null;
      return rows[0]?.querySelector("progress")?.value ?? 0;
    }""")
