"""Sets columns of a person's rows for a restriction or an objection, and restores what stood in them before."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from extractors.changes import Marked, Purpose, UnchangeableSource
from extractors.errors import Fault, FaultyDataMap
from extractors.sql.changing.fixing import MARIADB, Fixing, key_columns, same_rows
from extractors.sql.changing.forms import as_it_is, bound_text, text_form, value_of
from extractors.sql.changing.values import holds_rounded
from extractors.sql.comparing import base_type, family, written

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    import pyarrow as pa

    from extractors.changes import Marks
    from extractors.datamap.parts import CollectionPart, Scalar
    from extractors.sql.changing.fixing import FixedRows
    from extractors.sql.schema import SourceTable
    from extractors.sql.traversal import Traversal

    Column = sa.ColumnElement[Any]

BATCH_ROWS = 10_000
SET = b"set"  # in the metadata of a kept column: what the map had it set to, as JSON
TIMES = "times"


def settings_of(part: CollectionPart, purpose: Purpose) -> Mapping[str, Scalar]:
    """Say what a map sets a collection's columns to; nothing in rows that are not personal."""
    if part.context:
        return {}
    chosen = (
        [part.restrict]
        if purpose is Purpose.RESTRICTION
        else [s for name, s in part.object.items() if name == purpose.value]
    )
    return chosen[0].set if chosen and chosen[0] else {}


@dataclass(frozen=True, slots=True)
class _Setting:
    """Columns of one collection and what they are set to."""

    name: str
    source: SourceTable
    key: tuple[str, ...]
    constants: Mapping[str, Scalar]


