"""What a person does with the files of an answer, on real workers: other formats, a passphrase, and opening them."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from io import BytesIO

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import reload
from tests.live.portal import running_portal
from tests.live.sources import expected, keys_in, register, sqlite_companies
from tests.live.steps import add_member, confirm, do, is_completed, is_ready, release, submit, sweep_until
from tests.servers import wait_until

PERSON = "ann@example.test"


@pytest.fixture
def with_javascript(portal_database_url):
    """Whether pages run scripts: on PostgreSQL they do not, as each has to do with each."""
    return "postgresql" not in portal_database_url


@pytest.fixture
def page(with_javascript):
    with browser() as chromium, quiet_page(chromium, java_script_enabled=with_javascript) as opened:
        yield opened


@pytest.fixture
def companies(tmp_path):
    return sqlite_companies(tmp_path)


@pytest.fixture
def portal(portal_database_url, tmp_path, companies):
    with running_portal(tmp_path / "portal", portal_database_url) as portal:
        register(portal, companies)
        add_member(portal, "Reviewer")
        yield portal


@pytest.fixture
def request_id(portal):
    """The id of a request that was answered by JSON."""
    made = submit(portal, PERSON)
    confirm(portal, made)
    sweep_until(portal, lambda: is_ready(portal, made))
    release(portal, made)
    sweep_until(portal, lambda: is_completed(portal, made))
    return made


def status_page(portal, request_id):
    minted = f"links.mint(SubjectRequest.objects.get(pk={request_id}), 'status', lifetime=timedelta(days=1))"
    return f"{portal.url}/r/{do(portal, f'result = {minted}')}"


def downloaded(page):
    """Follow the first download that the page of the request offers."""
    page.get_by_role("button", name="Go to the download").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    return download.value.path().read_bytes()


def until_there(page, shown, with_javascript):
    """Wait as a person does: the page draws itself anew, or is loaded again."""
    if with_javascript:
        shown().wait_for(timeout=60_000)
    else:
        wait_until(lambda: reload(page) and shown().is_visible(), 60)


def opened(package, passphrase, folder):
    path = folder / "export.zip"
    path.write_bytes(package)
    seven = shutil.which("7zz") or shutil.which("7z")
    command = [seven, "x", f"-o{folder / passphrase}", f"-p{passphrase}", "-y", str(path)]
    ran = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return ran.returncode == 0


def test_a_person_takes_another_format_and_then_protects_everything(
    page, portal, companies, request_id, with_javascript, tmp_path
):
    address = status_page(portal, request_id)
    page.goto(address)
    assert keys_in(companies, downloaded(page)) == expected(companies, PERSON)
    page.goto(address)
    page.get_by_label("Workbook (XLSX)").check()
    page.get_by_role("button", name="Prepare these files").click()
    until_there(page, lambda: page.get_by_role("button", name="Go to the download").nth(1), with_javascript)
    assert "xlsx/export.xlsx" in zipfile.ZipFile(BytesIO(downloaded(page))).namelist()

    page.goto(address)
    page.get_by_role("link", name="Set a passphrase").click()
    page.get_by_role("button", name="Suggest one").click()
    passphrase = page.get_by_label("Passphrase", exact=True).input_value()
    page.get_by_label("Passphrase", exact=True).press("Enter")
    page.get_by_role(
        "heading", name=re.compile("protected files are being prepared|Your files are protected")
    ).wait_for()
    until_there(page, lambda: page.get_by_text("protected by your passphrase"), with_javascript)
    assert page.get_by_role("button", name="Go to the download").count() == 1
    assert passphrase not in page.content()
    package = downloaded(page)
    assert {name.partition("/")[0] for name in zipfile.ZipFile(BytesIO(package)).namelist()} >= {"json", "xlsx"}
    assert opened(package, passphrase, tmp_path)
    assert not opened(package, passphrase.lower(), tmp_path)
