"""Web servers of a test's own: one that remembers what it was sent, and ones that answer as no server should."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Received:
    """A request as a server got it; the names of its headers in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What a server answers."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class WebServer:
    """A running server; `replies` are given in turn, the last one for ever, each after what happens `meanwhile`."""

    url: str
    port: int
    received: list[Received] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    meanwhile: Callable[[], object] = lambda: None


@contextmanager
def running_web_server(
    address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[WebServer]:
    """Start a server that remembers and answers."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                started.received.append(Received(self.command, self.path, headers, body))
                reply = started.replies.pop(0) if len(started.replies) > 1 else started.replies[0]
            started.meanwhile()
            with suppress(OSError):  # whoever asked may have gone
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    host = f"[{address}]" if ":" in address else address
    started = WebServer(f"http://{host}:{server.server_port}", server.server_port)
    with _serving(lambda: server.serve_forever(poll_interval=0.02), server.shutdown):
        yield started
    server.server_close()


@contextmanager
def running_raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Start a server that says what it likes on each connection; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def accept() -> None:
        while not is_over.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=_talk, args=(talk, connection), daemon=True).start()

    def stop() -> None:
        is_over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()

    with _serving(accept, stop):
        yield int(listener.getsockname()[1])


def _talk(talk: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection, suppress(OSError):
        connection.recv(65536)
        talk(connection)


@contextmanager
def _serving(serve: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()
