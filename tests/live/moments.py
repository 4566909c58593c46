"""The moments at which a worker dies or stands still, and who is at work.

A moment is a step of our own code, counted over its calls, the calls it makes and the returns: so moments spread over
all a task does, and are the same places on any machine. Or it is the call or return of one function, as `settle.call`.
A folder shared with the tests holds

- `busy/PID`: the name of the task that this process does just now,
- `steps/TASK`: how many steps the task took, one line each time,
- `set/TASK/MOMENT`: what happens at a moment of a task: `kill`, `wait`, or `kill always`; each comes to one worker,
- `reached/TASK/MOMENT.PID`: it has happened, or is about to; who waits goes on when the file is removed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

ROOT = Path(__file__).parents[2]
OURS = tuple(str(ROOT / package) for package in ("requests_app", "extractors", "exporters"))
KILL, WAIT, KILL_ALWAYS = "kill", "wait", "kill always"


@dataclass
class Moment:
    """A moment that this worker has taken, to be seen by the file `reached` once it is there."""

    file: Path
    act: str
    reached: Path

    def happen(self) -> None:
        """Die, or stand still until told otherwise."""
        write(self.reached, "")
        if self.act != WAIT:
            os.kill(os.getpid(), signal.SIGKILL)
        while self.reached.exists():
            time.sleep(0.005)

    def give_back(self) -> None:
        """Leave it to another worker: this task ended before it came."""
        if self.act != KILL_ALWAYS:
            write(self.file, self.act)


class Watch:
    """Counts the steps of the task at hand until its moment has come."""

    def __init__(self, moment: Moment | None) -> None:
        self.moment = moment
        self.steps = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Take note of a call or a return; Python's word for it."""
        caller = frame.f_back if event == "call" else None
        if not (_is_ours(frame) or (caller is not None and _is_ours(caller))):
            return
        self.steps += 1
        moment = self.moment
        if moment and moment.file.name in (f"{self.steps:09}", f"{frame.f_code.co_name}.{event}"):
            self.moment = None
            moment.happen()


def watch_tasks() -> None:
    """Make every worker forked from this process note what it does, and take the moments that are set."""
    from django_q.signals import post_execute_in_worker, pre_execute  # loads the models: not before Django is set up

    folder = Path(os.environ["LIVE_MOMENTS"])
    watches: list[Watch] = []

    def begin(task: dict[str, Any], **_: object) -> None:
        name = _name(task)
        write(folder / "busy" / str(os.getpid()), name)
        watches.append(Watch(_take(folder, name)))
        sys.setprofile(watches[-1])

    def end(task: dict[str, Any], **_: object) -> None:
        sys.setprofile(None)
        watch = watches.pop()
        if watch.moment:
            watch.moment.give_back()
        with (folder / "steps" / _name(task)).open("a") as file:
            file.write(f"{watch.steps}\n")
        with suppress(FileNotFoundError):
            (folder / "busy" / str(os.getpid())).unlink()

    pre_execute.connect(begin, weak=False)
    post_execute_in_worker.connect(end, weak=False)


def write(file: Path, text: str) -> None:
    """Write a file at once, so that nobody reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(text)
    new.rename(file)


def _name(task: dict[str, Any]) -> str:
    function = task["func"]
    return str(function if isinstance(function, str) else function.__name__).rpartition(".")[2]


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(OURS)


def _take(folder: Path, task: str) -> Moment | None:
    """Take one of the moments set for a task; of two workers that want the same one gets it."""
    for file in sorted((folder / "set" / task).glob("[!.]*")):
        reached = folder / "reached" / task / f"{file.name}.{os.getpid()}"
        with suppress(FileNotFoundError):
            act = file.read_text()
            if act != KILL_ALWAYS:
                file.unlink()
            return Moment(file, act, reached)
    return None
