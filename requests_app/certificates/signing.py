"""Signs certificates with the controller's own key, where one is configured (PAdES B-B; B-T with a time-stamp server).

Source: ETSI EN 319 142-1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import pkcs12
from django.conf import settings

from extractors.errors import DsrError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as X509

FIELD, REASON = "Certificate", "Issued by the controller"


class UnusableSigning(DsrError):
    """Say that certificates cannot be signed as they should be; names the setting, never the passphrase."""


def is_configured() -> bool:
    """Whether certificates are signed."""
    return settings.DSR_SIGNING_FILE is not None


def check() -> None:
    """Try whether what is configured can sign, today.

    Raises:
        UnusableSigning: it cannot, and why.
    """
    _opened(datetime.now(UTC))


def sign(pdf: bytes, *, at: datetime) -> bytes:
    """Sign a document; the signature covers all of it, and what stands in it stays as it is.

    Args:
        at: when it is signed, aware.

    Raises:
        UnusableSigning: the file cannot be used, or the time-stamp server does not answer.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko.sign.timestamps import HTTPTimeStamper

    content = _opened(at)
    signer = signers.SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=_passphrase())
    if signer is None:
        raise UnusableSigning("DSR_SIGNING_FILE cannot be used to sign: it holds no usable key.")
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD, reason=REASON, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    server = HTTPTimeStamper(settings.DSR_SIGNING_TSA) if settings.DSR_SIGNING_TSA else None
    signed = BytesIO()
    try:
        signers.sign_pdf(
            IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer, timestamper=server, output=signed
        )
    except Exception as error:
        where = "the time-stamp server of DSR_SIGNING_TSA" if server else "DSR_SIGNING_FILE"
        raise UnusableSigning(f"The certificate could not be signed by {where} ({type(error).__name__}).") from error
    return signed.getvalue()


def _opened(at: datetime) -> bytes:
    """Read the file, and see that it opens and is valid."""
    path = settings.DSR_SIGNING_FILE
    if path is None:
        raise UnusableSigning("DSR_SIGNING_FILE is not set.")
    try:
        content: bytes = path.read_bytes()
    except OSError as error:
        raise UnusableSigning(f"DSR_SIGNING_FILE cannot be read: {error.strerror}.") from None
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(content, _passphrase())
    except ValueError:
        told = "it is no PKCS#12 file, or DSR_SIGNING_PASSPHRASE is not its passphrase"
        raise UnusableSigning(f"DSR_SIGNING_FILE cannot be opened: {told}.") from None
    if key is None or certificate is None:
        raise UnusableSigning("DSR_SIGNING_FILE lacks the private key or its certificate.")
    _refuse_unless_valid(certificate, at)
    return content


def _refuse_unless_valid(certificate: X509, at: datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise UnusableSigning(f"The key of DSR_SIGNING_FILE is valid from {certificate.not_valid_before_utc:%d %B %Y}.")
    if at > certificate.not_valid_after_utc:
        raise UnusableSigning(
            f"The key of DSR_SIGNING_FILE was valid until {certificate.not_valid_after_utc:%d %B %Y}."
        )


def _passphrase() -> bytes | None:
    return settings.DSR_SIGNING_PASSPHRASE.encode() or None
