"""Writes a segment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from requests_app.dossier.index import MAGIC, Frame, Index, StoredCollection
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
    pending_bytes: int = 0
    rows: int = 0

    def stored(self) -> StoredCollection:
        return StoredCollection(self.collection, self.omissions, self.rows, tuple(self.frames))


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
        for rows in _split(batch.rows):
            current.pending.append(rows)
            current.pending_bytes += rows.nbytes
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

        rows = pa.concat_batches(current.pending)  # type: ignore[attr-defined]  # not in the stubs
        place = self._frames.append(_encode(rows, is_kept=self._is_kept))
        current.frames.append(Frame(place.number, current.rows, rows.num_rows, place.offset, place.length))
        current.rows += rows.num_rows
        current.pending, current.pending_bytes = [], 0


def _split(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if rows.num_rows > 1 and rows.nbytes > MOST_FRAME_BYTES:
        half = rows.num_rows // 2
        yield from _split(rows.slice(0, half))
        yield from _split(rows.slice(half))
    elif rows.num_rows:
        yield rows


def _encode(rows: pa.RecordBatch, *, is_kept: bool) -> memoryview:
    import pyarrow as pa

    # Threads would save some time and cost more processor and 35 MB.
    codec = pa.Codec("zstd", compression_level=1) if is_kept else pa.Codec("lz4")
    options = pa.ipc.IpcWriteOptions(compression=codec, use_threads=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=options) as stream:
        stream.write_batch(rows)
    return memoryview(sink.getvalue()).cast("B")
