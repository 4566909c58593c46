"""Several rights asked for at once: one letter, a request for each."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Case(models.Model):
    """What binds the requests of one letter; each has a process, a deadline and an outcome of its own.

    `copy_waived_at` is when the person said that their data may be erased before they have a copy of it.
    """

    created_at = models.DateTimeField(default=timezone.now)
    copy_waived_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"case {self.pk}"
