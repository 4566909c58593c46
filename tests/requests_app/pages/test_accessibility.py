from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from requests_app import audit, delivery, links, revoking
from requests_app.models import DataSource, Export, Leased, Right, SecureLink, SourceSearch, Status
from requests_app.rendering import further
from tests.live.browser import browser, quiet_page
from tests.requests_app.packages import FILES, a_package, listed
from tests.requests_app.portal import a_request, a_source, an_export, confirmed, released, submitted

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PHONE, DESKTOP, ZOOMED = (390, 844), (1280, 900), (320, 640)
FEWEST_CHECKS = 10  # what axe finds in order on the emptiest page; none would mean that it did not run


@pytest.fixture
def paths(live_server, storage_folder, tmp_path: Path) -> dict[str, str]:
    """A page in every state."""
    a_source(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.execute("INSERT INTO customers (email) VALUES ('dora@example.test'), ('emil@example.test')")
        database.commit()
    export = released()
    collecting = confirmed("bob@example.test")
    SourceSearch.objects.filter(request=collecting).update(percent=40)
    letter = released("nobody@example.test")
    making = released("dora@example.test")
    more = further.order(making.request, ["xml"], actor=audit.SUBJECT)
    Export.objects.filter(pk=more.pk).update(state=Leased.State.RUNNING, percent=40, step="Writing")
    gone = released("emil@example.test")
    Export.objects.filter(pk=gone.pk).update(expires_at=timezone.now())
    refused = a_request(Status.REJECTED, right=Right.ERASURE, decision="We keep invoices.")
    manual = a_request(Status.IN_PROGRESS, right=Right.OBJECTION, details="word " * 300 + "x" * 300)
    open_one = submitted("carl@example.test")
    return {
        "form": "/?right=access",
        "sent": "/sent?again",
        "confirm": _path("c", open_one, SecureLink.Purpose.CONFIRM),
        "confirmed": _path("c", collecting, SecureLink.Purpose.CONFIRM),
        "expired": _path("c", open_one, SecureLink.Purpose.CONFIRM, days=-1),
        "collecting": _path("r", collecting),
        "refused": _path("r", refused),
        "manual": _path("r", manual),
        "withdraw": f"{_path('r', manual)}/withdraw",
        "ready": _path("r", export.request),
        "protect": f"{_path('r', export.request)}/protect",
        "letter": _path("r", letter.request),
        "making": _path("r", making.request),
        "again": _path("r", gone.request),
        "download": _path("d", export.request, SecureLink.Purpose.DOWNLOAD, export=export),
        "no such file": f"{_path('d', export.request, SecureLink.Purpose.DOWNLOAD, export=export)}/files/999",
        **_guarded_downloads(tmp_path / "clinic"),
        "unknown": "/d/unknown",
        "nowhere": "/nowhere",
    }


def _guarded_downloads(folder: Path) -> dict[str, str]:
    """Downloads that need a code, one of them mailed already; files with a passphrase; a letter; files taken back."""
    folder.mkdir()
    source = a_source(folder, slug="clinic")
    DataSource.objects.filter(pk=source.pk).update(is_sensitive=True)
    locked, waiting, back = a_package(), a_package(), a_package()
    for export in (locked, waiting):
        SourceSearch.objects.create(request=export.request, source=source, map=source.current_map, state="done")
    protected = an_export(b"PK", is_protected=True, members=listed(FILES), formats=["json", "csv"])
    letter = an_export(b"%PDF", media_type="application/pdf", is_complete=True)
    known = {"locked": locked, "waiting": waiting, "protected": protected, "letter": letter, "taken back": back}
    paths = {
        name: _path("d", export.request, SecureLink.Purpose.DOWNLOAD, export=export) for name, export in known.items()
    }
    delivery.send_code(paths["waiting"].removeprefix("/d/"), address=None)
    revoking.take_back(back, actor=audit.SYSTEM)
    return paths


def _path(
    route: str, request, purpose: SecureLink.Purpose = SecureLink.Purpose.STATUS, *, days: int = 1, **more: object
) -> str:
    return f"/{route}/{links.mint(request, purpose, lifetime=timedelta(days=days), **more)}"


def _faults(page: Page) -> list[str]:
    result = Axe().run(page, options=STANDARD).response
    assert len(result["passes"]) >= FEWEST_CHECKS
    return [f"{fault['id']}: {[node['target'] for node in fault['nodes']]}" for fault in result["violations"]]


def _is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)])
def test_no_page_has_a_fault_that_axe_finds(live_server, paths, scheme, size):
    width, height = size
    viewport = {"width": width, "height": height}
    faults = {}
    with browser() as chromium, quiet_page(chromium, viewport=viewport, color_scheme=scheme) as page:
        for name, path in paths.items():
            page.goto(live_server.url + path)
            faults[name] = _faults(page)
        page.goto(live_server.url)
        page.get_by_role("button", name="Send the request").click()
        page.get_by_role("alert").wait_for()
        faults["form with errors"] = _faults(page)
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.django_db(transaction=True)
def test_no_page_scrolls_sideways_when_it_is_zoomed(live_server, paths):
    viewport = {"width": ZOOMED[0], "height": ZOOMED[1]}
    with browser() as chromium, quiet_page(chromium, viewport=viewport) as page:
        too_wide = []
        for name, path in paths.items():
            page.goto(live_server.url + path)
            too_wide += [name] if _is_too_wide(page) else []
    assert too_wide == []


@pytest.mark.django_db(transaction=True)
def test_the_form_works_by_keyboard_and_keeps_the_focus_visible(live_server):
    with browser() as chromium, quiet_page(chromium) as page:
        page.goto(live_server.url)
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        assert page.locator("[name=right]:checked").get_attribute("value") == "portability"
        outline = page.locator(".right:has(:checked)").evaluate("card => getComputedStyle(card).outlineStyle")
        assert outline == "solid"
        page.keyboard.press("Tab")
        assert "else" in page.locator(":focus").inner_text()
        page.keyboard.press("Tab")
        page.keyboard.type("Ann Example")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        assert page.locator(":focus").get_attribute("role") == "alert"
        page.get_by_role("link", name="whole e-mail").or_(page.get_by_role("link", name="enter your e-mail")).click()
        assert page.locator(":focus").get_attribute("name") == "email"
