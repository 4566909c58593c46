"""How often something happened within a window of time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RateCount(models.Model):
    """A counter by the keyed hash of what is counted, until `window` ends; `limits.py` alone writes it."""

    subject = models.CharField(max_length=64)
    window = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        """One row per subject and window, which one statement makes or counts up."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject", "window"], name="rate_count_once")
        ]

    def __str__(self) -> str:
        return f"counter {self.pk}"
