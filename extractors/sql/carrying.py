"""Values carried from one source to another: as text in between, typed for the column they are compared with.

What equals a column is what would equal it within one source. A number written unusually (`01`) is no other number,
although some databases would take it for one.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from extractors.errors import DsrError
from extractors.sql.comparing import BIGINT, KEPT_AS_WRITTEN, NUMBER, UNTYPED, WHOLE_NUMBER, base_type, family, is_uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy.types import TypeEngine

    from extractors.sql.comparing import Binds

    Column = sa.ColumnElement[Any]
    Type = TypeEngine[Any]

Row: TypeAlias = tuple[str | int | float, ...]
"""Values to compare with, one per column of a link."""

CHUNK_CHARACTERS = 2**20
ROWS_AT_ONCE = 10_000
MOST_LISTED_ONE_BY_ONE = 500
UNSIGNED = range(2**64)
LONG_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,37}")
FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,18})\.[0-9]{0,30}[1-9]")


def read_texts(
    connection: sa.Connection, select: sa.Select[Any], read: Callable[[Column], Column]
) -> Iterator[tuple[str, ...]]:
    """Read values to be carried, as text, streaming; what no text can say is left out.

    Args:
        read: how a column is read exactly.
    """
    columns = list(select.selected_columns)
    are_numbers = [family(column.type) == "number" for column in columns]
    wanted = select.with_only_columns(*map(read, columns), maintain_column_froms=True)
    for row in connection.execute(wanted, execution_options={"yield_per": ROWS_AT_ONCE}):
        texts = [as_text(value, is_number=is_number) for value, is_number in zip(row, are_numbers, strict=True)]
        if (known := tuple(text for text in texts if text is not None)) and len(known) == len(texts):
            yield known


def as_text(value: object, *, is_number: bool) -> str | None:
    """Write a value read from a source as other sources compare it; None for what no text can say.

    Args:
        is_number: whether the column holds numbers, however they were read: `1.00` is 1.
    """
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, bool) or not (is_number or isinstance(value, int | float | Decimal)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return format(number.normalize(), "f") if number.is_finite() else str(value)


def fitting(values: Iterable[tuple[str, ...]], types: Sequence[Type], *, is_strict: bool) -> list[Row]:
    """Keep what columns of these types can hold, each once, in the forms they hold it in."""
    rows: dict[Row, None] = {}
    for value in values:
        forms = (_forms(text, type_, is_strict=is_strict) for text, type_ in zip(value, types, strict=True))
        rows.update(dict.fromkeys(product(*forms)))
    return list(rows)


def listed_type(type_: Type, *, is_strict: bool) -> Type:
    """Say as what type values are listed that are compared with a column, so that its index serves."""
    base, name = base_type(type_), family(type_)
    if not is_strict or name == "uuid":
        return base
    if name == "number" and isinstance(base, sa.Integer):
        return base if is_unsigned(base) else sa.BigInteger()
    return sa.Numeric() if name == "number" else sa.Text()


def json_chunks(rows: Iterable[Row], keys: Sequence[str] = ()) -> Iterator[str]:
    """Write rows as JSON arrays of about a megabyte: each row an array, or an object with these keys."""
    chunk: list[str] = []
    size = 0
    for row in rows:
        text = json.dumps(dict(zip(keys, row, strict=True)) if keys else row, ensure_ascii=False)
        chunk.append(text)
        size += len(text)
        if size > CHUNK_CHARACTERS:
            yield f"[{','.join(chunk)}]"
            chunk, size = [], 0
    if chunk:
        yield f"[{','.join(chunk)}]"


class TooManyValues(DsrError, ValueError):
    """Say that a source cannot be searched by what another leads to, as its kind cannot be given so many values."""

    permanent = True


def listed_one_by_one(rows: Sequence[Row], types: Sequence[Type], binds: Binds) -> sa.SelectBase:
    """List rows as one SELECT each: what every database can do, as long as they are not too many.

    Raises:
        TooManyValues: they are.
    """
    if len(rows) > MOST_LISTED_ONE_BY_ONE:
        told = f"{len(rows):,} values of another source lead there; databases of this kind can be given"
        raise TooManyValues(f"{told} {MOST_LISTED_ONE_BY_ONE:,}.")
    selects = [
        sa.select(*(binds(str(value), type_).label(f"v{i}") for i, (value, type_) in enumerate(zip(row, types))))  # noqa: B905
        for row in rows
    ]
    return sa.union_all(*selects) if len(selects) > 1 else selects[0]


def _forms(text: str, type_: Type, *, is_strict: bool) -> tuple[str | int | float, ...]:
    return _typed(text, type_) if is_strict else _stored(text, family(type_))


def _typed(text: str, type_: Type) -> tuple[str, ...]:
    name = family(type_)
    if name == "number":
        return (text,) if _fits_number(text, base_type(type_)) else ()
    if name == "uuid":
        return (text.lower(),) if is_uuid(text) else ()
    return () if "\x00" in text else (text,)


def _fits_number(text: str, type_: Type) -> bool:
    if not isinstance(type_, sa.Integer):
        return bool(LONG_NUMBER.fullmatch(text) or FRACTION.fullmatch(text))
    return bool(LONG_NUMBER.fullmatch(text)) and int(text) in (UNSIGNED if is_unsigned(type_) else BIGINT)


def is_unsigned(type_: Type) -> bool:
    """Whether a column holds whole numbers without a sign, which may be twice as large (MariaDB)."""
    return bool(getattr(type_, "unsigned", False))


def _stored(text: str, name: str) -> tuple[str | int | float, ...]:
    """Give a value in the storage classes a column may hold it in; where the column converts, it does."""
    is_whole, is_number = _is_whole(text), bool(NUMBER.fullmatch(text))
    if name in UNTYPED and (is_whole or FRACTION.fullmatch(text)):
        return (int(text) if is_whole else float(text), text)
    if name in KEPT_AS_WRITTEN or not is_number or is_whole or FRACTION.fullmatch(text):
        return (text,)
    return ()


def _is_whole(text: str) -> bool:
    return bool(WHOLE_NUMBER.fullmatch(text)) and int(text) in BIGINT
