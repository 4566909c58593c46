"""Writes a file that is there whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from extractors.errors import DsrError, UnwritableOutput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write, which takes its name only when the block ends well; readable by its owner alone.

    Where the file system can (Linux), the unfinished file has no name at all, so that even a killed process leaves
    nothing behind.

    Raises:
        UnwritableOutput: the folder is missing or not writable, or the disk is full.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with _opened(unfinished) as file:
            yield file
            file.flush()
            if not unfinished.exists():
                _give_name(file, unfinished)
            unfinished.replace(path)
    except DsrError:
        raise
    except OSError as error:
        raise UnwritableOutput(f"{path} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _opened(unfinished: Path) -> BinaryIO:
    if hasattr(os, "O_TMPFILE"):
        with suppress(OSError):  # a file system without nameless files; what else is wrong shows below
            return os.fdopen(os.open(unfinished.parent, os.O_TMPFILE | os.O_RDWR, 0o600), "w+b")
    return os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")


def _give_name(file: BinaryIO, path: Path) -> None:
    """Link a nameless file into its folder (open(2), O_TMPFILE); naming the folder makes Python use linkat(2)."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
