"""What proof of identity is asked for, by right and place."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class IdentityRule(models.Model):
    """One line of the table of what has to be shown: the most specific line counts.

    `right` empty is any right; `place` empty is any place, else ISO 3166-1 or -2, or EEA. `checks` are kinds of
    `IdentityCheck`, all of which have to be passed before the work begins; `download_checks` those asked for once more
    before the files are given out.
    """

    right = models.CharField(max_length=20, blank=True)
    place = models.CharField(max_length=6, blank=True)
    checks = models.JSONField(default=list)
    download_checks = models.JSONField(default=list)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        """One line for a right in a place."""

        ordering: ClassVar[list[str]] = ["right", "place"]
        permissions = (("manage_identity", "Can change what proof of identity is asked for"),)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["right", "place"], name="identity_rule_once")
        ]

    def __str__(self) -> str:
        return f"identity rule {self.pk}"
