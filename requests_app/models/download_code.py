"""The code that is sent before a download of sensitive data."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

if TYPE_CHECKING:
    from datetime import datetime


class DownloadCode(models.Model):
    """A short code, sent anew for a download, that proves the mailbox or the telephone once more.

    Code and pass are stored as hashes; the code is made when its mail or text message is sent. Whoever types the code
    gets the pass, which their browser keeps while they download.
    """

    class Way(models.TextChoices):
        """How it is sent."""

        MAIL = "mail", "by mail"
        SMS = "sms", "by text message"

    link = models.ForeignKey("requests_app.SecureLink", on_delete=models.CASCADE, related_name="codes")
    way = models.CharField(max_length=4, choices=Way.choices, default=Way.MAIL)
    code_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    attempts_left = models.PositiveSmallIntegerField(default=5)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    pass_hash = models.CharField(max_length=64, blank=True)
    pass_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"download code {self.pk}"

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too late for it."""
        return now >= self.expires_at
