"""`python -m tests.live.tied PROGRAM …` becomes the program, to be ended (SIGTERM) when whoever started it ends.

Said here, in the child, because a process with threads must run nothing between fork and exec.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys


def tie_to_parent() -> None:
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


if __name__ == "__main__":
    tie_to_parent()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  # of the tests' own
