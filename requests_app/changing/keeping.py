"""Writes down the rows that an erasure keeps for some years, by their keys, for the day on which these end."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app.changing import key_lists
from requests_app.changing.key_lists import KEPT_UNTIL
from requests_app.keys.stored import create_key
from requests_app.models import KeptRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from extractors.datamap import DataMap
    from requests_app.changing.key_lists import Draft, ReadList
    from requests_app.models import DataSource, DataSourceMap

MOST_BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Part:
    """The kept rows of one collection, in a list of their own; some are due on the `first` day, all on the `last`."""

    collection: str
    listing: Draft
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows kept by one change of a source; `undated` counts by collection those that no day was given for."""

    source: DataSource
    parts: list[Part] = field(default_factory=list)
    undated: dict[str, int] = field(default_factory=dict)

    def store(self, *, request_id: int | None, version: DataSourceMap) -> None:
        """Have them erased when they are due, in the caller's transaction; call `keep` once that is committed."""
        for part in self.parts:
            begins = start_of(part.first)
            KeptRows.objects.create(
                request_id=request_id,
                source=self.source,
                map=version,
                collection=part.collection,
                erase_on=part.first,
                last_on=part.last,
                file=part.listing.name,
                key=create_key(key=part.listing.key),
                rows=part.listing.rows,
                claimable_at=begins,
                requeue_at=begins,
            )

    def keep(self) -> None:
        """Let the files outlast the block they were made in."""
        for part in self.parts:
            part.listing.keep()


@contextmanager
def kept_rows(stem: str, source: DataSource, lists: Iterable[ReadList]) -> Iterator[Kept]:
    """Gather the rows that one change kept, from the lists of all its attempts, each row once; a list a collection.

    Args:
        stem: how the names of the files begin.

    Raises:
        UnwritableOutput: the storage is full or not writable.
    """
    kept = Kept(source)
    with ExitStack() as files:
        for number, ((collection, key), rows) in enumerate(_tables(lists).items()):
            dated = rows.filter(rows["until"].is_valid()).sort_by("until")
            if undated := rows.num_rows - dated.num_rows:
                kept.undated[collection] = kept.undated.get(collection, 0) + undated
            if dated.num_rows:
                listing = files.enter_context(key_lists.draft(f"{stem}-{number}.keys", source))
                for batch in dated.rename_columns([*key, "until"]).to_batches(max_chunksize=MOST_BATCH_ROWS):
                    listing.write(collection, KEPT_UNTIL, batch)
                listing.finish()
                first, last = (date.fromisoformat(dated["until"][place].as_py()) for place in (0, -1))
                kept.parts.append(Part(collection, listing, first, last))
        yield kept


def with_last_day(data_map: DataMap) -> frozenset[str]:
    """Name the collections whose rows are kept for some years."""
    parts = data_map.collections.items()
    return frozenset(
        name for name, part in parts if part.erase and part.erase.action == "keep" and part.erase.years is not None
    )


def start_of(day: date) -> datetime:
    """Give the moment a day begins, where the portal is."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def _tables(lists: Iterable[ReadList]) -> dict[tuple[str, tuple[str, ...]], pa.Table]:
    """Give the rows of each collection and key: `k0`, `k1` … and `until`, the latest of several."""
    import pyarrow as pa

    batches: defaultdict[tuple[str, tuple[str, ...]], list[pa.RecordBatch]] = defaultdict(list)
    for item in lists:
        for section in item.sections([KEPT_UNTIL]):
            names = [*(f"k{number}" for number in range(len(section.key))), "until"]
            batches[section.collection, section.key] += [
                pa.RecordBatch.from_arrays([column.cast(pa.string()) for column in rows.columns], names)
                for rows in section.batches
            ]
    return {name: _each_once(pa.Table.from_batches(parts)) for name, parts in batches.items()}


def _each_once(rows: pa.Table) -> pa.Table:
    names = [name for name in rows.column_names if name != "until"]
    latest = rows.group_by(names).aggregate([("until", "max")])
    return latest.rename_columns({"until_max": "until"})
