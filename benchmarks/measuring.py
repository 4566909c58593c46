"""Runs whole processes, start-up included, and takes their time and peak memory from the operating system."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.families import families_peak

if TYPE_CHECKING:
    from collections.abc import Sequence

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"
RUNS = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the runs of one command.

    Args:
        peak_mib: of the command and the processes it starts together, what they share counted once.
        cpu_seconds: of all of them, on any core.
    """

    seconds: float
    peak_mib: float
    cpu_seconds: float


def run(command: Sequence[str]) -> Cost:
    """Run a command once, its output thrown away.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with families_peak(process.pid) as family:
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} … ended with status {process.returncode}")
    return Cost(seconds, max(usage.ru_maxrss / 1024, family.peak_mib), usage.ru_utime + usage.ru_stime)


def side_by_side(*commands: Sequence[str], runs: int = RUNS) -> list[Cost]:
    """Run the commands in turn, A B C A B C …, after one round that does not count.

    The machine's moods then meet all of them alike; the medians are returned.
    """
    rounds = [[run(command) for command in commands] for _ in range(runs + 1)][1:]
    return [
        Cost(*map(statistics.median, zip(*map(astuple, costs), strict=True))) for costs in zip(*rounds, strict=True)
    ]


def manage(*arguments: str) -> list[str]:
    """Give the command line of one of the portal's commands."""
    return [sys.executable, str(MANAGE), *arguments]
