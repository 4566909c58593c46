"""Corrects single fields of a person's records: all of one call or none.

The records are fixed and locked first; what stands there is then read as exports read it, over a connection of its
own, and held against what was shown; only then anything is written.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.changes import Correction, NotRectifiable, ValueChanged
from extractors.sql.changing.fitting import Fit, is_shown
from extractors.sql.changing.fixing import Fixing
from extractors.sql.changing.forms import as_it_is
from extractors.sql.changing.shapes import read_shapes
from extractors.sql.failures import state_of
from extractors.sql.traversal import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extractors.batches import Kind
    from extractors.datamap.parts import CollectionPart
    from extractors.sql.changing.fixing import FixedRows
    from extractors.sql.extraction import Reader
    from extractors.sql.output import Reading
    from extractors.sql.schema import SourceTable
    from extractors.sql.traversal import Traversal

    Column = sa.ColumnElement[Any]

REFUSALS = (
    ("23505", "is unique, and another record has the new value already"),
    ("23502", "cannot be empty"),
    ("23503", "leads to another record, and there is none with the new value"),
    ("23", "is under a rule of the database that does not allow the new value"),
    ("22", "cannot hold the new value"),
    ("P0", "is under a rule of the database that does not allow the new value"),
)
SQLITE_STATES = {
    "SQLITE_CONSTRAINT_UNIQUE": "23505",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "23505",
    "SQLITE_CONSTRAINT_NOTNULL": "23502",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "23503",
    "SQLITE_CONSTRAINT_DATATYPE": "22",
    "SQLITE_TOOBIG": "22",
}


@dataclass(slots=True)
class _Record:
    """A record with its corrections by field, and then its row and what its fields hold now."""

    collection: str
    key: Mapping[str, str]
    corrections: dict[str, Correction] = field(default_factory=dict)
    row: FixedRows | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """Name a field in an error."""
        return f"{self.collection}.{name}"

    def changed(self, name: str = "") -> ValueChanged:
        """Say that a value is not the one that was shown."""
        where = self.named(name or next(iter(self.corrections)))
        error = ValueChanged(f"{where} is no longer what was shown, or its record is gone: look at it again.")
        error.corrections = (self.corrections[name],) if name else tuple(self.corrections.values())
        return error

    @contextmanager
    def telling(self, name: str = "") -> Iterator[None]:
        """Have a refusal say which of the corrections it is about: one, or all of this record."""
        try:
            yield
        except NotRectifiable as error:
            if not error.corrections:
                error.corrections = (self.corrections[name],) if name else tuple(self.corrections.values())
            raise


class Rectifying:
    """Corrects fields over one connection, in its transaction, which whoever opened it commits."""

    def __init__(self, connection: sa.Connection, traversal: Traversal, corrections: Iterable[Correction]) -> None:
        self.connection = connection
        self.traversal = traversal
        self.fixing = Fixing(connection)
        self.shapes = read_shapes(connection, traversal.tables)
        self._records = list(_by_record(corrections))

    @property
    def collections(self) -> list[str]:
        """The collections that have something to correct."""
        return list(dict.fromkeys(record.collection for record in self._records))

    def fix(self) -> None:
        """Check what the map says, then find and lock the records.

        Raises:
            NotRectifiable: the map does not allow it, or the key does not name one record.
            ValueChanged: a record is gone, or no longer the person's.
        """
        for record in self._records:
            self._refuse_unless_all_allowed(record)
        for record in self._records:
            found = record_found(self.traversal, record.collection, record.key)
            if found is None:
                raise record.changed()
            record.row = self.fixing.fix(record.collection, self.traversal.tables[record.collection], found)
            if record.row.count == 0:
                raise record.changed()
            if record.row.count > 1:
                with record.telling():
                    raise NotRectifiable(f"{record.collection}: the key names several records: none is corrected.")
            self.fixing.lock(record.row)

    def compare(self, collection: str, traversal: Traversal, reader: Reader, readings: Iterable[Reading]) -> None:
        """Hold what is there now against what was shown.

        Args:
            traversal: whose values are bound as the reader's statements take them.
            readings: of all fields of the collection, as an export reads them.

        Raises:
            ValueChanged: it is not the same.
        """
        by_name = {reading.name: reading for reading in readings}
        for record in self._records:
            if record.collection == collection:
                chosen = [by_name[name] for name in record.corrections]
                values = self._values(record, traversal, reader, chosen)
                for reading in chosen:
                    if not is_shown(record.corrections[reading.name].old, values[reading.name], reading.kind):
                        raise record.changed(reading.name)
                    record.kinds[reading.name] = reading.kind

    def change(self) -> None:
        """Write all new values.

        Raises:
            NotRectifiable: one does not fit.
        """
        assigned = [(record, self._assigned(record)) for record in self._records]
        for record, values in assigned:
            with _refusals(record):
                self._update(record, values)
        if self.fixing.dialect == "postgresql" and self._records:
            with _refusals(self._records[-1]):
                self.connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")

    def check(self, kinds: Mapping[str, Mapping[str, Kind]]) -> None:
        """Refuse what the map or the columns do not take; no row is looked at.

        Args:
            kinds: of the fields of each collection, as exports have them.

        Raises:
            NotRectifiable: see `change`.
        """
        for record in self._records:
            self._refuse_unless_all_allowed(record)
            record.kinds.update(kinds[record.collection])
            for name, correction in record.corrections.items():
                with record.telling(name):
                    self._fit(record, name).bound(correction.new)

    def _refuse_unless_all_allowed(self, record: _Record) -> None:
        for name in record.corrections:
            with record.telling(name):
                self._refuse_unless_allowed(record, name)

    def _refuse_unless_allowed(self, record: _Record, name: str) -> None:
        part = self.traversal.data_map.collections.get(record.collection)
        source = self.traversal.tables.get(record.collection)
        described = part.fields.get(name) if part else None
        if part is None or source is None or described is None or not described.rectify or part.context:
            raise NotRectifiable(
                f"{record.named(name)} may not be corrected: the data map has no `rectify: true` there."
            )
        key = part.key or source.primary_key
        if not key or set(key) != set(record.key):
            raise NotRectifiable(
                f"{record.named(name)}: the records of {record.collection} are told apart by other fields."
            )
        if name in key or name in source.primary_key:
            raise NotRectifiable(f"{record.named(name)} tells records apart and cannot be corrected.")
        if described.drop:
            raise NotRectifiable(f"{record.named(name)} is shown in part only and cannot be corrected as a whole.")
        if name in self.shapes.of[record.collection].generated:
            raise NotRectifiable(f"{record.named(name)} is computed by the database.")
        pointing = (foreign for foreign in self.shapes.pointing_at(source) if name in foreign.to_columns)
        if foreign := next(pointing, None):
            raise NotRectifiable(f"{record.named(name)} cannot be corrected: {foreign.table[1]} refers to it.")

    def _values(
        self, record: _Record, traversal: Traversal, reader: Reader, readings: list[Reading]
    ) -> Mapping[str, object]:
        found = record_found(traversal, record.collection, record.key)
        if found is None:
            raise record.changed()
        select = found.select([reading.expression for reading in readings])
        rows = [row for batch in reader.stream(select, readings) for row in batch.to_pylist()]
        if len(rows) != 1:
            raise record.changed()
        values: Mapping[str, object] = rows[0]
        return values

    def _assigned(self, record: _Record) -> dict[str, Column]:
        values = {}
        for name, correction in record.corrections.items():
            with record.telling(name):
                values[name] = self._fit(record, name).bound(correction.new)
                if self.fixing.dialect == "sqlite" and correction.new is not None:
                    self._refuse_orphan(record, name, correction.new)
        return values

    def _fit(self, record: _Record, name: str) -> Fit:
        part, source, shape = self._described(record)
        return Fit(
            where=record.named(name),
            column=source.table.c[name],
            part=part.fields[name],
            shape=shape,
            kind=record.kinds[name],
            dialect=self.fixing.dialect,
            old=record.corrections[name].old,
        )

    def _described(self, record: _Record) -> tuple[CollectionPart, SourceTable, Any]:
        name = record.collection
        return self.traversal.data_map.collections[name], self.traversal.tables[name], self.shapes.of[name]

    def _refuse_orphan(self, record: _Record, name: str, new: str) -> None:
        """Do what SQLite does not while its foreign keys are off."""
        own = self.shapes.name_of(self.traversal.tables[record.collection])
        for foreign in self.shapes.foreign_keys:
            if foreign.columns == (name,) and (foreign.table[0], foreign.table[1].lower()) == own:
                column: sa.ColumnClause[Any] = sa.column(foreign.to_columns[0], sa.types.NullType())
                rows = sa.select(sa.func.count()).select_from(sa.table(foreign.to[1], column))
                if not self.connection.scalar(rows.where(column.op("=")(as_it_is(new)))):
                    raise NotRectifiable(f"{record.named(name)} {dict(REFUSALS)['23503']}.")

    def _update(self, record: _Record, values: Mapping[str, Column]) -> None:
        if record.row is None or self.fixing.update(record.row, values) != 1:
            first = next(iter(values))
            with record.telling():
                raise NotRectifiable(f"{record.named(first)} could not be changed: a trigger or a row policy stops it.")


def record_found(traversal: Traversal, collection: str, key: Mapping[str, str]) -> Found | None:
    """Describe a record by its key, as far as it is the person's; None where it is not."""
    found = traversal.found(collection)
    if found is None:
        return None
    columns, comparing = found.columns, traversal.comparing
    try:
        same = [comparing.equals_one_of(columns[name], (value,)) for name, value in key.items()]
    except ValueError:  # the column holds no such values, so the record is not there
        return None
    return Found(columns, lambda chosen: found.select(chosen).where(*same))


