"""What becomes of the person's rows of one collection, as far as it is decided: most alike, some otherwise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.batches import counted
from extractors.changes import CollectionErasure, Fate
from extractors.sql.changing.fixing import FixedRows, same_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.datamap.parts import CollectionPart, EraseValue
    from extractors.sql.changing.fixing import Fixing
    from extractors.sql.schema import TableName

    Column = sa.ColumnElement[Any]

FATES = {"delete": Fate.DELETED, "anonymise": Fate.ANONYMISED, "archive": Fate.ARCHIVED, "keep": Fate.KEPT}
REASON = "reason"
CONTEXT = "not personal, never changed"
HELD = "what is referenced keeps all its data: have the data map anonymise it, or erase or anonymise what refers to it"


@dataclass(frozen=True, slots=True)
class Stay:
    """Some rows that come to something else than the rest of their collection, and why."""

    fate: Fate
    reason: str
    count: int


@dataclass(slots=True)
class Case:
    """The rows fixed of one collection: all come to `fate` but those in `staying`, whose number there tells the stay.

    Args:
        fixed: None where nothing was found, or where rows of a view are only counted.
    """

    name: str
    part: CollectionPart
    table: TableName
    fate: Fate
    fixed: FixedRows | None
    found: int
    staying: sa.Table | None = None
    stays: list[Stay] = field(default_factory=list)

    @property
    def is_deleting(self) -> bool:
        """Whether rows of it are deleted."""
        return self.fate is Fate.DELETED and self.left > 0

    @property
    def left(self) -> int:
        """The rows that come to the collection's own fate."""
        return self.found - sum(stay.count for stay in self.stays)

    @property
    def assigned(self) -> Mapping[str, EraseValue]:
        """What the columns of rows that come to the collection's own fate are set to."""
        erase = self.part.erase
        if erase is None or self.part.context:
            return {}
        return erase.anonymise if erase.action == "keep" else erase.fields

    def stays_in(self, keys: sa.FromClause) -> Column:
        """The condition that a row stays, whose key another statement has as `k0`, `k1` …."""
        return _is_in(keys, self.staying) if self.stays else sa.false()

    def keep(self, fixing: Fixing, fate: Fate, reason: str, keys: sa.Select[Any]) -> int:
        """Let the rows whose keys a statement selects come to another fate; give how many they are."""
        assert self.fixed is not None  # noqa: S101  # keys of rows that were never fixed cannot be selected
        if self.staying is None:
            self.staying = fixing.like(self.fixed.keys, sa.Column(REASON, sa.Integer))
        chosen = keys.distinct().subquery("dsr chosen")
        number: Column = sa.literal_column(str(len(self.stays)), sa.Integer())
        new = sa.select(*chosen.c, number).where(sa.not_(_is_in(chosen, self.staying)))
        count = fixing.fill(self.staying, new)
        if count:
            self.stays.append(Stay(fate, reason, count))
        return count

    def staying_by(self, number: int) -> sa.Select[Any]:
        """Select the keys of the rows of one stay, by its place in `stays`."""
        assert self.staying is not None  # noqa: S101  # made with the first stay
        keys = [column for column in self.staying.c if column.name != REASON]
        return sa.select(*keys).where(self.staying.c[REASON] == sa.literal_column(str(number)))

    def remaining(self, fixing: Fixing) -> FixedRows | None:
        """Give the rows that come to the collection's own fate."""
        if self.fixed is None or not self.stays:
            return self.fixed
        return fixing.scratch(self.fixed, sa.not_(self.stays_in(self.fixed.keys)))

    def holds(self, rows: sa.FromClause, *, own_fate: bool = False) -> Column:
        """The condition that a row of the table is one of those fixed (and comes to the collection's own fate)."""
        if self.fixed is None:
            return sa.false()
        keys = self.fixed.keys
        select = _one(keys).where(same_rows(self.fixed.source, keys, rows)).correlate(rows)
        return sa.exists(select.where(sa.not_(self.stays_in(keys))) if own_fate and self.stays else select)

    def result(self, left: int | None = None) -> CollectionErasure:
        """Say what becomes of the rows."""
        if self.part.context:
            return CollectionErasure(self.found, {Fate.KEPT: self.found} if self.found else {}, (CONTEXT,), left)
        fates = Counter({self.fate: self.left})
        for stay in self.stays:
            fates[stay.fate] += stay.count
        reasons = tuple(f"{counted(stay.count, 'record')}: {stay.reason}" for stay in self.stays)
        ground = self.part.erase.ground if self.part.erase and self.fate is Fate.KEPT and self.left else None
        general = (ground,) if ground else ()
        advice = (HELD,) if fates[Fate.REFERENCED] else ()
        return CollectionErasure(self.found, {f: n for f, n in fates.items() if n}, general + reasons + advice, left)


def fate_of(part: CollectionPart) -> Fate:
    """Say what the map makes of a collection's rows."""
    if part.context:
        return Fate.KEPT
    return FATES[part.erase.action] if part.erase else Fate.UNDECIDED


def _one(table: sa.FromClause | None) -> sa.Select[Any]:
    one: Column = sa.literal_column("1")
    return sa.select(one) if table is None else sa.select(one).select_from(table)


def _is_in(keys: sa.FromClause, others: sa.FromClause | None) -> Column:
    return sa.exists(_one(others).where(_equal(keys, others)).correlate(keys))


def _equal(keys: sa.FromClause, others: sa.FromClause | None) -> Column:
    assert others is not None  # noqa: S101  # asked for only where there are some
    return sa.and_(*(keys.c[c.name] == c for c in others.c if c.name != REASON))
