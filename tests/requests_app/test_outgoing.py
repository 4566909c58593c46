from __future__ import annotations

import gzip
import socket
import time

import pytest

from requests_app import outgoing
from requests_app.outgoing import ForbiddenAddress, OversizedAnswer, UnreachableAddress, UnusableAddress
from tests.requests_app.name_server import rebinding_names
from tests.servers.web import Reply, running_raw_server, running_web_server

HEAD = b"HTTP/1.1 200 OK\r\n"

FORBIDDEN = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://example.org@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.org/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://192.168.0.1/",
    "https://224.0.0.1/",
]
UNUSABLE = [
    "",
    "example.org",
    "/hooks",
    "//example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_SET",
    "javascript:alert(1)",
    "http:///path",
    "http://",
    "http://example.org:port/",
    "http://exa\nmple.org/",
    "http://[::1/",
    "https://1.1.1.1:22/",
    "https://1.1.1.1:25/",
]


@pytest.fixture
def server():
    with running_web_server() as started:
        yield started


@pytest.fixture
def allowed(server, settings):
    settings.DSR_OUTGOING_ALLOW = (f"127.0.0.1:{server.port}",)
    return server


def get(url, **bounds):
    with outgoing.client(**bounds) as client:
        return client.get(url)


@pytest.mark.parametrize("url", FORBIDDEN)
def test_what_is_not_public_is_never_connected_to(server, url):
    address = url.format(port=server.port)
    for act in (outgoing.check, get):
        with pytest.raises((ForbiddenAddress, UnreachableAddress, UnusableAddress)):
            act(address)
    assert server.received == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://[::1]:{port}/", "http://169.254.169.254/"])
def test_a_refusal_says_how_an_operator_allows_it_and_holds_no_address(server, url):
    with pytest.raises(ForbiddenAddress, match="DSR_OUTGOING_ALLOW") as refusal:
        get(url.format(port=server.port))
    assert "127" not in str(refusal.value)
    assert "169" not in str(refusal.value)


@pytest.mark.parametrize("url", UNUSABLE)
def test_what_is_no_address_of_a_web_server_is_refused(url):
    for act in (outgoing.check, get):
        with pytest.raises(UnusableAddress):
            act(url)


def test_what_an_operator_allows_is_reached(allowed):
    allowed.replies = [Reply(200, {"X-Kept": "yes"}, b"hello")]
    outgoing.check(f"{allowed.url}/hook?x=1")
    answer = get(f"{allowed.url}/hook?x=1")
    assert (answer.status_code, answer.headers["x-kept"], answer.content) == (200, "yes", b"hello")
    (received,) = allowed.received
    assert (received.path, received.headers["user-agent"]) == ("/hook?x=1", "DSR-Portal")


def test_the_port_beside_an_allowed_one_is_not_allowed(allowed):
    with running_web_server() as other, pytest.raises(ForbiddenAddress):
        get(other.url)
    assert other.received == []


def test_a_host_is_allowed_by_its_name(server, settings):
    settings.DSR_OUTGOING_ALLOW = ("localhost",)
    assert get(f"http://localhost:{server.port}/").status_code == 204
    with pytest.raises(ForbiddenAddress):
        get(server.url)


def test_a_redirect_is_an_answer_like_any_other(allowed):
    with running_web_server() as inside:
        allowed.replies = [Reply(302, {"Location": f"{inside.url}/secret"})]
        assert get(allowed.url).status_code == 302
        with outgoing.client() as client, pytest.raises(ForbiddenAddress):
            client.get(allowed.url, follow_redirects=True)
    assert inside.received == []


def test_proxies_of_the_environment_are_not_asked(allowed, monkeypatch):
    with running_web_server() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert get(allowed.url).status_code == 204
        assert proxy.received == []


def test_a_name_that_leads_elsewhere_a_moment_later_leads_nowhere(settings, monkeypatch):
    """The second answer is the one an attacker wants the connection to go to."""
    with running_web_server("127.0.0.2") as outside, running_web_server("127.0.0.1", outside.port) as inside:
        settings.DSR_OUTGOING_ALLOW = ("127.0.0.2",)
        with rebinding_names(monkeypatch, ["127.0.0.2"], ["127.0.0.1"]) as asked:
            assert get(f"http://rebind.example:{outside.port}/").status_code == 204
            assert asked == ["rebind.example"]
            assert outside.received[0].headers["host"] == f"rebind.example:{outside.port}"
            with pytest.raises(ForbiddenAddress):
                get(f"http://rebind.example:{outside.port}/")
    assert len(outside.received) == 1
    assert inside.received == []


