"""Programs that run beside the tests, each in a process group of its own, and end with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20


class Program:
    """A program and all processes it started, which share its group."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self.leader = subprocess.Popen(
                [sys.executable, "-m", "tests.live.tied", *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        return self.leader.poll() is None

    def processes(self) -> list[psutil.Process]:
        """The leader and whatever belongs to its group, the dead that nobody has buried left out."""
        return [process for process in psutil.process_iter() if _is_living_member(process, self.leader.pid)]

    def ask_to_end(self) -> None:
        """Tell the leader alone, as a service manager does; it ends its children."""
        if self.is_alive:
            self.leader.terminate()

    def end(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """End the whole group; returns whether it ended by itself when asked to."""
        self.ask_to_end()
        try:
            self.leader.wait(seconds)
            wait_until(lambda: not self.processes(), seconds)
        except (subprocess.TimeoutExpired, TimeoutError):
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """End the whole group at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.leader.pid, signal.SIGKILL)
        self.leader.wait(PATIENCE_SECONDS)
        wait_until(lambda: not self.processes())


def _is_living_member(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
