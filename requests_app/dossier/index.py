"""The index of a segment: what it holds and where, kept as JSON in the last frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from pydantic import TypeAdapter

from extractors.batches import Collection, Omission

MAGIC = b"DSRSEG02"  # of every segment; the number is the version of all that is in it
OLDER_MAGICS = (b"DSRSEG01",)  # without marks; read, no longer written


@dataclass(frozen=True, slots=True)
class Frame:
    """Some rows of a collection: `number` counts the segment's frames, `offset` and `length` are bytes of the file.

    Args:
        marks: how many marks it holds, behind its rows.
    """

    number: int
    first_row: int
    rows: int
    offset: int
    length: int
    marks: int = 0


@dataclass(frozen=True, slots=True)
class StoredCollection:
    """A collection of a segment, with its `count` of rows, none included.

    Args:
        marks: how many marks it holds, by their concern (see `Batch.marks`).
    """

    collection: Collection
    omissions: tuple[Omission, ...]
    count: int
    frames: tuple[Frame, ...]
    marks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Index:
    """The collections of a segment in the order they were begun."""

    collections: tuple[StoredCollection, ...]

    def by_name(self) -> dict[str, StoredCollection]:
        """Key the collections by their names, which are unique within a segment."""
        return {stored.collection.name: stored for stored in self.collections}

    def dump(self) -> bytes:
        """Write it as JSON."""
        return orjson.dumps(self, default=dict)

    @classmethod
    def load(cls, dumped: bytes) -> Index:
        """Read what `dump` wrote, exactly."""
        return _ADAPTER.validate_json(dumped)


_ADAPTER = TypeAdapter(Index)
