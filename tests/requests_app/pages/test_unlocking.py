from __future__ import annotations

import re
from datetime import timedelta

import pytest

from requests_app import codes, delivery, links
from requests_app.models import AuditEntry, Download, DownloadCode, SecureLink
from tests.requests_app.packages import FILES, a_package
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import acts, send_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture(autouse=True)
def code_is_needed(settings):
    settings.DSR_DOWNLOAD_CODE = "always"


@pytest.fixture
def export():
    return a_package()


@pytest.fixture
def path(export) -> str:
    return path_to(export)


def path_to(export) -> str:
    token = links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(hours=1))
    return f"/d/{token}"


def mailed_code() -> str:
    (message,) = send_mails()
    return re.search(r"^\s+(\w{4}-\w{4})$", message.body, re.MULTILINE)[1]


def unlock(client, path):
    client.post(f"{path}/code/send")
    return client.post(f"{path}/code", {"code": mailed_code()})


def body(response) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


def status(response) -> int:
    response.close()
    return response.status_code


def ways(client, path) -> dict[str, object]:
    """Try every way to the files."""
    return {
        "page": client.get(path),
        "head of page": client.head(path),
        "button": client.post(path),
        "file": client.get(f"{path}?file=1"),
        "head": client.head(f"{path}?file=1"),
        "part": client.get(f"{path}?file=1", headers={"range": "bytes=0-0"}),
        "member": client.get(f"{path}/files/0"),
        "button of member": client.post(f"{path}/files/0"),
        "head of member": client.head(f"{path}/files/0"),
        "member there is none": client.get(f"{path}/files/99"),
    }


def test_without_the_code_nothing_is_told_and_no_byte_given(client, export, path):
    for way, answer in ways(client, path).items():
        assert answer.status_code == (200 if "page" in way else 403), way
        assert not answer.streaming, way
        assert not set(answer.headers) & {"ETag", "Accept-Ranges", "Content-Disposition"}, way
        told = answer.content.decode()
        for secret in (export.sha256, "orders.csv", "3 records", "JSON", str(export.size_bytes), export.request.email):
            assert secret not in told, way
    assert not Download.objects.exists()
    assert acts(export.request_id) == []


def test_the_page_has_a_button_that_mails_a_code(client, export, path):
    page = client.get(path)
    assert "Send me a code" in text_of(page)
    assert f'action="{path}/code/send"' in page.content.decode()
    assert 'name="code"' not in page.content.decode()
    sent = client.post(f"{path}/code/send")
    assert (sent.status_code, sent.url) == (302, path)
    assert acts(export.request_id) == ["code.sent"]
    page = client.get(path)
    assert 'autocomplete="one-time-code"' in page.content.decode()
    assert "Send me another code" in text_of(page)


def test_whoever_enters_it_gets_everything_with_this_browser(client, export, path):
    entered = unlock(client, path)
    assert (entered.status_code, entered.url) == (302, path)
    assert "3 records" in text_of(client.get(path))
    whole = body(client.post(path))
    assert len(whole) == export.size_bytes
    assert body(client.get(f"{path}?file=1", headers={"range": "bytes=5-9"})) == whole[5:10]
    assert client.head(f"{path}?file=1").headers["Content-Length"] == str(export.size_bytes)
    assert body(client.get(f"{path}/files/1")) == FILES["csv/shop/orders.csv"]
    assert acts(export.request_id)[:3] == ["code.sent", "mail.sent", "code.confirmed"]


def test_the_pass_is_a_cookie_for_the_pages_of_this_download_alone(client, path, settings):
    settings.SESSION_COOKIE_SECURE = True
    cookie = unlock(client, path).cookies["__Secure-download"]
    assert cookie["path"] == path
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", True)
    assert cookie["max-age"] == 3600
    assert codes.is_passed(SecureLink.objects.get(), cookie.value)


def test_another_browser_is_asked_for_its_own_code(client, path):
    unlock(client, path)
    client.cookies.clear()
    assert status(client.get(f"{path}?file=1")) == 403


