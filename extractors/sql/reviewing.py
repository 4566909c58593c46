"""What an extract that a reviewer will look at needs beyond its rows: whose addresses are the person's, and marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.batches import Batch, Kind
from extractors.errors import UnusableIdentifier
from extractors.identifiers import EMAIL, PHONE, spellings
from extractors.sql.output import Reading
from extractors.sql.sharing import Sharing
from extractors.third_parties import Judge, Known, Marker

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from extractors.batches import Collection
    from extractors.sql.extraction import Reader
    from extractors.sql.sharing import Told
    from extractors.sql.traversal import Found, Traversal

    Column = sa.ColumnElement[Any]
    Select = sa.Select[Any]

MOST_LEARNED = 20  # addresses or numbers of one collection; who has more does not describe one person
LONGEST_LEARNED = 320  # characters, as an e-mail address may have (RFC 5321 §4.5.3.1)


@dataclass(frozen=True, slots=True)
class Marking:
    """Marks the batches of one collection.

    Args:
        told: tells rows reached only through something shared, where there can be some.
    """

    marker: Marker
    told: Told | None

    def prepared(self, select: Select, readings: list[Reading]) -> tuple[Select, list[Reading]]:
        """Let a statement also read what rows are to be marked by."""
        return (self.told.added(select), [*readings, self.told.reading]) if self.told else (select, readings)

    def batch(self, collection: Collection, rows: pa.RecordBatch) -> Batch:
        """Mark what the prepared statement gave."""
        if self.told is None:
            return Batch(collection, rows, self.marker.marks(rows))
        import pyarrow as pa

        is_shared = rows.column(rows.num_columns - 1).cast(pa.bool_())
        own = rows.select(rows.schema.names[:-1])
        return Batch(collection, own, self.marker.marks(own, is_shared))


class Reviewing:
    """Makes the markings of one extract."""

    def __init__(self, traversal: Traversal, reader: Reader) -> None:
        self._sharing = Sharing(traversal)
        nobodys = traversal.data_map.own_addresses
        known = Known.of(traversal.identifiers, nobodys=nobodys)
        learned = _Learning(traversal, reader, known).learned()
        self._reader = reader
        self._judge = Judge(Known.of(traversal.identifiers, learned, nobodys))
        self._parts = traversal.data_map.collections

    def marking(self, collection: Collection, found: Found | None) -> Marking:
        """Make what marks a collection's batches."""
        declared = {
            column: kind
            for kind, columns in self._parts[collection.name].identifiers.items()
            if kind in {EMAIL, PHONE}
            for column in columns
        }
        told = self._sharing.told(collection.name, found) if found else None
        return Marking(Marker(collection, self._judge, declared), told if told and self._is_needed(told) else None)

    def _is_needed(self, told: Told) -> bool:
        """Count first: telling each row of many apart takes longer, and mostly nothing is shared."""
        counts = told.counts()
        if counts is None:
            return True
        found, own = self._reader.row(counts)
        return bool(found != own)


class _Learning:
    """Learns the person's other addresses and numbers from rows that an identifier itself leads to.

    An earlier address beside the one searched by is the person's too. But the other one of two who write to each
    other stands beside it as well: so what also leads to a row that is not the person's is not taken for theirs.
    """

    def __init__(self, traversal: Traversal, reader: Reader, known: Known) -> None:
        self._traversal = traversal
        self._reader = reader
        self._known = known

    def learned(self) -> list[tuple[str, str]]:
        """Read them: (kind, value)."""
        beside = {pair for name in self._traversal.data_map.collections for pair in self._beside(name)}
        return [(kind, value) for kind, value in sorted(beside) if not self._is_anothers(kind, value)]

    def _beside(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield what stands beside an identifier in its row."""
        columns = list(self._columns(name))
        conditions = list(self._traversal.identifying(name))
        if not columns or not conditions or self._searched(name) == {column for _, column in columns}:
            return
        table, filters = self._traversal.tables[name].table, self._traversal.filters(name)
        texts = [sa.cast(table.c[column], sa.Text).label(f"c{index}") for index, (_, column) in enumerate(columns)]
        selects = [sa.select(*texts).where(condition, *filters).distinct() for condition in conditions]
        rows = (sa.union(*selects) if len(selects) > 1 else selects[0]).subquery("beside")
        limited = sa.select(*rows.c).limit(sa.literal_column(str(MOST_LEARNED + 1)))
        readings = [Reading(column.name, Kind.TEXT, column) for column in rows.c]
        found = [row for batch in self._reader.stream(limited, readings) for row in batch.to_pylist()]
        if len(found) <= MOST_LEARNED:
            values = ((kind, row[f"c{index}"]) for row in found for index, (kind, _) in enumerate(columns))
            yield from ((kind, value) for kind, value in values if value and self._is_new(kind, value))

    def _searched(self, name: str) -> set[str]:
        """Give the column that was searched in, where it is one: alone, it holds what it was searched for."""
        identifiers = self._traversal.data_map.collections[name].identifiers
        known = [column for kind in self._traversal.identifiers.kinds for column in identifiers.get(kind, ())]
        return set(known) if len(known) == 1 else set()

    def _is_new(self, kind: str, value: str) -> bool:
        return bool(value.strip()) and len(value) <= LONGEST_LEARNED and not self._known.holds(kind, value)

    def _columns(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the columns of addresses and numbers that may be read and are not about others: (kind, column)."""
        part = self._traversal.data_map.collections[name]
        closed = {column for column, field in part.fields.items() if field.secret or field.third_party}
        for kind in (EMAIL, PHONE):
            yield from ((kind, column) for column in part.identifiers.get(kind, ()) if column not in closed)

    def _is_anothers(self, kind: str, value: str) -> bool:
        try:
            forms = spellings(kind, value) if kind == EMAIL else (value,)
        except UnusableIdentifier:
            return True
        return any(self._leads_further(name, kind, forms) for name in self._traversal.data_map.collections)

    def _leads_further(self, name: str, kind: str, forms: tuple[str, ...]) -> bool:
        """Whether a value leads to a row that is not the person's."""
        found = self._traversal.found(name)
        for known, column in self._columns(name):
            if known == kind:
                holding = self._count(name, column, kind, forms, None)
                if holding and holding > (self._count(name, column, kind, forms, found) if found else 0):
                    return True
        return False

    def _count(self, name: str, column: str, kind: str, forms: tuple[str, ...], found: Found | None) -> int:
        table = self._traversal.tables[name].table
        columns = found.columns if found else table.c
        condition = self._traversal.comparing.identifies(columns[column], kind, forms)
        if condition is None:
            return 0
        one: Column = sa.literal_column("1", sa.Integer()).label("one")
        rows = found.select([one]) if found else sa.select(one).select_from(table).where(*self._traversal.filters(name))
        (count,) = self._reader.row(sa.select(sa.func.count()).select_from(rows.where(condition).subquery("held")))
        return int(count)
