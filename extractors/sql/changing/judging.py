"""Decides what becomes of every fixed row, by set-based statements, before anything is changed.

First what is shared: a row above the person's rows to which others point too, and what is reached only through such
rows. Then what cannot be deleted: a row at which one points that stays. Each is the least set that the rows require,
so a circle of rows that are all deleted holds none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import replacement_traverse

from extractors.changes import Fate
from extractors.sql.changing.fixing import same_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from extractors.datamap.parts import LinkPart
    from extractors.sql.changing.cases import Case
    from extractors.sql.changing.fixing import FixedRows, Fixing
    from extractors.sql.changing.references import Reference, References
    from extractors.sql.schema import TableName
    from extractors.sql.traversal import Traversal

    Column = sa.ColumnElement[Any]

LEADING = "dsr leading"
ONE: Any = sa.literal_column("1")


class Judging:
    """Decides over the cases of one erasure."""

    def __init__(self, fixing: Fixing, traversal: Traversal, references: References, cases: Mapping[str, Case]) -> None:
        self.fixing = fixing
        self.traversal = traversal
        self.references = references
        self.cases = cases

    def judge(self) -> None:
        """Take out of each case the rows that come to something else than its own fate."""
        shared = [case.name for case in self.cases.values() if case.fixed and case.found and self._keep_shared(case)]
        if shared:
            self._keep_below(shared)
        self.keep_referenced()

    def _keep_shared(self, case: Case) -> int:
        """Keep rows reached only from rows that point at them, when rows of others point at them too."""
        fixed = case.fixed
        links = self.traversal.data_map.collections[case.name].links
        if fixed is None or not any(self.references.leads_up(case.name, link) for link in links):
            return 0
        own = [*self.traversal.identifying(case.name), *self._led_to(case.name, self._own_links(case.name))]
        kept = 0
        for reference in self.references.into(case.name, only_up=True):
            theirs = [sa.not_(other.holds(reference.rows)) for other in self._cases_of(reference.table)]
            rows = _pointed_at(fixed, reference, is_read=True).where(
                *theirs, *(sa.not_(_sure(condition)) for condition in own)
            )
            kept += case.keep(self.fixing, Fate.SHARED, f"also used by others ({reference.words})", rows)
        return kept

    def _own_links(self, name: str) -> list[LinkPart]:
        links = self.traversal.data_map.collections[name].links
        return [link for link in links if not self.references.leads_up(name, link)]

    def _led_to(
        self, name: str, links: Sequence[LinkPart], among: Mapping[str, sa.Table] | None = None
    ) -> Iterator[Column]:
        """Yield the conditions that a link leads to a row from a fixed row (of those in `among`, where it is given)."""
        for link in links:
            target = self.traversal.data_map.target(link)
            fixed = self.cases[target[0]].fixed if target else None
            if target and fixed and (among is None or target[0] in among):
                keys = among[target[0]] if among else fixed.keys
                yield self._is_led_to(name, link.column, fixed, target[1], keys)
        yield from self._carried_to(name, links) if among is None else ()

    def _is_led_to(
        self, name: str, columns: Sequence[str], origin: FixedRows, to: Sequence[str], keys: sa.Table
    ) -> Column:
        table, rows = self.traversal.tables[name].table, origin.source.table.alias(LEADING)
        same = [
            self.traversal.comparing.equals(table.c[own], rows.c[other]) for own, other in zip(columns, to, strict=True)
        ]
        joined = rows.join(keys, same_rows(origin.source, keys, rows))
        return sa.exists(sa.select(ONE).select_from(joined).where(*same).correlate(table))

    def _carried_to(self, name: str, links: Sequence[LinkPart]) -> Iterator[Column]:
        """Yield the conditions that a link of another source leads to a row."""
        table = self.traversal.tables[name].table
        for link in links:
            node = self.traversal.data_map.foreign_target(link)
            columns = [table.c[column] for column in link.column]
            if node and self.traversal.identifiers.carried.get(node):
                listing = self.traversal.listing(columns, node)
                if listing is not None:
                    values = listing.subquery(LEADING)
                    pairs = zip(columns, values.c, strict=True)
                    same = [self.traversal.comparing.equals(column, value) for column, value in pairs]
                    yield sa.exists(sa.select(ONE).select_from(values).where(*same).correlate(table))

    def _cases_of(self, table: TableName) -> Iterator[Case]:
        yield from (c for c in self.cases.values() if c.table == table and c.fixed and c.found and not c.part.context)

    def _keep_below(self, shared: Sequence[str]) -> None:
        """Keep what only shared rows lead to: walk again from the identifiers, around them."""
        below = self._reached_from(shared)
        reached = {name: self.fixing.like(fixed.keys) for name in below if (fixed := self.cases[name].fixed)}
        sure = {name: case.fixed.keys for name, case in self.cases.items() if case.fixed and name not in reached}
        for name in reached:
            links = self.traversal.data_map.collections[name].links
            carried = self._carried_to(name, links)
            self._reach(name, reached, [*self.traversal.identifying(name), *carried, *self._led_to(name, links, sure)])
        while sum(self._reach(name, reached, list(self._led_to(name, self._links(name), reached))) for name in reached):
            pass
        for name, table in reached.items():
            case = self.cases[name]
            if case.fixed and case.found:
                keys = case.fixed.keys
                lost = sa.select(keys).where(sa.not_(_is_in(keys, table)))
                case.keep(self.fixing, Fate.SHARED, "reached only through what others use too", lost)

    def _links(self, name: str) -> Sequence[LinkPart]:
        return self.traversal.data_map.collections[name].links

    def _reached_from(self, shared: Sequence[str]) -> list[str]:
        below = dict.fromkeys(shared)
        while True:
            more = [
                name
                for name in self.cases
                if name not in below and any(target in below for _, (target, _) in self.traversal.links(name))
            ]
            if not more:
                return list(below)
            below.update(dict.fromkeys(more))

    def _reach(self, name: str, reached: Mapping[str, sa.Table], ways: Sequence[Column]) -> int:
        case = self.cases[name]
        if case.fixed is None or not ways:
            return 0
        keys, table = case.fixed.keys, self.traversal.tables[name].table
        rows = sa.select(keys).select_from(keys.join(table, case.fixed.same())).where(sa.or_(*ways))
        new = rows.where(sa.not_(case.stays_in(keys)), sa.not_(_is_in(keys, reached[name])))
        return self.fixing.fill(reached[name], new.distinct())

    def keep_referenced(self) -> None:
        """Keep what cannot be deleted, again what is pointed at by that, and so on."""
        lost: set[TableName] | None = None
        while lost is None or lost:
            cases = [case for case in self.cases.values() if case.is_deleting]
            lost = {case.table for case in cases if self._keep_held(case, lost)}

    def _keep_held(self, case: Case, lost: set[TableName] | None) -> int:
        kept = self._keep_elsewhere(case)
        for reference in self.references.into(case.name):
            if case.fixed and (lost is None or reference.table in lost):
                rows = _pointed_at(case.fixed, reference).where(*self._staying(reference))
                kept += case.keep(self.fixing, Fate.REFERENCED, f"referenced by {reference.words}", rows)
        return kept

    def _keep_elsewhere(self, case: Case) -> int:
        """Keep what another collection over the same table does not delete."""
        kept = 0
        for other in self._cases_of(case.table):
            if other is not case and other.fixed and case.fixed:
                keys = case.fixed.keys
                stays: Column = sa.exists(_of(other.fixed.keys, keys))
                if other.fate is Fate.DELETED:
                    stays = other.stays_in(keys)
                kept += case.keep(self.fixing, Fate.KEPT, f"not deleted as {other.name}", sa.select(keys).where(stays))
        return kept

    def _staying(self, reference: Reference) -> Iterator[Column]:
        """Yield the conditions that a row that points stays, and points still."""
        for other in self._cases_of(reference.table):
            if other.fate is Fate.DELETED or other.assigned.keys() & set(reference.columns):
                yield sa.not_(other.holds(reference.rows, own_fate=True))


def _pointed_at(fixed: FixedRows, reference: Reference, *, is_read: bool = False) -> sa.Select[Any]:
    """Select the keys of the rows that a reference leads to.

    Args:
        is_read: whether other conditions read these rows too; else they are not, where their keys tell enough.
    """
    source, keys = fixed.source, fixed.keys
    key_of: dict[Any, Column] = {source.table.c[name]: keys.c[f"k{i}"] for i, name in enumerate(source.identity)}
    if not is_read and set(reference.to_columns) <= set(source.identity):
        same = [replacement_traverse(c, {}, lambda element, **_: key_of.get(element)) for c in reference.same]
        joined = keys.join(reference.rows, sa.and_(*same))
    else:
        joined = keys.join(source.table, fixed.same()).join(reference.rows, sa.and_(*reference.same))
    return sa.select(keys).select_from(joined).where(*reference.conditions)


def _sure(condition: Column) -> Column:
    return sa.func.coalesce(condition, sa.false())


def _of(table: sa.Table, keys: sa.Table) -> sa.Select[Any]:
    return sa.select(ONE).select_from(table).where(*(table.c[c.name] == c for c in keys.c)).correlate(keys)


def _is_in(keys: sa.Table, table: sa.Table) -> Column:
    return sa.exists(_of(table, keys))
