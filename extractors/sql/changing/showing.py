"""Shows a witness the keys of the rows that were fixed, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
import sqlalchemy as sa

from extractors.changes import Fate, UnchangeableSource
from extractors.sql.changing.fixing import MARIADB
from extractors.sql.changing.forms import key_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from extractors.changes import Witness
    from extractors.sql.changing.cases import Case
    from extractors.sql.changing.fixing import FixedRows
    from extractors.sql.schema import SourceTable

    Column = sa.ColumnElement[Any]

Columns: TypeAlias = "list[list[str | None]]"
BATCH_ROWS = 10_000
UNTIL = "until"
LAST_YEAR = 9999


def show(connection: sa.Connection, cases: Mapping[str, Case], witness: Witness) -> None:
    """Show every row that may be changed, with what it comes to."""
    for case in cases.values():
        if case.fixed and case.found and not case.part.context:
            for shown in _shown(case, case.fixed, connection.dialect.name):
                for batch in shown.batches(connection):
                    witness.fixed(case.name, shown.fate, batch)
    witness.all_fixed()


def shown_key(case_key: tuple[str, ...] | None, source: SourceTable) -> tuple[str, ...]:
    """Name the columns a row is known by outside: the map's key, the primary key, or else the row's place."""
    return case_key or source.primary_key or source.identity


@dataclass(frozen=True, slots=True)
class _Shown:
    """Rows that come to one fate; of those kept for some years, the last column is the moment these begin."""

    fate: Fate
    select: sa.Select[Any]
    years: int | None = None

    def batches(self, connection: sa.Connection) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        names = [column.name for column in self.select.selected_columns]
        read = _packed if connection.dialect.name in MARIADB else _plain
        for columns in read(connection, self.select):
            if self.years is not None:
                columns[-1] = [_end(start, self.years) for start in columns[-1]]
            yield pa.RecordBatch.from_arrays([pa.array(values, pa.string()) for values in columns], names=names)


def _plain(connection: sa.Connection, select: sa.Select[Any]) -> Iterator[Columns]:
    """Read rows as they come."""
    with connection.execute(select, execution_options={"yield_per": BATCH_ROWS}) as result:
        for rows in result.partitions(BATCH_ROWS):
            yield [[row[index] for row in rows] for index in range(len(rows[0]))]


def _packed(connection: sa.Connection, select: sa.Select[Any]) -> Iterator[Columns]:
    """Read ten thousand values as one JSON text: the driver takes longer over a row than over all that is in it.

    The texts of one batch list the same rows in the same order, as they are written side by side.

    Raises:
        UnchangeableSource: the server cut such a text off, as its `max_allowed_packet` is too small.
    """
    connection.exec_driver_sql("SET SESSION group_concat_max_len = 1073741824")
    numbered = select.add_columns(sa.func.row_number().over().label("dsr number")).subquery("dsr shown")
    *columns, number = numbered.c
    group = number.op("DIV")(sa.literal_column(str(BATCH_ROWS)))
    packed = sa.select(*map(_listed, columns), sa.func.count()).group_by(group)
    for *texts, count in connection.execute(packed):
        yield [_unpacked(text, count) for text in texts]


def _listed(column: Column) -> Column:
    value = sa.func.ifnull(sa.func.json_quote(column), sa.literal_column("'null'"))
    return sa.cast(sa.func.concat("[", sa.func.group_concat(value), "]"), sa.Text)


def _unpacked(text: str | None, count: int) -> list[str | None]:
    try:
        values: list[str | None] = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        values = []
    if len(values) != count:
        raise UnchangeableSource("The server's max_allowed_packet is too small to list the rows: raise it.")
    return values


def _shown(case: Case, fixed: FixedRows, dialect: str) -> Iterator[_Shown]:
    source, keys = fixed.source, fixed.keys
    years, begun = _begun(case, source)
    names = shown_key(case.part.key, source)
    at_hand = {name: keys.c[f"k{index}"] for index, name in enumerate(source.identity)}
    is_at_hand = at_hand.keys() >= set(names) and not begun
    rows = keys if is_at_hand else source.table.join(keys, fixed.same())
    columns: list[Column] = [
        key_text(at_hand[name] if is_at_hand else source.table.c[name], dialect).label(name) for name in names
    ]
    if case.left:
        own: sa.Select[Any] = sa.select(*[*columns, *begun]).select_from(rows)
        yield _Shown(case.fate, own.where(sa.not_(case.stays_in(keys))) if case.stays else own, years)
    for number, stay in enumerate(case.stays):
        staying = case.staying_by(number).subquery("dsr staying")
        same = sa.and_(*(staying.c[c.name] == c for c in keys.c))
        yield _Shown(stay.fate, sa.select(*columns).select_from(rows.join(staying, same)))


def _begun(case: Case, source: SourceTable) -> tuple[int | None, list[Column]]:
    erase = case.part.erase
    if case.fate is not Fate.KEPT or erase is None or erase.from_ is None or erase.years is None:
        return None, []
    return erase.years, [sa.cast(source.table.c[erase.from_], sa.Text).label(UNTIL)]


def _end(start: str | None, years: int) -> str | None:
    """Say when the years counted from a moment end; None where it cannot be told."""
    try:
        begun = date.fromisoformat((start or "")[:10])
    except ValueError:
        return None
    year = begun.year + years
    if year > LAST_YEAR:
        return None
    try:
        return begun.replace(year=year).isoformat()
    except ValueError:  # 29 February
        return begun.replace(year=year, day=28).isoformat()
