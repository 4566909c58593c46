"""One link of the chain that makes the audit trail tamper-evident."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class AuditSeal(models.Model):
    """The hash of the entries sealed at once, chained to the seal before; the database refuses changes.

    `entry_ids` lists the entries in the order they were hashed: a transaction that commits late leaves its entries to
    a later seal. `highest_id` is the highest id in this seal and all before. `entries_hash` is of the entries alone,
    `hash` of the seal's other columns, so that an altered entry is told from an altered seal.
    """

    number = models.PositiveBigIntegerField(unique=True)
    sealed_at = models.DateTimeField(default=timezone.now)
    entry_ids = models.JSONField()
    highest_id = models.BigIntegerField()
    entries_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        """In the order of the chain."""

        ordering: ClassVar[list[str]] = ["number"]

    def __str__(self) -> str:
        return f"audit seal {self.number}"
