"""Record batches as the formats want them: never empty, never large, columns named by their position."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from extractors.batches import Batch

LARGEST_BYTES = 8 * 1024 * 1024


def rows_of(batches: Iterator[Batch], largest_bytes: int = LARGEST_BYTES) -> Iterator[pa.RecordBatch]:
    """Stream the rows of batches, cut so that none but a single record is larger than `largest_bytes`.

    The columns are named "0", "1", … in the fields' order: polars takes some names for patterns.
    """
    for batch in batches:
        names = [str(position) for position in range(batch.rows.num_columns)]
        rows = batch.rows.rename_columns(names) if names else batch.rows
        yield from _cut(rows, largest_bytes)


def _cut(rows: pa.RecordBatch, largest_bytes: int) -> Iterator[pa.RecordBatch]:
    if rows.num_rows > 1 and rows.nbytes > largest_bytes:
        middle = rows.num_rows // 2
        yield from _cut(rows.slice(0, middle), largest_bytes)
        yield from _cut(rows.slice(middle), largest_bytes)
    elif rows.num_rows:
        yield rows


class RowStream:
    """The rows of a collection as `rows_of` gives them, taken in pieces of any length, read once."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._stream = rows_of(batches)
        self._next: pa.RecordBatch | None = None

    def peek(self) -> pa.RecordBatch | None:
        """Give some of the next rows without taking them; None at the end."""
        if self._next is None:
            self._next = next(self._stream, None)
        return self._next

    def take(self, most: int) -> Iterator[pa.RecordBatch]:
        """Yield the next rows, so many at most."""
        while most > 0 and (rows := self.peek()) is not None:
            taken = rows.slice(0, most)
            self._next = rows.slice(most) if rows.num_rows > most else None
            most -= taken.num_rows
            yield taken
