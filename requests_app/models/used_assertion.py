"""The assertions of our own service that were used."""

from __future__ import annotations

from django.db import models


class UsedAssertion(models.Model):
    """A signed assertion by its SHA-256, kept until it has expired: it is taken once."""

    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"used assertion {self.pk}"
