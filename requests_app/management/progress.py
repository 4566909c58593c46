"""Shows how far a long command is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.management.base import OutputWrapper
    from rich.progress import Progress, TaskID


class Shown(Protocol):
    """What is told to whoever waits."""

    def collected(self, label: str, rows: int) -> None:
        """Say that so many more rows of a collection were read."""

    def rendering(self, rows: int) -> None:
        """Say that so many rows are going to be written."""

    def rendered(self, rows: int) -> None:
        """Say that so many more rows were written."""


@contextmanager
def progress_shown(stderr: OutputWrapper) -> Iterator[Shown]:
    """Choose the way to show progress that fits where it is written to."""
    if not stderr.isatty():
        lines = _Lines(stderr)
        yield lines
        lines.end()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bars(bars)


class _Lines:
    """One line per collection, and one when writing begins."""

    def __init__(self, stderr: OutputWrapper) -> None:
        self.stderr = stderr
        self.label = ""
        self.rows = 0

    def collected(self, label: str, rows: int) -> None:
        if label != self.label:
            self.end()
            self.label, self.rows = label, 0
        self.rows += rows

    def end(self) -> None:
        if self.label:
            self.stderr.write(f"read {self.label}: {counted(self.rows, 'record')}")
        self.label = ""

    def rendering(self, rows: int) -> None:
        self.end()
        self.stderr.write(f"writing {counted(rows, 'record')}")

    def rendered(self, rows: int) -> None:
        """Writing is quick beside reading: no line for each step."""


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.label = ""
        self.task: TaskID | None = None

    def collected(self, label: str, rows: int) -> None:
        if label != self.label or self.task is None:
            self._start(f"Reading {label}", None)
            self.label = label
        self._advance(rows)

    def rendering(self, rows: int) -> None:
        self._start("Writing", rows)

    def rendered(self, rows: int) -> None:
        self._advance(rows)

    def _start(self, description: str, total: int | None) -> None:
        if self.task is not None:
            self.bars.remove_task(self.task)
        self.task = self.bars.add_task(description, total=total)

    def _advance(self, rows: int) -> None:
        if self.task is not None:
            self.bars.advance(self.task, rows)
