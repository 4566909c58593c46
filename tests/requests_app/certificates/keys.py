"""Keys that certificates are signed with, made for the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

PASSPHRASE = "a-passphrase-of-the-tests"


def a_key(*, valid_from_days: int = -1, valid_days: int = 30, passphrase: str = PASSPHRASE) -> bytes:
    """Make a key and its certificate, as a PKCS#12 file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Meridian Foundation")])
    begins = datetime.now(UTC) + timedelta(days=valid_from_days)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=valid_days))
        .add_extension(x509.KeyUsage(*[True, True, *[False] * 7]), critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"portal", key, certificate, None, BestAvailableEncryption(passphrase.encode())
    )
