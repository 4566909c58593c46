"""The one way out over HTTP: connects to public addresses only, and to those that an operator allows.

A name is resolved once, every address it leads to is checked, and the connection is made to one that was: a name that
leads elsewhere a moment later leads nowhere. Redirects are not followed, proxies of the environment are not asked.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
from django.conf import settings

from extractors.errors import DsrError
from requests_app.addresses import Allowance, is_public, is_usual_port, read_allowances

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from requests_app.addresses import Address

CONNECT_SECONDS, READ_SECONDS, MOST_SECONDS = 5.0, 10.0, 20.0
MOST_BYTES = 1 << 20
DEFAULT_PORTS = {"http": 80, "https": 443}
# Nothing is unpacked, so that no few bytes become many.
HEADERS = {"User-Agent": "DSR-Portal", "Accept-Encoding": "identity"}


class OutgoingError(DsrError):
    """Say why nothing came back that can be used; root of the errors of this module."""


class UnusableAddress(OutgoingError, ValueError):
    """Say why something is no address that the portal connects to."""


class ForbiddenAddress(OutgoingError, PermissionError):
    """Say that an address leads into a network that is not public, which an operator would have to allow."""


class UnreachableAddress(OutgoingError, ConnectionError):
    """Say that nobody answered at an address, or not as a web server does, or not in time."""


class OversizedAnswer(OutgoingError, ValueError):
    """Say that an answer is longer than anybody reads."""


def client(*, seconds: float = MOST_SECONDS, most_bytes: int = MOST_BYTES) -> httpx.Client:
    """Give a client for addresses that somebody typed; use it as a context manager.

    It raises an `OutgoingError` for whatever goes wrong, none of which holds an address. An answer is never unpacked.

    Args:
        seconds: in which a request and its answer must be over, however slowly they come.
        most_bytes: of an answer, its headers included.
    """
    return _Client(
        transport=_Transport(seconds, most_bytes),
        timeout=httpx.Timeout(min(READ_SECONDS, seconds), connect=min(CONNECT_SECONDS, seconds)),
        headers=HEADERS,
        follow_redirects=False,
        trust_env=False,
    )


def check(url: str) -> None:
    """Refuse what `client` would refuse, as far as that is known without connecting.

    Raises:
        UnusableAddress, ForbiddenAddress: it would never be connected to.
        UnreachableAddress: its name leads nowhere.
    """
    parsed = _parsed(url)
    _refuse_scheme(parsed)
    _addresses(parsed.raw_host.decode("ascii"), parsed.port or DEFAULT_PORTS[parsed.scheme], CONNECT_SECONDS)


def is_allowed(url: str) -> bool:
    """Whether an operator allows an address by name or network, so that it needs no public certificate.

    Raises:
        UnusableAddress, UnreachableAddress: see `check`.
    """
    parsed = _parsed(url)
    _refuse_scheme(parsed)
    host, port = parsed.raw_host.decode("ascii"), parsed.port or DEFAULT_PORTS[parsed.scheme]
    found, allowances = _resolved(host, port, CONNECT_SECONDS), _allowances()
    return all(any(allowance.covers(host, address, port) for allowance in allowances) for address in found)


class _Client(httpx.Client):
    """A client whose errors are ours from the first letter of an address on."""

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        """Refuse what cannot be read as an address."""
        return super().build_request(method, _parsed(url), **options)


class _Transport(httpx.BaseTransport):
    """Sends each request over a connection of its own, within its time and size."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(),
            max_keepalive_connections=0,
            network_backend=_CheckedNetwork(seconds, most_bytes),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give its answer, whose content is yet to be read."""
        _refuse_scheme(request.url)
        url = request.url
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_ours():
            answer = self._pool.handle_request(sent)
        headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-encoding"]
        return httpx.Response(answer.status, headers=headers, stream=_Content(answer))

    def close(self) -> None:
        """Close what is open."""
        self._pool.close()


class _Content(httpx.SyncByteStream):
    """The content of an answer, which fails by our errors."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_ours():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        with _as_ours():
            self._answer.close()


