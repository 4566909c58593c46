"""A thin layer over ADBC's low-level interface: its DB-API would import dataframe libraries and hide SQLSTATEs."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import adbc_driver_manager

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import pyarrow as pa


class ArrowConnection:
    """A connection that gives results as streamed Arrow batches; one result may be open at a time.

    Raises:
        adbc_driver_manager.Error: by every method; its text holds statements and values and must not be shown.
    """

    def __init__(self, database: adbc_driver_manager.AdbcDatabase) -> None:
        self._database = database
        self._connection = adbc_driver_manager.AdbcConnection(database)

    def close(self) -> None:
        """End the connection, rolling back whatever it was in."""
        self._connection.close()
        self._database.close()

    def cancel(self) -> None:
        """Make what another thread is running here fail; whether that works is shown there."""
        with suppress(adbc_driver_manager.Error):
            self._connection.cancel()

    def run(self, statement: str, *values: str) -> None:
        """Run a statement that gives nothing, or nothing of interest, with text for its parameters ($1, $2 …)."""
        with self._statement(statement) as prepared:
            if values:
                prepared.prepare()
                prepared.bind(_one_row(values))
            handle, _ = prepared.execute_query()
            handle.release()

    def stream(self, statement: str, **options: str) -> Generator[pa.RecordBatch]:
        """Run a statement and yield its batches as they come; closing the iterator ends it."""
        from adbc_driver_manager._reader import AdbcRecordBatchReader

        with self._statement(statement) as opened:
            opened.set_options(**options)
            handle, _ = opened.execute_query()
            reader = AdbcRecordBatchReader._import_from_c(handle.address)
            try:
                yield from reader
            finally:
                reader.close()

    @contextmanager
    def _statement(self, text: str) -> Iterator[adbc_driver_manager.AdbcStatement]:
        with adbc_driver_manager.AdbcStatement(self._connection) as statement:
            statement.set_sql_query(text)
            yield statement


def _one_row(values: tuple[str, ...]) -> Any:
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({f"p{number}": [value] for number, value in enumerate(values, 1)})
