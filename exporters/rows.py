"""Record batches as the formats want them: never empty, never large, columns named by their position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import pyarrow as pa

    from extractors.batches import Batch

LARGEST_BYTES = 8 * 1024 * 1024


class _Sliceable(Protocol):
    """Record batches and columns of texts alike."""

    def __len__(self) -> int: ...

    def slice(self, offset: int, length: int | None = None) -> Self: ...


Piece = TypeVar("Piece", bound=_Sliceable)


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


class PieceStream(Generic[Piece]):
    """What can be cut, taken in pieces of any length, read once."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._stream = pieces
        self._next: Piece | None = None

    def peek(self) -> Piece | None:
        """Give some of what comes next without taking it; None at the end."""
        if self._next is None:
            self._next = next(self._stream, None)
        return self._next

    def take(self, most: int) -> Iterator[Piece]:
        """Yield what comes next, so much at most."""
        while most > 0 and (piece := self.peek()) is not None:
            taken = piece.slice(0, most)
            self._next = piece.slice(most) if len(piece) > most else None
            most -= len(taken)
            yield taken


class RowStream(PieceStream["pa.RecordBatch"]):
    """The rows of a collection as `rows_of` gives them, taken in pieces of any length, read once."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        super().__init__(rows_of(batches))
