"""The envelope: keys in memory, and how one is wrapped by another; knows no database."""

from __future__ import annotations

import base64
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from extractors.errors import DamagedArtefact, DsrError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_BYTES = 32
NONCE_BYTES = 12


class UnusableKeyRing(DsrError, ValueError):
    """Refuse the setting DSR_KEYS; names the entry, never its value."""


class MissingKey(DsrError, LookupError):
    """Say that a key asked for is neither on the ring nor in the database."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A 32-byte AES-256 key in the clear, to be held in memory only.

    Args:
        id: bound into everything the key encrypts, so that a wrong key never passes for the right one.
    """

    id: uuid.UUID
    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make a key that no database knows: what it encrypts is lost when the process ends."""
        return cls(uuid.uuid4(), os.urandom(KEY_BYTES))

    def wrap(self, child: DataKey) -> str:
        """Encrypt an artefact's key under this one; each call gives another text."""
        return _wrap(self.secret, str(self.id), "artefact key", child)

    def unwrap(self, wrapped: str, key_id: uuid.UUID) -> DataKey:
        """Decrypt an artefact's key that `wrap` encrypted.

        Raises:
            DamagedArtefact: the text was altered, or belongs to another key or another parent.
        """
        return DataKey(key_id, _unwrap(self.secret, str(self.id), "artefact key", wrapped, key_id))

    def seal_text(self, text: str, purpose: str) -> str:
        """Encrypt a short secret, to be opened for this purpose alone; each call gives another text."""
        return f"v1.{_seal(self.secret, _binding(purpose, 'text', self.id), text.encode())}"

    def open_text(self, sealed: str, purpose: str) -> str:
        """Decrypt what `seal_text` encrypted.

        Raises:
            DamagedArtefact: it was altered, or belongs to another key or purpose.
        """
        version, _, encoded = sealed.partition(".")
        if version == "v1":
            with suppress(ValueError, InvalidTag):
                return _open(self.secret, _binding(purpose, "text", self.id), encoded).decode()
        raise DamagedArtefact(f"A text ({purpose}) does not open by encryption key {self.id}: altered, or another's.")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The operator's keys by their ids, 32 bytes each, in the order of DSR_KEYS: the first encrypts, all decrypt.

    Raises:
        UnusableKeyRing: no key, or one that is not 32 bytes long.
    """

    secrets: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secrets:
            raise UnusableKeyRing("DSR_KEYS holds no key.")
        for ring_id, secret in self.secrets.items():
            if len(secret) != KEY_BYTES:
                raise UnusableKeyRing(f"DSR_KEYS: the key {ring_id!r} is not {KEY_BYTES} bytes long.")

    @property
    def first(self) -> str:
        """The id of the key that encrypts."""
        return next(iter(self.secrets))

    def wrap(self, key: DataKey) -> str:
        """Encrypt a request's key under the first ring key; each call gives another text."""
        return _wrap(self.secrets[self.first], self.first, "request key", key)

    def unwrap(self, wrapped: str, key_id: uuid.UUID) -> DataKey:
        """Decrypt a request's key that `wrap` encrypted under any key of the ring.

        Raises:
            MissingKey: the ring key it names is not on the ring.
            DamagedArtefact: the text was altered, or belongs to another key, or the ring key is another one.
        """
        ring_id = wrapped.split(".")[1] if wrapped.count(".") == 2 else ""
        if ring_id and ring_id not in self.secrets:
            raise MissingKey(f"DSR_KEYS lacks the key {ring_id!r}, which encryption key {key_id} needs.")
        return DataKey(key_id, _unwrap(self.secrets.get(ring_id, b""), ring_id, "request key", wrapped, key_id))


def _wrap(secret: bytes, wrapper: str, purpose: str, key: DataKey) -> str:
    return f"v1.{wrapper}.{_seal(secret, _binding(wrapper, purpose, key.id), key.secret)}"


def _unwrap(secret: bytes, wrapper: str, purpose: str, wrapped: str, key_id: uuid.UUID) -> bytes:
    with suppress(ValueError, InvalidTag):
        version, named, encoded = wrapped.split(".")
        if (version, named) == ("v1", wrapper):
            return _open(secret, _binding(wrapper, purpose, key_id), encoded)
    raise DamagedArtefact(f"Encryption key {key_id} does not unwrap: it was altered, or {wrapper!r} is another key.")


def _seal(secret: bytes, binding: bytes, plain: bytes) -> str:
    nonce = os.urandom(NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + AESGCM(secret).encrypt(nonce, plain, binding)).decode()


def _open(secret: bytes, binding: bytes, encoded: str) -> bytes:
    """Give back what `_seal` took; raises `ValueError` or cryptography's `InvalidTag` for any other text."""
    sealed = base64.b64decode(encoded, altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(sealed).decode() != encoded:
        raise ValueError("Several texts stand for the same bytes; only the one written is taken.")
    return AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], binding)


def _binding(wrapper: str, purpose: str, key_id: uuid.UUID) -> bytes:
    return f"dsr.v1.{purpose}.{wrapper}.{key_id}".encode()
