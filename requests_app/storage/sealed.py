"""Any bytes as an encrypted file, of which any part can be read.

What it holds is cut into chunks of CHUNK_BYTES, each a frame (see `requests_app.keys.frames`), and a shorter last one,
which may be empty: so the place of every byte follows from its number.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from requests_app.keys.frames import HEADER_BYTES, TAG_BYTES, FrameReader, FrameWriter, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.keys.envelope import DataKey

MAGIC = b"DSRFIL01"
CHUNK_BYTES = 1 << 20
_SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES


class SealedWriter:
    """Encrypts what is written to it, holding no more than a chunk. Until `finish` has returned, a reader refuses it.

    `size_bytes` and `sha256` are of what was written to it so far.

    Args:
        file: empty, at its start; best opened unbuffered, as `storage.create` does.
        key: encrypts this one file, never two.

    Raises:
        UnwritableOutput: by every method, when the file cannot be written (full disk).
        ValueError: by every method, once it is finished.
    """

    def __init__(self, file: BinaryIO, key: DataKey) -> None:
        self._frames = FrameWriter(file, key, MAGIC)
        self._chunk = bytearray(CHUNK_BYTES)
        self._filled = 0
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """The digest of what it holds, hexadecimal."""
        return self._digest.hexdigest()

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Append all of the bytes, which may be changed afterwards; returns how many they were."""
        self._frames.check_open()
        left = memoryview(content).cast("B")
        self._digest.update(left)
        size = len(left)
        while left:
            part = left[: CHUNK_BYTES - self._filled]
            self._chunk[self._filled : self._filled + len(part)] = part
            self._filled += len(part)
            left = left[len(part) :]
            if self._filled == CHUNK_BYTES:
                self._frames.append(self._chunk)
                self._filled = 0
        self.size_bytes += size
        return size

    def finish(self) -> None:
        """Write the last chunk and make the file readable; nothing may be written afterwards."""
        self._frames.finish(memoryview(self._chunk)[: self._filled])


class SealedReader:
    """Reads what was sealed, any part of it and as often as wanted, by several threads if need be.

    Opening verifies the header, the trailer, the size and the last chunk; each other chunk is verified when it is
    read. `size_bytes` counts what the file holds.

    Args:
        name: what errors call the file.

    Raises:
        DamagedArtefact: by every method: cut, unfinished, reordered, altered, continued, or another key's.
    """

    def __init__(self, file: BinaryIO, key: DataKey, name: str = "file") -> None:
        self._frames = FrameReader(file, key, MAGIC, name)
        last = self._frames.last_place
        if last.offset != _place(last.number).offset:
            raise self._frames.damaged("lacks or repeats a part")
        self.size_bytes = last.number * CHUNK_BYTES + len(self._frames.last)

    def chunks(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Stream the bytes from number `first` to number `last`, both included and counted from 0.

        Decrypts only the chunks that hold them. Past the end there are none; without `last` it goes on to the end.

        Raises:
            ValueError: a negative number.
        """
        if first < 0 or (last is not None and last < 0):
            raise ValueError("Bytes are counted from 0.")
        end = self.size_bytes if last is None else min(last + 1, self.size_bytes)
        return self._chunks(first, end)

    def _chunks(self, begin: int, end: int) -> Iterator[bytes]:
        while begin < end:
            number, skipped = divmod(begin, CHUNK_BYTES)
            taken = min(end - begin, CHUNK_BYTES - skipped)
            yield self._plain(number)[skipped : skipped + taken]
            begin += taken

    def _plain(self, number: int) -> bytes:
        if number == self._frames.last_place.number:
            return self._frames.last
        return self._frames.open(_place(number))


def _place(number: int) -> Place:
    return Place(number, HEADER_BYTES + number * _SEALED_CHUNK_BYTES, _SEALED_CHUNK_BYTES)
