"""Erases a person's rows: fix, judge, show, change, commit, search again.

Everything up to the commit is one transaction; without a commit nothing was changed. What is deleted, and what stays
because something points at it, is decided before the first change, so that a preview gives the numbers of the result.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING

import sqlalchemy as sa

from extractors.changes import CHANGED, Erasure, Fate, UnchangeableSource, UndecidedErasure
from extractors.errors import SourceUnavailable
from extractors.sql.changing.cases import Case, fate_of
from extractors.sql.changing.changing import Changes
from extractors.sql.changing.ended import found_by_key, keep_unended
from extractors.sql.changing.fixing import FixedRows, Fixing
from extractors.sql.changing.hashing import padded_keys
from extractors.sql.changing.judging import Judging
from extractors.sql.changing.proving import Proof
from extractors.sql.changing.references import References
from extractors.sql.changing.showing import show
from extractors.sql.changing.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    import pyarrow as pa

    from extractors.changes import Witness
    from extractors.sql.changing.shapes import Shapes
    from extractors.sql.schema import SourceTable
    from extractors.sql.traversal import Found, Traversal

KEY_BYTES = 32


@dataclass(slots=True)
class Progress:
    """How far a change is, for telling what a failure left behind."""

    source: str
    is_committing: bool = False
    is_committed: bool = False


@contextmanager
def telling_what_was_changed(source: str) -> Iterator[Progress]:
    """Let an error say when the source was changed nevertheless.

    Raises:
        SourceUnavailable: instead of the one that was raised within.
    """
    progress = Progress(source)
    try:
        yield progress
    except SourceUnavailable as error:
        if progress.is_committed:
            text = f"{error}; it was changed as asked before, but could not be searched again: search it"
            raise SourceUnavailable(text, permanent=False) from None
        if progress.is_committing and not error.permanent:  # a constraint that is looked at last undoes all
            text = f"{error}; whether it was changed is not known: search it"
            raise SourceUnavailable(text, permanent=False) from None
        raise


class Erasing:
    """Erases rows over one connection, in its transaction.

    Args:
        hash_key: for `{hash: sha256}`; without one, equal values become equal hashes within this erasure alone.
    """

    def __init__(
        self,
        connection: sa.Connection,
        traversal: Traversal,
        shapes: Shapes,
        progress: Progress,
        hash_key: bytes | None = None,
    ) -> None:
        self.connection = connection
        self.traversal = traversal
        self.shapes = shapes
        self.progress = progress
        self.fixing = Fixing(connection)
        if self.fixing.dialect == "postgresql":
            # A row hidden by a policy would be cascaded to all the same: rather refuse than not see it.
            connection.exec_driver_sql("SET LOCAL row_security = off")
        self.tables: Mapping[str, SourceTable] = traversal.tables
        self._keys = padded_keys(hash_key or token_bytes(KEY_BYTES)), padded_keys(token_bytes(KEY_BYTES))

    def erase(self, *, apply: bool, witness: Witness | None) -> Erasure:
        """See `Extractor.erase`."""
        found = {name: self.traversal.found(name) for name in self.tables}
        cases = {name: self._case(name, found[name]) for name in self.tables}
        undecided = [case.name for case in cases.values() if case.fate is Fate.UNDECIDED and case.left]
        if apply and undecided:
            raise UndecidedErasure(tuple(undecided))
        self._refuse_unchangeable(cases)
        Judging(self.fixing, self.traversal, self._references, cases).judge()
        if witness:
            show(self.connection, cases, witness)
        return self._finish(cases, found, apply=apply)

    def erase_kept(
        self, name: str, rows: Iterable[pa.RecordBatch], *, apply: bool, today: date | None = None
    ) -> Erasure:
        """See `Extractor.erase_kept`."""
        if name not in self.tables:
            raise UnchangeableSource(f"The data map has no collection {name} any more.")
        found = found_by_key(self.fixing, self.traversal, name, self.shapes.of[name], rows)
        fixed = self.fixing.fix(name, self.tables[name], found)
        part, table = self.traversal.data_map.collections[name], self.shapes.name_of(self.tables[name])
        cases = {name: Case(name, part, table, Fate.DELETED, fixed, fixed.count)}
        if today:
            keep_unended(self.fixing, cases[name], today)
        Judging(self.fixing, self.traversal, self._references, cases).keep_referenced()
        return self._finish(cases, {name: found}, apply=apply)

    @property
    def _references(self) -> References:
        return References(self.traversal, self.shapes)

    def _case(self, name: str, found: Found | None) -> Case:
        part, source = self.traversal.data_map.collections[name], self.tables[name]
        table, fate = self.shapes.name_of(source), fate_of(part)
        case = Case(name, part, table, fate, None, 0)
        if found is None:
            return case
        if source.identity or fate in CHANGED or case.assigned:
            case.fixed = self._fixed(name, found)
            case.found = case.fixed.count if case.fixed else 0
        else:
            case.found = self._count(found)
        return case

    def _fixed(self, name: str, found: Found) -> FixedRows | None:
        if not self.tables[name].identity and not self._count(found):
            return None
        fixed = self.fixing.fix(name, self.tables[name], found)
        if self.fixing.is_locking and not self.traversal.data_map.collections[name].context:
            self.fixing.lock(fixed)
        return fixed

    def _count(self, found: Found) -> int:
        rows = found.select([sa.literal_column("1").label("one")]).subquery()
        return self.connection.scalar(sa.select(sa.func.count()).select_from(rows)) or 0

    def _refuse_unchangeable(self, cases: Mapping[str, Case]) -> None:
        """Leave columns alone that foreign keys lead to: the rows that point would be refused, or changed too."""
        for case in cases.values():
            for key in self.shapes.pointing_at(self.tables[case.name]) if case.left else ():
                if to_set := sorted(case.assigned.keys() & set(key.to_columns)):
                    raise UnchangeableSource(
                        f"{case.name}.{to_set[0]} cannot be erased to something else: {key.table[1]}."
                        f"{', '.join(key.columns)} refers to it. Leave the column out of the data map's erase."
                    )

    def _values(self, case: Case) -> Values:
        dialect, (hash_keys, row_keys) = self.connection.dialect.name, self._keys
        return Values(case.part, self.tables[case.name], self.shapes.of[case.name], dialect, hash_keys, row_keys)

    def _finish(self, cases: Mapping[str, Case], found: Mapping[str, Found | None], *, apply: bool) -> Erasure:
        if not apply:
            return Erasure({name: case.result() for name, case in cases.items()}, is_applied=False)
        changes = Changes(self.fixing, self.shapes, cases, {name: self._values(case) for name, case in cases.items()})
        changes.make()
        self.progress.is_committing = True
        self.connection.commit()
        self.progress.is_committed = True
        proof = Proof(self.connection, self.tables, changes)
        left = {name: proof.left(case, found[name]) for name, case in cases.items()}
        return Erasure({name: case.result(left[name]) for name, case in cases.items()}, is_applied=True)