def test_the_pass_of_one_link_opens_no_other(client, export, path):
    cookie = unlock(client, path).cookies["download"].value
    other = path_to(export)
    client.cookies.clear()
    client.cookies["download"] = cookie
    assert status(client.get(f"{path}?file=1")) == 200
    assert status(client.get(f"{other}?file=1")) == 403


def test_codes_nobody_asked_for_are_refused_for_ever_and_do_not_fill_the_trail(client, export, path, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_REFUSALS_NOTED_AN_HOUR", 3)
    assert [status(client.post(f"{path}/code", {"code": "AAAA-AAAA"})) for _ in range(5)] == [400] * 5
    assert acts(export.request_id) == ["code.refused"] * 3


def test_after_an_hour_the_pass_is_over(client, path):
    unlock(client, path)
    DownloadCode.objects.update(pass_expires_at=DownloadCode.objects.get().created_at)
    assert status(client.get(f"{path}?file=1")) == 403


def test_a_wrong_code_is_refused_in_plain_words_and_on_record(client, export, path):
    client.post(f"{path}/code/send")
    code = mailed_code()
    refused = client.post(f"{path}/code", {"code": "AAAA-AAAA"})
    assert refused.status_code == 400
    assert "not the code that we sent last" in text_of(refused)
    assert 'aria-invalid="true"' in refused.content.decode()
    assert "download" not in refused.cookies
    entry = AuditEntry.objects.get(action="code.refused")
    assert (entry.request_id, entry.actor_kind, entry.details) == (export.request_id, "subject", {"reason": "wrong"})
    told = str(list(AuditEntry.objects.values()))
    assert "AAAA" not in told
    assert code not in told
    assert client.post(f"{path}/code", {"code": code}).status_code == 302


def test_guessing_is_stopped(client, path):
    client.post(f"{path}/code/send")
    code = mailed_code()
    for _ in range(5):
        client.post(f"{path}/code", {"code": "AAAA-AAAA"})
    stopped = client.post(f"{path}/code", {"code": code})
    assert stopped.status_code == 400
    assert "tried too often" in text_of(stopped)
    assert status(client.get(f"{path}?file=1")) == 403


@pytest.mark.parametrize("typed", [{}, {"code": ""}, {"code": "x" * 100_000}])
def test_what_is_no_code_is_refused(client, path, typed):
    client.post(f"{path}/code/send")
    assert client.post(f"{path}/code", typed).status_code == 400


def test_a_code_nobody_asked_for_is_refused(client, path):
    refused = client.post(f"{path}/code", {"code": "AAAA-AAAA"})
    assert refused.status_code == 400
    assert "No code is waiting" in text_of(refused)


def test_three_mails_an_hour_are_enough_whatever_link_they_are_asked_by(client, export, path):
    for each in (path, path_to(export), path):
        assert client.post(f"{each}/code/send").status_code == 302
    refused = client.post(f"{path_to(export)}/code/send")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert len(send_mails()) == 3
    assert client.post(f"{path_to(a_package())}/code/send").status_code == 302


def test_where_no_code_is_needed_none_is_mailed(client, path, settings):
    settings.DSR_DOWNLOAD_CODE = "never"
    assert client.post(f"{path}/code/send").status_code == 302
    assert client.post(f"{path}/code", {"code": "AAAA-AAAA"}).status_code == 302
    assert send_mails() == []
    assert status(client.get(f"{path}?file=1")) == 200


def test_looking_at_these_addresses_does_nothing(client, path):
    for below in ("code", "code/send"):
        assert client.get(f"{path}/{below}").status_code == 405
    assert not DownloadCode.objects.exists()


def test_a_link_that_works_once_is_not_used_up_by_its_code(client, path, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    assert client.post(path).status_code == 403
    unlock(client, path)
    assert body(client.post(path)).startswith(b"PK")
    assert client.post(path).status_code == 410
