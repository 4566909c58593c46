"""Searches again after a change: what is found must be what was kept and named, and hold what it was set to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.changes import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.sql.changing.cases import Case
    from extractors.sql.changing.changing import Changes
    from extractors.sql.schema import SourceTable
    from extractors.sql.traversal import Found

    Column = sa.ColumnElement[Any]


class Proof:
    """Counts what an erasure left behind, in a transaction after it."""

    def __init__(self, connection: sa.Connection, tables: Mapping[str, SourceTable], changes: Changes) -> None:
        self.connection = connection
        self.tables = tables
        self.changes = changes

    def left(self, case: Case, found: Found | None) -> int:
        """Count a collection's rows that are found and ought not to be, and those not set to what they should be."""
        if case.part.context:
            return 0
        return (self._unaccounted(case, found) if found else 0) + self._unset(case)

    def _unaccounted(self, case: Case, found: Found) -> int:
        if case.fixed is None:
            return max(0, self._count(sa.select(_many()).select_from(found.select([_one()]).subquery())) - case.found)
        rows = found.select(
            [found.columns[name].label(f"k{index}") for index, name in enumerate(case.fixed.source.identity)]
        ).subquery("dsr found")
        accounted = case.staying if case.fate is Fate.DELETED else case.fixed.keys
        select = sa.select(_many()).select_from(rows)
        if accounted is not None:
            same = [rows.c[c.name] == c for c in accounted.c if c.name in rows.c]
            select = select.where(
                sa.not_(sa.exists(sa.select(_one()).select_from(accounted).where(*same).correlate(rows)))
            )
        return self._count(select)

    def _unset(self, case: Case) -> int:
        settings, rows = self.changes.settings.get(case.name), self.changes.changed.get(case.name)
        if not settings or rows is None:
            return 0
        holds = [sa.func.coalesce(setting.holds, sa.false()) for setting in settings.values()]
        table = rows.source.table
        changed = table.join(rows.keys, rows.same())
        return self._count(sa.select(_many()).select_from(changed).where(sa.not_(sa.and_(*holds))))

    def _count(self, select: sa.Select[Any]) -> int:
        return self.connection.scalar(select) or 0


def _many() -> Column:
    return sa.func.count()


def _one() -> Column:
    return sa.literal_column("1").label("one")
