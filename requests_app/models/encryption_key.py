"""The wrapped data keys of requests and of their artefacts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from datetime import datetime


class EncryptionKeyQuerySet(models.QuerySet["EncryptionKey"]):
    """The questions asked of the keys."""

    def live_roots(self) -> Self:
        """Keep the root keys that are not destroyed."""
        return self.filter(parent=None, destroyed_at=None)

    def wrapped_by_others(self, ring_id: str) -> Self:
        """Keep the live root keys that another ring key than `ring_id` wraps."""
        return self.live_roots().exclude(ring_id=ring_id)

    def destroy(self, key_id: uuid.UUID, *, at: datetime) -> int:
        """Destroy the key and its children in one statement; returns how many were alive until now."""
        family = self.filter(Q(pk=key_id) | Q(parent=key_id), destroyed_at=None)
        return family.update(wrapped="", destroyed_at=at)


class EncryptionKey(models.Model):
    """A data key, wrapped; destroying it is how what it encrypts is deleted, backups of the files included.

    A root belongs to a request and is wrapped by the key of the ring that `ring_id` names; a child belongs to one
    artefact (segment, export, upload) and is wrapped by its parent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    wrapped = models.TextField(blank=True)
    ring_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    objects = EncryptionKeyQuerySet.as_manager()

    class Meta:
        """States the database itself refuses."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(wrapped="", destroyed_at__isnull=False) | (~Q(wrapped="") & Q(destroyed_at__isnull=True)),
                name="encryption_key_destroyed_iff_unwrapped",
            ),
            models.CheckConstraint(
                condition=(Q(parent__isnull=True) & ~Q(ring_id="")) | Q(parent__isnull=False, ring_id=""),
                name="encryption_key_root_iff_on_ring",
            ),
        ]

    def __str__(self) -> str:
        return f"encryption key {self.pk}"

    @property
    def is_destroyed(self) -> bool:
        """Whether nothing can be opened with it any more, itself or its parent being destroyed."""
        return self.destroyed_at is not None or (self.parent is not None and self.parent.is_destroyed)
