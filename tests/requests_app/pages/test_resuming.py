"""Downloads that break off and go on, by a program that is not ours."""

from __future__ import annotations

import random
import subprocess
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from requests_app import codes, links
from requests_app.models import Download, SecureLink
from tests.requests_app.packages import FILES, a_package
from tests.requests_app.portal import an_export

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage_folder")]
CONTENT = random.Random(9).randbytes(5 * 2**20 + 4711)
BROKEN_OFF_AT = 2**20 + 17


@pytest.fixture
def export(live_server):
    return an_export(CONTENT, sha256=sha256(CONTENT).hexdigest())


def link_to(export) -> SecureLink:
    token = links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(hours=1))
    link = links.find(token, SecureLink.Purpose.DOWNLOAD)
    link.path = f"/d/{token}"
    return link


def curl(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--fail", *arguments, url], capture_output=True, text=True, check=False
    )


def broken_off(folder: Path) -> Path:
    file = folder / "answer.zip"
    file.write_bytes(CONTENT[:BROKEN_OFF_AT])
    return file


def test_curl_goes_on_where_a_download_broke_off(live_server, export, tmp_path):
    file = broken_off(tmp_path)
    url = f"{live_server.url}{link_to(export).path}?file=1"
    done = curl(url, "--continue-at", "-", "--output", str(file), "--write-out", "%{http_code} %{size_download}")
    assert done.stdout == f"206 {len(CONTENT) - BROKEN_OFF_AT}"
    assert file.read_bytes() == CONTENT
    download = Download.objects.get()
    assert (download.first_byte, download.sent_bytes) == (BROKEN_OFF_AT, len(CONTENT) - BROKEN_OFF_AT)


def test_curl_takes_the_name_of_the_file_and_learns_its_size_without_a_download(live_server, export, tmp_path):
    url = f"{live_server.url}{link_to(export).path}?file=1"
    head = curl(url, "--head").stdout.lower()
    assert f"content-length: {len(CONTENT)}" in head
    assert f'etag: "{export.sha256}"' in head
    assert "accept-ranges: bytes" in head
    assert not Download.objects.exists()
    curl(url, "--remote-name", "--remote-header-name", "--output-dir", str(tmp_path))
    assert (tmp_path / f"{export.request.reference}.zip").read_bytes() == CONTENT


@pytest.mark.parametrize(("is_same", "status"), [(True, "206"), (False, "200")])
def test_only_the_same_file_is_gone_on_with(live_server, export, is_same, status):
    tag = export.sha256 if is_same else sha256(b"another").hexdigest()
    url = f"{live_server.url}{link_to(export).path}?file=1"
    told = curl(
        url, "--header", "Range: bytes=100-", "--header", f'If-Range: "{tag}"', "-o", "/dev/null", "-w", "%{http_code}"
    )
    assert told.stdout == status


def test_past_the_end_there_is_nothing(live_server, export):
    url = f"{live_server.url}{link_to(export).path}?file=1"
    told = curl(url, "--range", f"{len(CONTENT)}-", "--output", "/dev/null", "--write-out", "%{http_code}")
    assert told.stdout == "416"


def test_a_download_that_needed_a_code_goes_on_with_the_pass(live_server, export, tmp_path, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    link, file = link_to(export), broken_off(tmp_path)
    url = f"{live_server.url}{link.path}?file=1"
    arguments = ("--continue-at", "-", "--output", str(file), "--write-out", "%{http_code}")
    assert curl(url, *arguments).stdout == "403"
    assert file.read_bytes() == CONTENT[:BROKEN_OFF_AT]
    proof = codes.confirm(link, codes.mint(codes.create(link)))
    assert curl(url, *arguments, "--cookie", f"download={proof}").stdout == "206"
    assert file.read_bytes() == CONTENT


def test_a_single_file_comes_through_the_web_server_whole(live_server, tmp_path):
    export = a_package()
    url = f"{live_server.url}{link_to(export).path}/files/0"
    done = curl(url, "--remote-name", "--remote-header-name", "--output-dir", str(tmp_path), "-w", "%{content_type}")
    assert done.stdout == "application/json"
    assert (tmp_path / "export.json").read_bytes() == FILES["json/export.json"]


def test_the_archive_programs_people_have_open_what_was_downloaded(live_server, tmp_path):
    export, file = a_package(), tmp_path / "answer.zip"
    curl(f"{live_server.url}{link_to(export).path}?file=1", "--output", str(file))
    for command in (["unzip", "-t", str(file)], ["7zz", "t", str(file)]):
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert sha256(file.read_bytes()).hexdigest() == export.sha256
