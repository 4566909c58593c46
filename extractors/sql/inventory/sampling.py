"""Looks at some rows of each table; the values live as long as they are judged and compared, and nowhere but here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.sql.inventory.databases import CUT_CHARACTERS, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extractors.discovery.model import Sampling, SeenColumn
    from extractors.sql.inventory.databases import Columns, Database
    from extractors.sql.inventory.reflecting import Reflected

SECOND_LOOK_ROWS = 20_000
FEW_VALUES = 20


class Clock:
    """How much of the time for a source is left."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = monotonic() + seconds

    @property
    def is_up(self) -> bool:
        """Whether nothing more may be begun."""
        return monotonic() >= self.ends_at


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table, column by column; never shown.

    Args:
        values: per column, what is neither NULL nor empty.
        is_whole: whether these are all rows there are.
        refusal: why there are none.
    """

    table: Reflected
    values: dict[str, list[Any]] = field(default_factory=dict, repr=False)
    is_whole: bool = False
    refusal: Refusal | None = None


class Sampler:
    """Reads samples, one statement a table and a second one where columns were empty in the first."""

    def __init__(self, database: Database, sampling: Sampling) -> None:
        self.database = database
        self.sampling = sampling

    def sized(self, table: Reflected) -> Reflected:
        """Count a table's rows where the database does not know them and counting is quick."""
        if table.facts.rows is not None and table.facts.rows > 0:
            return table
        counted = self.database.counted(table.table)
        return replace(table, facts=replace(table.facts, rows=counted)) if counted is not None else table

    def rows(self, table: Reflected) -> Rows:
        """Look at some rows of a table."""
        readable = [column for column in table.columns if column.name not in table.unreadable]
        found = self._read(table, readable, self.sampling.rows)
        if isinstance(found, Refusal):
            return Rows(table, refusal=found)
        values = {column.name: _present(column, (row[index] for row in found)) for index, column in enumerate(readable)}
        is_whole = len(found) < self.sampling.rows and (table.facts.rows or 0) <= self.sampling.rows
        if not is_whole:
            values |= self._second_look(table, [column for column in readable if len(values[column.name]) < FEW_VALUES])
        return Rows(table, values, is_whole)

    def _read(self, table: Reflected, columns: Sequence[SeenColumn], rows: int) -> list[sa.Row[Any]] | Refusal:
        return self.database.rows(self.database.picked(table.table, self._cut(columns), rows, table.facts))

    def _cut(self, columns: Iterable[SeenColumn]) -> Columns:
        return lambda source: [
            sa.type_coerce(self.database.cut(source.c[column.name], column.type), sa.types.NULLTYPE).label(f"c{index}")
            for index, column in enumerate(columns)
        ]

    def _second_look(self, table: Reflected, columns: Sequence[SeenColumn]) -> dict[str, list[Any]]:
        """Look for values in columns that are mostly empty, in more rows, of which only those with a value come."""
        if not columns:
            return {}
        many = self.database.picked(table.table, self._cut(columns), SECOND_LOOK_ROWS, table.facts).subquery("many")
        filled = sa.select(many).where(sa.or_(*(column.is_not(None) for column in many.c)))
        found = self.database.rows(filled.limit(self.sampling.rows))
        if isinstance(found, Refusal):
            return {}
        looked = {column.name: _present(column, (row[index] for row in found)) for index, column in enumerate(columns)}
        return {name: values for name, values in looked.items() if values}


def _present(column: SeenColumn, values: Iterable[Any]) -> list[Any]:
    present = [value for value in values if value is not None and value != ""]
    return [bool(value) for value in present] if column.type == "boolean" and {0, 1}.issuperset(present) else present


def comparable(values: Iterable[Any], most: int) -> list[Any]:
    """Pick different values that were not cut, for looking them up elsewhere."""
    whole = (value for value in values if not (isinstance(value, str) and len(value) >= CUT_CHARACTERS))
    different = list(dict.fromkeys(whole))
    step = max(1, len(different) // most)
    return different[::step][:most]
