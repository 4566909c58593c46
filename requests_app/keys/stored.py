"""The keys kept in the database, each wrapped by its request's key or by the ring of the setting DSR_KEYS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app.keys.envelope import DataKey, KeyRing, MissingKey
from requests_app.models import EncryptionKey

if TYPE_CHECKING:
    import uuid

ROTATION_CHUNK = 500


class KeyDestroyed(DsrError, LookupError):
    """Say that a key was destroyed on purpose, so that what it encrypted is gone for good."""


def current_ring() -> KeyRing:
    """Give the ring of the setting DSR_KEYS.

    Raises:
        UnusableKeyRing: see `KeyRing`.
    """
    return KeyRing(settings.DSR_KEYS)


def create_key(parent: EncryptionKey | None = None, *, key: DataKey | None = None) -> EncryptionKey:
    """Store a new key, wrapped: a request's without a parent, an artefact's under its request's.

    Args:
        key: one that was made before and has encrypted something already; none for a new one.

    Raises:
        KeyDestroyed: the parent is destroyed.
        MissingKey: the ring lacks the key that wraps the parent.
        ValueError: the parent is an artefact's key.
    """
    key = key or DataKey.generate()
    if parent is None:
        ring = current_ring()
        return EncryptionKey.objects.create(id=key.id, wrapped=ring.wrap(key), ring_id=ring.first)
    if parent.parent_id is not None:
        raise ValueError("An artefact's key cannot wrap another key.")
    return EncryptionKey.objects.create(id=key.id, parent=parent, wrapped=open_key(parent.pk).wrap(key))


def create_keys(count: int) -> list[EncryptionKey]:
    """Store new keys of requests by one statement; see `create_key`."""
    ring = current_ring()
    made = [DataKey.generate() for _ in range(count)]
    return EncryptionKey.objects.bulk_create(
        EncryptionKey(id=key.id, wrapped=ring.wrap(key), ring_id=ring.first) for key in made
    )


def open_key(key_id: uuid.UUID) -> DataKey:
    """Unwrap a stored key.

    Raises:
        KeyDestroyed: it or its parent is destroyed.
        MissingKey: no such key, or the ring lacks the one that wraps it.
        DamagedArtefact: its wrapped text was altered or belongs to another key.
    """
    stored = EncryptionKey.objects.select_related("parent").filter(pk=key_id).first()
    if stored is None:
        raise MissingKey(f"There is no encryption key {key_id}.")
    if stored.is_destroyed:
        raise KeyDestroyed(f"Encryption key {key_id} was destroyed; what it encrypted cannot be read again.")
    if stored.parent is None:
        return current_ring().unwrap(stored.wrapped, key_id)
    parent = current_ring().unwrap(stored.parent.wrapped, stored.parent.pk)
    return parent.unwrap(stored.wrapped, key_id)


def destroy_key(key_id: uuid.UUID) -> int:
    """Destroy a key and its children for good, which deletes all they encrypted; may be called twice.

    Returns:
        How many keys were alive until now.
    """
    return EncryptionKey.objects.destroy(key_id, at=timezone.now())


def count_outdated(ring: KeyRing) -> int:
    """Count the root keys that `rotate` would rewrap.

    Raises:
        MissingKey: the ring lacks a key that wraps one of them.
    """
    outdated = EncryptionKey.objects.wrapped_by_others(ring.first)
    missing = sorted(set(outdated.values_list("ring_id", flat=True).distinct()) - set(ring.secrets))
    if missing:
        raise MissingKey(f"DSR_KEYS lacks the keys {', '.join(map(repr, missing))}, which stored keys need.")
    return outdated.count()


def rotate(ring: KeyRing) -> int:
    """Rewrap every root key by the ring's first key, a chunk a transaction; artefacts are not touched.

    May be stopped and called again, and run beside the portal: a key destroyed meanwhile stays destroyed.

    Returns:
        How many keys were rewrapped.

    Raises:
        MissingKey: the ring lacks a key that wraps one of them; nothing was changed.
        DamagedArtefact: a key does not unwrap; earlier chunks stay rewrapped.
    """
    count_outdated(ring)
    outdated = EncryptionKey.objects.wrapped_by_others(ring.first).order_by("pk")
    rewrapped, chunk = 0, list(outdated[:ROTATION_CHUNK])
    while chunk:
        with transaction.atomic():
            rewrapped += sum(_rewrap(ring, key) for key in chunk)
        chunk = list(outdated.filter(pk__gt=chunk[-1].pk)[:ROTATION_CHUNK])
    return rewrapped


def _rewrap(ring: KeyRing, key: EncryptionKey) -> int:
    wrapped = ring.wrap(ring.unwrap(key.wrapped, key.pk))
    unchanged = EncryptionKey.objects.filter(pk=key.pk, wrapped=key.wrapped)
    return unchanged.update(wrapped=wrapped, ring_id=ring.first)
