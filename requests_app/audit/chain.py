"""What a seal's hashes are made of: the same bytes on every database, so that a chain may be moved to another."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

from requests_app.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from requests_app.models import AuditSeal

# What the first seal follows.
BEGINNING = "0" * 64


class EntryRow(TypedDict):
    """All columns of an audit entry."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    action: str
    request_id: int | None
    target: str
    details: dict[str, object]


def rows_of(entry_ids: Sequence[int]) -> dict[int, EntryRow]:
    """Read the entries that are there, by their ids."""
    rows: Iterable[EntryRow] = AuditEntry.objects.filter(pk__in=entry_ids).values(*EntryRow.__annotations__)
    return {row["id"]: row for row in rows}


def hash_of_entries(rows: Iterable[EntryRow]) -> str:
    """Hash every column of the entries, in the order given."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(_canonical(row))
    return digest.hexdigest()


def hash_of_seal(seal: AuditSeal) -> str:
    """Hash what a seal says: its place in the chain, its entries, and the hash of the seal before."""
    said = {
        "number": seal.number,
        "sealed_at": seal.sealed_at,
        "entry_ids": seal.entry_ids,
        "highest_id": seal.highest_id,
        "entries_hash": seal.entries_hash,
        "previous_hash": seal.previous_hash,
    }
    return hashlib.sha256(_canonical(said)).hexdigest()


def _canonical(columns: Mapping[str, object] | EntryRow) -> bytes:
    text = json.dumps(columns, default=_portable, sort_keys=True, separators=(",", ":"))
    # JSON written so holds no line feed: two different lists of entries never become the same bytes.
    return text.encode() + b"\n"


def _portable(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    # What no column of ours holds: SQLite keeps any type anywhere, so an altered entry may.
    return repr(value)
