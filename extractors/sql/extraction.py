"""One collection's rows on their way out: which of them, in what order, and what is left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from extractors.batches import Batch, Cause, Collection, Extract, Omission, counted
from extractors.datamap.portability import left_out
from extractors.sql.comparing import family
from extractors.sql.output import readable_columns

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import pyarrow as pa

    from extractors.base import Scope
    from extractors.datamap import CollectionPart
    from extractors.sql.comparing import Binds, Comparing
    from extractors.sql.output import Reading
    from extractors.sql.reviewing import Marking
    from extractors.sql.schema import SourceTable
    from extractors.sql.traversal import Found

    Column = sa.ColumnElement[Any]
    Select = sa.Select[Any]

_CUTTING = frozenset({Cause.DELETED, Cause.LIMIT})
"""Causes by which rows are missing."""


class Reader(Protocol):
    """Runs statements in the one snapshot of an extract."""

    binds: Binds

    def row(self, select: Select) -> tuple[Any, ...]:
        """Run a statement that gives one row."""

    def stream(self, select: Select, readings: list[Reading]) -> Iterator[pa.RecordBatch]:
        """Run a statement and stream its rows, one column per reading."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """Reads the rows found of one collection, as far as the scope asks for them.

    Args:
        marking: marks what a reviewer should look at; None where nobody will.
    """

    reader: Reader
    comparing: Comparing
    part: CollectionPart
    source: SourceTable
    found: Found | None
    scope: Scope
    marking: Marking | None = None

    def extract(self, collection: Collection, readings: list[Reading]) -> Extract:
        """Say what is left out, and stream the rest once it is asked for."""
        source, name = collection.source.slug, collection.name
        label = "" if readings else collection.label
        omissions = tuple(
            Omission(source, name, reason, cut=cause in _CUTTING, cause=cause, label=label)
            for cause, reason in self._left_out()
        )
        return Extract(collection, omissions, self._batches(collection, readings))

    def _batches(self, collection: Collection, readings: list[Reading]) -> Generator[Batch]:
        if self.found and readings:  # where every column is a secret, no record is left to give
            select = self._select(self.found, [reading.expression for reading in readings])
            if self.marking:
                select, readings = self.marking.prepared(select, readings)
            for rows in self.reader.stream(select, readings):
                yield self.marking.batch(collection, rows) if self.marking else Batch(collection, rows)

    def _select(self, found: Found, columns: list[Column]) -> Select:
        select = found.select(columns)
        if (is_deleted := self._is_deleted(found)) is not None:
            select = select.where(sa.not_(is_deleted))
        if self.part.order_by:
            select = select.order_by(*self._ordering(found))
        if self._limit:
            select = select.limit(sa.literal_column(str(self._limit)))
        return select

    @property
    def _limit(self) -> int | None:
        return self.part.limit if self.scope.is_limited else None

    def _is_deleted(self, found: Found) -> Column | None:
        """The condition of rows left out because they are soft-deleted; None where none are."""
        if self.part.deleted is None or self.scope.keeps_deleted:
            return None
        column = found.columns[self.part.deleted.column]
        if self.part.deleted.equals:
            is_set = self.comparing.equals_one_of(column, self.part.deleted.equals)
        elif family(column.type) == "boolean":
            is_set = column
        elif isinstance(column.type, sa.Integer):
            is_set = column != sa.literal_column("0")
        else:
            is_set = column.is_not(None)
        return sa.func.coalesce(is_set, sa.false())

    def _ordering(self, found: Found) -> Iterator[Column]:
        """Order as the map says, empty values last, equals by their key so that a limit always cuts the same."""
        for name in self.part.order_by or ():
            column = found.columns[name.removeprefix("-")]
            yield column.is_(None)  # MariaDB knows no NULLS LAST
            yield column.desc() if name.startswith("-") else column.asc()
        yield from (found.columns[name] for name in self.source.primary_key)

    def _left_out(self) -> Iterator[tuple[Cause, str]]:
        """Yield what the person does not get, and why, in words."""
        given = readable_columns(self.part, self.source, self.scope)
        if self.scope.is_portable:
            yield from (
                (Cause.NOT_PORTABLE, reason) for reason in left_out(self.part, readable_columns(self.part, self.source))
            )
        if given or not self.scope.is_portable:
            yield from self._left_out_of(given)

    def _left_out_of(self, given: list[str]) -> Iterator[tuple[Cause, str]]:
        """Yield what is left out of a collection that is given."""
        if secrets := sorted(self.part.secrets & self.source.column_names):
            yield Cause.SECRET, f"secret, never leaves the source: {', '.join(secrets)}"
        fields = ((name, field) for name, field in self.part.fields.items() if name in given)
        if dropped := [f"{name} ({', '.join(field.drop)})" for name, field in fields if field.drop]:
            yield Cause.SECRET, f"parts withheld inside {', '.join(dropped)}"
        if self.found and self.scope.is_limited and (self.part.limit or self.part.deleted):
            yield from self._cut(self.found)

    def _cut(self, found: Found) -> Iterator[tuple[Cause, str]]:
        is_deleted = self._is_deleted(found)
        gone = sa.literal_column("0") if is_deleted is None else sa.case((is_deleted, sa.literal_column("1")))
        rows = found.select([gone.label("gone")]).subquery()
        counts: list[Column] = [sa.func.count(), sa.func.sum(rows.c.gone)]
        total, deleted = self.reader.row(sa.select(*counts).select_from(rows))
        left = int(total) - int(deleted or 0)
        if deleted:
            yield Cause.DELETED, f"{counted(int(deleted), 'deleted record')} left out"
        if self._limit and left > self._limit:
            yield Cause.LIMIT, f"only the newest {self._limit:,} of {counted(left, 'record')}"
