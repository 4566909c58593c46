"""Servers as processes: they die with us, and are waited for."""

from __future__ import annotations

import ctypes
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 20


def die_with_parent(kind: signal.Signals) -> Callable[[], None]:
    """Give what a child calls before it becomes a server: it is to get the signal when we end."""

    def ask() -> None:
        if sys.platform == "linux":
            set_parent_death_signal = 1
            ctypes.CDLL(None).prctl(set_parent_death_signal, kind)

    return ask


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as the condition holds.

    Raises:
        TimeoutError: it still does not after so many seconds.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.02)