def test_a_name_with_one_address_too_many_is_refused_whole(settings, monkeypatch):
    with running_web_server("127.0.0.2") as outside:
        settings.DSR_OUTGOING_ALLOW = ("127.0.0.2",)
        for answer in (["127.0.0.2", "10.0.0.1"], ["10.0.0.1", "127.0.0.2"]):
            with rebinding_names(monkeypatch, answer), pytest.raises(ForbiddenAddress):
                get(f"http://both.example:{outside.port}/")
        for answer in (["1.1.1.1", "10.0.0.1"], ["10.0.0.1", "1.1.1.1"]):
            with rebinding_names(monkeypatch, answer), pytest.raises(ForbiddenAddress):
                outgoing.check("https://both.example/")
    assert outside.received == []


def test_the_next_address_of_a_name_is_tried_where_nobody_listens(settings, monkeypatch):
    with running_web_server("127.0.0.3") as alive:
        settings.DSR_OUTGOING_ALLOW = ("127.0.0.0/8",)
        with rebinding_names(monkeypatch, ["127.0.0.2", "127.0.0.3"]):
            assert get(f"http://two.example:{alive.port}/").status_code == 204


def test_a_name_nobody_knows_leads_nowhere(monkeypatch):
    with rebinding_names(monkeypatch, []), pytest.raises(UnreachableAddress, match="not known"):
        get("https://nowhere.example/")


def test_a_resolver_that_is_silent_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1) or [])
    begun = time.monotonic()
    with pytest.raises(UnreachableAddress):
        get("https://silent.example/", seconds=0.2)
    assert time.monotonic() - begun < 0.9


def test_nobody_listening_is_said(settings):
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.0/8",)
    with running_web_server() as gone:
        pass
    with pytest.raises(UnreachableAddress, match="Nobody listens"):
        get(gone.url)


def endless(connection):
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def drip(connection):
    for letter in HEAD + b"X-Slow: " + b"y" * 10_000:
        connection.sendall(bytes([letter]))
        time.sleep(0.02)


def drip_of_content(connection):
    connection.sendall(HEAD + b"Content-Length: 10000\r\n\r\n")
    for _ in range(10_000):
        connection.sendall(b"x")
        time.sleep(0.02)


def huge_headers(connection):
    connection.sendall(HEAD)
    while True:
        connection.sendall(b"X-More: " + b"y" * 60_000 + b"\r\n")


def endless_interim_answers(connection):
    while True:
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)


def silence(connection):
    time.sleep(5)


def nonsense(connection):
    connection.sendall(b"220 mail.example.org ESMTP\r\n")


def cut_off(connection):
    connection.sendall(HEAD + b"Content-Length: 10000\r\n\r\nx")


def nothing(connection):
    connection.close()


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (endless, OversizedAnswer),
        (drip, UnreachableAddress),
        (drip_of_content, UnreachableAddress),
        (huge_headers, (UnreachableAddress, OversizedAnswer)),
        (endless_interim_answers, (UnreachableAddress, OversizedAnswer)),
        (silence, UnreachableAddress),
        (nonsense, UnreachableAddress),
        (cut_off, UnreachableAddress),
        (nothing, UnreachableAddress),
    ],
)
def test_a_hostile_server_is_left_in_time_and_before_it_fills_the_memory(settings, talk, error):
    with running_raw_server(talk) as port:
        settings.DSR_OUTGOING_ALLOW = (f"127.0.0.1:{port}",)
        begun = time.monotonic()
        with pytest.raises(error):
            get(f"http://127.0.0.1:{port}/", seconds=1, most_bytes=200_000)
        assert time.monotonic() - begun < 4


def test_nothing_is_unpacked(allowed):
    bomb = gzip.compress(b"\0" * 5_000_000)
    allowed.replies = [Reply(200, {"Content-Encoding": "gzip"}, bomb)]
    assert get(allowed.url, most_bytes=100_000).content == bomb
    assert allowed.received[0].headers["accept-encoding"] == "identity"


def test_a_server_that_speaks_no_tls_is_not_trusted(allowed):
    with pytest.raises(UnreachableAddress, match="certificate"):
        get(allowed.url.replace("http:", "https:"))
