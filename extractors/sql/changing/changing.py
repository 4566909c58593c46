"""Makes the changes decided: columns are set first, then rows deleted, those that point before those pointed at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.changes import Fate, UnchangeableSource
from extractors.sql.changing.fixing import MARIADB, FixedRows, key_columns
from extractors.sql.changing.ordering import in_order, is_circle
from extractors.sql.changing.references import column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from extractors.sql.changing.cases import Case
    from extractors.sql.changing.fixing import Fixing
    from extractors.sql.changing.shapes import Shapes
    from extractors.sql.changing.values import Setting, Values
    from extractors.sql.schema import TableName

    Column = sa.ColumnElement[Any]


class Changes:
    """The changes of one erasure; `changed` and `settings` tell afterwards which rows were set to what."""

    def __init__(self, fixing: Fixing, shapes: Shapes, cases: Mapping[str, Case], values: Mapping[str, Values]) -> None:
        self.fixing = fixing
        self.shapes = shapes
        self.cases = cases
        self.values = values
        self.changed: dict[str, FixedRows] = {}
        self.settings: dict[str, dict[str, Setting]] = {}

    def make(self) -> None:
        """Make all of them.

        Raises:
            UnchangeableSource: other than the rows that were fixed would be changed, or not all of them.
        """
        for case in self.cases.values():
            settings = self._settings(case)
            rows = case.remaining(self.fixing) if settings or case.is_deleting else None
            if rows and rows.count:
                self.changed[case.name] = rows
                self.settings[case.name] = settings
        for name, settings in self.settings.items():
            if settings:
                self._set(name, settings)
        if self.fixing.dialect == "sqlite":
            self._refuse_orphans()
        self._delete()

    def _settings(self, case: Case) -> dict[str, Setting]:
        if case.fate in (Fate.DELETED, Fate.UNDECIDED):
            return {}
        values = self.values[case.name]
        marks = values.archived() if case.fate is Fate.ARCHIVED else {}
        return values.settings(case.assigned) | marks

    def _set(self, name: str, settings: Mapping[str, Setting]) -> None:
        rows = self.changed[name]
        values = {column: setting.value for column, setting in settings.items()}
        if self.fixing.dialect == "postgresql" and "ctid" in rows.source.identity:
            count = self._set_and_follow(rows, values)
        else:
            count = self.fixing.update(rows, values)
        self._expect(name, rows.count, count)

    def _refuse_orphans(self) -> None:
        """Do what SQLite does not while its foreign keys are off: no column is set to what leads nowhere."""
        for name, settings in self.settings.items():
            rows = self.changed[name]
            for key in self.shapes.pointing_from(rows.source):
                own = [column(rows.source.table, each) for each in key.columns]
                if settings.keys() & {each.name for each in own}:
                    to = sa.table(key.to[1], *map(sa.column, key.to_columns)).alias("dsr leading")
                    same = (mine == to.c[each] for mine, each in zip(own, key.to_columns, strict=True))
                    nowhere = sa.not_(sa.exists(sa.select(sa.literal_column("1")).select_from(to).where(*same)))
                    set_ = sa.select(sa.func.count()).select_from(rows.source.table.join(rows.keys, rows.same()))
                    if self.fixing.connection.scalar(set_.where(*(each.is_not(None) for each in own), nowhere)):
                        raise UnchangeableSource(
                            f"{name}.{own[0].name} cannot be erased to what the map says: it leads to {key.to[1]}, and"
                            " there is no such row. Nothing was changed."
                        )

    def _expect(self, name: str, expected: int, count: int) -> None:
        if count != expected:
            raise UnchangeableSource(
                f"Only {count} of {expected} rows of {name} could be changed: a trigger or a row policy of the database"
                " prevents it, or another collection of the map changes the same rows (of a table that inherits)."
                " Nothing was changed."
            )

    def _set_and_follow(self, rows: FixedRows, values: Mapping[str, Column]) -> int:
        """Set columns of rows that move by it, as PostgreSQL's do, and fix where they are now."""
        table, width = rows.source.table, len(rows.source.identity)
        new = [table.c[name].label(f"k{index}") for index, name in enumerate(rows.source.identity)]
        old = [rows.keys.c[f"k{index}"].label(f"k{width + index}") for index in range(width)]
        named = {table.c[name]: value for name, value in values.items()}
        update = sa.update(table).values(named).where(rows.same()).returning(*new, *old).cte("dsr moved")
        columns = key_columns(rows.source)
        columns += [sa.Column(f"k{width + index}", column.type) for index, column in enumerate(columns)]
        nothing = sa.select(*rows.keys.c, *(c.label(f"k{width + i}") for i, c in enumerate(rows.keys.c)))
        moved, _ = self.fixing.make(columns, nothing.where(sa.false()))
        count = self.fixing.fill(moved, sa.select(update))
        for other in self._tables_of_keys(rows):
            self._follow(other, moved, width)
        return count

    def _tables_of_keys(self, rows: FixedRows) -> list[sa.Table]:
        table = self.cases[rows.collection].table
        same = [case for case in self.cases.values() if case.table == table]
        keys = [case.fixed.keys for case in same if case.fixed] + [c.staying for c in same if c.staying is not None]
        return list(dict.fromkeys([*keys, *(self.changed[c.name].keys for c in same if c.name in self.changed)]))

    def _follow(self, keys: sa.Table, moved: sa.Table, width: int) -> None:
        now = {keys.c[f"k{index}"]: moved.c[f"k{index}"] for index in range(width)}
        was = [keys.c[f"k{index}"] == moved.c[f"k{width + index}"] for index in range(width)]
        self.fixing.connection.execute(sa.update(keys).values(now).where(*was))

    def _delete(self) -> None:
        deleting = [rows for name, rows in self.changed.items() if self.cases[name].fate is Fate.DELETED]
        by_table: dict[TableName, list[FixedRows]] = {}
        for rows in deleting:
            by_table.setdefault(self.cases[rows.collection].table, []).append(rows)
        merged = {table: self._merged(rows) for table, rows in by_table.items()}
        for group in in_order(merged, self.shapes.foreign_keys):
            self._delete_together(
                [merged[table] for table in group], is_circle=is_circle(group, self.shapes.foreign_keys)
            )

    def _merged(self, rows: Sequence[FixedRows]) -> FixedRows:
        """Put the rows of collections over one table together, as one may be in several of them."""
        if len(rows) == 1:
            return rows[0]
        keys: Any = sa.union(*(sa.select(each.keys) for each in rows))
        table, count = self.fixing.make(key_columns(rows[0].source), keys)
        return replace(rows[0], keys=table, count=count)

    def _delete_together(self, group: Sequence[FixedRows], *, is_circle: bool) -> None:
        """Delete rows that may point at one another: PostgreSQL looks at the end of a statement, MariaDB not at all."""
        dialect = self.fixing.dialect
        if dialect == "postgresql" and len(group) > 1:
            self._delete_by_one_statement(group)
            return
        if dialect in MARIADB and is_circle:
            self.fixing.connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
        for rows in group:
            self._expect(rows.collection, rows.count, self.fixing.delete(rows))
        if dialect in MARIADB and is_circle:
            self.fixing.connection.exec_driver_sql("SET SESSION foreign_key_checks = 1")

    def _delete_by_one_statement(self, group: Sequence[FixedRows]) -> None:
        one: Column = sa.literal_column("1").label("one")
        deletions = [self.fixing.deletion(rows).returning(one).cte(f"dsr deleted {i}") for i, rows in enumerate(group)]
        counts = [sa.select(sa.func.count()).select_from(deletion).scalar_subquery() for deletion in deletions]
        found = self.fixing.connection.execute(sa.select(*counts)).one()
        for rows, count in zip(group, found, strict=True):
            self._expect(rows.collection, rows.count, count)
