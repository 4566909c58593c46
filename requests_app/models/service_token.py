"""The tokens by which the organisation's other systems sign in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class ServiceToken(models.Model):
    """A secret of one system, stored as a hash; `ability` is the one thing it is good for."""

    class Ability(models.TextChoices):
        """What a system may ask."""

        SUPPRESSIONS = "suppressions", "ask whose data must not be used"

    name = models.CharField(max_length=120, unique=True)
    ability = models.CharField(max_length=20, choices=Ability.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """By name."""

        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return f"service token {self.pk}"
