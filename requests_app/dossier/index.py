"""The index of a segment: what it holds and where, kept as JSON in the last frame."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from pydantic import TypeAdapter

from extractors.batches import Collection, Omission

MAGIC = b"DSRSEG01"  # of every segment; the number is the version of all that is in it


@dataclass(frozen=True, slots=True)
class Frame:
    """Some rows of a collection: `number` counts the segment's frames, `offset` and `length` are bytes of the file."""

    number: int
    first_row: int
    rows: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class StoredCollection:
    """A collection of a segment, with its `count` of rows, none included."""

    collection: Collection
    omissions: tuple[Omission, ...]
    count: int
    frames: tuple[Frame, ...]


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
