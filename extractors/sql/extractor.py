"""What all SQL sources share: check, count and read along the compiled traversal, in one snapshot."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import sqlalchemy as sa

from extractors.base import Extractor, Scope
from extractors.datamap import DataMap
from extractors.datamap.portability import doubts
from extractors.errors import FaultyDataMap
from extractors.identifiers import Identifiers
from extractors.sql import output
from extractors.sql.carrying import listed_one_by_one, read_texts
from extractors.sql.checking import misfits, missing_tables, slow_ways, unfit_nodes
from extractors.sql.comparing import bound
from extractors.sql.estimating import count, counted_in_time
from extractors.sql.extraction import Extraction
from extractors.sql.schema import Reflection, SourceTable, source_table
from extractors.sql.traversal import Found, Traversal

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    import pyarrow as pa

    from extractors.base import Question
    from extractors.batches import Extract
    from extractors.changes import Correction, Erasure, Marks, Purpose, Standing, Witness
    from extractors.datamap import CollectionPart
    from extractors.discovery.model import Compared, Comparison, Inventory, Sampling
    from extractors.errors import Fault
    from extractors.identifiers import Node
    from extractors.sql.carrying import Row
    from extractors.sql.changing.marking import Marking
    from extractors.sql.changing.shapes import Shapes
    from extractors.sql.comparing import Binds, Comparing, Type
    from extractors.sql.extraction import Reader
    from extractors.sql.output import Reading
    from extractors.sql.reviewing import Reviewing
    from extractors.sql.schema import TableName
    from extractors.sql.walking import Recursion


ReaderOfKind = TypeVar("ReaderOfKind", bound="Reader")


class SqlExtractor(Extractor, Generic[ReaderOfKind]):
    """A SQL database; a kind adds how it connects, how rows are told apart and how values are read exactly."""

    comparing: ClassVar[type[Comparing]]
    recursion: ClassVar[Recursion]
    bound: ClassVar[Binds] = staticmethod(bound)
    """How a value is bound to a statement that only counts or looks."""

    @abstractmethod
    def connection(self) -> AbstractContextManager[sa.Connection]:
        """Open a read-only connection with a transaction of one snapshot, for reflecting and counting."""

    def writing_connection(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection that may change the source, in a transaction: what is not committed is undone.

        What is read and changed is of one moment: rows that others change meanwhile end the transaction, or wait for
        its end. Temporary tables live as long as the connection.

        Raises:
            UnchangeableSource: a kind that has no such way.
        """
        raise self._unable("be changed")

    def limit_statements(self, connection: sa.Connection, seconds: float) -> bool:
        """Have the database end statements that take longer; in its present transaction, and perhaps later.

        Returns:
            Whether it can.
        """
        return False

    @abstractmethod
    def reader(self, connection: sa.Connection) -> AbstractContextManager[ReaderOfKind]:
        """Open what streams an extract; `connection` is the one its tables were reflected by."""

    @abstractmethod
    def locators(self, reflection: Reflection, name: TableName, *, has_key: bool) -> tuple[sa.Column[Any], ...]:
        """The system columns that tell a table's rows apart; none where its key does it, or nothing."""

    @abstractmethod
    def readings(
        self,
        reader: ReaderOfKind,
        part: CollectionPart,
        source: SourceTable,
        found: Found | None,
        scope: Scope = Scope.ALL,
    ) -> list[Reading]:
        """Say how the columns of a collection are read that may leave the source, and that a scope asks for."""

    def check(self) -> list[Fault]:
        """See `Extractor.check`."""
        with self.connection() as connection:
            tables, _ = self._erasable(connection)
            located = {name: (source.table.schema, source.table.name) for name, source in tables.items()}
            leading = Reflection(connection).leading_columns(set(located.values()))
            served = {name: leading.get(table, frozenset()) for name, table in located.items()}
            told = [*slow_ways(self.data_map, tables, served), *self._kept_identifiers(tables)]
            return [*told, *doubts(self.data_map)]

    def _kept_identifiers(self, tables: Mapping[str, SourceTable]) -> Iterable[Fault]:
        from extractors.sql.changing.checking import kept_identifiers

        return kept_identifiers(self.data_map, tables)

    def search(self, identifiers: Identifiers) -> dict[str, int]:
        """See `Extractor.search`."""
        with self.connection() as connection:
            traversal = self._traversal(self._tables(connection), identifiers, self.bound)
            found = {name: traversal.found(name) for name in self.data_map.collections}
            return {name: connection.scalar(count(rows)) or 0 if rows else 0 for name, rows in found.items()}

    def estimate(self, identifiers: Identifiers, scope: Scope, *, seconds: float) -> Mapping[str, int]:
        """See `Extractor.estimate`; soft-deleted rows are counted also where the extract leaves them out."""
        with self.connection() as connection:
            if not self.limit_statements(connection, seconds):
                return {}
            tables = self._tables(connection)
            traversal = self._traversal(tables, identifiers, self.bound)
            found = {name: traversal.found(name) for name in self.data_map.collections}
            counts = counted_in_time(connection, found, self.limit_statements, seconds)
        given = {name: 0 if self._is_left_out(tables[name], name, scope) else rows for name, rows in counts.items()}
        return {name: self._within_limit(name, rows) for name, rows in given.items()} if scope.is_limited else given

    def answerable(self, identifiers: Identifiers, *, seconds: float) -> list[Question]:
        """See `Extractor.answerable`."""
        from extractors.sql import challenging

        with self.connection() as connection:
            if not self.limit_statements(connection, seconds):
                return []
            conditions = challenging.questions(self._traversal(self._tables(connection), identifiers, self.bound))
            told = [sa.case((condition, 1), else_=0) for condition in conditions.values()]
            row = connection.execute(sa.select(*told)).one() if told else ()
        return [question for question, is_held in zip(conditions, row, strict=True) if is_held]

    def are_right(self, identifiers: Identifiers, answers: Mapping[Question, str], *, seconds: float) -> bool:
        """See `Extractor.are_right`."""
        from extractors.sql import challenging

        with self.connection() as connection:
            if not self.limit_statements(connection, seconds):
                raise self._unable("be asked about a person in bounded time")
            select = challenging.all_right(self._traversal(self._tables(connection), identifiers, self.bound), answers)
            return select is not None and connection.scalar(select) == 1

    def _is_left_out(self, source: SourceTable, name: str, scope: Scope) -> bool:
        part = self.data_map.collections[name]
        return scope.is_portable and not output.readable_columns(part, source, scope)

    def _within_limit(self, name: str, rows: int) -> int:
        return min(rows, self.data_map.collections[name].limit or rows)

    def carried(self, nodes: Collection[Node], identifiers: Identifiers) -> dict[Node, set[tuple[str, ...]]]:
        """See `Extractor.carried`."""
        with self.connection() as connection:
            tables = self._tables(connection)
            if faults := list(unfit_nodes(nodes, tables, self.comparing(self.bound))):
                raise FaultyDataMap(faults)
            traversal = self._traversal(tables, identifiers, self.bound)
            selects = {node: traversal.values(node) for node in nodes}
            return {
                node: set() if select is None else set(read_texts(connection, select, self.link_value))
                for node, select in selects.items()
            }

    def link_value(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Read a column that links of other sources compare with: as text, exactly."""
        return sa.cast(column, sa.Text)

    def listed(self, rows: Sequence[Row], types: Sequence[Type], binds: Binds) -> sa.SelectBase:
        """Give a statement values carried over from other sources; a kind binds them as one JSON text a chunk."""
        return listed_one_by_one(rows, types, binds)

    def extract(self, identifiers: Identifiers, scope: Scope, *, is_reviewed: bool = False) -> Generator[Extract]:
        """See `Extractor.extract`."""
        with self.connection() as connection:
            tables = self._tables(connection)
            with self.reader(connection) as reader:
                traversal = self._traversal(tables, identifiers, reader.binds)
                reviewing = _reviewing(traversal, reader) if is_reviewed else None
                for name, source in tables.items():
                    part = self.data_map.collections[name]
                    found = None if self._is_left_out(source, name, scope) else traversal.found(name)
                    readings = self.readings(reader, part, source, found, scope)
                    collection = output.collection(self.data_map, name, source, readings)
                    marking = reviewing.marking(collection, found) if reviewing else None
                    extraction = Extraction(reader, traversal.comparing, part, source, found, scope, marking)
                    yield extraction.extract(collection, readings)

    def erase(
        self, identifiers: Identifiers, *, apply: bool, witness: Witness | None = None, hash_key: bytes | None = None
    ) -> Erasure:
        """See `Extractor.erase`."""
        from extractors.sql.changing import erasing

        with (
            erasing.telling_what_was_changed(self.data_map.source) as progress,
            self.writing_connection() as connection,
        ):
            tables, shapes = self._erasable(connection)
            traversal = self._traversal(tables, identifiers, self.bound)
            work = erasing.Erasing(connection, traversal, shapes, progress, hash_key)
            return work.erase(apply=apply, witness=witness)

    def erase_kept(
        self, collection: str, rows: Iterable[pa.RecordBatch], *, apply: bool, today: date | None = None
    ) -> Erasure:
        """See `Extractor.erase_kept`."""
        from extractors.sql.changing import erasing

        with (
            erasing.telling_what_was_changed(self.data_map.source) as progress,
            self.writing_connection() as connection,
        ):
            tables, shapes = self._erasable(connection)
            traversal = self._traversal(tables, Identifiers({}), self.bound)
            erased = erasing.Erasing(connection, traversal, shapes, progress)
            return erased.erase_kept(collection, rows, apply=apply, today=today)

    def rectify(self, identifiers: Identifiers, corrections: Iterable[Correction]) -> None:
        """See `Extractor.rectify`."""
        from extractors.sql.changing.erasing import telling_what_was_changed
        from extractors.sql.changing.rectifying import Rectifying

        with telling_what_was_changed(self.data_map.source) as progress, self.writing_connection() as connection:
            tables = self._tables(connection)
            work = Rectifying(connection, self._traversal(tables, identifiers, self.bound), corrections)
            work.fix()
            with self.connection() as other, self.reader(other) as reader:
                traversal = self._traversal(tables, identifiers, reader.binds)
                for name in work.collections:
                    part, found = self.data_map.collections[name], traversal.found(name)
                    work.compare(name, traversal, reader, self.readings(reader, part, tables[name], found))
            work.change()
            progress.is_committing = True
            connection.commit()

    def standing(self, identifiers: Identifiers, corrections: Sequence[Correction]) -> list[Standing]:
        """See `Extractor.standing`."""
        from extractors.sql.changing import looking

        with self.connection() as connection:
            tables = self._tables(connection)
            with self.reader(connection) as reader:
                traversal = self._traversal(tables, identifiers, reader.binds)
                readings = self._readings_of(reader, tables, corrections, traversal)
                return looking.standing(traversal, reader, readings, corrections)

    def unfit(self, corrections: Sequence[Correction], *, seconds: float) -> dict[int, str]:
        """See `Extractor.unfit`."""
        from extractors.changes import NotRectifiable
        from extractors.sql.changing.rectifying import Rectifying

        found = {}
        with self.connection() as connection:
            self.limit_statements(connection, seconds)
            tables = self._tables(connection)
            with self.reader(connection) as reader:
                traversal = self._traversal(tables, Identifiers({}), reader.binds)
                readings = self._readings_of(reader, tables, corrections)
                kinds = {name: {item.name: item.kind for item in of.values()} for name, of in readings.items()}
                for place, correction in enumerate(corrections):
                    try:
                        Rectifying(connection, traversal, [correction]).check(kinds)
                    except NotRectifiable as error:
                        where = f"{correction.collection}.{correction.field}"
                        found[place] = str(error).replace(where, "This field", 1)
        return found

    def _readings_of(
        self,
        reader: ReaderOfKind,
        tables: Mapping[str, SourceTable],
        corrections: Iterable[Correction],
        traversal: Traversal | None = None,
    ) -> dict[str, dict[str, Reading]]:
        """Give how the fields are read of all collections that corrections are about, as far as there are any."""
        known = {}
        for name in dict.fromkeys(correction.collection for correction in corrections):
            if name in tables:
                found = traversal.found(name) if traversal else None
                readings = self.readings(reader, self.data_map.collections[name], tables[name], found)
                known[name] = {reading.name: reading for reading in readings}
        return known

    def mark(self, identifiers: Identifiers, purpose: Purpose, marks: Marks) -> dict[str, int]:
        """See `Extractor.mark`."""
        with self._marking(identifiers) as marking:
            return marking.mark(purpose, marks)

    def unmark(self, purpose: Purpose, marks: Marks) -> dict[str, int]:
        """See `Extractor.unmark`."""
        with self._marking(Identifiers({})) as marking:
            return marking.unmark(purpose, marks)

    @contextmanager
    def _marking(self, identifiers: Identifiers) -> Iterator[Marking]:
        """Open a transaction that is committed unless something is raised within."""
        from extractors.sql.changing.erasing import telling_what_was_changed
        from extractors.sql.changing.marking import Marking

        with telling_what_was_changed(self.data_map.source) as progress, self.writing_connection() as connection:
            yield Marking(connection, self._traversal(self._tables(connection), identifiers, self.bound))
            progress.is_committing = True
            connection.commit()

    def everyones_identifiers(self) -> Generator[tuple[str, list[str]]]:
        """See `Extractor.everyones_identifiers`."""
        from extractors.sql.changing.everyone import everyones_identifiers, everyones_links

        with self.connection() as connection:
            traversal = self._traversal(self._tables(connection), Identifiers({}), self.bound)
            yield from everyones_identifiers(connection, traversal)
            yield from everyones_links(connection, traversal, self.link_value)

    @classmethod
    def inventory(cls, url: str, source: str, sampling: Sampling) -> Inventory:
        """See `Extractor.inventory`."""
        from extractors.sql.inventory import take_inventory

        unmapped = DataMap.model_construct(version=1, source=source, snapshot=False, collections={})
        with cls(url, unmapped).connection() as connection:
            return take_inventory(connection, source, sampling)

    @classmethod
    def compared(
        cls, url: str, inventory: Inventory, questions: Iterable[Comparison], sampling: Sampling
    ) -> Mapping[Comparison, Compared]:
        """See `Extractor.compared`."""
        from extractors.sql.inventory import compare_rows

        unmapped = DataMap.model_construct(version=1, source=inventory.source, snapshot=False, collections={})
        with cls(url, unmapped).connection() as connection:
            return compare_rows(connection, inventory, questions, sampling)

    def _traversal(self, tables: Mapping[str, SourceTable], identifiers: Identifiers, binds: Binds) -> Traversal:
        comparing = self.comparing(binds)
        recursion, listed = self.recursion, self.listed
        return Traversal(self.data_map, tables, identifiers, comparing, recursion=recursion, listed=listed)

    def _tables(self, connection: sa.Connection) -> dict[str, SourceTable]:
        """Reflect the map's tables, in its order.

        Raises:
            FaultyDataMap: the map does not fit them; with every fault.
        """
        tables, faults = self._reflected(connection)
        if faults:
            raise FaultyDataMap(faults)
        return tables

    def _erasable(self, connection: sa.Connection) -> tuple[dict[str, SourceTable], Shapes]:
        """Reflect the map's tables and what matters for erasing; what the map says of it is held against them.

        Raises:
            FaultyDataMap: see `_tables`.
        """
        from extractors.sql.changing.checking import erase_faults
        from extractors.sql.changing.shapes import read_shapes

        tables, faults = self._reflected(connection)
        shapes = read_shapes(connection, tables)
        faults.extend(erase_faults(self.data_map, tables, shapes, self.comparing(self.bound)))
        if faults:
            raise FaultyDataMap(faults)
        return tables, shapes

    def _reflected(self, connection: sa.Connection) -> tuple[dict[str, SourceTable], list[Fault]]:
        reflection = Reflection(connection)
        located = reflection.locate(self.data_map)
        columns, keys = reflection.columns(set(located.values())), reflection.primary_keys(set(located.values()))
        tables = {}
        for name, table in located.items():
            locators = self.locators(reflection, table, has_key=bool(keys.get(table)))
            tables[name] = source_table(table, columns[table], keys.get(table, ()), locators)
        faults = list(misfits(self.data_map, tables, self.comparing(self.bound)))
        if len(located) < len(self.data_map.collections):
            faults.extend(missing_tables(self.data_map, located, reflection.table_names()))
        return tables, faults


def _reviewing(traversal: Traversal, reader: Reader) -> Reviewing:
    from extractors.sql.reviewing import Reviewing

    return Reviewing(traversal, reader)
