"""PDF: a document to read and print, tagged for assistive technology; long answers in several parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import ClassVar

from exporters.base import Answer, Exporter, Member
from exporters.document.markup import opening_document
from exporters.document.parts import Piece, Streams, names, parts
from exporters.document.printing import printed
from exporters.document.records import record_document
from exporters.document.typesetting import typeset
from extractors.ahead import ahead

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
        for number, (name, chunks) in enumerate(zip(names(len(planned)), _documents(answer, planned), strict=True), 1):
            yield Member(name, chunks, part=(number, len(planned)))

    def seconds(self, answer: Answer) -> float:
        """See `Exporter.seconds`."""
        shown = sum(min(item.count, answer.printed_rows) for item in answer.collections)
        return FIRST_PAGE_SECONDS + self.seconds_per_record * shown


def _documents(answer: Answer, planned: Sequence[Sequence[Piece]]) -> Iterator[Iterator[bytes]]:
    """Give each document as chunks that are made when they are asked for, in their order."""
    others = planned[1:]
    streams = Streams()
    yield printed([opening_document(answer, planned, streams)])
    written = (
        record_document(answer, number, len(planned), pieces, streams) for number, pieces in enumerate(others, 2)
    )
    with closing(ahead(written, depth=1)) as documents:
        for _ in others:
            yield (typeset(document) for document in islice(documents, 1))
