"""Writes a segment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from requests_app.dossier.index import MAGIC, Frame, Index, StoredCollection
from requests_app.dossier.marks import marks_of, moved
from requests_app.keys.frames import FrameWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from extractors.batches import Batch, Collection, Omission
    from requests_app.keys.envelope import DataKey

LEAST_FRAME_BYTES = 1 << 20  # of Arrow, before compression
MOST_FRAME_BYTES = 8 << 20


@dataclass(slots=True)
class _OpenCollection:
    collection: Collection
    omissions: tuple[Omission, ...]
    schema: pa.Schema | None = None
    frames: list[Frame] = field(default_factory=list)
    pending: list[pa.RecordBatch] = field(default_factory=list)
    pending_marks: list[pa.RecordBatch] = field(default_factory=list)
    pending_rows: int = 0
    pending_bytes: int = 0
    rows: int = 0
    marks: Counter[str] = field(default_factory=Counter)

    def add(self, rows: pa.RecordBatch, marks: pa.RecordBatch | None) -> None:
        """Take rows for the next frame, in which their marks count them from its beginning."""
        if marks is not None and marks.num_rows:
            self.pending_marks.append(moved(marks, self.pending_rows))
            self.marks.update(map(str, marks.column("concern").to_pylist()))
        self.pending.append(rows)
        self.pending_rows += rows.num_rows
        self.pending_bytes += rows.nbytes

    def stored(self) -> StoredCollection:
        return StoredCollection(self.collection, self.omissions, self.rows, tuple(self.frames), dict(self.marks))


class SegmentWriter:
    """Writes the batches of one source as they come, encrypted, holding no more than a frame.

    The collections come one after the other. Until `finish` has returned, a reader refuses the file. The key
    encrypts one segment, never two.

    Args:
        file: empty, at its start; best opened unbuffered, so that closing it writes nothing any more.
        is_kept: whether the segment is to last, and so worth the processor that makes it half as large.

    Raises:
        UnwritableOutput: by every method, when the file cannot be written (full disk).
    """

    def __init__(self, file: BinaryIO, key: DataKey, *, is_kept: bool = True) -> None:
        self._is_kept = is_kept
        self._frames = FrameWriter(file, key, MAGIC)
        self._done: list[StoredCollection] = []
        self._current: _OpenCollection | None = None

    def begin(self, collection: Collection, omissions: Sequence[Omission] = ()) -> None:
        """End the collection before and start this one.

        Raises:
            ValueError: a collection of this name was begun already, or it is of another source.
        """
        self._end_collection()
        for stored in self._done:
            if stored.collection.name == collection.name or stored.collection.source.slug != collection.source.slug:
                raise ValueError(f"The collection {collection.name!r} does not fit into this segment.")
        self._current = _OpenCollection(collection, tuple(omissions))

    def write(self, batch: Batch) -> None:
        """Append the batch to the collection begun last; small batches share a frame, large ones are split.

        Raises:
            ValueError: the batch is of another collection, or its Arrow schema differs from the batches before.
        """
        current = self._current
        if current is None or current.collection.name != batch.collection.name:
            raise ValueError(f"The collection {batch.collection.name!r} was not begun.")
        if not batch.rows.schema.equals(current.schema or batch.rows.schema):
            raise ValueError(f"The batches of the collection {batch.collection.name!r} differ in schema.")
        current.schema = batch.rows.schema
        for rows, marks in _split(batch.rows, batch.marks):
            current.add(rows, marks)
            if current.pending_bytes >= LEAST_FRAME_BYTES:
                self._flush(current)

    def finish(self) -> None:
        """End the last collection and make the segment readable; nothing may be written afterwards."""
        self._end_collection()
        self._frames.finish(Index(tuple(self._done)).dump())

    def _end_collection(self) -> None:
        if self._current is not None:
            self._flush(self._current)
            self._done.append(self._current.stored())
            self._current = None

    def _flush(self, current: _OpenCollection) -> None:
        if not current.pending:
            return
        import pyarrow as pa

        parts = [pa.concat_batches(current.pending)]  # type: ignore[attr-defined]  # not in the stubs
        if current.pending_marks:
            parts.append(pa.concat_batches(current.pending_marks))  # type: ignore[attr-defined]  # not in the stubs
        place = self._frames.append(_encode(parts, is_kept=self._is_kept))
        marks = sum(part.num_rows for part in parts[1:])
        rows = current.pending_rows
        current.frames.append(Frame(place.number, current.rows, rows, place.offset, place.length, marks))
        current.rows += rows
        current.pending, current.pending_marks, current.pending_rows, current.pending_bytes = [], [], 0, 0


def _split(
    rows: pa.RecordBatch, marks: pa.RecordBatch | None
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch | None]]:
    if rows.num_rows > 1 and rows.nbytes > MOST_FRAME_BYTES:
        half = rows.num_rows // 2
        for first, count in ((0, half), (half, rows.num_rows - half)):
            yield from _split(rows.slice(first, count), marks and marks_of(marks, first, count))
    elif rows.num_rows:
        yield rows, marks


def _encode(parts: list[pa.RecordBatch], *, is_kept: bool) -> memoryview:
    """Write the rows, and behind them their marks where there are some."""
    import pyarrow as pa

    # Threads would save some time and cost more processor and 35 MB.
    codec = pa.Codec("zstd", compression_level=1) if is_kept else pa.Codec("lz4")
    options = pa.ipc.IpcWriteOptions(compression=codec, use_threads=False)
    sink = pa.BufferOutputStream()
    for part in parts:
        with pa.ipc.new_stream(sink, part.schema, options=options) as stream:
            stream.write_batch(part)
    return memoryview(sink.getvalue()).cast("B")
