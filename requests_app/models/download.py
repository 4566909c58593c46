"""The record of one download."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Download(models.Model):
    """Who was given an export, when, where to, how much of it; `member` names a single file of it."""

    export = models.ForeignKey("requests_app.Export", on_delete=models.CASCADE, related_name="downloads")
    link = models.ForeignKey("requests_app.SecureLink", on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    member = models.CharField(max_length=300, blank=True)
    first_byte = models.PositiveBigIntegerField(default=0)
    sent_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-started_at"]

    def __str__(self) -> str:
        return f"download {self.pk} of export {self.export_id}"
