from __future__ import annotations

import re

import pyarrow as pa

from exporters.report.widths import columns
from extractors.batches import Field, Kind


def widths(fields: list[Field], values: list[list[object]], room: int = 170) -> list[float]:
    rows = pa.RecordBatch.from_arrays([pa.array(column) for column in values], names=list(map(str, range(len(values)))))
    return [
        float(width) for width in re.findall(r"width:([0-9.]+)%", columns(fields, [f.name for f in fields], rows, room))
    ]


def test_long_texts_are_given_the_room_that_short_ones_leave():
    fields = [Field("id", Kind.INTEGER), Field("note", Kind.TEXT), Field("flag", Kind.BOOLEAN)]
    found = widths(fields, [[1, 2], ["some long words " * 20] * 2, [True, False]])
    assert found[1] > 4 * found[0]
    assert abs(sum(found) - 100) < 0.1


def test_where_there_is_no_room_every_column_keeps_what_it_needs():
    fields = [Field("id", Kind.INTEGER), *(Field(f"note_{number}", Kind.TEXT) for number in range(9))]
    found = widths(fields, [[1], *(["words and words"] for _ in range(9))], room=100)
    assert min(found) > 3


def test_columns_without_a_value_have_a_width():
    fields = [Field("a", Kind.TEXT), Field("b", Kind.JSON), Field("c", Kind.BINARY), Field("d", Kind.TIMESTAMP)]
    values = [pa.array([None], kind) for kind in (pa.string(), pa.string(), pa.binary(), pa.string())]
    assert all(width > 1 for width in widths(fields, values))
