"""Values of MariaDB and MySQL, from the text their server sends to what a batch carries."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from extractors.batches import Kind
from extractors.sql.json_text import valid_json

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = pa.Array[Any]

DAY_LENGTH = 10
ZERO = b"0"


def as_text(values: Array) -> Array:
    """Read texts; octets that are none, which only a table older than its character set holds, are spelt out."""
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        texts = (None if value is None else value.decode(errors="backslashreplace") for value in values.to_pylist())
        return pa.array(list(texts), pa.string())


def as_numbers(values: Array, type_: pa.DataType) -> Array:
    """Read numbers; one of single precision is exact in double precision, so that it comes back by rounding."""
    numbers = as_text(values).cast(pa.float64() if pa.types.is_floating(type_) else type_)
    return numbers.cast(type_, safe=False)


def as_booleans(values: Array) -> Array:
    """Read bits."""
    return cast("Array", pc.not_equal(values, pa.scalar(ZERO, pa.binary())))


def as_moments(values: Array, *, is_instant: bool) -> Array:
    """Write timestamps with `T`, instants with `Z`, without zeros at the end of a fraction; zero dates as they are."""
    octets = pc.binary_replace_slice(values, start=DAY_LENGTH, stop=DAY_LENGTH + 1, replacement=b"T")
    text = without_zeros(octets)
    mark: Any = "Z" if is_instant else ""
    return cast("Array", pc.binary_join_element_wise(text, mark, "")) if mark else text


def without_zeros(values: Array) -> Array:
    """Write times without zeros at the end of a fraction."""
    text = as_text(values)
    has_fraction = pc.match_substring(text, ".")
    return cast("Array", pc.if_else(has_fraction, pc.ascii_rtrim(pc.ascii_rtrim(text, "0"), "."), text))


BY_KIND: dict[Kind, Callable[[Array], Array]] = {
    Kind.INTEGER: partial(as_numbers, type_=pa.int64()),
    Kind.FLOAT: partial(as_numbers, type_=pa.float64()),
    Kind.BOOLEAN: as_booleans,
    Kind.BINARY: lambda values: values,
    Kind.TIME: without_zeros,
    Kind.JSON: lambda values: valid_json(as_text(values)),
}
