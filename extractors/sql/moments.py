"""PostgreSQL's dates and timestamps, which ADBC carries as numbers, as ISO 8601 text.

ADBC counts from 1970 what PostgreSQL counts from 2000 and lets the sum overflow: infinity, and the last thirty years
a timestamp can hold, come out as numbers far below the earliest moment PostgreSQL knows (4713 BC).
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

_INFINITE_DAYS = {-2_147_472_692: "infinity", -2_147_472_691: "-infinity"}
_INFINITE_MICROSECONDS = {-9_222_425_352_054_775_809: "infinity", -9_222_425_352_054_775_808: "-infinity"}
_DAY = 86_400_000_000  # in microseconds
_SECOND = 1_000_000
_EARLIEST = -210_866_803_200_000_000  # a moment before the first that PostgreSQL knows
_YEAR_ONE, _YEAR_10000 = -719_162, 2_932_897  # in days from 1970
_GREGORIAN_CYCLE_DAYS = 146_097  # 400 years
_EPOCH = date(1970, 1, 1).toordinal()


def dates_as_text(values: pa.Array[Any]) -> pa.Array[Any]:
    """Write dates; `infinity` and years before Christ in PostgreSQL's own form."""
    days = values.cast(pa.int32())
    if _are_usual(days, 1):
        return values.cast(pa.string())
    return pa.array([None if day is None else _date_text(day) for day in days.to_pylist()], pa.string())


def timestamps_as_text(values: pa.Array[Any], *, is_instant: bool) -> pa.Array[Any]:
    """Write timestamps with `T`, instants with `Z`; `infinity` and years before Christ in PostgreSQL's own form."""
    numbers, mark = values.cast(pa.int64()), "Z" if is_instant else ""
    if not _are_usual(numbers, _DAY):
        texts = [None if number is None else _timestamp_text(number, mark) for number in numbers.to_pylist()]
        return pa.array(texts, pa.string())
    octets = pc.binary_replace_slice(_spaced(numbers).cast(pa.binary()), start=10, stop=11, replacement="T")
    text: Any = octets.cast(pa.string())
    return cast("pa.Array[Any]", pc.binary_join_element_wise(text, mark, "") if mark else text)


def _are_usual(numbers: pa.Array[Any], units_per_day: int) -> bool:
    """Whether all are of the years 1 to 9999, which Arrow writes as PostgreSQL does."""
    least, most = pc.min(numbers).as_py(), pc.max(numbers).as_py()
    return least is None or bool(least >= _YEAR_ONE * units_per_day and most < _YEAR_10000 * units_per_day)


def _spaced(numbers: pa.Array[Any]) -> pa.Array[Any]:
    moments = numbers.cast(pa.timestamp("us"))
    try:
        return moments.cast(pa.timestamp("s")).cast(pa.string())
    except pa.ArrowInvalid:  # some have fractions of a second
        return pc.ascii_rtrim(pc.ascii_rtrim(moments.cast(pa.string()), "0"), ".")


def _timestamp_text(microseconds: int, mark: str) -> str:
    if microseconds in _INFINITE_MICROSECONDS:
        return _INFINITE_MICROSECONDS[microseconds]
    exact = microseconds + 2**64 if microseconds < _EARLIEST else microseconds
    days, rest = divmod(exact, _DAY)
    day, _, era = _date_text(days).partition(" ")
    seconds, fraction = divmod(rest, _SECOND)
    text = f"{day}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    fraction_text = f".{fraction:06}".rstrip("0") if fraction else ""
    return f"{text}{fraction_text}{mark}" + (f" {era}" if era else "")


def _date_text(days: int) -> str:
    if days in _INFINITE_DAYS:
        return _INFINITE_DAYS[days]
    cycles, rest = divmod(days, _GREGORIAN_CYCLE_DAYS)
    day = date.fromordinal(_EPOCH + rest)
    year = day.year + 400 * cycles
    shown, era = (year, "") if year > 0 else (1 - year, " BC")
    return f"{shown:04}-{day:%m-%d}{era}"
