"""Reads the key by which the host application signs who is signed in."""

from __future__ import annotations

SHORTEST_SECRET = 32  # bytes, RFC 7518 §3.2
BY_SECRET = "HS256"  # noqa: S105 - an algorithm
_PEM = "-----BEGIN "


def read_assertion_key(key: str, algorithm: str) -> str:
    """Look whether a key is one of the algorithm; a public key where it is no shared secret.

    Raises:
        ValueError: it is not; says why without its text.
    """
    if algorithm == BY_SECRET:
        if _PEM in key:
            raise ValueError("is a key in PEM, which is no secret for HS256: whoever knows it could sign")
        if len(key.encode()) < SHORTEST_SECRET:
            raise ValueError(f"has {len(key.encode())} bytes; a secret for HS256 has at least {SHORTEST_SECRET}")
        return key
    if "PRIVATE KEY" in key:
        raise ValueError("is a private key; the portal needs the public one alone")
    if not _is_public_key(key, algorithm):
        raise ValueError(f"is no public key for {algorithm} in PEM")
    return key


def _is_public_key(key: str, algorithm: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        loaded = load_pem_public_key(key.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    if algorithm == "ES256":
        return isinstance(loaded, ec.EllipticCurvePublicKey) and isinstance(loaded.curve, ec.SECP256R1)
    return isinstance(loaded, rsa.RSAPublicKey) and loaded.key_size >= 2048