@dataclass(slots=True)
class _Budget:
    """What is left of the time and the size of one exchange."""

    ends_at: float
    bytes_left: int

    def seconds(self, wanted: float | None) -> float:
        """Give how long the next step may take."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise UnreachableAddress("The answer took too long.")
        return left if wanted is None else min(wanted, left)

    def count(self, content: bytes) -> bytes:
        """Count what was read, and give it."""
        self.bytes_left -= len(content)
        if self.bytes_left < 0:
            raise OversizedAnswer("The answer is longer than the portal reads.")
        return content


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to addresses that were checked, by their number."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._seconds, self._most_bytes = seconds, most_bytes
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that takes the connection."""
        budget = _Budget(time.monotonic() + self._seconds, self._most_bytes)
        addresses = _addresses(host, port, budget.seconds(timeout))
        for place, address in enumerate(addresses, start=1):
            try:
                stream = self._sockets.connect_tcp(str(address), port, budget.seconds(timeout), None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
            else:
                return _BoundedStream(stream, budget)
        raise AssertionError("a host without addresses")

    def sleep(self, seconds: float) -> None:
        """Wait, which nothing here asks for."""
        self._sockets.sleep(seconds)


class _BoundedStream(httpcore.NetworkStream):
    """A connection that ends when its time or size is used up."""

    def __init__(self, stream: httpcore.NetworkStream, budget: _Budget) -> None:
        self._stream, self._budget = stream, budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._budget.count(self._stream.read(max_bytes, self._budget.seconds(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._budget.seconds(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._budget.seconds(timeout))
        return _BoundedStream(stream, self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _parsed(url: httpx.URL | str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        raise UnusableAddress("This is no address that can be read.") from None


def _refuse_scheme(url: httpx.URL) -> None:
    if url.scheme not in DEFAULT_PORTS or not url.host:
        raise UnusableAddress("The address must start with https:// or http:// and name a host.")


def _addresses(host: str, port: int, seconds: float) -> list[Address]:
    """Resolve a host once and check all it leads to: whoever owns a name puts any address behind it."""
    found = _resolved(host, port, seconds)
    allowances = _allowances()
    for address in found:
        if any(allowance.covers(host, address, port) for allowance in allowances):
            continue
        if not is_usual_port(port):
            raise UnusableAddress("Web servers listen at port 80, 443, or 1024 and above; this address names another.")
        if not is_public(address):
            raise ForbiddenAddress(
                "The address leads into a network that is not public. Whoever operates the portal can allow it by the "
                "setting DSR_OUTGOING_ALLOW."
            )
    return found


def _allowances() -> tuple[Allowance, ...]:
    return read_allowances(settings.DSR_OUTGOING_ALLOW)


def _resolved(host: str, port: int, seconds: float) -> list[Address]:
    """Ask for the addresses of a host, no longer than a while: a resolver knows no time-out of ours."""
    answers: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()
    Thread(target=lambda: answers.put(_looked_up(host, port)), name="resolver", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        found = []
    if not found:
        raise UnreachableAddress("The host of the address is not known.")
    return found


def _looked_up(host: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # A zone (fe80::1%eth0) names a network of this machine, which none of ours is.
        return list(dict.fromkeys(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows))
    except (OSError, ValueError):
        return []


@contextmanager
def _as_ours() -> Iterator[None]:
    """Turn the errors of a connection into ours; theirs may hold what was sent or received."""
    try:
        yield
    except httpcore.TimeoutException:
        raise UnreachableAddress("The answer took too long.") from None
    except httpcore.ConnectError as error:
        is_about_tls = "certificate" in str(error).lower() or "ssl" in str(error).lower()
        what = "The server has no certificate that can be trusted." if is_about_tls else "Nobody listens there."
        raise UnreachableAddress(what) from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        raise UnreachableAddress("What answered is no web server, or broke off.") from None
    except httpcore.NetworkError:
        raise UnreachableAddress("The connection broke off.") from None


@lru_cache(maxsize=1)
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()
