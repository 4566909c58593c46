"""Reads a segment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, BinaryIO

from extractors.batches import Batch, Kind
from requests_app.dossier.index import MAGIC, Index
from requests_app.keys.frames import FrameReader, Place

if TYPE_CHECKING:
    from collections.abc import Generator

    import pyarrow as pa

    from extractors.batches import Collection
    from requests_app.dossier.index import Frame, StoredCollection
    from requests_app.keys.envelope import DataKey

_FIRST_ROW = attrgetter("first_row")


class SegmentReader:
    """Reads a finished segment, any part of it and as often as wanted, by several threads if need be.

    Opening verifies the header, the index and the trailer; each frame is verified when it is read.

    Args:
        name: what errors call the segment.

    Raises:
        DamagedArtefact: by every method: cut, unfinished, reordered, altered, continued, or another key's.
    """

    def __init__(self, file: BinaryIO, key: DataKey, name: str = "segment") -> None:
        self._frames = FrameReader(file, key, MAGIC, name)
        self._collections = Index.load(self._frames.last).by_name()

    @property
    def collections(self) -> tuple[StoredCollection, ...]:
        """The collections in the order they were written, empty ones too."""
        return tuple(self._collections.values())

    def batches(self, collection_name: str) -> Generator[Batch]:
        """Stream the rows of a collection in their order, a frame at a time; may be called again.

        Raises:
            KeyError: the segment has no such collection.
        """
        stored = self._collections[collection_name]
        return (Batch(stored.collection, self._rows(frame)) for frame in stored.frames)

    def page(self, collection_name: str, first_row: int, rows: int) -> Batch:
        """Read up to `rows` rows from `first_row` (counted from 0) on, decrypting only the frames that hold them.

        That is one or two frames unless the rows exceed a mebibyte. Past the end there are none.

        Raises:
            KeyError: the segment has no such collection.
            ValueError: a negative number.
        """
        if first_row < 0 or rows < 0:
            raise ValueError("A page begins at row 0 or later and has no negative size.")
        stored = self._collections[collection_name]
        if not stored.frames:
            return Batch(stored.collection, _no_rows(stored.collection))
        import pyarrow as pa

        begin = bisect_right(stored.frames, first_row, key=_FIRST_ROW) - 1
        end = max(begin + 1, bisect_left(stored.frames, first_row + rows, key=_FIRST_ROW))
        parts = [self._rows(frame) for frame in stored.frames[begin:end]]
        frames = pa.concat_batches(parts)  # type: ignore[attr-defined]  # not in the stubs
        offset = min(first_row - stored.frames[begin].first_row, frames.num_rows)
        return Batch(stored.collection, frames.slice(offset, rows))

    def verify(self) -> None:
        """Read every frame."""
        for stored in self._collections.values():
            for frame in stored.frames:
                self._open(frame)

    def _rows(self, frame: Frame) -> pa.RecordBatch:
        import pyarrow as pa

        options = pa.ipc.IpcReadOptions(use_threads=False)
        return pa.ipc.open_stream(pa.py_buffer(self._open(frame)), options=options).read_next_batch()

    def _open(self, frame: Frame) -> bytes:
        return self._frames.open(Place(frame.number, frame.offset, frame.length))


def _no_rows(collection: Collection) -> pa.RecordBatch:
    import pyarrow as pa

    types: dict[Kind, pa.DataType] = {
        Kind.INTEGER: pa.int64(),
        Kind.FLOAT: pa.float64(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.BINARY: pa.binary(),
    }
    schema = pa.schema([(field.name, types.get(field.kind, pa.string())) for field in collection.fields])
    return pa.RecordBatch.from_pylist([], schema=schema)
