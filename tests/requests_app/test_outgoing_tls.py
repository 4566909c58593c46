"""Certificates: the name that was typed counts, though the connection is made to a number."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from requests_app import outgoing
from requests_app.outgoing import UnreachableAddress
from tests.requests_app.name_server import rebinding_names
from tests.servers.web import running_web_server

NAME = "hooks.example"


@pytest.fixture
def certificate(tmp_path):
    """A certificate for one name, that signs itself, and its key in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(certificate, settings, monkeypatch):
    """A server with that certificate, which every name leads to."""
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.1",)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with running_web_server(tls=context) as started, rebinding_names(monkeypatch, ["127.0.0.1"]):
        yield started


@contextmanager
def trusting(certificate, monkeypatch):
    """Trust a certificate as an operator does who has an authority of his own."""
    with monkeypatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate))
        outgoing._ssl_context.cache_clear()
        yield
    outgoing._ssl_context.cache_clear()


def get(url):
    with outgoing.client() as client:
        return client.get(url)


def test_the_certificate_is_checked_against_the_name(server, certificate, monkeypatch):
    with trusting(certificate, monkeypatch):
        assert get(f"https://{NAME}:{server.port}/").status_code == 204
        with pytest.raises(UnreachableAddress, match="certificate"):
            get(f"https://other.example:{server.port}/")
        with pytest.raises(UnreachableAddress, match="certificate"):
            get(f"https://127.0.0.1:{server.port}/")
    assert len(server.received) == 1


def test_a_certificate_nobody_vouches_for_is_refused(server):
    with pytest.raises(UnreachableAddress, match="certificate"):
        get(f"https://{NAME}:{server.port}/")
    assert server.received == []
