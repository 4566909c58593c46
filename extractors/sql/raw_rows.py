"""Rows of MariaDB and MySQL as their server sends them, cut into columns a batch at a time.

The client library would make a Python object of every value, which takes five times as long as the server needs. In
the text protocol a row is a packet of values, each behind its length (MariaDB manual, "Result Set Packets"), so that a
column's values begin where those of the column before end: all rows of a batch are cut at once.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from extractors.ahead import ahead

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import polars as pl
    import pyarrow as pa

BATCH_BYTES = 4 * 2**20
MOST_ROWS_A_BATCH = 20_000
RECEIVED_BYTES = 2**18
WHOLE_PACKET = 2**24 - 1  # a row that fills one goes on in the next
END, FAILED = 0xFE, 0xFF
LONGEST_END = 8
NULL = 251
# Lengths that take more than a byte: what stands in their place, and in how many bytes they follow.
LONG = {252: 2, 253: 3, 254: 8}
LOST = 2013


def receive_in_large_pieces(connection: Any) -> None:
    """Let PyMySQL ask the system for a quarter of a megabyte at a time, not for 8 KiB; before a statement is sent."""
    received = connection._rfile
    connection._rfile = connection._sock.makefile("rb", buffering=RECEIVED_BYTES)
    received.close()


def raw_batches(cursor: Any, width: int) -> Iterator[list[pa.Array[Any]]]:
    """Read what is left of an unbuffered result of PyMySQL, as binary arrays, one per column.

    Args:
        width: how many columns the result has.

    Raises:
        pymysql.Error: as the cursor would.
    """
    # Cutting leaves Python to others, so that the next rows are received meanwhile.
    for rows in ahead(_batches_of_rows(cursor)):
        yield _columns(rows, width)


def _batches_of_rows(cursor: Any) -> Generator[list[bytes]]:
    is_open = True
    while is_open:
        rows, is_open = _read_rows(cursor)
        if rows:
            yield rows


def _read_rows(cursor: Any) -> tuple[list[bytes], bool]:
    """Read the packets of a batch, in one loop, as each call a row costs a tenth of the whole.

    Returns:
        The rows, and whether more may follow; at the end of the result the library is told of it.
    """
    from pymysql.err import raise_mysql_exception

    connection, result = cursor.connection, cursor._result  # it has no other way to its socket
    rows: list[bytes] = []
    left = BATCH_BYTES
    for row in _packets(connection):
        if row[0] >= END and (row[0] == FAILED or len(row) <= LONGEST_END):
            result.unbuffered_active = False
            if row[0] == FAILED:
                raise_mysql_exception(row)
            result.connection = None
            return rows, False
        rows.append(row)
        left -= len(row)
        if left < 0 or len(rows) == MOST_ROWS_A_BATCH:
            break
    return rows, True


def _packets(connection: Any) -> Iterator[bytes]:
    from pymysql.err import OperationalError

    read, parse, parts = connection._rfile.read, struct.Struct("<HBB").unpack, []
    while True:
        try:
            low, high, _ = parse(read(4))
            size = low | high << 16
            packet = read(size)
        except (OSError, ValueError, struct.error) as error:
            raise OperationalError(LOST, "Lost connection to server during query") from error
        if len(packet) < size:
            raise OperationalError(LOST, "Lost connection to server during query")
        if size == WHOLE_PACKET:
            parts.append(packet)
        elif parts:
            yield b"".join((*parts, packet))
            parts = []
        else:
            yield packet


def _columns(rows: list[bytes], width: int) -> list[pa.Array[Any]]:
    import polars as pl
    import pyarrow as pa

    table = pl.DataFrame({"row": pl.Series(rows, dtype=pl.Binary)}).with_columns(at=pl.lit(0, pl.UInt32))
    columns = []
    for _ in range(width):
        table = _measured(table)
        value = pl.col("row").bin.slice(pl.col("at"), pl.col("size"))
        cut = table.select(pl.when(pl.col("mark") != NULL).then(value))
        columns.append(cut.to_series().to_arrow().cast(pa.binary()))
        table = table.select("row", at=pl.col("at") + pl.col("size"))
    return columns


def _measured(table: pl.DataFrame) -> pl.DataFrame:
    """Read the lengths that stand at the places the rows are cut, and step over them."""
    import polars as pl

    first = pl.col("row").bin.slice(pl.col("at"), 1).bin.reinterpret(dtype=pl.UInt8)
    table = table.select("row", mark=first, at=pl.col("at") + 1)
    size, step = pl.col("mark").cast(pl.UInt32), pl.lit(0, pl.UInt32)
    for mark in LONG.keys() & set(table["mark"].unique()):
        is_long = pl.col("mark") == mark
        size = pl.when(is_long).then(_number(is_long, LONG[mark])).otherwise(size)
        step = pl.when(is_long).then(pl.lit(LONG[mark], pl.UInt32)).otherwise(step)
    size = pl.when(pl.col("mark") == NULL).then(pl.lit(0, pl.UInt32)).otherwise(size)
    return table.select("row", "mark", size=size, at=pl.col("at") + step)


def _number(is_there: pl.Expr, width: int) -> pl.Expr:
    """Read a number of so many bytes, least first; where there is none, from a row of zeros."""
    import polars as pl

    octets = pl.when(is_there).then(pl.col("row").bin.slice(pl.col("at"), width)).otherwise(pl.lit(bytes(width)))
    parts = (
        octets.bin.slice(place, 1).bin.reinterpret(dtype=pl.UInt8).cast(pl.UInt32) * 256**place
        for place in range(min(width, 4))  # no value is longer than 4 GiB
    )
    return pl.sum_horizontal(*parts)
