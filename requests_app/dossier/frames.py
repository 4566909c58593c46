"""The bytes of a segment: a header, sealed frames bound to their place, a trailer.

    header   MAGIC, then PREFIX_BYTES random bytes
    frames   AES-256-GCM without a gap; nonce: the random bytes, the frame's number (4 bytes), 1 if last else 0
    trailer  where the last frame begins (8 bytes), its number (4 bytes), MAGIC

Every frame authenticates MAGIC and the key's id. The trailer needs no seal of its own: the last frame opens
only from the right offset, under the right number, and ends where the trailer begins. Numbers are big-endian.

Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (2015), STREAM.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from requests_app.keys.envelope import DataKey

MAGIC = b"DSRSEG01"
PREFIX_BYTES = 7
HEADER_BYTES = len(MAGIC) + PREFIX_BYTES
TAG_BYTES = 16
_TRAILER = struct.Struct(f">QI{len(MAGIC)}s")


@dataclass(frozen=True, slots=True)
class Trailer:
    """Where the last frame of a segment begins, and its number."""

    offset: int
    number: int

    SIZE_BYTES = _TRAILER.size

    def pack(self) -> bytes:
        """Give the bytes that end the file."""
        return _TRAILER.pack(self.offset, self.number, MAGIC)

    @classmethod
    def unpack(cls, packed: bytes) -> Self | None:
        """Read a file's last bytes; None where they are no trailer."""
        offset, number, magic = _TRAILER.unpack(packed)
        return cls(offset, number) if magic == MAGIC else None


class Sealer:
    """Seals and opens the frames of one segment; raises cryptography's `InvalidTag` for any other frame."""

    def __init__(self, key: DataKey, prefix: bytes) -> None:
        self.header = MAGIC + prefix
        self._prefix = prefix
        self._cipher = AESGCM(key.secret)
        self._binding = MAGIC + key.id.bytes

    @classmethod
    def fresh(cls, key: DataKey) -> Self:
        """Start a new segment."""
        return cls(key, os.urandom(PREFIX_BYTES))

    def seal(self, number: int, plain: bytes | memoryview, *, is_last: bool = False) -> bytes:
        """Encrypt the frame of this number, which must not be used twice."""
        return self._cipher.encrypt(self._nonce(number, is_last), plain, self._binding)

    def open(self, number: int, sealed: bytes, *, is_last: bool = False) -> bytes:
        """Decrypt the frame of this number."""
        return self._cipher.decrypt(self._nonce(number, is_last), sealed, self._binding)

    def _nonce(self, number: int, is_last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + is_last.to_bytes(1, "big")
