"""A certificate of an erasure done without a portal: no number, no public page, no audit trail, but the same record."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

from exporters.certificate.documents import issued
from exporters.certificate.records import ErasedCollection, ErasedSource, ErasureRecord, Heading, Issuer, Retained
from exporters.document.printing import archival
from exporters.letter import Controller
from extractors.changes import Fate
from extractors.errors import UnwritableOutput
from requests_app.management.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from extractors.changes import CollectionErasure, Erasure
    from extractors.datamap import CollectionPart, DataMap

TRIAL = b'<!DOCTYPE html><html lang="en"><head><title>Trial</title></head><body><p>Trial</p></body></html>'


@dataclass(frozen=True, slots=True)
class Draft:
    """A certificate about to be written, and where to."""

    path: Path
    file: BinaryIO = field(repr=False)

    def write(self, erasure: Erasure, data_map: DataMap, map_text: str, days: LastDays) -> str:
        """Write it; returns the SHA-256 of the file.

        Args:
            map_text: the data map as it was read.
            days: what witnessed the erasure.

        Raises:
            UnprintableDocument: it could not be printed.
        """
        name = settings.DSR_SYSTEM_NAME
        now = datetime.now(UTC).replace(microsecond=0)
        source = _source(erasure, data_map, map_text, now, days)
        heading = Heading(now, Issuer(name), name)
        made = issued(heading, ErasureRecord(None, (source,)), Controller(name))
        self.file.write(made.pdf)
        return hashlib.sha256(made.pdf).hexdigest()


class LastDays:
    """Witnesses an erasure, and remembers until when rows of each collection are kept."""

    def __init__(self) -> None:
        self._days: dict[str, tuple[str, str]] = {}

    def fixed(self, collection: str, fate: Fate, rows: pa.RecordBatch) -> None:
        """See `Witness.fixed`."""
        if fate is not Fate.KEPT or not rows.num_columns or rows.schema.names[-1] != "until":
            return
        days = sorted(str(day) for day in rows.column(rows.num_columns - 1).unique().to_pylist() if day is not None)
        if days:
            first, last = self._days.get(collection, (days[0], days[-1]))
            self._days[collection] = (min(first, days[0]), max(last, days[-1]))

    def all_fixed(self) -> None:
        """See `Witness.all_fixed`."""

    def of(self, collection: str) -> tuple[date | None, date | None]:
        """Give the first and the last day on which kept rows are to be erased; None where no day is set."""
        days = self._days.get(collection)
        return (date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else (None, None)


@contextmanager
def drafted(path: Path) -> Iterator[Draft]:
    """Give a certificate to write once all is erased; its file is there when the block ends well, and whole.

    Raises:
        UnwritableOutput: the file cannot be written, or stands there already: it may be another erasure's only proof.
        UnprintableDocument: nothing can be printed on this host.
    """
    if path.exists():
        raise UnwritableOutput(f"{path} exists already; name another file, so that no certificate is lost.")
    with whole_file(path) as file:
        archival(TRIAL)  # before anything is erased, as it cannot be undone
        yield Draft(path, file)


def _source(erasure: Erasure, data_map: DataMap, map_text: str, now: datetime, days: LastDays) -> ErasedSource:
    parts = data_map.collections
    collections = tuple(_collection(name, item, parts.get(name), days) for name, item in erasure.collections.items())
    return ErasedSource(
        source=data_map.source,
        label=data_map.label or data_map.source,
        erased_at=now,
        is_proven=erasure.is_proven,
        collections=collections,
        map_sha256=hashlib.sha256(map_text.encode()).hexdigest(),
    )


def _collection(name: str, item: CollectionErasure, part: CollectionPart | None, days: LastDays) -> ErasedCollection:
    left, kept = item.left or 0, item.fates.get(Fate.KEPT, 0)
    return ErasedCollection(
        name=name,
        label=(part.label if part else None) or name,
        before=item.found,
        deleted=item.fates.get(Fate.DELETED, 0),
        anonymised=item.fates.get(Fate.ANONYMISED, 0),
        archived=item.fates.get(Fate.ARCHIVED, 0),
        kept=kept,
        shared=item.fates.get(Fate.SHARED, 0),
        referenced=item.fates.get(Fate.REFERENCED, 0),
        after=item.kept + left,
        left=left,
        reasons=item.reasons,
        retained=_retained(kept, part, days.of(name)),
    )


def _retained(kept: int, part: CollectionPart | None, days: tuple[date | None, date | None]) -> Retained | None:
    erase = part.erase if part else None
    if not kept or erase is None or not erase.ground:
        return None
    first, last = days if erase.years is not None else (None, None)
    return Retained(erase.ground, kept, erase.years, first, last)
