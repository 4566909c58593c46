"""One act on record."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """Who did what to what, when: ids and words of our own, never a value; the database refuses changes.

    Ids are kept as plain numbers, so that an entry outlives what it names.
    """

    class ActorKind(models.TextChoices):
        """Who acted."""

        SUBJECT = "subject", "the person"
        STAFF = "staff", "the team"
        SYSTEM = "system", "the portal"
        STRANGER = "stranger", "somebody unknown"
        AGENT = "agent", "their representative"

    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    request_id = models.BigIntegerField(null=True)
    target = models.CharField(max_length=60, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        """What histories are read by."""

        verbose_name_plural = "audit entries"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["request_id", "id"], name="audit_of_request")]

    def __str__(self) -> str:
        return f"audit entry {self.pk}: {self.action}"
