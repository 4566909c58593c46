"""A segment that nothing keeps, for exports made without the portal's database."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from extractors.errors import UnwritableOutput
from requests_app.dossier.reader import SegmentReader
from requests_app.dossier.writer import SegmentWriter
from requests_app.keys.envelope import DataKey

if TYPE_CHECKING:
    from collections.abc import Iterator


class TemporarySegment:
    """A segment in a file without a name, encrypted by a key that only this object holds."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._key = DataKey.generate()
        self.writer = SegmentWriter(file, self._key, is_kept=False)

    def reader(self) -> SegmentReader:
        """Read what was written; the writer must be finished.

        Raises:
            DamagedArtefact: see `SegmentReader`.
        """
        return SegmentReader(self._file, self._key, self._name)


@contextmanager
def temporary_segment(name: str = "temporary segment") -> Iterator[TemporarySegment]:
    """Give a segment that is gone, file and key, when the block ends.

    Raises:
        UnwritableOutput: there is no place for temporary files, or it is full.
    """
    with _unnamed_file() as file:
        yield TemporarySegment(file, name)


def _unnamed_file() -> BinaryIO:
    try:
        # Unbuffered: closing must not write, or a full disk would raise a second time, over the first error.
        return tempfile.TemporaryFile(buffering=0)
    except OSError as error:
        raise UnwritableOutput(f"A temporary file cannot be made: {error.strerror}.") from error
