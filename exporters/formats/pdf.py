"""PDF: a document to read and print, tagged for assistive technology; long answers in several parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from exporters.base import Answer, Exporter, Member
from exporters.document.markup import documents
from exporters.document.parts import names, parts
from exporters.document.printing import printed


class PdfExporter(Exporter):
    """Writes `export.pdf`, and further parts of 1,000 records each.

    Made for people: of a collection it shows the first `Answer.printed_rows`, of a text the first 2,000 characters, and
    says where the rest is.

    Source: ISO 32000-2; ISO 14289-1 (PDF/UA-1).
    """

    slug: ClassVar[str] = "pdf"
    media_type: ClassVar[str] = "application/pdf"
    extension: ClassVar[str] = "pdf"
    is_exact: ClassVar[bool] = False

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the documents; each is printed while the one before is read."""
        planned = parts(answer, answer.printed_rows)
        for name, document in zip(names(len(planned)), printed(documents(answer, planned)), strict=True):
            yield Member(name, iter([document]))
