"""Several rights asked for at once: one letter, a request for each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Case(models.Model):
    """What binds the requests of one letter; each has a process, a deadline and an outcome of its own.

    `copy_waived_at` is when the person said that their data may be erased before they have a copy of it. Where they
    said so otherwise than on their page, `copy_waived_by` noted it, and `waiver_reason` says how they did.
    """

    created_at = models.DateTimeField(default=timezone.now)
    copy_waived_at = models.DateTimeField(null=True, blank=True)
    copy_waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    waiver_reason = models.TextField(blank=True, max_length=2000)

    def __str__(self) -> str:
        return f"case {self.pk}"
