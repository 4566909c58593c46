"""The marks of batches, cut and moved with the rows they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


def marks_of(marks: pa.RecordBatch, first: int, count: int) -> pa.RecordBatch:
    """Give the marks of `count` rows from `first` on, counted from there."""
    import pyarrow as pa
    import pyarrow.compute as pc

    row: Any = marks.column("row")
    begins: Any = pc.greater_equal(row, pa.scalar(first))
    ends: Any = pc.less(row, pa.scalar(first + count))
    return moved(marks.filter(pc.and_(begins, ends)), -first)


def moved(marks: pa.RecordBatch, by: int) -> pa.RecordBatch:
    """Give marks whose rows are counted from another beginning."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = pc.add(marks.column("row").cast(pa.int64()), by)
    return marks.set_column(0, "row", rows.cast(pa.uint32()))


def places(marks: pa.RecordBatch | None) -> Iterator[tuple[int, str]]:
    """Yield the row and the field of each mark; an empty field stands for the whole record."""
    if marks is not None:
        for mark in marks.select(["row", "field"]).to_pylist():
            yield mark["row"], mark["field"]
