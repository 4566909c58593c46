"""PDF: a document to read and print, tagged for assistive technology; long answers in several parts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from exporters.base import Answer, Exporter, Member
from exporters.document.markup import documents
from exporters.document.parts import names, parts
from exporters.document.printing import printed

FIRST_PAGE_SECONDS = 1.0


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
    seconds_per_record: ClassVar[float] = 0.002

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the documents, before they are printed; each is printed while the one before is read."""
        planned = parts(answer, answer.printed_rows)
        printing = printed(documents(answer, planned))
        for number, name in enumerate(names(len(planned)), 1):
            yield Member(name, islice(printing, 1), part=(number, len(planned)))

    def seconds(self, answer: Answer) -> float:
        """See `Exporter.seconds`."""
        shown = sum(min(item.count, answer.printed_rows) for item in answer.collections)
        return FIRST_PAGE_SECONDS + self.seconds_per_record * shown
