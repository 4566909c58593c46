"""Measures the memory of a process and those it starts, while they run; the system itself only tells the largest's."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY_SECONDS = 0.05
_SHARE = re.compile(r"^Pss: +([0-9]+) kB$", re.MULTILINE)


@dataclass(slots=True)
class Family:
    """The largest sum that was seen; 0 where the process never had a child, as then the system tells it exactly."""

    peak_mib: float = 0.0


@contextmanager
def families_peak(pid: int) -> Iterator[Family]:
    """Look at a process and its descendants every 50 ms until the block ends."""
    family, is_over = Family(), Event()

    def look() -> None:
        while not is_over.wait(_EVERY_SECONDS):
            if len(members := [pid, *_descendants(pid)]) > 1:
                family.peak_mib = max(family.peak_mib, sum(map(_share_mib, members)))

    thread = Thread(target=look)
    thread.start()
    try:
        yield family
    finally:
        is_over.set()
        thread.join()


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for listed in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, listed.read_text().split()):
                yield child
                yield from _descendants(child)


def _share_mib(pid: int) -> float:
    """Give what a process takes, of what several share its part (PSS)."""
    with suppress(OSError):
        if found := _SHARE.search(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")):
            return int(found[1]) / 1024
    return 0.0
