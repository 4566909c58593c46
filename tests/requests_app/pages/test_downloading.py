from __future__ import annotations

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from requests_app import links, retention
from requests_app.delivery import MOST_DOWNLOADS_AN_HOUR
from requests_app.models import Download, Export, SecureLink, SubjectRequest
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import a_source, acts, released

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def export(storage_folder, tmp_path) -> Export:
    a_source(tmp_path)
    return released()


@pytest.fixture
def path(export) -> str:
    return path_of(export)


def path_of(export: Export, days: int = 7) -> str:
    token = links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(days=days))
    return f"/d/{token}"


def body(response) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


def test_looking_at_the_page_gives_no_file(client, export, path):
    page = client.get(path)
    assert page["Content-Type"].startswith("text/html")
    assert f"{export.records} records" in text_of(page)
    assert "JSON, CSV" in text_of(page)
    assert client.head(path).status_code == 200
    assert not Download.objects.exists()


def test_the_button_gives_the_file(client, export, path):
    response = client.post(path, headers={"user-agent": "Agent/1"}, REMOTE_ADDR="203.0.113.7")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(export.size_bytes)
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{export.request.reference}.zip"'
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "no-store" in response.headers["Cache-Control"]
    package = body(response)
    assert len(package) == export.size_bytes
    assert zipfile.ZipFile(BytesIO(package)).testzip() is None
    download = Download.objects.get()
    assert (download.address, download.agent, download.sent_bytes) == ("203.0.113.7", "Agent/1", export.size_bytes)


@pytest.mark.parametrize("method", ["post", "get"])
def test_a_download_is_resumed_where_it_broke_off(client, export, path, method):
    whole = body(client.post(path))
    ask = getattr(client, method)
    part = ask(f"{path}?file=1", headers={"range": "bytes=100-"})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 100-{export.size_bytes - 1}/{export.size_bytes}"
    assert body(part) == whole[100:]


def test_a_range_past_the_end_is_refused(client, export, path):
    response = client.post(path, headers={"range": f"bytes={export.size_bytes}-"})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{export.size_bytes}"
    assert body(response) == b""


def test_a_program_may_ask_how_large_the_file_is(client, export, path):
    response = client.head(f"{path}?file=1")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(export.size_bytes)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert not Download.objects.exists()


def test_a_link_that_works_once_is_used_up_by_the_button_alone(client, path, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    for _ in range(2):
        page = client.get(f"{path}?file=1")
        assert "This link works once" in text_of(page)
    assert body(client.post(path)).startswith(b"PK")
    for again in (client.post(path), client.get(path)):
        assert again.status_code == 410
        assert "This link was used" in text_of(again)
    assert Download.objects.count() == 1


def test_an_expired_link_is_refused(client, export):
    path = path_of(export, days=-1)
    for page in (client.get(path), client.post(path), client.get(f"{path}?file=1")):
        assert page.status_code == 410
        assert "These files have expired" in text_of(page)
    assert acts(export.request_id).count("link.refused") == 3


def test_who_comes_too_late_is_told_whether_the_files_can_be_made_again(client, export, path):
    Export.objects.update(expires_at=timezone.now())
    page = client.get(path)
    assert page.status_code == 410
    assert "you can have the files made again" in text_of(page)
    SubjectRequest.objects.update(closed_at=timezone.now() - timedelta(days=400))
    retention.clean_up()
    page = client.get(path)
    assert page.status_code == 410
    assert "made again" not in text_of(page)


def test_expired_files_are_refused_though_the_clean_up_never_ran(client, export, path):
    Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())
    for page in (client.get(path), client.post(path)):
        assert page.status_code == 410
        assert "/?right=access" in page.content.decode()
    assert not Download.objects.exists()


def test_an_unknown_link_is_refused(client):
    for page in (client.get("/d/unknown"), client.post("/d/unknown"), client.get("/d/unknown?file=1")):
        assert page.status_code == 404
        assert "We do not know this link" in text_of(page)
    assert acts().count("link.refused") == 3


def test_a_link_for_something_else_downloads_nothing(client, export):
    token = links.mint(export.request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=1))
    assert client.post(f"/d/{token}").status_code == 404


def test_downloading_without_end_is_stopped(client, path):
    for _ in range(MOST_DOWNLOADS_AN_HOUR):
        assert body(client.post(path, headers={"range": "bytes=0-0"})) == b"P"
    refused = client.post(path)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_other_methods_are_refused(client, path):
    assert client.delete(path).status_code == 405
