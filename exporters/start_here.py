"""The file that a package is opened with: the answer's own words, and what the package holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.about import holder_of
from exporters.document.page import page as printed_page
from exporters.document.printing import UnprintableDocument, printed
from exporters.markup import content
from exporters.opening.colours import colour_of
from exporters.opening.information import information
from exporters.opening.letter import letter
from exporters.opening.package import PackedFile, package
from exporters.opening.rights import rights_and_complaint
from exporters.opening.statement import statement
from exporters.opening.title import title_page
from exporters.report.page import page
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exporters.base import Answer

__all__ = ["STEM", "PackedFile", "start_here"]

STEM = "START-HERE"
_HOW_TO_READ = (
    "Below we say what is in the package and how to open it, what we searched, and how we use your data. "
    "The link you came by works for a limited time, so please keep the package.",
)


def start_here(answer: Answer, files: Sequence[PackedFile], *, is_printed: bool) -> tuple[str, bytes]:
    """Write the file to open first; reads no records, so an answer that has passed will do.

    Args:
        files: those written before it, in their order.
        is_printed: whether it is to be a PDF; where none can be printed it is HTML all the same.

    Returns:
        Its name, and what is in it.
    """
    title = f"Start here: your data at {holder_of(answer)}"
    if is_printed:
        try:
            document = b"".join(printed_page(answer, title, [_content(answer, files, title)]))
            return f"{STEM}.pdf", b"".join(printed([document]))
        except UnprintableDocument:
            pass  # the package is worth more than the look of its first file
    chunks = page(
        title, "", [_content(answer, files, title)], _foot(answer), colour=colour_of(answer), is_searchable=False
    )
    return f"{STEM}.html", b"".join(chunks)


def _content(answer: Answer, files: Sequence[PackedFile], title: str) -> bytes:
    enclosed = [
        f"A package of {counted(len(files), 'file')}",
        "What we searched, and what we found",
        "How we use your data, and your rights",
    ]
    first = letter(answer, answer.letter, enclosed, _HOW_TO_READ) if answer.letter else title_page(answer, title)
    return (f"{first}{package(files)}{statement(answer)}{information(answer)}{rights_and_complaint(answer)}").encode()


def _foot(answer: Answer) -> str:
    return f"<p>{content(holder_of(answer))} · request {content(answer.reference)} · this file needs no network</p>"
