"""How wide the columns of a printed table are: a printer would let long values run off the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from exporters.report.values import NUMBERS
from exporters.values import plain_text
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from extractors.batches import Field

_MOST_WANTED, _LONG_WORD, _SHORT_WORD = 48, 24, 12
_DIGIT = 1.15  # is wider than most letters
_GAP = 3  # between columns
_MOMENT = (16, 23)  # 2024-02-29 12:30 over 59 UTC, or in one line
_JSON = (19, 44)
_WORD = re.compile(r"\S+")


def columns(fields: Sequence[Field], headings: Sequence[str], rows: pa.RecordBatch, room: int) -> str:
    """Write the widths of the columns; see `widths`."""
    shares = widths(fields, headings, rows, room)
    total = sum(shares) or 1
    written = "".join(f'<col style="width:{100 * share / total:.2f}%">' for share in shares)
    return f"<colgroup>{written}</colgroup>"


def widths(fields: Sequence[Field], headings: Sequence[str], rows: pa.RecordBatch, room: int) -> list[float]:
    """Share out a page among columns by what is in the first records; gives characters.

    Args:
        headings: the names of the fields as they are shown.
        room: how many characters the page has side by side.
    """
    asked = [_asked(field, rows, position) for position, field in enumerate(fields)]
    needed = [max(need, _longest_word(name)) + _GAP for (need, _), name in zip(asked, headings, strict=True)]
    wanted = [max(want + _GAP, need) for (_, want), need in zip(asked, needed, strict=True)]
    return _shared(needed, wanted, room)


def _asked(field: Field, rows: pa.RecordBatch, position: int) -> tuple[int, int]:
    """Give the fewest and the wanted characters of a column."""
    import polars as pl

    if field.kind is Kind.TIMESTAMP:
        return _MOMENT
    if field.kind is Kind.BINARY:
        return _SHORT_WORD, 2 * _SHORT_WORD
    text = plain_text(pl.DataFrame(rows).to_series(position), field.kind).drop_nulls().head(200)
    if field.codes:
        text = text.replace({code: f"{code} ({told})" for code, told in field.codes.items()})
    lengths = text.str.len_chars()
    most = int(lengths.max() or 1)  # type: ignore[arg-type]  # of numbers
    if field.kind in NUMBERS:
        return round(min(most, _LONG_WORD) * _DIGIT), round(min(most, _MOST_WANTED) * _DIGIT)
    usual = int(lengths.quantile(0.9) or 1)
    if field.kind is Kind.JSON:
        return min(most, _JSON[0]), min(usual, _JSON[1])
    word = text.str.split(" ").list.eval(pl.element().str.len_chars()).list.max().quantile(0.9) or 1
    return min(int(word), _LONG_WORD), min(usual, _MOST_WANTED)


def _longest_word(name: str) -> int:
    return min(max(map(len, _WORD.findall(name)), default=1), _SHORT_WORD) + 2  # headings are bold


def _shared(needed: Sequence[int], wanted: Sequence[int], room: int) -> list[float]:
    """Give every column what it wants where there is room; else what it needs, and a share of what is left."""
    left, asked = room - sum(needed), sum(wanted) - sum(needed)
    if asked <= 0 or left >= asked:
        return [float(want) for want in wanted]
    share = max(left, 0) / asked
    return [need + (want - need) * share for need, want in zip(needed, wanted, strict=True)]
