"""Checks a file that is said to be a certificate: its record, its hash, its signature, and the audit trail."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from exporters.certificate.documents import RECORD_NAME
from exporters.certificate.records import SCHEMA_ID, canonical
from extractors.errors import DsrError
from requests_app import audit
from requests_app.certificates.finding import normalised
from requests_app.models import AuditSeal, Certificate

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from requests_app.audit import Verdict


LARGEST_NUMBER = 1 << 63
HASH = re.compile(r"[0-9a-f]{64}")


class NoCertificate(DsrError, ValueError):
    """Say that a file is no certificate of the portal; its text says why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of the file.

    Args:
        is_intact: whether what it signs is as it was signed.
        covers_all: whether nothing stands in the file beside what it signs.
    """

    signer: str
    is_intact: bool
    covers_all: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a file.

    Args:
        known: the certificate on record under its number; None where there is none.
        is_canonical: whether the record is written the one way that records are.
        holds_head: whether the audit trail still holds the head that the record names; None where it names none.
        trail: whether the trail itself is sound.
    """

    number: str | None
    sha256: str
    record_sha256: str
    known: Certificate | None
    is_canonical: bool
    holds_head: bool | None
    trail: Verdict
    signatures: tuple[Signature, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that speaks against it, in words; none for a genuine certificate."""
        return tuple(text for is_fault, text in self._told() if is_fault)

    def _told(self) -> list[tuple[bool, str]]:
        known, broken = self.known, self.trail.broken
        return [
            (known is None, "No certificate is on record under its number."),
            (known is not None and known.sha256 != self.sha256, "The file is not the one that was issued."),
            (known is not None and known.record_sha256 != self.record_sha256, "Its record is not the one issued."),
            (known is not None and known.withdrawn_at is not None, "It was withdrawn."),
            (not self.is_canonical, "Its record is not written as records are."),
            (known is not None and known.is_signed and not self.signatures, "It was signed, and is not any more."),
            (not all(item.is_intact and item.covers_all for item in self.signatures), "Its signature does not hold."),
            (self.holds_head is False, "The audit trail does not hold the seal that it names."),
            (broken is not None, f"The audit trail is broken at seal {broken.number:,}." if broken else ""),
        ]


def check(content: bytes) -> Finding:
    """Check a file against what is on record; changes nothing.

    Raises:
        NoCertificate: it cannot be read, or holds no record of a certificate.
    """
    reader = _reader(content)
    record = _embedded(reader)
    told = _document(record)
    number = normalised(told["number"]) if isinstance(told.get("number"), str) else None
    return Finding(
        number=number,
        sha256=hashlib.sha256(content).hexdigest(),
        record_sha256=hashlib.sha256(record).hexdigest(),
        known=Certificate.objects.filter(number=number).first() if number else None,
        is_canonical=_is_canonical(told, record),
        holds_head=_holds(told.get("audit")),
        trail=audit.verify(),
        signatures=tuple(_signatures(reader)),
    )


def _is_canonical(told: dict[str, Any], record: bytes) -> bool:
    try:
        return canonical(told) == record
    except ValueError:  # what no record of ours holds: halves of characters, infinity
        return False


def _holds(head: object) -> bool | None:
    if head is None:
        return None
    number, digest = (head.get("seal"), head.get("hash")) if isinstance(head, dict) else (None, None)
    if not (isinstance(number, int) and 0 <= number < LARGEST_NUMBER and HASH.fullmatch(str(digest))):
        return False
    return AuditSeal.objects.filter(number=number, hash=digest).exists()


def _reader(content: bytes) -> PdfFileReader:
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        return PdfFileReader(BytesIO(content))
    except Exception as error:
        raise NoCertificate(f"The file is no PDF that can be read ({type(error).__name__}).") from error


def _embedded(reader: PdfFileReader) -> bytes:
    try:
        names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
        files = {str(names[place]): names[place + 1] for place in range(0, len(names), 2)}
        content: bytes = files[RECORD_NAME]["/EF"]["/F"].data
    except Exception as error:
        raise NoCertificate(f"The file holds no {RECORD_NAME}, so it is no certificate.") from error
    return content


def _document(record: bytes) -> dict[str, Any]:
    try:
        told = json.loads(record)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA_ID:
        raise NoCertificate(f"The {RECORD_NAME} in the file is no record of a certificate.")
    return told


def _signatures(reader: PdfFileReader) -> list[Signature]:
    """Look whether signatures hold; whether the signer is to be trusted is for the reader of the file to say."""
    try:
        return [_signature(found) for found in reader.embedded_signatures]
    except Exception:  # noqa: BLE001 - whatever a forger made the reader stumble over, it is no signature that holds
        return [Signature("", is_intact=False, covers_all=False)]


def _signature(found: EmbeddedPdfSignature) -> Signature:
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(trust_roots=[found.signer_cert], allow_fetching=False)
    status = validate_pdf_signature(found, context)
    covers_all = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    name = found.signer_cert.subject.human_friendly
    return Signature(name, status.intact and status.valid, covers_all)
