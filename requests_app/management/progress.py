"""Shows how far a long command is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.management.base import OutputWrapper
    from rich.progress import Progress


class Shown(Protocol):
    """What is told to whoever waits; reading and writing may be told of by different threads."""

    def collected(self, label: str, rows: int) -> None:
        """Say that so many more rows of a collection were read."""

    def writing(self, rows: int) -> None:
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
    """One line per collection; writing is quick beside reading and gets none."""

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

    def writing(self, rows: int) -> None: ...

    def rendered(self, rows: int) -> None: ...


class _Bars:
    """A bar for the collection being read, and one for what is written meanwhile or afterwards."""

    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.label = ""
        self.read = bars.add_task("Reading", total=None, visible=False)
        self.written = bars.add_task("Writing", total=None, visible=False)

    def collected(self, label: str, rows: int) -> None:
        if label != self.label:
            self.label = label
            self.bars.reset(self.read, description=f"Reading {label}", visible=True)
        self.bars.advance(self.read, rows)

    def writing(self, rows: int) -> None:
        self.bars.update(self.written, total=rows)

    def rendered(self, rows: int) -> None:
        self.bars.update(self.written, advance=rows, visible=True)
