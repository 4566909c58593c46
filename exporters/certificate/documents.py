"""A certificate as an archival PDF, with its machine-readable record inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exporters.certificate.markup import page
from exporters.certificate.records import as_json, sha256
from exporters.document.printing import Embedded, archival

if TYPE_CHECKING:
    from exporters.certificate.records import Heading, Record
    from exporters.letter import Controller

RECORD_NAME = "record.json"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate: the document, and the record inside it, whose hash is printed on it."""

    pdf: bytes = field(repr=False)
    record: bytes = field(repr=False)

    @property
    def record_sha256(self) -> str:
        """The hash of the record."""
        return sha256(self.record)


def issued(heading: Heading, record: Record, controller: Controller, *, is_signed: bool = False) -> Issued:
    """Print a certificate (PDF/A-3a); the same heading and record give the same bytes.

    Args:
        controller: whose name, logo and colour it bears.
        is_signed: whether it will be signed, which it says.

    Raises:
        UnprintableDocument: the printing process failed.
    """
    content = as_json(heading, record)
    markup = page(heading, record, controller, sha256(content), is_signed=is_signed)
    file = Embedded(RECORD_NAME, "The record that this certificate is of, for machines", heading.issued_at, content)
    return Issued(archival(markup, [file]), content)
