"""The register of erasures: who was erased from which source, as keyed hashes that name nobody."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from django.utils import timezone

from extractors.identifiers import EMAIL, link_kind, link_text
from requests_app.keys.hashing import KeyedHash
from requests_app.keys.stored import create_key, open_key
from requests_app.models import ErasedIdentifier, RegisteredErasure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.identifiers import Identifiers
    from requests_app.models import EncryptionKey, SourceChange

IDENTIFIERS, VALUES = "erased identifier", "erased value"


class Hashes:
    """Hashes identifiers of one source under one key of the register."""

    def __init__(self, source_id: int, key: EncryptionKey) -> None:
        self._source_id = source_id
        self._hash = KeyedHash(open_key(key.pk), IDENTIFIERS)

    def of(self, kind: str, value: str) -> str:
        """Hash an identifier, however it is spelt in the source or was typed; another source gives another hash."""
        return self._hash.of(f"{self._source_id}\0{kind}\0{canonical(kind, value)}")


def canonical(kind: str, value: str) -> str:
    """Spell an identifier the one way it is compared by: as found, but an e-mail address composed and folded."""
    value = value.strip()
    return unicodedata.normalize("NFC", value).lower() if kind == EMAIL else value


def register_key() -> EncryptionKey:
    """Give the key of the register, which stands below the ring alone; for the first erasure, a new one."""
    first = RegisteredErasure.objects.order_by("pk").select_related("key").first()
    return first.key if first else create_key()


def hash_key(key: EncryptionKey) -> bytes:
    """Derive the key by which a data map's `{hash: sha256}` is computed: equal values stay equal in all erasures."""
    return bytes.fromhex(KeyedHash(open_key(key.pk), VALUES).of(""))


def remember(change: SourceChange, identifiers: Identifiers, key: EncryptionKey) -> None:
    """Note that a person is about to be erased, in the caller's transaction; what has begun counts as done.

    Should the source turn out not to have been changed, the next attempt does it: nobody is erased who was not to be.
    """
    known = {"source": change.source, "request": change.request, "key": key}
    erasure, _ = RegisteredErasure.objects.get_or_create(change=change, defaults=known)
    hashes = Hashes(change.source_id, erasure.key)
    rows = {hashes.of(kind, value) for kind, value in _identifiers(identifiers)}
    ErasedIdentifier.objects.bulk_create(
        [ErasedIdentifier(erasure=erasure, hash=digest) for digest in sorted(rows)],
        batch_size=500,
        ignore_conflicts=True,
    )
    confirm(change)


def confirm(change: SourceChange) -> None:
    """Note that a person is erased just now, in the caller's transaction."""
    RegisteredErasure.objects.filter(change=change).update(erased_at=timezone.now())


def _identifiers(identifiers: Identifiers) -> Iterator[tuple[str, str]]:
    yield from ((kind, value) for kind, values in identifiers.values.items() for value in values)
    yield from ((link_kind(node), link_text(row)) for node, rows in identifiers.carried.items() for row in rows)
