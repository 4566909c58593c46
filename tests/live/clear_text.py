"""Finds values of a source where none may lie: in files, written ones and unlinked ones, and in what processes show."""

from __future__ import annotations

import base64
import ctypes
import os
import re
import struct
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

PACKED = (b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"ARROW1", b"\x1f\x8b", b"%PDF")
"""How files begin that would hold values packed, where no search finds them: ZIP, zstd, Arrow, gzip, PDF."""
_MOST_BYTES = 256 * 1024 * 1024
_NO_DISK = ("/proc", "/dev/pts", "/dev/null", "/memfd:", "/usr", "/lib")
_CREATED, _MOVED_IN = 0x100, 0x80  # IN_CREATE, IN_MOVED_TO


def ways_of_writing(text: str) -> Iterator[bytes]:
    """Yield the ways a text may be written in a file."""
    encoded = text.encode()
    yield from (encoded, text.encode("utf-16-le"), encoded.hex().encode(), encoded.hex().upper().encode())
    for lead in range(3):  # base64 goes by threes: what surrounds the text says how it is cut
        yield base64.b64encode(b"\0" * lead + encoded)[4:-4]


class Needles:
    """The values looked for, each named by where it came from."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._names = {way: name for name, value in values.items() for way in ways_of_writing(value)}
        self._all = re.compile(b"|".join(map(re.escape, self._names)))

    def names_in(self, content: bytes) -> set[str]:
        """Name the values that stand in some way of writing in what was read."""
        return {self._names[found[0]] for found in self._all.finditer(content)}


class Watch:
    """What was found by looking again and again; each finding says where and what."""

    def __init__(self, needles: Needles, forgiven: Iterable[Path]) -> None:
        self.needles = needles
        self.forgiven = tuple(map(str, forgiven))
        self.findings: set[str] = set()
        self.looked_at: dict[str, int] = {"files": 0, "open files": 0, "processes": 0}
        self._seen: dict[str, tuple[int, int]] = {}

    def look_at_folder(self, folder: Path, since: float = 0.0, packed: tuple[bytes, ...] = ()) -> None:
        """Look into every file below a folder that has changed since it was looked at.

        Args:
            since: files older than this (seconds since 1970) are none of ours.
            packed: beginnings of files that may not be there at all.
        """
        for root, _, names in os.walk(folder):
            for name in names:
                with suppress(OSError):
                    self._look_at_file(Path(root, name), since, packed)

    def look_at_process(self, pid: int) -> None:
        """Look at the command line, the environment and every open file of a process, deleted ones too."""
        process = f"/proc/{pid}"
        for part in ("cmdline", "environ"):
            with suppress(OSError):
                self._look_into(f"{process}/{part}", Path(process, part).read_bytes())
                self.looked_at["processes"] += 1
        with suppress(OSError):
            for link in Path(process, "fd").iterdir():
                with suppress(OSError):
                    self._look_at_open(link)

    def _look_at_open(self, link: Path) -> None:
        target = str(link.readlink())
        if not target.startswith("/") or target.startswith(_NO_DISK):
            return
        status = link.stat()
        if self._is_new(f"{target} {status.st_ino}", status) and not target.startswith(self.forgiven):
            with link.open("rb") as file:
                self._look_into(target, file.read(_MOST_BYTES))
            self.looked_at["open files"] += 1

    def _look_at_file(self, file: Path, since: float, packed: tuple[bytes, ...]) -> None:
        status, path = file.stat(), str(file)
        if path.startswith(self.forgiven) or status.st_mtime < since or not self._is_new(path, status):
            return
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES)
        self.looked_at["files"] += 1
        self._look_into(path, content)
        if packed and content.startswith(packed):
            self.findings.add(f"{path}: packed")

    def _is_new(self, name: str, status: os.stat_result) -> bool:
        stamp = (status.st_mtime_ns, status.st_size)
        is_new = self._seen.get(name) != stamp
        self._seen[name] = stamp
        return is_new

    def _look_into(self, where: str, content: bytes) -> None:
        self.findings |= {f"{where}: {name}" for name in self.needles.names_in(content)}


@contextmanager
def watching(watch: Watch, folder: Path, pids: Callable[[], Iterable[int]]) -> Iterator[None]:
    """Look at a folder and at processes without a pause, in a thread of its own."""
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            watch.look_at_folder(folder)
            for pid in pids():
                watch.look_at_process(pid)
            is_over.wait(0.02)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


class Arrivals:
    """The names of all files that came into folders, however short they stayed there; the kernel keeps the list.

    Source: inotify(7).
    """

    def __init__(self, *folders: Path) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._library.inotify_init1(os.O_NONBLOCK)
        for folder in folders:
            if self._library.inotify_add_watch(self._descriptor, bytes(folder), _CREATED | _MOVED_IN) < 0:
                raise OSError(ctypes.get_errno(), f"{folder} cannot be watched")

    def names(self) -> list[str]:
        """Give the names since it was last asked."""
        found: list[str] = []
        with suppress(BlockingIOError):
            while events := os.read(self._descriptor, 1024 * 1024):
                place = 0
                while place < len(events):
                    length = struct.unpack_from("iIII", events, place)[3]
                    found.append(events[place + 16 : place + 16 + length].rstrip(b"\0").decode())
                    place += 16 + length
        return found

    def close(self) -> None:
        """Stop watching."""
        os.close(self._descriptor)


def now() -> float:
    """Give the time by which files are dated; a little earlier, as some systems date them by the second."""
    return time.time() - 2