class Marking:
    """Marks rows over one connection, in its transaction, which whoever opened it commits.

    Raises:
        sqlalchemy.exc.DBAPIError: by every method, to be described by whoever opened the connection.
    """

    def __init__(self, connection: sa.Connection, traversal: Traversal) -> None:
        self.connection = connection
        self.traversal = traversal
        self.fixing = Fixing(connection)
        self.dialect = connection.dialect.name

    def mark(self, purpose: Purpose, marks: Marks) -> dict[str, int]:
        """See `Extractor.mark`; all rows are fixed before the first is changed, as one change may hide others."""
        fixed = {setting.name: (setting, self._to_set(setting)) for setting in self._settings(purpose)}
        for setting, rows in fixed.values():
            if rows and rows.count:
                with closing(self._kept(setting, rows)) as kept:
                    for marked in kept:
                        marks.keep(marked)
        marks.all_kept()
        return {name: self._set(setting, rows) for name, (setting, rows) in fixed.items()}

    def unmark(self, purpose: Purpose, marks: Marks) -> dict[str, int]:
        """See `Extractor.unmark`."""
        restored = {setting.name: 0 for setting in self._settings(purpose)}
        for marked in marks.kept():
            if marked.rows.num_rows:
                restored[marked.collection] = restored.get(marked.collection, 0) + self._restore(marked, purpose)
        return restored

    def _settings(self, purpose: Purpose) -> list[_Setting]:
        faults: list[Fault] = []
        settings: list[_Setting] = []
        for name, source in self.traversal.tables.items():
            part = self.traversal.data_map.collections[name]
            if constants := settings_of(part, purpose):
                where = "restrict" if purpose is Purpose.RESTRICTION else f"object.{purpose.value}"
                faults += list(self._misfits(f"collections.{name}.{where}.set", source, constants))
                settings.append(_Setting(name, source, part.key or source.primary_key, constants))
        if faults:
            raise FaultyDataMap(faults)
        return settings

    def _misfits(self, path: str, source: SourceTable, constants: Mapping[str, Scalar]) -> Iterator[Fault]:
        for column, value in constants.items():
            try:
                self._stands(source, column, value)
            except ValueError as error:
                yield Fault(f"{path}.{column}", str(error))

    def _stands(self, source: SourceTable, column: str, value: Scalar) -> Column:
        """The condition that a column holds what it is set to."""
        if value is None:  # asked of any type, also of those that SQLAlchemy compares with nothing
            return sa.type_coerce(source.table.c[column], sa.types.NullType()).is_(None)
        stands = self.traversal.comparing.equals_one_of(source.table.c[column], (value,))
        if not isinstance(base_type(source.table.c[column].type), sa.Numeric | sa.Float):
            return stands
        if self.dialect == "postgresql":
            return source.table.c[column] == self._bound(source.table.c[column], value)
        return holds_rounded(source.table.c[column], value) if self.dialect in MARIADB else stands

    def _to_set(self, setting: _Setting) -> FixedRows | None:
        """Fix and lock the person's rows that do not stand so already."""
        found = self.traversal.found(setting.name)
        if found is None:
            return None
        if not setting.key:
            raise UnchangeableSource(
                f"The rows of {setting.name} have no key they could be found by again: name a `key` in the data map."
            )
        fixed = self.fixing.fix(setting.name, setting.source, found)
        self.fixing.lock(fixed)
        self._refuse_ambiguous(setting, fixed)
        stand = sa.and_(*(self._stands(setting.source, name, value) for name, value in setting.constants.items()))
        others = sa.not_(sa.func.coalesce(stand, sa.false()))
        columns = [setting.source.table.c[name].label(f"k{i}") for i, name in enumerate(setting.source.identity)]
        joined = setting.source.table.join(fixed.keys, fixed.same())
        select: sa.Select[Any] = sa.select(*columns).select_from(joined).where(others)
        keys, count = self.fixing.make(key_columns(setting.source), select)
        return type(fixed)(setting.name, setting.source, keys, count)

    def _refuse_ambiguous(self, setting: _Setting, fixed: FixedRows) -> None:
        """Refuse rows that could not be told from others when they are to be restored."""
        if setting.source.is_unique(setting.key):
            return
        table, alike = setting.source.table, setting.source.table.alias("dsr alike")
        same = sa.and_(*(_same(alike.c[name], table.c[name]) for name in setting.key))
        rows = table.join(fixed.keys, fixed.same()).join(alike, same)
        if self.connection.scalar(sa.select(sa.func.count()).select_from(rows)) != fixed.count:
            raise UnchangeableSource(
                f"Several rows of {setting.name} have the same key, so that they could not be restored: name another"
                " `key` in the data map."
            )

    def _kept(self, setting: _Setting, rows: FixedRows) -> Generator[Marked]:
        """Read what stands in the columns."""
        import pyarrow as pa

        names = [*setting.key, *setting.constants]
        columns = [text_form(setting.source.table.c[name], self.dialect).label(f"c{i}") for i, name in enumerate(names)]
        select: sa.Select[Any] = sa.select(*columns).select_from(setting.source.table.join(rows.keys, rows.same()))
        fields = [pa.field(name, pa.string()) for name in setting.key]
        fields += [
            pa.field(name, pa.string(), metadata={SET: orjson.dumps(value)})
            for name, value in setting.constants.items()
        ]
        with self.connection.execute(select, execution_options={"yield_per": BATCH_ROWS}) as result:
            for part in result.partitions(BATCH_ROWS):
                arrays = [pa.array(values, pa.string()) for values in zip(*part, strict=True)]
                rows_kept = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
                yield Marked(setting.name, setting.key, rows_kept)

    def _set(self, setting: _Setting, rows: FixedRows | None) -> int:
        if rows is None or not rows.count:
            return 0
        columns = setting.source.table.c
        values = {name: self._bound(columns[name], value) for name, value in setting.constants.items()}
        count = self.fixing.update(rows, values)
        if count != rows.count:
            raise UnchangeableSource(
                f"Only {count} of {rows.count} rows of {setting.name} could be marked: a trigger or a row policy of the"
                " database prevents it. Nothing was changed."
            )
        return count

    def _bound(self, column: Column, value: Scalar) -> Column:
        """Bind a constant as what the database takes for the column's type."""
        if value is None:
            return sa.null()
        if isinstance(column.type, sa.JSON):
            return bound_text(column, orjson.dumps(value).decode(), self.dialect)
        if self.dialect == "postgresql" or (isinstance(value, bool) and family(column.type) == "text"):
            return bound_text(column, written(value, column.type), self.dialect)
        return as_it_is(int(value) if isinstance(value, bool) else value)

    def _restore(self, marked: Marked, purpose: Purpose) -> int:
        """Restore one batch: its values are put into a table of the columns' types, and set from there."""
        source = self._source(marked)
        to_set = [name for name in marked.rows.schema.names if name not in marked.key]
        before = self._table_of(source, [*marked.key, *to_set])
        self._fill(before, source, marked)
        restoring = self._restoring(source, before, marked.key, to_set)
        now = settings_of(self.traversal.data_map.collections[marked.collection], purpose)
        constants = {name: _constant(marked.rows.schema.field(name), now) for name in to_set}
        stand = {name: self._stands(source, name, value) for name, value in constants.items()}
        values = {
            source.table.c[name]: sa.case((stand[name], restoring.c[f"v{i}"]), else_=source.table.c[name])
            for i, name in enumerate(to_set)
        }
        update = sa.update(source.table).values(values)
        once = restoring.c[TIMES] == sa.literal_column("1")
        return self.connection.execute(
            update.where(same_rows(source, restoring), once, sa.or_(*stand.values()))
        ).rowcount

    def _source(self, marked: Marked) -> SourceTable:
        source = self.traversal.tables.get(marked.collection)
        if source is None:
            raise UnchangeableSource(f"The data map has no collection {marked.collection} any more.")
        missing = [name for name in marked.rows.schema.names if name not in source.column_names]
        if missing:
            raise UnchangeableSource(f"The table of {marked.collection} has no column {missing[0]} any more.")
        if not source.identity:
            raise UnchangeableSource(f"The rows of {marked.collection} cannot be told apart any more.")
        return source

    def _table_of(self, source: SourceTable, names: Iterable[str]) -> sa.Table:
        """Make an empty table with columns of the types of others, `c0` …."""
        columns = [source.table.c[name] for name in names]
        nothing = sa.select(*(column.label(f"c{i}") for i, column in enumerate(columns))).where(sa.false())
        return self.fixing.make([sa.Column(f"c{i}", column.type) for i, column in enumerate(columns)], nothing)[0]

    def _fill(self, table: sa.Table, source: SourceTable, marked: Marked) -> None:
        columns = [source.table.c[name] for name in marked.rows.schema.names]
        untyped = sa.table(table.name, *(sa.column(c.name, sa.types.NullType()) for c in table.c), schema=table.schema)
        texts = zip(*(column.to_pylist() for column in marked.rows.columns), strict=True)
        rows = [
            {
                f"c{i}": value_of(text, column, self.dialect)
                for i, (text, column) in enumerate(zip(row, columns, strict=True))
            }
            for row in texts
        ]
        self.connection.execute(sa.insert(untyped), rows)
        self.fixing.analyse(table)

    def _restoring(self, source: SourceTable, before: sa.Table, key: tuple[str, ...], to_set: list[str]) -> sa.Table:
        """Find the rows again, with what stood there; a key that several rows have by now names none of them."""
        keys = [before.c[f"c{i}"] for i in range(len(key))]
        same = sa.and_(*(_same(source.table.c[name], value) for name, value in zip(key, keys, strict=True)))
        identity = [source.table.c[name].label(f"k{i}") for i, name in enumerate(source.identity)]
        old = [before.c[f"c{len(key) + i}"].label(f"v{i}") for i in range(len(to_set))]
        times = sa.func.count().over(partition_by=keys).label(TIMES)
        select: sa.Select[Any] = sa.select(*identity, *old, times).select_from(source.table.join(before, same))
        columns = [*key_columns(source)]
        columns += [sa.Column(f"v{i}", source.table.c[name].type) for i, name in enumerate(to_set)]
        return self.fixing.make([*columns, sa.Column(TIMES, sa.Integer)], select)[0]


def _same(column: Column, value: Column) -> Column:
    is_set = getattr(column, "nullable", True) is False
    return column == value if is_set else column.is_not_distinct_from(value)


def _constant(field: pa.Field[Any], now: Mapping[str, Scalar]) -> Scalar:
    """Say what a column was set to, whatever the map says by now."""
    kept = dict(field.metadata or {}).get(SET)
    value: Scalar = orjson.loads(kept) if kept else now.get(field.name)
    return value
