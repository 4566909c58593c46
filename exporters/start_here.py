"""The file that a package is opened with: what it holds, how to read it, and the answer's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.document.printing import UnprintableDocument, printed
from exporters.markup import content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exporters.base import Answer

STEM = "START-HERE"


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of a package, as its manifest lists it.

    Args:
        path: within the package, with `/`.
        sha256: hexadecimal.
    """

    path: str
    size_bytes: int
    sha256: str
    media_type: str


def start_here(answer: Answer, files: Sequence[PackedFile], *, is_printed: bool) -> tuple[str, bytes]:
    """Write the file to open first; reads no records, so an answer that has passed will do.

    Args:
        files: those written before it, in their order.
        is_printed: whether it is to be a PDF; where none can be printed it is HTML all the same.

    Returns:
        Its name, and what is in it.
    """
    markup = _markup(answer, files)
    if is_printed:
        try:
            return f"{STEM}.pdf", b"".join(printed([markup]))
        except UnprintableDocument:
            pass  # the package is worth more than the look of its first file
    return f"{STEM}.html", markup


def _markup(answer: Answer, files: Sequence[PackedFile]) -> bytes:
    title = f"Start here: your data at {answer.system}"
    rows = "".join(
        f"<tr><td>{content(file.path)}</td><td>{file.size_bytes:,}</td><td><code>{content(file.sha256)}</code></td></tr>"
        for file in files
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{content(title)}</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"></head>\n'
        f"<body><h1>{content(title)}</h1><p>Request {content(answer.reference)}</p>"
        '<table><caption>What is in this package</caption><thead><tr><th scope="col">File</th>'
        f'<th scope="col">Bytes</th><th scope="col">SHA-256</th></tr></thead><tbody>{rows}</tbody></table></body></html>\n'
    ).encode()
