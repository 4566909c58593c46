"""Finds the rows again whose time of being kept is over, by the keys a witness saw."""

from __future__ import annotations

from calendar import isleap
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from extractors.changes import Fate, UnchangeableSource
from extractors.sql.changing.fixing import Fixing
from extractors.sql.changing.forms import exactly, key_text
from extractors.sql.changing.showing import shown_key
from extractors.sql.comparing import base_type
from extractors.sql.traversal import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from extractors.sql.changing.cases import Case
    from extractors.sql.changing.shapes import Shape
    from extractors.sql.traversal import Traversal

    Column = sa.ColumnElement[Any]

LEAP_DAY = (2, 29)
UNENDED = "the years are not over, by what stands there now: it may be another row with the same key"


def found_by_key(
    fixing: Fixing, traversal: Traversal, name: str, shape: Shape, batches: Iterable[pa.RecordBatch]
) -> Found:
    """Find rows by their keys; a key that more than one row has by now names none.

    Raises:
        UnchangeableSource: the keys are not of the columns that tell the collection's rows apart.
    """
    source = traversal.tables[name]
    key = shown_key(traversal.data_map.collections[name].key, source)
    if key == source.identity and not source.primary_key:
        raise UnchangeableSource(f"The rows of {name} have no key they could be found by again: name a `key`.")
    keys = fixing.texts(len(key))
    for batch in batches:
        if not set(key) <= set(batch.schema.names):
            raise UnchangeableSource(f"The rows of {name} are now told apart by {', '.join(key)}, which was not kept.")
        fixing.add(keys, _rows(batch, key))
    fixing.analyse(keys)
    same = _same(fixing, traversal, source.table, key, keys)
    conditions = traversal.filters(name)
    if not shape.is_unique(key):
        rows = source.table.alias("dsr alike")
        one: Column = sa.func.count()
        count = sa.select(one).select_from(rows).where(_same(fixing, traversal, rows, key, keys)).scalar_subquery()
        conditions = [*conditions, count == sa.literal_column("1")]
    joined = source.table.join(keys, same)
    return Found(dict(source.table.c), lambda columns: sa.select(*columns).select_from(joined).where(*conditions))


def keep_unended(fixing: Fixing, case: Case, today: date) -> None:
    """Keep the rows whose years are not over by what stands in them now, as far as it is an ISO date."""
    erase = case.part.erase
    if case.fixed is None or erase is None or erase.from_ is None or erase.years is None:
        return
    last = _last_start(today, erase.years).isoformat().replace("-", "")
    begun = sa.cast(case.fixed.source.table.c[erase.from_], sa.Text)
    first: Column = sa.literal_column("1")
    digits = sa.func.replace(sa.func.substr(begun, first, sa.literal_column("10")), _text("-"), _text(""))
    keys = case.fixed.keys
    unended = sa.select(keys).select_from(keys.join(case.fixed.source.table, case.fixed.same()))
    case.keep(fixing, Fate.KEPT, UNENDED, unended.where(digits > _text(last)))


def _last_start(today: date, years: int) -> date:
    """Give the last day from which so many years are over by today."""
    year = max(today.year - years, 1)
    start = date(year, today.month, 28 if (today.month, today.day) == LEAP_DAY and not isleap(year) else today.day)
    is_leap_start = (today.month, today.day) == (2, 28) and isleap(year) and not isleap(today.year)
    return start.replace(day=29) if is_leap_start else start


def _text(value: str) -> Column:
    return sa.bindparam(None, value, sa.Text(), unique=True)


def _same(fixing: Fixing, traversal: Traversal, rows: sa.FromClause, key: tuple[str, ...], keys: sa.Table) -> Column:
    pairs = [(rows.c[name], keys.c[f"k{index}"]) for index, name in enumerate(key)]
    looked_up = (traversal.comparing.equals(*pair) for pair in pairs if not _is_written_otherwise(pair[0]))
    exact = (exactly(key_text(column, fixing.dialect), fixing.dialect) == value for column, value in pairs)
    return sa.and_(*looked_up, *exact)


def _is_written_otherwise(column: Column) -> bool:
    """Whether a key's text is none that the database would turn into the value again."""
    type_ = base_type(column.type)
    otherwise = sa.types._Binary | sa.types.NullType | mysql.FLOAT | mysql.BIT
    return isinstance(type_, otherwise) or bool(getattr(type_, "zerofill", False))


def _rows(batch: pa.RecordBatch, key: tuple[str, ...]) -> Iterator[tuple[str | None, ...]]:
    yield from zip(*(batch.column(name).to_pylist() for name in key), strict=True)
