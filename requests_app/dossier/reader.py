"""Reads a segment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, BinaryIO

from extractors.batches import Batch, Kind
from requests_app.dossier.index import MAGIC, OLDER_MAGICS, Index
from requests_app.dossier.marks import marks_of, moved, places
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
        self._frames = FrameReader(file, key, _magic(file), name)
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
        return (Batch(stored.collection, *self._read(frame)) for frame in stored.frames)

    def next_marked(self, collection_name: str, first_row: int) -> int | None:
        """Find the first row from `first_row` on that has a mark, decrypting a frame or two; None where none has.

        Raises:
            KeyError: the segment has no such collection.
        """
        for frame in self._collections[collection_name].frames:
            if frame.marks and frame.first_row + frame.rows > first_row:
                marked = (frame.first_row + row for row, _ in places(self._read(frame)[1]))
                if (found := next((row for row in marked if row >= first_row), None)) is not None:
                    return found
        return None

    def marked(self, collection_name: str) -> Generator[tuple[int, str]]:
        """Stream the places that have a mark, reading only frames that hold some: the row and the field, if any.

        Raises:
            KeyError: the segment has no such collection.
        """
        for frame in self._collections[collection_name].frames:
            if frame.marks:
                yield from ((frame.first_row + row, field) for row, field in places(self._read(frame)[1]))

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
        chosen = stored.frames[begin:end]
        read = [self._read(frame) for frame in chosen]
        frames = pa.concat_batches([part for part, _ in read])  # type: ignore[attr-defined]  # not in the stubs
        offset = min(first_row - chosen[0].first_row, frames.num_rows)
        within = [
            moved(marks, frame.first_row - chosen[0].first_row)
            for frame, (_, marks) in zip(chosen, read, strict=True)
            if marks
        ]
        marks = pa.concat_batches(within) if within else None  # type: ignore[attr-defined]  # not in the stubs
        return Batch(stored.collection, frames.slice(offset, rows), marks and marks_of(marks, offset, rows))

    def verify(self) -> None:
        """Read every frame."""
        for stored in self._collections.values():
            for frame in stored.frames:
                self._open(frame)

    def _read(self, frame: Frame) -> tuple[pa.RecordBatch, pa.RecordBatch | None]:
        """Read a frame's rows, and its marks where it has some."""
        import pyarrow as pa

        options = pa.ipc.IpcReadOptions(use_threads=False)
        content = pa.BufferReader(self._open(frame))
        with pa.ipc.open_stream(content, options=options) as stream:
            (rows,) = stream
        if not frame.marks:
            return rows, None
        return rows, pa.ipc.open_stream(content, options=options).read_next_batch()

    def _open(self, frame: Frame) -> bytes:
        return self._frames.open(Place(frame.number, frame.offset, frame.length))


def _magic(file: BinaryIO) -> bytes:
    """Give the version a segment says it is of, the newest where it says none that is known."""
    file.seek(0)
    begin = file.read(len(MAGIC))
    return begin if begin in OLDER_MAGICS else MAGIC


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
