"""What a reviewer withholds, laid over the batches of a collection; the segment itself stays as it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.batches import Batch, Cause, Omission, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from extractors.batches import Collection


@dataclass(frozen=True, slots=True)
class Withheld:
    """A field, a record, or a field of a record that is withheld (see `models.Redaction`).

    Args:
        kind: of what the law never lets be given out; empty where somebody decided. None of it is told where nothing
            is held in the field.
    """

    collection: str
    ordinal: int | None
    field: str
    ground: str
    kind: str = ""
    is_held: bool = True


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is withheld of one collection.

    Args:
        fields: withheld in every record.
        records: withheld whole, by their ordinals.
        cells: ordinals by field.
    """

    items: tuple[Withheld, ...] = ()
    fields: frozenset[str] = frozenset()
    records: frozenset[int] = frozenset()
    cells: dict[str, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Withheld]) -> Overlay:
        """Sort what is withheld."""
        known = tuple(items)
        cells: defaultdict[str, set[int]] = defaultdict(set)
        for item in known:
            if item.field and item.ordinal is not None:
                cells[item.field].add(item.ordinal)
        return cls(
            items=known,
            fields=frozenset(item.field for item in known if item.ordinal is None),
            records=frozenset(item.ordinal for item in known if item.ordinal is not None and not item.field),
            cells={name: frozenset(ordinals) for name, ordinals in cells.items()},
        )

    def applied(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Stream the batches without what is withheld; whole fields are left to whoever selects the columns."""
        if not (self.records or self.cells):
            yield from batches
            return
        first = 0
        for batch in batches:
            yield Batch(batch.collection, self._applied(batch.rows, first))
            first += batch.rows.num_rows

    def omissions(self, collection: Collection) -> Iterator[Omission]:
        """Say what is withheld and on what ground, one line for each ground."""
        by_ground: defaultdict[str, list[Withheld]] = defaultdict(list)
        for item in self.items:
            if not item.kind:
                by_ground[item.ground].append(item)
            elif item.is_held:
                reason = f"your {item.kind}: held, but never given out ({item.ground})"
                yield Omission(collection.source.slug, collection.name, reason, cause=Cause.FORBIDDEN)
        for ground, items in by_ground.items():
            lacks_records = any(not item.field for item in items)
            reason = f"withheld ({ground}): {_listed(items)}"
            yield Omission(collection.source.slug, collection.name, reason, cut=lacks_records, cause=Cause.WITHHELD)

    def _applied(self, rows: pa.RecordBatch, first: int) -> pa.RecordBatch:
        import pyarrow as pa
        import pyarrow.compute as pc

        ordinals = range(first, first + rows.num_rows)
        for name in self.cells.keys() & set(rows.schema.names):
            position = rows.schema.get_field_index(name)
            is_hidden = pa.array([ordinal in self.cells[name] for ordinal in ordinals], pa.bool_())
            column = rows.column(position)
            hidden = pc.if_else(is_hidden, pa.nulls(len(column), column.type), column)
            rows = rows.set_column(position, rows.schema.field(position), hidden)
        return rows.filter(pa.array([ordinal not in self.records for ordinal in ordinals], pa.bool_()))


def _listed(items: list[Withheld]) -> str:
    fields = sorted({item.field for item in items if item.ordinal is None})
    cells = sum(1 for item in items if item.field and item.ordinal is not None)
    records = sum(1 for item in items if not item.field)
    parts = [", ".join(fields)] if fields else []
    parts += [counted(records, "record")] if records else []
    parts += [counted(cells, "value")] if cells else []
    return "; ".join(parts)
