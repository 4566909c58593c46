"""The bytes of every encrypted file: a header, sealed frames bound to their place, a trailer.

    header   the kind's magic (8 bytes), then PREFIX_BYTES random bytes
    frames   AES-256-GCM without a gap; nonce: the random bytes, the frame's number (4 bytes), 1 if last else 0
    trailer  where the last frame begins (8 bytes), its number (4 bytes), the magic

Every frame authenticates the magic and the key's id. The trailer needs no seal of its own: the last frame opens
only from the right offset, under the right number, and ends where the trailer begins. Numbers are big-endian.

Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (2015), STREAM.
"""

from __future__ import annotations

import os
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from extractors.errors import DamagedArtefact, UnwritableOutput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.keys.envelope import DataKey

MAGIC_BYTES = 8
PREFIX_BYTES = 7
HEADER_BYTES = MAGIC_BYTES + PREFIX_BYTES
TAG_BYTES = 16
_TRAILER = struct.Struct(f">QI{MAGIC_BYTES}s")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame is: `number` counts the file's frames from 0, `offset` and `length` are bytes of the file."""

    number: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Trailer:
    """Where the last frame of a file begins, and its number."""

    offset: int
    number: int

    SIZE_BYTES = _TRAILER.size

    def pack(self, magic: bytes) -> bytes:
        """Give the bytes that end the file."""
        return _TRAILER.pack(self.offset, self.number, magic)

    @classmethod
    def unpack(cls, packed: bytes, magic: bytes) -> Self | None:
        """Read a file's last bytes; None where they are no trailer of this kind."""
        offset, number, found = _TRAILER.unpack(packed)
        return cls(offset, number) if found == magic else None


class FrameWriter:
    """Writes frame after frame, encrypted. Until `finish` has returned, a reader refuses the file.

    Args:
        file: empty, at its start; best opened unbuffered, so that closing it writes nothing any more.
        key: encrypts this one file, never two.
        magic: 8 bytes that name the kind of file and its version.

    Raises:
        UnwritableOutput: by every method, when the file cannot be written (full disk).
        ValueError: by every method, once it is finished.
    """

    def __init__(self, file: BinaryIO, key: DataKey, magic: bytes) -> None:
        self._file = file
        self._magic = magic
        self._sealer = _Sealer(key, magic, os.urandom(PREFIX_BYTES))
        self._offset = 0
        self._number = 0
        self._is_finished = False
        self._put(self._sealer.header)

    def append(self, plain: bytes | bytearray | memoryview) -> Place:
        """Encrypt and write a frame that is not the last."""
        number, offset = self._take_number(), self._offset
        self._put(self._sealer.seal(number, plain))
        return Place(number, offset, self._offset - offset)

    def finish(self, plain: bytes | bytearray | memoryview) -> None:
        """Encrypt and write the last frame, which makes the file readable."""
        trailer = Trailer(self._offset, self._take_number())
        self._is_finished = True
        self._put(self._sealer.seal(trailer.number, plain, is_last=True) + trailer.pack(self._magic))
        with _as_unwritable(self._file):
            self._file.flush()

    def check_open(self) -> None:
        """Refuse what comes after `finish`."""
        if self._is_finished:
            raise ValueError("The file is finished; nothing more can be written to it.")

    def _take_number(self) -> int:
        # Taken before the frame is sealed: a number used twice, after a failed write say, would break the cipher.
        self.check_open()
        self._number += 1
        return self._number - 1

    def _put(self, content: bytes) -> None:
        left = memoryview(content)
        with _as_unwritable(self._file):
            while left:
                left = left[self._file.write(left) :]
        self._offset += len(content)


class FrameReader:
    """Reads the frames of a finished file in any order, by several threads if need be.

    Opening verifies the header, the trailer and the last frame; each other frame is verified when it is read.

    Args:
        magic: see `FrameWriter`.
        name: what errors call the file.

    Raises:
        DamagedArtefact: by every method: cut, unfinished, reordered, altered, continued, or another key's.
    """

    def __init__(self, file: BinaryIO, key: DataKey, magic: bytes, name: str) -> None:
        self._file = file
        self._name = name
        self._lock = Lock()
        size = file.seek(0, os.SEEK_END)
        if size < HEADER_BYTES + TAG_BYTES + Trailer.SIZE_BYTES:
            raise self.damaged("is unfinished or cut short")
        header = self._read(0, HEADER_BYTES)
        if not header.startswith(magic):
            raise self.damaged("does not begin as one of a known version")
        self._sealer = _Sealer(key, magic, header.removeprefix(magic))
        self.last_place = self._find_last(size - Trailer.SIZE_BYTES, magic)
        self.last = self._open_last()

    def open(self, place: Place) -> bytes:
        """Read and decrypt a frame that is not the last."""
        try:
            return self._sealer.open(place.number, self._read(place.offset, place.length))
        except InvalidTag:
            raise self.damaged(f"has an altered or misplaced frame {place.number}") from None

    def damaged(self, what: str) -> DamagedArtefact:
        """Make the error that says so of this file."""
        return DamagedArtefact(f"The {self._name} {what}.")

    def _find_last(self, end: int, magic: bytes) -> Place:
        trailer = Trailer.unpack(self._read(end, Trailer.SIZE_BYTES), magic)
        if trailer is None:
            raise self.damaged("is unfinished, cut short or continued")
        if not HEADER_BYTES <= trailer.offset <= end - TAG_BYTES:
            raise self.damaged("has an altered trailer")
        return Place(trailer.number, trailer.offset, end - trailer.offset)

    def _open_last(self) -> bytes:
        place = self.last_place
        try:
            return self._sealer.open(place.number, self._read(place.offset, place.length), is_last=True)
        except InvalidTag:
            raise self.damaged("has an altered or misplaced last frame, or another key") from None

    def _read(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)


class _Sealer:
    """Seals and opens the frames of one file; raises cryptography's `InvalidTag` for any other frame."""

    def __init__(self, key: DataKey, magic: bytes, prefix: bytes) -> None:
        self.header = magic + prefix
        self._prefix = prefix
        self._cipher = AESGCM(key.secret)
        self._binding = magic + key.id.bytes

    def seal(self, number: int, plain: bytes | bytearray | memoryview, *, is_last: bool = False) -> bytes:
        """Encrypt the frame of this number, which must not be used twice."""
        return self._cipher.encrypt(self._nonce(number, is_last), plain, self._binding)

    def open(self, number: int, sealed: bytes, *, is_last: bool = False) -> bytes:
        """Decrypt the frame of this number."""
        return self._cipher.decrypt(self._nonce(number, is_last), sealed, self._binding)

    def _nonce(self, number: int, is_last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + is_last.to_bytes(1, "big")


@contextmanager
def _as_unwritable(file: BinaryIO) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        name = getattr(file, "name", None)
        named = Path(name).name if isinstance(name, str | Path) else "a temporary file"
        raise UnwritableOutput(f"{named} cannot be written: {error.strerror or type(error).__name__}.") from error
