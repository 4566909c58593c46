"""Records as a table, or as cards where they have many fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from exporters.markup import attribute, content
from exporters.report.values import NUMBERS, shown
from exporters.report.widths import columns
from exporters.values import joined
from extractors.batches import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from extractors.batches import Collection, Field

FEW_RECORDS = 3


@dataclass(frozen=True, slots=True)
class Medium:
    """What records are read on.

    Args:
        most_table_fields: of a table; more make cards.
        longest: see `values.shown`.
        room: characters side by side, where columns have to be given their widths.
    """

    most_table_fields: int
    longest: int | None = None
    room: int = 0


SCREEN = Medium(12)
PAPER, WIDE_PAPER = Medium(6, longest=2_000, room=112), Medium(10, longest=2_000, room=170)
_LONG_WORD = re.compile(r"((?:&[a-z#0-9]+;|[^\s<&]){20})")


def records(
    collection: Collection, rows: Iterable[pa.RecordBatch], *, first: int, count: int, medium: Medium = SCREEN
) -> Iterator[bytes]:
    """Write records.

    Args:
        first: the number of the first of them, from 1.
        count: how many the collection has in all.
    """
    all_rows, widths = _widths(collection.fields, rows, medium) if medium.room else (rows, "")
    written = markup(collection, all_rows, first=first, count=count, medium=medium)
    return framed(collection, written, count, medium, widths)


def framed(
    collection: Collection, written: Iterable[pl.Series], count: int, medium: Medium = SCREEN, widths: str = ""
) -> Iterator[bytes]:
    """Put around records what makes a table or a list of cards of them.

    Args:
        written: records as `markup` gives them, any of them.
        widths: of a table's columns, as markup.
    """
    if not is_table(collection, count, medium):
        yield b'<div class="cards">\n'
        yield from map(joined, written)
        yield b"</div>\n"
        return
    label = collection.label or collection.name
    spoken = f"{label}, table of {collection.source.label or collection.source.slug}"  # others may have one so named
    yield (
        f'<div class="scroll" role="region" tabindex="0"{attribute("aria-label", spoken)}>\n'
        f"<table><caption>{content(label)}</caption>{widths}\n"
        f"<thead><tr>{''.join(map(_heading, collection.fields))}</tr></thead>\n"
        '<tbody class="records">\n'
    ).encode()
    yield from map(joined, written)
    yield b"</tbody></table></div>\n"


def markup(
    collection: Collection, rows: Iterable[pa.RecordBatch], *, first: int, count: int, medium: Medium = SCREEN
) -> Iterator[pl.Series]:
    """Write records as texts, one for each; see `records`."""
    fields = collection.fields
    has_cards = not is_table(collection, count, medium)
    for batch in rows:
        yield _cards(batch, fields, first, medium) if has_cards else _table_rows(batch, fields, medium)
        first += batch.num_rows


def _widths(
    fields: Sequence[Field], rows: Iterable[pa.RecordBatch], medium: Medium
) -> tuple[Iterator[pa.RecordBatch], str]:
    """Give the rows again, and the widths of their columns by the first of them."""
    stream = iter(rows)
    head = next(stream, None)
    if head is None:
        return stream, ""
    return chain([head], stream), columns(fields, list(map(name_of, fields)), head, medium.room)


def is_table(collection: Collection, count: int, medium: Medium) -> bool:
    """Whether records are shown as a table: there are enough of them, and not too many fields."""
    return count > FEW_RECORDS and len(collection.fields) <= medium.most_table_fields


def name_of(field: Field) -> str:
    """Name a field for people."""
    return field.label or words(field.name)


def _heading(field: Field) -> str:
    kind = ' class="n"' if field.kind in NUMBERS else ""
    name = _LONG_WORD.sub(r"\1<wbr>", content(name_of(field)))
    return f'<th scope="col"{kind}>{name}</th>'


def _table_rows(rows: pa.RecordBatch, fields: Sequence[Field], medium: Medium) -> pl.Series:
    text = '<td dir="auto">' if medium.longest is None else "<td>"  # printers know no "auto"
    openings = ['<td class="n">' if field.kind in NUMBERS else text for field in fields]
    return _written(rows, fields, "<tr>", openings, '<td class="none"></td>', "</td>", "</tr>\n", medium)


def _cards(rows: pa.RecordBatch, fields: Sequence[Field], first: int, medium: Medium) -> pl.Series:
    import polars as pl

    numbers = pl.Series(range(first, first + rows.num_rows), dtype=pl.Int64).cast(pl.String)
    start = pl.select(
        pl.concat_str(pl.lit('<article class="card"><h4>Record '), pl.lit(numbers), pl.lit("</h4><dl>"))
    ).to_series()
    openings = [f'<div><dt>{content(name_of(field))}</dt><dd dir="auto">' for field in fields]
    nothing = [f'<div><dt>{content(name_of(field))}</dt><dd class="none"></dd></div>' for field in fields]
    return _written(rows, fields, start, openings, nothing, "</dd></div>", "</dl></article>\n", medium)


def _written(
    rows: pa.RecordBatch,
    fields: Sequence[Field],
    start: str | pl.Series,
    openings: Sequence[str],
    nothing: str | Sequence[str],
    closing: str,
    end: str,
    medium: Medium,
) -> pl.Series:
    import polars as pl

    frame = pl.DataFrame(rows)
    height = rows.num_rows
    texts: list[pl.Expr] = [pl.repeat(start, height, dtype=pl.String) if isinstance(start, str) else pl.lit(start)]
    for position, field in enumerate(fields):
        column = frame.to_series(position) if frame.width else pl.Series(dtype=pl.String)
        value = shown(column, rows.column(position), field, medium.longest)
        empty = nothing if isinstance(nothing, str) else nothing[position]
        cell = pl.concat_str(pl.lit(openings[position]), pl.lit(value), pl.lit(closing))
        texts.append(cell.fill_null(empty) if value.null_count() else cell)
    texts.append(pl.repeat(end, height, dtype=pl.String))
    return pl.select(pl.concat_str(texts)).to_series()
