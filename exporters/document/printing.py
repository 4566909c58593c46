"""Turns a page of markup into a tagged PDF, in a process of its own: `python -m exporters.document.printing`.

WeasyPrint takes tens of megabytes that Python never gives back, and one core; a process a part gives both back, and two
parts are printed at once. Markup goes in and the PDF comes out by pipes: nothing lies on a disk.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from extractors.errors import DsrError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AT_ONCE = 2


class UnprintableDocument(DsrError):
    """Say that a PDF could not be made; the log of the host says why."""


def printed(documents: Iterable[bytes]) -> Iterator[bytes]:
    """Print documents, two at once, each given as soon as it and those before it are done.

    Args:
        documents: whole pages of markup, UTF-8; asked for one ahead.

    Raises:
        UnprintableDocument: the printing process failed.
    """
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting: deque[Future[bytes]] = deque()
        for document in documents:
            waiting.append(threads.submit(_print, document))
            if len(waiting) == AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _print(document: bytes) -> bytes:
    command = [sys.executable, "-m", "exporters.document.printing"]
    ran = subprocess.run(command, input=document, capture_output=True, check=False)  # noqa: S603  # our own
    if ran.returncode or not ran.stdout.startswith(b"%PDF"):
        raise UnprintableDocument(f"The PDF could not be made (status {ran.returncode}); is Pango installed?")
    return ran.stdout


def main() -> None:
    """Print the markup of the standard input to the standard output."""
    logging.disable(logging.CRITICAL)  # WeasyPrint's warnings quote what it reads
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    markup = sys.stdin.buffer.read().decode()
    # Whatever a document needs is in it: no file is read, no address asked.
    document = HTML(string=markup, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    document.write_pdf(sys.stdout.buffer, pdf_variant="pdf/ua-1", pdf_tags=True, optimize_images=True)


if __name__ == "__main__":
    main()
