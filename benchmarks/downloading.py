"""Handing out 1 GB: how soon the first byte comes, and what the web process holds while four people take it."""

from __future__ import annotations

import http.client
import socket
import statistics
import time
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.report import Figure
from tests.live.portal import running_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psutil

    from tests.live.portal import Portal
    from tests.servers import PostgresServer

SIZE_BYTES = 1 << 30
ROUNDS = 12
SLOW_CLIENTS = 3
SLOW_BYTES_A_SECOND = 200_000
MIB = 1 << 20

# A package as the portal packs it, of noise, so that it is no smaller than what is in it.
PREPARE = """
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from stat import S_IFREG
from django.contrib.auth.models import User
from exporters.zipping import zipped
from requests_app import links, storage
from requests_app.keys.stored import create_key, open_key
from requests_app.models import Approval, Export, SecureLink, SubjectRequest
from stream_zip import ZIP_64

def noise(size):
    part = os.urandom(1 << 20)
    for number in range(size >> 20):
        yield part

request = SubjectRequest.objects.create(
    right="access", status="completed", outcome="full", name="Bench", email="bench@example.test", key=create_key()
)
approval = Approval.objects.create(
    request=request, act="release", digest="", approved_by=User.objects.create_user("bench", is_staff=True)
)
members = [("json/export.json", {size} - (2 << 20)), ("csv/orders.csv", 1 << 20)]
export = Export.objects.create(
    request=request, approval=approval, state="done", formats=["json", "csv"], is_complete=True, records=1,
    members=[{{"path": path, "bytes": size, "sha256": "0" * 64, "media_type": "text/csv"}} for path, size in members],
)
name, key = f"export-{{export.pk}}-1.zip", create_key(request.key)
packed = ((path, datetime.now(UTC), S_IFREG | 0o600, ZIP_64, noise(size)) for path, size in members)
with storage.create(name) as file:
    writer = storage.SealedWriter(file, open_key(key.pk))
    for chunk in zipped(packed):
        writer.write(chunk)
    writer.finish()
Export.objects.filter(pk=export.pk).update(file=name, key=key, size_bytes=writer.size_bytes, sha256=writer.sha256)
print(links.mint(request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(hours=1)))
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """One download: what came back, how soon the first byte did, and how long all of it took."""

    status: int
    first_byte_seconds: float
    size_bytes: int
    seconds: float


def measure(_: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Measure with the real web server, a real sealed file of 1 GB, and clients fast and slow."""
    home = folder / "downloading"
    home.mkdir()
    with running_portal(home, f"sqlite:///{home / 'portal.sqlite3'}", programs=("web",), is_watched=False) as portal:
        token = portal.shell(PREPARE.format(size=SIZE_BYTES)).strip()
        path = f"/d/{token}"
        _warm_up(portal, path)
        yield _first_bytes(portal, path)
        yield _memory(portal, path)


def _warm_up(portal: Portal, path: str) -> None:
    """Let every thread of the server import what is imported late, and connect to the database."""
    ways = [f"{path}?file=1"] * SLOW_CLIENTS + [f"{path}/files/1"]
    threads = [Thread(target=_take, args=(portal, way), kwargs={"most": 1}) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _first_bytes(portal: Portal, path: str) -> Figure:
    ways = {
        "all of it": (f"{path}?file=1", {}),
        "its last 1,000 bytes": (f"{path}?file=1", {"Range": "bytes=-1000"}),
        "a single file at its end": (f"{path}/files/1", {}),
    }
    taken = {name: [_take(portal, *way, most=1) for _ in range(ROUNDS)] for name, way in ways.items()}
    _refuse_unless(all(each.status == 206 for each in taken["its last 1,000 bytes"]), "a part was not given")
    milliseconds = {name: [1000 * each.first_byte_seconds for each in given] for name, given in taken.items()}
    slowest = max(statistics.median(times) for times in milliseconds.values())
    raw = ", ".join(f"{name} {statistics.median(times):.0f} ms" for name, times in milliseconds.items())
    worst = max(max(times) for times in milliseconds.values())
    what = "Download of 1 GB: time to the first byte"
    return Figure(what, f"{slowest:.0f} ms", "< 200 ms", f"{raw}; the slowest of {len(ways) * ROUNDS} {worst:.0f} ms")


def _memory(portal: Portal, path: str) -> Figure:
    """Let one client take all of it while slow ones hold the other threads, and watch the process."""
    (_, web) = sorted(portal.processes(), key=lambda process: process.create_time())
    before, is_over, peaks = web.memory_full_info().uss, Event(), [0]
    watcher = Thread(target=_watch, args=(web, is_over, peaks))
    slow = [Thread(target=_take_slowly, args=(portal, f"{path}?file=1", is_over)) for _ in range(SLOW_CLIENTS)]
    for thread in (watcher, *slow):
        thread.start()
    time.sleep(1)
    whole = _take(portal, f"{path}?file=1")
    single = _take(portal, f"{path}/files/0")
    time.sleep(1)
    is_over.set()
    for thread in (watcher, *slow):
        thread.join()
    _refuse_unless(min(whole.size_bytes, single.size_bytes) > SIZE_BYTES - 4 * MIB, "a download broke off")
    grown = (max(peaks) - before) / MIB
    speeds = f"{whole.size_bytes / MIB / whole.seconds:.0f} MiB/s"
    inflated = f"one file out of it at {single.size_bytes / MIB / single.seconds:.0f} MiB/s"
    return Figure(
        "Download of 1 GB: growth of the web process",
        f"{grown:.1f} MiB",
        "< 20 MB",
        f"from {before / MIB:.0f} MiB, {SLOW_CLIENTS} slow clients meanwhile; at {speeds}, {inflated}",
    )


def _take(portal: Portal, path: str, headers: dict[str, str] | None = None, *, most: int | None = None) -> Taken:
    """Download, at most so many bytes, and go away."""
    connection = http.client.HTTPConnection(urlsplit(portal.url).netloc, timeout=60)
    begun = time.perf_counter()
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        size = len(response.read(1))
        first = time.perf_counter() - begun
        while (most is None or size < most) and (chunk := response.read(MIB)):
            size += len(chunk)
    finally:
        connection.close()
    return Taken(response.status, first, size, time.perf_counter() - begun)


def _take_slowly(portal: Portal, path: str, is_over: Event) -> None:
    """Download as over a poor line, until it is over."""
    host, port = urlsplit(portal.url).netloc.split(":")
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        line.connect((host, int(port)))
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        while not is_over.is_set():
            line.recv(SLOW_BYTES_A_SECOND // 10)
            time.sleep(0.1)


def _refuse_unless(is_right: bool, otherwise: str) -> None:
    if not is_right:
        raise RuntimeError(f"Nothing was measured: {otherwise}.")


def _watch(web: psutil.Process, is_over: Event, peaks: list[int]) -> None:
    while not is_over.is_set():
        peaks.append(web.memory_full_info().uss)
        time.sleep(0.05)
