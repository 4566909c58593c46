"""Looks at some rows of each table; the values live as long as they are judged and compared, and nowhere but here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.discovery.keys import REFERRING, TableValues
from extractors.sql.inventory.databases import CUT_CHARACTERS, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extractors.discovery.evidence import Value
    from extractors.discovery.model import Sampling, SeenColumn
    from extractors.sql.inventory.databases import Columns, Database
    from extractors.sql.inventory.reflecting import Reflected

SECOND_LOOK_ROWS = 20_000
FEW_VALUES = 20
DIFFERENT_VALUES = 100
ROWS_SIDE_BY_SIDE = 200
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
WHOLE_DECIMAL = re.compile(r"(0|-?[1-9][0-9]{0,17})(\.0+)?")


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
        aligned: per column, what stands in each row.
        is_whole: whether these are all rows there are.
        refusal: why there are none.
    """

    table: Reflected
    values: dict[str, list[Any]] = field(default_factory=dict, repr=False)
    aligned: dict[str, list[Any]] = field(default_factory=dict, repr=False)
    is_whole: bool = False
    refusal: Refusal | None = None


class Sampler:
    """Reads samples, one statement a table and a second one where columns were empty in the first."""

    def __init__(self, database: Database, sampling: Sampling) -> None:
        self.database = database
        self.sampling = sampling

    def sized(self, table: Reflected) -> Reflected:
        """Count a table's rows where the database does not know them, or estimate them where there are many."""
        if table.facts.rows is not None and table.facts.rows > 0:
            return table
        counted = self.database.counted(table.table)
        if counted is None:
            counted = self.database.estimated(table.table, table.facts)
        return replace(table, facts=replace(table.facts, rows=counted))

    def rows(self, table: Reflected) -> Rows:
        """Look at some rows of a table."""
        readable = [column for column in table.columns if column.name not in table.unreadable]
        found = self._read(table, readable, self.sampling.rows)
        if isinstance(found, Refusal):
            return Rows(table, refusal=found)
        aligned = {column.name: [row[index] for row in found] for index, column in enumerate(readable)}
        values = {column.name: _present(column, aligned[column.name]) for column in readable}
        is_whole = len(found) < self.sampling.rows and (table.facts.rows or 0) <= self.sampling.rows
        if not is_whole:
            values |= self._second_look(table, [column for column in readable if len(values[column.name]) < FEW_VALUES])
        return Rows(table, values, aligned, is_whole)

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


def compared(rows: Rows) -> TableValues:
    """Keep of a sample what is needed for comparing it with others: different values, and some rows side by side."""
    different, side_by_side = {}, {}
    for column in rows.table.columns:
        if column.type in REFERRING:
            values = comparable(column, rows.aligned.get(column.name, ()))
            side_by_side[column.name] = values[:: max(1, len(values) // ROWS_SIDE_BY_SIDE)][:ROWS_SIDE_BY_SIDE]
            most = None if rows.is_whole else DIFFERENT_VALUES
            different[column.name] = _different(comparable(column, rows.values.get(column.name, ())), most)
    return TableValues(different, side_by_side, rows.is_whole)


def comparable(column: SeenColumn, values: Sequence[Any]) -> list[Value | None]:
    """Write values the way they compare with those of other columns: whole numbers as such, whatever holds them.

    What was cut, and so is not the value itself, becomes None.
    """
    present = [value for value in values if value is not None and value != ""]
    if present and all(_is_whole(value, column) for value in present):
        return [int(str(value).split(".", 1)[0]) if value is not None and value != "" else None for value in values]
    return [_plain(value) for value in values]


def _is_whole(value: Any, column: SeenColumn) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool)
    pattern = WHOLE_DECIMAL if column.type == "number" else WHOLE
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _plain(value: Any) -> Value | None:
    if value == "" or isinstance(value, bool | float):
        return None
    if isinstance(value, str):
        return value if len(value) < CUT_CHARACTERS else None
    return value if isinstance(value, int | bytes) else None


def _different(values: Iterable[Value | None], most: int | None) -> list[Value]:
    """Pick different values, from all over the sample; all of them where that is all there is."""
    different = [value for value in dict.fromkeys(values) if value is not None]
    return different if most is None else different[:: max(1, len(different) // most)][:most]
