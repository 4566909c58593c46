"""Turns a page of markup into a tagged PDF, in a process of its own: `python -m exporters.document.printing`.

WeasyPrint takes tens of megabytes that Python never gives back, and one core; a process a part gives both back, and two
parts are printed at once. Markup goes in and the PDF comes out by pipes: nothing lies on a disk.
"""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.errors import DsrError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

AT_ONCE = 2
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
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting: deque[Future[bytes]] = deque()
        for document in documents:
            waiting.append(threads.submit(_print, document))
            if len(waiting) == AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def archival(document: bytes, files: Sequence[Embedded] = ()) -> bytes:
    """Print a document to be kept for years; the same markup and files give the same bytes by the same WeasyPrint.

    Args:
        document: a whole page of markup, UTF-8, that names its own dates (`dcterms.created`, `dcterms.modified`).
        files: embedded as data that belongs to the document.

    Raises:
        UnprintableDocument: the printing process failed.

    Source: ISO 19005-3 (PDF/A-3), level A.
    """
    return _print(document, ARCHIVAL, files)


def _print(document: bytes, variant: str = READABLE, files: Sequence[Embedded] = ()) -> bytes:
    command = [sys.executable, "-m", "exporters.document.printing"]
    parts = b"".join((_order(document, variant, files), document, *(item.content for item in files)))
    ran = subprocess.run(command, cwd=_ROOT, input=parts, capture_output=True, check=False)  # noqa: S603  # our own
    if ran.returncode or not ran.stdout.startswith(b"%PDF"):
        raise UnprintableDocument(f"The PDF could not be made (status {ran.returncode}); is Pango installed?")
    return ran.stdout


def _order(document: bytes, variant: str, files: Sequence[Embedded]) -> bytes:
    """Say in one line what follows it: the markup, then each file."""
    listed = [
        {"name": item.name, "description": item.description, "at": item.at.isoformat(), "bytes": len(item.content)}
        for item in files
    ]
    return json.dumps({"variant": variant, "bytes": len(document), "files": listed}).encode() + b"\n"


def main() -> None:
    """Print the markup of the standard input to the standard output."""
    logging.disable(logging.CRITICAL)  # WeasyPrint's warnings quote what it reads
    gc.disable()  # looking again and again for what is not there takes a fifth of the time; the process ends soon
    from weasyprint import HTML, Attachment
    from weasyprint.urls import URLFetcher

    order = json.loads(sys.stdin.buffer.readline())
    markup = sys.stdin.buffer.read(order["bytes"]).decode()
    # Whatever a document needs is in it: no file is read, no address asked.
    document = HTML(string=markup, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    document.write_pdf(
        sys.stdout.buffer,
        finisher=_name_files_once,
        attachments=[Attachment(**_attachment(item)) for item in order["files"]],
        pdf_variant=order["variant"],
        pdf_tags=True,
        optimize_images=True,
    )


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
