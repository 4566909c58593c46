"""Lists of the keys of rows in encrypted files: what was shown, what a change began with, what is kept for years.

A list is a dossier segment of sections; the rows of a section are of one collection and share one mark.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import orjson

from extractors.batches import Batch, Collection, Source
from extractors.errors import UnwritableOutput
from requests_app import storage
from requests_app.dossier import SegmentReader, SegmentWriter
from requests_app.keys.envelope import DataKey
from requests_app.keys.stored import create_key, destroy_key, open_key
from requests_app.models import KeyList

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    import pyarrow as pa

    from requests_app.models import DataSource, SourceChange

KEPT_UNTIL = "kept_until"
"""Marks kept rows that have a column behind their key: the day on which they are to be erased, or null."""
CAME_SINCE = "came_since"
"""Marks rows, listed a second time, that were not among those shown."""
CARRIED = "carried"
"""Marks values carried over from other sources, by which rows were found; not keys."""


@dataclass(frozen=True, slots=True)
class Section:
    """Some rows of a list; `batches` decrypts them as they are asked for."""

    collection: str
    mark: str
    columns: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        return self.columns[:-1] if self.mark == KEPT_UNTIL else self.columns


@dataclass(slots=True)
class Draft:
    """A list being written, whose key no database knows yet: should its writer die, it is as good as gone.

    `rows` counts each row once.
    """

    name: str
    source: Source
    file: BinaryIO = field(repr=False)
    key: DataKey = field(repr=False)
    segment: SegmentWriter = field(repr=False)
    rows: int = 0
    is_kept: bool = False
    _sections: int = 0
    _collection: Collection | None = None

    def write(self, collection: str, mark: str, rows: pa.RecordBatch) -> None:
        """Append rows; those of one collection and mark that follow one another make a section.

        Raises:
            UnwritableOutput: the storage is full or not writable.
        """
        label, columns = orjson.dumps([collection, mark]).decode(), tuple(rows.schema.names)
        current = self._collection
        if current is None or (current.label, current.key) != (label, columns):
            current = self._collection = Collection(self.source, str(self._sections), label, columns, ())
            self._sections += 1
            self.segment.begin(current)
        self.segment.write(Batch(current, rows))
        if mark not in (CAME_SINCE, CARRIED):
            self.rows += rows.num_rows

    def finish(self) -> None:
        """Make the list readable; nothing may be written afterwards."""
        self.segment.finish()

    def read(self) -> ReadList:
        """Read what was written; the list must be finished."""
        return ReadList(self.file, self.key, self.name)

    def store(self, change: SourceChange, purpose: KeyList.Purpose) -> KeyList:
        """Put the finished list on record, in the caller's transaction; call `keep` once that is committed.

        What stood there before outlasts what is known of the person: its key does not depend on that of the request.
        """
        above = None if purpose == KeyList.Purpose.MARKED else change.request.key
        key = create_key(above, key=self.key)
        return KeyList.objects.create(change=change, purpose=purpose, file=self.name, key=key, rows=self.rows)

    def keep(self) -> None:
        """Let the file outlast the block it was made in."""
        self.is_kept = True


@contextmanager
def draft(name: str, source: DataSource) -> Iterator[Draft]:
    """Give a new list; its file is gone when the block ends, unless it is to be kept.

    Raises:
        UnwritableOutput: the storage is full or not writable.
    """
    key = DataKey.generate()
    with storage.create(name) as file:
        made = Draft(name, Source(source.slug, source.label), file, key, SegmentWriter(file, key))
        try:
            yield made
        finally:
            if not made.is_kept:
                with suppress(UnwritableOutput):  # the clean-up deletes strays
                    storage.delete(name)


class ReadList:
    """Reads a list, as often as wanted.

    Raises:
        DamagedArtefact: see `SegmentReader`.
    """

    def __init__(self, file: BinaryIO, key: DataKey, name: str) -> None:
        self._segment = SegmentReader(file, key, name)

    def sections(self, marks: Iterable[str] = (), collection: str | None = None) -> Iterator[Section]:
        """Give the sections in their order.

        Args:
            marks: none for all.
            collection: None for all.
        """
        wanted = frozenset(marks)
        for stored in self._segment.collections:
            named, mark = orjson.loads(stored.collection.label)
            if (not wanted or mark in wanted) and collection in (None, named):
                batches = (batch.rows for batch in self._segment.batches(stored.collection.name))
                yield Section(named, mark, stored.collection.key, batches)


@contextmanager
def opened(name: str, key_id: UUID) -> Iterator[ReadList]:
    """Open a stored list.

    Raises:
        MissingArtefact, UnreadableArtefact, KeyDestroyed, DamagedArtefact: it cannot be read.
    """
    with storage.open(name) as file:
        yield ReadList(file, open_key(key_id), name)


def fingerprint(name: str) -> str:
    """Give the SHA-256 of a stored list as it lies there, encrypted: it binds every key in it.

    Raises:
        MissingArtefact, UnreadableArtefact: it cannot be read.
    """
    with storage.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # the stubs want a buffer


def remove(lists: Iterable[KeyList]) -> None:
    """Destroy lists: the key first, then the file; may be called twice.

    Raises:
        UnwritableOutput: a file cannot be removed; its key is destroyed.
    """
    for item in list(lists):
        KeyList.objects.filter(pk=item.pk).delete()
        destroy_key(item.key_id)
        storage.delete(item.file)
