"""A name server that answers as it likes, and a resolver that asks it over the network."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

A, IN, SECONDS = 1, 1, 0


@contextmanager
def rebinding_names(monkeypatch: pytest.MonkeyPatch, *answers: Sequence[str]) -> Iterator[list[str]]:
    """Have every name looked up at a server that gives another answer each time, the last one for ever.

    Yields:
        The names asked for, one for each question.
    """
    asked: list[str] = []
    waiting = [list(answer) for answer in answers]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            question, client = server.recvfrom(4096)
            if not question:
                return
            asked.append(_name(question))
            found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            server.sendto(_reply(question, found), client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.sendto(_question(host), server.getsockname())
            found = _addresses(client.recv(4096))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: object, **options: object) -> list[tuple[object, ...]]:
        is_number = host.replace(".", "").isdigit()
        return real(host, port, *args, **options) if is_number else resolve(host, port)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        yield asked
    server.sendto(b"", server.getsockname())
    thread.join()
    server.close()


def _question(host: str) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in host.split("."))
    return struct.pack(">6H", 4711, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", A, IN)


def _name(question: bytes) -> str:
    labels, place = [], 12
    while length := question[place]:
        labels.append(question[place + 1 : place + 1 + length].decode())
        place += 1 + length
    return ".".join(labels)


def _reply(question: bytes, found: Sequence[str]) -> bytes:
    head = question[:2] + struct.pack(">5H", 0x8180, 1, len(found), 0, 0)
    answer = struct.pack(">3HIH", 0xC00C, A, IN, SECONDS, 4)
    return head + question[12:] + b"".join(answer + socket.inet_aton(address) for address in found)


def _addresses(reply: bytes) -> list[str]:
    count = struct.unpack(">H", reply[6:8])[0]
    tail = reply[len(reply) - 16 * count :]
    return [socket.inet_ntoa(tail[16 * place + 12 : 16 * place + 16]) for place in range(count)]
