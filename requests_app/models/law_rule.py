"""The laws' periods as the portal holds them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class LawRule(models.Model):
    """One version of a law's periods, never changed: a request keeps the one it was opened under.

    `document` is a `deadlines.rules.Rule` as JSON. `shipped_version` is its number in the table that the portal comes
    with, None where the team wrote it.
    """

    code = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    shipped_version = models.PositiveIntegerField(null=True, blank=True, editable=False)
    document = models.JSONField()
    why = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """Versions count from 1 in each law."""

        ordering: ClassVar[list[str]] = ["code", "-version"]
        permissions = (("manage_rules", "Can write new versions of the laws' periods, and move requests to them"),)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "version"], name="law_rule_version_once"),
            models.UniqueConstraint(fields=["code", "shipped_version"], name="law_rule_shipped_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code}/{self.version}"
