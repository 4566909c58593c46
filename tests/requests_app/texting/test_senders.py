from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dsr_portal.sms import read_sms_body, read_sms_url
from requests_app import identity, tasks
from requests_app.models import OutboxText
from requests_app.models.leased import MOST_ATTEMPTS
from requests_app.texting import masked, normalised
from requests_app.texting.senders import UnsentText, send_by_setting
from tests.requests_app.identity.asked import NUMBER, asking_for, half_way, with_number
from tests.requests_app.portal import acts, run_out

TEXT = 'Shop "A": 123456 is your code.\n{to}'


@contextmanager
def gateway(status: int = 202):
    """A gateway that keeps what it was sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, self.headers["Authorization"], json.loads(body)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/messages", received
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def allowed(settings):
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.0/8",)
    return settings


def set_up(settings, url: str) -> None:
    settings.DSR_SMS = read_sms_url(url)


def test_a_gateway_gets_number_and_text_in_the_fields_that_are_set(allowed):
    allowed.DSR_SMS_TOKEN = "s3cret"
    allowed.DSR_SMS_BODY = read_sms_body('{"from": "Shop", "messages": [{"to": "{to}", "body": "{text}"}], "n": 1}')
    with gateway() as (url, received):
        set_up(allowed, url)
        send_by_setting(NUMBER, TEXT)
    body = {"from": "Shop", "messages": [{"to": NUMBER, "body": TEXT}], "n": 1}
    assert received == [("/messages", "Bearer s3cret", body)]


def test_without_a_token_none_is_sent(allowed):
    with gateway() as (url, received):
        set_up(allowed, url)
        send_by_setting(NUMBER, "Hello")
    assert received[0][1:] == (None, {"to": NUMBER, "text": "Hello"})


@pytest.mark.parametrize(("status", "is_permanent"), [(400, True), (401, False), (429, False), (503, False)])
def test_a_gateway_that_refuses_is_named_by_its_status_alone(allowed, status, is_permanent):
    with gateway(status) as (url, _):
        set_up(allowed, url)
        with pytest.raises(UnsentText) as refusal:
            send_by_setting(NUMBER, TEXT)
    assert refusal.value.permanent is is_permanent
    assert str(refusal.value) == f"The gateway refused the text message ({status})."


def test_a_gateway_in_a_private_network_has_to_be_allowed(settings):
    with gateway() as (url, received):
        set_up(settings, url)
        with pytest.raises(UnsentText, match="DSR_OUTGOING_ALLOW"):
            send_by_setting(NUMBER, TEXT)
    assert received == []


def test_a_gateway_that_is_not_there_is_tried_again(allowed):
    with gateway() as (url, _):
        pass
    set_up(allowed, url)
    with pytest.raises(UnsentText) as refusal:
        send_by_setting(NUMBER, TEXT)
    assert not refusal.value.permanent


def test_a_folder_gets_a_file_that_its_owner_alone_reads(settings, tmp_path):
    set_up(settings, f"file://{tmp_path}/texts")
    send_by_setting(NUMBER, TEXT)
    send_by_setting(NUMBER, TEXT)
    first, second = sorted((tmp_path / "texts").iterdir())
    assert first.read_text() == f"To: {NUMBER}\n\n{TEXT}\n"
    assert first != second
    assert first.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_tried_again(settings, tmp_path):
    (tmp_path / "texts").write_text("no folder")
    set_up(settings, f"file://{tmp_path}/texts")
    with pytest.raises(UnsentText, match="cannot be written"):
        send_by_setting(NUMBER, TEXT)


def test_the_console_prints_it(settings, capsys):
    set_up(settings, "console:")
    send_by_setting(NUMBER, "Hello")
    assert capsys.readouterr().out == f"Text message to {NUMBER}:\nHello\n"


def test_where_nothing_is_set_up_nothing_is_sent(settings):
    set_up(settings, "")
    with pytest.raises(UnsentText) as refusal:
        send_by_setting(NUMBER, TEXT)
    assert refusal.value.permanent


@pytest.mark.parametrize("url", ["ftp://x/", "https://", "file:relative", "file://host/x", "gateway", "http://[x/"])
def test_an_address_that_cannot_be_used_is_refused(url):
    with pytest.raises(ValueError, match=r"must be|no URL"):
        read_sms_url(url)


@pytest.mark.django_db
@pytest.mark.usefixtures("storage_folder")
def test_a_gateway_that_is_down_is_tried_again_and_given_up_visibly(allowed):
    with gateway(503) as (url, received):
        set_up(allowed, url)
        asking_for("mailbox", "sms")
        request = half_way()
        with_number(request)
        identity.send(request, identity.current(request).pk)
        text = OutboxText.objects.get()
        for _ in range(MOST_ATTEMPTS):
            run_out(text)
            tasks.send_text(text.pk)
    text.refresh_from_db()
    assert (len(received), text.state) == (MOST_ATTEMPTS, "failed")
    assert "(503)" in text.last_error
    assert acts(request.pk)[-1] == "text.failed"
    codes = {body["text"] for _, _, body in received}
    assert len(codes) > 1  # each attempt has a code of its own


def test_a_number_is_written_one_way_and_shown_to_nobody():
    assert normalised("(0170) 123 45-67", "DE") == normalised("+49 170 1234567") == NUMBER
    assert masked(NUMBER) == "•••• 67"
