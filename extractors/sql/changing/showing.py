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
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from extractors.changes import Witness
    from extractors.sql.changing.cases import Case
    from extractors.sql.changing.fixing import FixedRows
    from extractors.sql.schema import SourceTable

    Column = sa.ColumnElement[Any]

Rows: TypeAlias = "Sequence[Sequence[str | None]]"
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
        for rows in read(connection, self.select):
            columns: list[Sequence[str | None]] = list(zip(*rows, strict=True))
            if self.years is not None:
                columns[-1] = [_end(start, self.years) for start in columns[-1]]
            yield pa.RecordBatch.from_arrays([pa.array(values, pa.string()) for values in columns], names=names)


def _plain(connection: sa.Connection, select: sa.Select[Any]) -> Iterator[Rows]:
    """Read rows as they come."""
    with connection.execute(select, execution_options={"yield_per": BATCH_ROWS}) as result:
        yield from result.partitions(BATCH_ROWS)


def _packed(connection: sa.Connection, select: sa.Select[Any]) -> Iterator[Rows]:
    """Read ten thousand rows as one JSON text: the driver takes longer over a row than over all that is in it.

    Raises:
        UnchangeableSource: the server cut such a text off, as its `max_allowed_packet` is too small.
    """
    connection.exec_driver_sql("SET SESSION group_concat_max_len = 1073741824")
    numbered = select.add_columns(sa.func.row_number().over().label("dsr number")).subquery("dsr shown")
    *columns, number = numbered.c
    listed = sa.func.concat("[", sa.func.group_concat(sa.func.json_array(*columns)), "]")
    group = number.op("DIV")(sa.literal_column(str(BATCH_ROWS)))
    packed = sa.select(sa.cast(listed, sa.Text), sa.func.count()).group_by(group)
    for text, count in connection.execute(packed):
        try:
            rows = orjson.loads(text or "")
        except orjson.JSONDecodeError:
            rows = []
        if len(rows) != count:
            raise UnchangeableSource("The server's max_allowed_packet is too small to list the rows: raise it.")
        yield rows


def _shown(case: Case, fixed: FixedRows, dialect: str) -> Iterator[_Shown]:
    source, keys = fixed.source, fixed.keys
    columns: list[Column] = [
        key_text(source.table.c[name], dialect).label(name) for name in shown_key(case.part.key, source)
    ]
    rows = source.table.join(keys, fixed.same())
    if case.left:
        years, begun = _begun(case, source)
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
