"""The folder of the setting DSR_STORAGE_DIR: encrypted files only, side by side, readable by their owner alone."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from io import FileIO
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, cast

from django.conf import settings

from extractors.errors import DsrError, UnwritableOutput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_NAME_CHARACTERS = 80
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+")


class MissingArtefact(DsrError, FileNotFoundError):
    """Say that an encrypted file is not in the storage, or not any more."""


class UnreadableArtefact(DsrError, OSError):
    """Say that an encrypted file cannot be read (no permission, faulty disk)."""


def create(name: str) -> BinaryIO:
    """Open a new file, unbuffered, to write it and read it again; what a dead worker left of this name is replaced.

    Its `write` may take less than it is given, as with every unbuffered file.

    Raises:
        UnwritableOutput: the storage cannot be written.
        ValueError: this is no name of a file in the storage.
    """
    path = _path(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        return cast("BinaryIO", FileIO(str(path), "x+", opener=_open_private))
    except OSError as error:
        raise UnwritableOutput(f"{name} cannot be written into the storage: {_reason(error)}.") from error


def open(name: str) -> BinaryIO:
    """Open a file, unbuffered, to read it; it can be read on when it is deleted meanwhile.

    Raises:
        MissingArtefact: there is none of this name.
        UnreadableArtefact: it cannot be read.
        ValueError: this is no name of a file in the storage.
    """
    path = _path(name)
    try:
        return cast("BinaryIO", FileIO(str(path), "r"))
    except OSError as error:
        raise _unreadable(name, error) from error


def delete(name: str) -> None:
    """Remove a file; may be called twice.

    Raises:
        UnwritableOutput: it cannot be removed.
        ValueError: this is no name of a file in the storage.
    """
    path = _path(name)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UnwritableOutput(f"{name} cannot be removed from the storage: {_reason(error)}.") from error


def size(name: str) -> int:
    """Measure a file as it lies there, in bytes; what it holds is less.

    Raises:
        MissingArtefact: there is none of this name.
        UnreadableArtefact: it cannot be read.
        ValueError: this is no name of a file in the storage.
    """
    path = _path(name)
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(name, error) from error


def names() -> Iterator[tuple[str, float]]:
    """List the files, each with the seconds since it was last written; passes over what is not the storage's."""
    folder: Path = settings.DSR_STORAGE_DIR
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(FileNotFoundError):  # deleted meanwhile
            found = path.stat()
            if _is_name(path.name) and S_ISREG(found.st_mode):
                yield path.name, max(0.0, time.time() - found.st_mtime)


def _path(name: str) -> Path:
    if not _is_name(name):
        raise ValueError("A file in the storage is named in small letters, digits and hyphens, as export-5-1.zip is.")
    folder: Path = settings.DSR_STORAGE_DIR
    return folder / name


def _is_name(name: str) -> bool:
    return len(name) <= MOST_NAME_CHARACTERS and _NAME.fullmatch(name) is not None


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _unreadable(name: str, error: OSError) -> DsrError:
    if isinstance(error, FileNotFoundError):
        return MissingArtefact(f"{name} is not in the storage.")
    return UnreadableArtefact(f"{name} cannot be read from the storage: {_reason(error)}.")


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