def _by_record(corrections: Iterable[Correction]) -> Iterator[_Record]:
    records: defaultdict[tuple[str, tuple[tuple[str, str], ...]], dict[str, Correction]] = defaultdict(dict)
    for correction in corrections:
        known = records[correction.collection, tuple(sorted(correction.key.items()))]
        if correction.field in known:
            raise NotRectifiable(f"{correction.collection}.{correction.field} would be corrected twice.")
        known[correction.field] = correction
    for (collection, key), fields in records.items():
        yield _Record(collection, dict(key), fields)


@contextmanager
def _refusals(record: _Record) -> Iterator[None]:
    """Say in a plain sentence what the database has against the new values; its own text may hold them."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        state = _state(error)
        reason = next((text for prefix, text in REFUSALS if state.startswith(prefix)), None)
        if reason is None or error.connection_invalidated:
            raise
        fields = ", ".join(record.named(name) for name in record.corrections)
        with record.telling():
            raise NotRectifiable(f"{fields} {reason}.") from None


def _state(error: sa.exc.DBAPIError) -> str:
    """Give the SQLSTATE of what a driver raised, or one that says the same."""
    original = error.orig
    name = getattr(original, "sqlite_errorname", None)
    if name:
        return SQLITE_STATES.get(name, "23514" if name.startswith("SQLITE_CONSTRAINT") else "")
    number = original.args[0] if original and original.args and isinstance(original.args[0], int) else None
    state = (state_of(number) if number else getattr(original, "sqlstate", None)) or ""
    return "22000" if isinstance(error, sa.exc.DataError) and not state.startswith("23") else state
