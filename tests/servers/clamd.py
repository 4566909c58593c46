"""A daemon that speaks the protocol of ClamAV, as far as streams go; it finds the EICAR test file and a marker."""

from __future__ import annotations

import socketserver
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# In two parts, so that no scanner on the way takes this file for the test file itself.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + rb"-ANTIVIRUS-TEST-FILE!$H+H*"
MOST_BYTES = 5_000_000


@dataclass
class Clamd:
    """A running daemon: its address as the setting DSR_SCANNER takes it, and the sizes of what it was shown."""

    address: str
    seen: list[int] = field(default_factory=list)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    clamd: Clamd


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    clamd: Clamd


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = self.rfile.readline().strip()
        if command != b"nINSTREAM":
            self.wfile.write(b"UNKNOWN COMMAND\n")
            return
        content = _stream(self.rfile)
        self.server.clamd.seen.append(len(content))
        if len(content) > MOST_BYTES:
            answer = b"INSTREAM size limit exceeded. ERROR"
        elif b"EICAR-STANDARD" in content:
            answer = b"stream: Eicar-Test-Signature FOUND"
        elif b"a scanner fails here" in content:
            answer = b"stream: Can't allocate memory ERROR"
        else:
            answer = b"stream: OK"
        self.wfile.write(answer + b"\n")


def _stream(file: BinaryIO) -> bytes:
    content = b""
    while size := struct.unpack("!L", file.read(4))[0]:
        content += file.read(size)
    return content


@contextmanager
def running_clamd(socket_path: Path | None = None) -> Iterator[Clamd]:
    """Run one on a port of its own, or on a Unix socket."""
    server = _UnixServer(str(socket_path), _Session) if socket_path else _Server(("127.0.0.1", 0), _Session)
    place = f"clamd+unix://{socket_path}" if socket_path else f"clamd://127.0.0.1:{server.server_address[1]}"
    server.clamd = Clamd(place)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.clamd
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
