"""Asks a source which values a key holds: by the key's index, a bounded number of values a statement, all bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.sql.comparing import BIGINT, base_type, is_uuid
from extractors.sql.inventory.databases import Refusal
from extractors.sql.inventory.reflecting import type_family

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from extractors.discovery.evidence import Value
    from extractors.discovery.model import ColumnId, TableId
    from extractors.sql.inventory.databases import Database
    from extractors.sql.inventory.reflecting import Reflected
    from extractors.sql.inventory.sampling import Clock

    Type = sa.types.TypeEngine[Any]

VALUES_A_STATEMENT = 500
ROWS_A_STATEMENT = 100


class SqlLookup:
    """Looks keys up until the time is up."""

    def __init__(self, database: Database, tables: Mapping[str, Reflected], clock: Clock) -> None:
        self.database = database
        self.tables = tables
        self.clock = clock

    def existing(self, column: ColumnId, values: Collection[Value]) -> frozenset[Value] | None:
        """See `Lookup.existing`."""
        key = self.tables[column[0]].table.c[column[1]]
        written = dict(_written(values, base_type(key.type)))
        found: set[Value] = set()
        for chunk in _chunks(list(written)):
            rows = None if self.clock.is_up else self.database.rows(_holding(key, chunk))
            if rows is None or isinstance(rows, Refusal):
                return None
            found.update(_recognised((row[0] for row in rows), written))
        return frozenset(found)

    def existing_rows(
        self, table: TableId, columns: Sequence[str], rows: Collection[tuple[Value, ...]]
    ) -> frozenset[tuple[Value, ...]] | None:
        """See `RowLookup.existing_rows`."""
        keys = [self.tables[table].table.c[name] for name in columns]
        written: dict[tuple[Any, ...], tuple[Value, ...]] = {}
        for row in rows:
            parts = [dict(_written([value], base_type(key.type))) for value, key in zip(row, keys, strict=True)]
            if all(parts):
                written[tuple(next(iter(part)) for part in parts)] = row
        found: set[tuple[Value, ...]] = set()
        asked = list(written)
        for start in range(0, len(asked), ROWS_A_STATEMENT):
            holding = _holding_rows(keys, asked[start : start + ROWS_A_STATEMENT])
            held = None if self.clock.is_up else self.database.rows(holding)
            if held is None or isinstance(held, Refusal):
                return None
            found.update(_recognised_rows(held, written))
        return frozenset(found)

    def span(self, column: ColumnId) -> tuple[int, int] | None:
        """See `Lookup.span`."""
        key = self.tables[column[0]].table.c[column[1]]
        if type_family(key.type) not in ("integer", "number") or self.clock.is_up:
            return None
        rows = self.database.rows(sa.select(sa.func.min(key), sa.func.max(key)))
        least, most = (None, None) if isinstance(rows, Refusal) else tuple(rows[0])
        return None if least is None or most is None else (int(least), int(most))


def _holding(key: sa.Column[Any], values: list[Value]) -> sa.Select[Any]:
    as_bound = sa.type_coerce(key, _bound_type(base_type(key.type)))
    read = sa.cast(key, sa.Text) if isinstance(base_type(key.type), sa.Uuid) else key
    return sa.select(sa.type_coerce(read, sa.types.NULLTYPE)).where(as_bound.in_(values))


def _holding_rows(keys: list[sa.Column[Any]], rows: list[tuple[Any, ...]]) -> sa.Select[Any]:
    as_bound = [sa.type_coerce(key, _bound_type(base_type(key.type))) for key in keys]
    read = [sa.cast(key, sa.Text) if isinstance(base_type(key.type), sa.Uuid) else key for key in keys]
    held = sa.or_(*(sa.and_(*(key == value for key, value in zip(as_bound, row, strict=True))) for row in rows))
    columns: list[sa.ColumnElement[Any]] = [sa.type_coerce(key, sa.types.NULLTYPE) for key in read]
    return sa.select(*columns).where(held)


def _recognised_rows(
    rows: Iterable[Sequence[Any]], written: Mapping[tuple[Any, ...], tuple[Value, ...]]
) -> Iterator[tuple[Value, ...]]:
    """Tell what was asked for again in what came back, which a database may write in another way."""
    asked = {tuple(map(_told, row)): row for row in written.values()}
    yield from (asked[told] for row in rows if (told := tuple(map(_told, row))) in asked)


def _told(value: Any) -> str:
    return str(value).rstrip().casefold().removesuffix(".0")


def _bound_type(type_: Type) -> Type:
    """Bind as the column's type, so that its index serves; numbers as large ones, which fit every column."""
    if isinstance(type_, sa.Uuid):
        return sa.Uuid(as_uuid=False)
    if isinstance(type_, sa.Integer | sa.Numeric):
        return sa.BigInteger()
    return type_ if isinstance(type_, sa.String) and not isinstance(type_, sa.Enum) else sa.types.NULLTYPE


def _written(values: Iterable[Value], type_: Type) -> Iterator[tuple[Any, Value]]:
    """Write values as a column of this type would hold them; those it cannot hold are left out."""
    write = WRITERS.get(type_family(type_))
    longest = getattr(type_, "length", None)
    for value in values:
        written = write(value) if write else None
        if written is not None and not (longest and isinstance(written, str) and len(written) > longest):
            yield written, value


def _as_number(value: Value) -> int | None:
    return value if isinstance(value, int) and value in BIGINT else None


def _as_text(value: Value) -> str | None:
    return None if isinstance(value, bytes) else str(value)


def _as_uuid(value: Value) -> str | None:
    return value.lower() if isinstance(value, str) and is_uuid(value) else None


def _as_bytes(value: Value) -> bytes | None:
    return value if isinstance(value, bytes) else None


WRITERS: Mapping[str, Callable[[Value], Any]] = {
    "integer": _as_number,
    "number": _as_number,
    "text": _as_text,
    "uuid": _as_uuid,
    "binary": _as_bytes,
}


def _recognised(found: Iterable[Any], written: Mapping[Any, Value]) -> Iterator[Value]:
    """Tell which of the values a row holds; databases that ignore case find others of the same letters."""
    folded = {text.casefold(): value for text, value in written.items() if isinstance(text, str)}
    for value in found:
        if value in written:
            yield written[value]
        elif isinstance(value, str) and value.strip().casefold() in folded:
            yield folded[value.strip().casefold()]


def _chunks(values: list[Value]) -> Iterator[list[Value]]:
    for start in range(0, len(values), VALUES_A_STATEMENT):
        yield values[start : start + VALUES_A_STATEMENT]
