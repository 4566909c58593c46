"""One file out of a sealed package, inflated as it is taken."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.errors import DamagedArtefact, DsrError
from requests_app.storage.sealed import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer

    from requests_app.storage import SealedReader

_ENCRYPTED = 0x1


class UnknownMember(DsrError, LookupError):
    """Say that a package has no such file, or none that can be read without its passphrase."""


@dataclass(frozen=True, slots=True)
class PackedMember:
    """A file in a package: its size before it was packed, and its bytes, streamed once."""

    size_bytes: int
    chunks: Iterator[bytes]


def open_member(reader: SealedReader, path: str) -> PackedMember:
    """Find a file of a package, reading nothing but the package's directory at its end.

    Its chunks hold one of the package and one of the file at a time.

    Raises:
        UnknownMember: it is not there, or encrypted by a passphrase.
        DamagedArtefact: this is no ZIP; by the chunks also, where a file is not what its checksum says.
    """
    try:
        package = zipfile.ZipFile(io.BufferedReader(_Seekable(reader), CHUNK_BYTES))
        found = package.getinfo(path)
    except KeyError:
        raise UnknownMember("The package has no such file.") from None
    except zipfile.BadZipFile as error:
        raise DamagedArtefact("The package is no ZIP file.") from error
    if found.is_dir() or found.flag_bits & _ENCRYPTED:
        raise UnknownMember("This file can only be had together with the others.")
    return PackedMember(found.file_size, _inflated(package, found))


def _inflated(package: zipfile.ZipFile, found: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with package.open(found) as member:
            while chunk := member.read(CHUNK_BYTES):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DamagedArtefact("A file of the package is not what its checksum says.") from error


class _Seekable(io.RawIOBase):
    """What a sealed file holds, as a file that can be read from anywhere."""

    def __init__(self, reader: SealedReader) -> None:
        super().__init__()
        self._reader = reader
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._reader.size_bytes}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer, at most to the end of a chunk, so that none is decrypted twice in a row."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), CHUNK_BYTES - self._at % CHUNK_BYTES)
        content = next(self._reader.chunks(self._at, self._at + wanted - 1), b"") if wanted else b""
        view[: len(content)] = content
        self._at += len(content)
        return len(content)
