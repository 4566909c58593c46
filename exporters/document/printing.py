"""Turns a page of markup into a tagged PDF, in a process of its own: `python -m exporters.document.printing`.

WeasyPrint takes tens of megabytes that Python never gives back, and one core; processes of their own give both back,
and two documents are printed at once. Markup goes in and the PDF comes out by pipes: nothing lies on a disk.
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from extractors.errors import DsrError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

AT_ONCE = 2
SECONDS_TO_END = 5
READABLE, ARCHIVAL = "pdf/ua-1", "pdf/a-3a"
_ROOT = Path(__file__).resolve().parents[2]  # whence Python finds this module, wherever the portal was started


class UnprintableDocument(DsrError):
    """Say that a PDF could not be made; the log of the host says why."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file inside an archival PDF, which holds in data what the PDF says in words.

    Args:
        name: its ending tells the media type.
        at: when it was made, aware.
    """

    name: str
    description: str
    at: datetime
    content: bytes = field(repr=False)


def printed(documents: Iterable[bytes]) -> Iterator[bytes]:
    """Print documents, two at once, each given as soon as it and those before it are done.

    Args:
        documents: whole pages of markup, UTF-8; asked for one ahead.

    Raises:
        UnprintableDocument: the printing process failed.
    """
    idle: SimpleQueue[_Printer] = SimpleQueue()
    printers = [_Printer() for _ in range(AT_ONCE)]
    for printer in printers:
        idle.put(printer)

    def print_one(document: bytes) -> bytes:
        printer = idle.get()
        try:
            return printer.printed(document)
        finally:
            idle.put(printer)

    try:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            waiting: deque[Future[bytes]] = deque()
            for document in documents:
                waiting.append(threads.submit(print_one, document))
                if len(waiting) == AT_ONCE:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        for printer in printers:
            printer.close()


def archival(document: bytes, files: Sequence[Embedded] = ()) -> bytes:
    """Print a document to be kept for years; the same markup and files give the same bytes by the same WeasyPrint.

    Args:
        document: a whole page of markup, UTF-8, that names its own dates (`dcterms.created`, `dcterms.modified`).
        files: embedded as data that belongs to the document.

    Raises:
        UnprintableDocument: the printing process failed.

    Source: ISO 19005-3 (PDF/A-3), level A.
    """
    printer = _Printer()
    try:
        return printer.printed(document, ARCHIVAL, files)
    finally:
        printer.close()


class _Printer:
    """A process that prints one document after the other; it begins with the first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def printed(self, document: bytes, variant: str = READABLE, files: Sequence[Embedded] = ()) -> bytes:
        """Print a document."""
        process = self._process = self._process or self._begun()
        if process.stdin is None or process.stdout is None:
            raise AssertionError("a printing process without pipes")
        try:
            process.stdin.write(b"".join((_order(document, variant, files), document, *(one.content for one in files))))
            process.stdin.flush()
            size = int(process.stdout.readline() or 0)
            pdf = process.stdout.read(size)
        except (OSError, ValueError):
            pdf = b""
        if not pdf.startswith(b"%PDF") or len(pdf) != size:
            status = self.close()
            raise UnprintableDocument(f"The PDF could not be made (status {status}); is Pango installed?")
        return pdf

    def close(self) -> int | None:
        """End the process, whatever it is at; returns its status."""
        process, self._process = self._process, None
        if process is None:
            return None
        with suppress(OSError, ValueError, subprocess.TimeoutExpired):
            process.communicate(timeout=SECONDS_TO_END)
        process.kill()
        return process.wait()

    @staticmethod
    def _begun() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "exporters.document.printing"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603  # ours


def _order(document: bytes, variant: str, files: Sequence[Embedded]) -> bytes:
    """Say in one line what follows it: the markup, then each file."""
    listed = [
        {"name": item.name, "description": item.description, "at": item.at.isoformat(), "bytes": len(item.content)}
        for item in files
    ]
    return json.dumps({"variant": variant, "bytes": len(document), "files": listed}).encode() + b"\n"


def main() -> None:
    """Print the documents of the standard input to the standard output, each behind a line with its size."""
    logging.disable(logging.CRITICAL)  # WeasyPrint's warnings quote what it reads
    gc.disable()  # looking again and again for what is not there takes a fifth of the time
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)
    while order := sys.stdin.buffer.readline():
        pdf = _written(json.loads(order))
        sys.stdout.buffer.write(b"%d\n" % len(pdf))
        sys.stdout.buffer.write(pdf)
        sys.stdout.buffer.flush()
        del pdf
        gc.collect()
        give_back(0)


def _written(order: dict[str, Any]) -> bytes:
    from weasyprint import HTML, Attachment
    from weasyprint.urls import URLFetcher

    markup = sys.stdin.buffer.read(order["bytes"]).decode()
    # Whatever a document needs is in it: no file is read, no address asked.
    document = HTML(string=markup, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    pdf: bytes = document.write_pdf(
        finisher=_name_files_once,
        attachments=[Attachment(**_attachment(item)) for item in order["files"]],
        pdf_variant=order["variant"],
        pdf_tags=True,
        optimize_images=True,
    )
    return pdf


def _attachment(item: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(item["at"]).astimezone(UTC)
    known = {"name": item["name"], "description": item["description"], "created": at, "modified": at}
    return known | {"string": sys.stdin.buffer.read(item["bytes"]), "relationship": "Data"}


def _name_files_once(_: object, pdf: Any) -> None:
    """Take out what WeasyPrint lists a second time among the associated files."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


if __name__ == "__main__":
    main()
