"""Walks the chain of seals and says where it is broken first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app.audit.chain import BEGINNING, hash_of_entries, hash_of_seal, rows_of
from requests_app.models import AuditEntry, AuditSeal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from requests_app.audit.chain import EntryRow

ENTRIES_AT_ONCE = 2000
SEALS_AT_ONCE = 100
# What reading a column raises where SQLite holds something of another kind there.
UNREADABLE = (TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Break:
    """The first seal that does not hold, and why, as words that follow its number."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found.

    Args:
        seals: how many hold, before the first break.
        entries: how many these hold.
        unsealed: entries in no seal so far, new ones or such as were slipped in; None where the chain is broken.
    """

    seals: int
    entries: int
    unsealed: int | None
    broken: Break | None

    @property
    def is_sound(self) -> bool:
        """Whether every sealed entry and every seal is as it was when it was sealed."""
        return self.broken is None


def verify() -> Verdict:
    """Hold every seal and every sealed entry against the chain; streams, and may run beside everything else.

    What a chain cannot show is that its end was cut off: compare `head` with a head kept elsewhere.
    """
    linked, broken = _walk_links()
    seals = entries = 0
    for seal, rows in _with_entries(AuditSeal.objects.filter(number__lte=linked).iterator(chunk_size=SEALS_AT_ONCE)):
        reason = _fault_of_entries(seal, rows)
        if reason:
            broken = Break(seal.number, reason)
            break
        seals += 1
        entries += len(seal.entry_ids)
    return Verdict(seals, entries, None if broken else AuditEntry.objects.count() - entries, broken)


def _walk_links(at_once: int = SEALS_AT_ONCE) -> tuple[int, Break | None]:
    """Check the seals by themselves; returns the number of the last one that holds."""
    linked, previous_hash = 0, BEGINNING
    try:
        for seal in AuditSeal.objects.iterator(chunk_size=at_once):
            reason = _fault_of_link(seal, linked + 1, previous_hash)
            if reason:
                return linked, Break(linked + 1, reason)
            linked, previous_hash = seal.number, seal.hash
    except UNREADABLE:
        if at_once > 1:  # any of those read at once may be meant
            return _walk_links(at_once=1)
        return linked, Break(linked + 1, "the seal was altered and cannot be read")
    return linked, None


def _fault_of_link(seal: AuditSeal, number: int, previous_hash: str) -> str:
    if seal.number != number:
        return "the seal is missing"
    if seal.hash != hash_of_seal(seal):
        return "the seal was altered"
    if seal.previous_hash != previous_hash:
        return "the chain is broken: it does not follow the seal before it"
    return ""


def _fault_of_entries(seal: AuditSeal, rows: dict[int, EntryRow] | None) -> str:
    if rows is None:
        return "one of its entries was altered and cannot be read"
    missing = [pk for pk in seal.entry_ids if pk not in rows]
    if missing:
        return f"entry {missing[0]} is missing" + (f", and {len(missing) - 1:,} more" if missing[1:] else "")
    if hash_of_entries(rows[pk] for pk in seal.entry_ids) != seal.entries_hash:
        return "one of its entries was altered"
    return ""


def _with_entries(seals: Iterable[AuditSeal]) -> Iterator[tuple[AuditSeal, dict[int, EntryRow] | None]]:
    """Bring each seal with at least its entries, read for many small seals at once; None where they cannot be read."""
    for batch in _batches(seals):
        rows = _rows_of(batch)
        for seal in batch:
            yield seal, rows if rows is not None or len(batch) == 1 else _rows_of([seal])


def _rows_of(seals: list[AuditSeal]) -> dict[int, EntryRow] | None:
    try:
        return rows_of([pk for seal in seals for pk in seal.entry_ids])
    except UNREADABLE:
        return None


def _batches(seals: Iterable[AuditSeal]) -> Iterator[list[AuditSeal]]:
    batch: list[AuditSeal] = []
    entries = 0
    for seal in seals:
        batch.append(seal)
        entries += len(seal.entry_ids)
        if entries >= ENTRIES_AT_ONCE:
            yield batch
            batch, entries = [], 0
    yield batch
