"""Tells which rows came since they were shown, by their keys, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from extractors.changes import CHANGED

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from requests_app.changing.key_lists import ReadList

MOST_PENDING_ROWS = 500_000  # what is compared in one go: each time, all keys shown are hashed anew


class Arrivals:
    """Compares the rows of a change with those that were shown.

    Args:
        shown: the list that was approved.
        told: given a collection and rows of it that were not shown, or not as rows that would be erased.
    """

    def __init__(self, shown: ReadList, told: Callable[[str, pa.RecordBatch], None]) -> None:
        self._shown = shown
        self._told = told
        self._known: dict[str, pa.StringArray] = {}
        self._pending: list[pa.RecordBatch] = []
        self._collection = ""

    def add(self, collection: str, rows: pa.RecordBatch) -> None:
        """Take rows that are about to be erased; nothing may be told of them until `flush`."""
        if collection != self._collection:
            self.flush()
            self._collection = collection
        self._pending.append(rows)
        if sum(batch.num_rows for batch in self._pending) >= MOST_PENDING_ROWS:
            self.flush()

    def flush(self) -> None:
        """Compare what was taken so far."""
        import pyarrow as pa
        import pyarrow.compute as pc

        pending, self._pending = self._pending, []
        if not pending:
            return
        rows = pa.concat_batches(pending)  # type: ignore[attr-defined]  # not in the stubs
        is_new = pc.invert(pc.is_in(keys_of(rows, rows.schema.names), value_set=self._keys_shown()))
        if pc.any(is_new).as_py():
            self._told(self._collection, rows.filter(is_new))

    def shown(self, collection: str) -> int:
        """Count the rows of a collection that were shown as to be erased."""
        return len(self._keys(collection))

    def _keys_shown(self) -> pa.StringArray:
        return self._keys(self._collection)

    def _keys(self, collection: str) -> pa.StringArray:
        if collection not in self._known:
            import pyarrow as pa

            sections = self._shown.sections(CHANGED, collection)
            keys = [keys_of(rows, section.columns) for section in sections for rows in section.batches]
            self._known[collection] = pa.concat_arrays(keys) if keys else pa.array([], pa.string())
        return self._known[collection]


def keys_of(rows: pa.RecordBatch, columns: tuple[str, ...] | list[str]) -> pa.StringArray:
    """Write the key of each row as one text; of two different keys never the same."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts: list[Any] = [rows.column(index).cast(pa.string()) for index in range(len(columns))]
    if len(texts) == 1:
        return cast("pa.StringArray", texts[0])
    separator: Any = ":"  # the stubs want arrays alone
    parts = [part for text in texts for part in (pc.utf8_length(text).cast(pa.string()), text)]
    joined = pc.binary_join_element_wise(*parts, separator, null_handling="replace", null_replacement="-")
    return cast("pa.StringArray", joined)
