"""The links that mails carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from requests_app.models.representative import Recipient

if TYPE_CHECKING:
    from datetime import datetime


class SecureLink(models.Model):
    """A link by its token's SHA-256; the token itself stands in the mail alone.

    GET shows, only POST acts or uses a link up, so that a mail scanner changes nothing.
    """

    class Purpose(models.TextChoices):
        """The one thing a link is good for."""

        CONFIRM = "confirm", "confirms the mailbox"
        STATUS = "status", "shows the request"
        DOWNLOAD = "download", "downloads an export"
        AUTHORITY = "authority", "confirms a representative"
        PREFERENCES = "preferences", "says what data may be used for"
        TRANSFER = "transfer", "hands an export to another controller"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=11, choices=Purpose.choices)
    recipient = models.CharField(max_length=14, choices=Recipient.choices, default=Recipient.PERSON)
    export = models.ForeignKey(
        "requests_app.Export", on_delete=models.CASCADE, null=True, blank=True, related_name="links"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Links that hand files out name their export, no others do."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=("download", "transfer"), export__isnull=False)
                | (~models.Q(purpose__in=("download", "transfer")) & models.Q(export__isnull=True)),
                name="secure_link_export_iff_files",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} link {self.pk}"

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too late for it."""
        return now >= self.expires_at
