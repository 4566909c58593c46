"""Printing processes that outlive a document: to begin one takes ten times as long as to print a page."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from exporters.document.printing import _Printer

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence


@contextmanager
def warm_printers() -> Iterator[None]:
    """Give whoever prints a process that has printed before; one that failed is ended as ever."""
    begin, end, print_one = _Printer._begun, _Printer.close, _Printer.printed
    idle: list[subprocess.Popen[bytes]] = []
    python = sys.executable
    sound: set[int] = set()

    def begun() -> subprocess.Popen[bytes]:
        while idle and sys.executable == python:  # else a test has a printer that fails
            process = idle.pop()
            if process.poll() is None:
                return process
        return begin()

    def printed(self: _Printer, document: bytes, *arguments: Sequence[object]) -> bytes:
        sound.discard(id(self))
        pdf: bytes = print_one(self, document, *arguments)  # type: ignore[arg-type]
        sound.add(id(self))
        return pdf

    def close(self: _Printer) -> int | None:
        if self._process is None or id(self) not in sound:
            return end(self)
        sound.discard(id(self))
        idle.append(self._process)
        self._process = None
        return 0

    _Printer._begun, _Printer.printed, _Printer.close = staticmethod(begun), printed, close  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        _Printer._begun, _Printer.printed, _Printer.close = staticmethod(begin), print_one, end  # type: ignore[assignment, method-assign]
        for process in idle:
            process.communicate()
