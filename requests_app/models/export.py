"""An answer rendered into a file for the person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from requests_app.models.leased import Leased

if TYPE_CHECKING:
    from datetime import datetime


def expiry() -> datetime:
    """Say when an export made now expires."""
    return timezone.now() + timedelta(days=settings.DSR_LINK_DAYS)


class Export(Leased):
    """What the person receives: the work, and the encrypted file it left.

    A ZIP of one folder per format, or one PDF where no data is held. `file` is its name in the storage, empty until it
    is done and after it was removed; `size_bytes` and `sha256` are of what the person downloads. `members` lists the
    files inside, as the manifest does. A file is removed because it expired, was `revoked_at` by the team, or because
    another that `replaces_earlier` ones, by a new passphrase, is ready. What `is_for_transfer` was made without the
    passphrase, for another controller's program to read, and is given to nobody else.
    """

    class MediaType(models.TextChoices):
        """What the file is."""

        ZIP = "application/zip", "ZIP"
        PDF = "application/pdf", "PDF"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="exports")
    approval = models.ForeignKey("requests_app.Approval", on_delete=models.PROTECT, related_name="exports")
    formats = models.JSONField(default=list)
    file = models.CharField(max_length=80, blank=True)
    key = models.ForeignKey(
        "requests_app.EncryptionKey", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    records = models.PositiveBigIntegerField(default=0)
    is_complete = models.BooleanField(default=False)
    media_type = models.CharField(max_length=40, choices=MediaType.choices, default=MediaType.ZIP)
    is_protected = models.BooleanField(default=False)
    replaces_earlier = models.BooleanField(default=False)
    is_for_transfer = models.BooleanField(default=False)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    members = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=expiry)
    removed_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What the sweep and the clean-up look for."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "requeue_at"], name="export_overdue"),
            models.Index(fields=["expires_at"], name="export_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} of request {self.request_id}"

    @property
    def download_name(self) -> str:
        """Name the file as the person gets it."""
        return f"{self.request.reference}.{'pdf' if self.media_type == self.MediaType.PDF else 'zip'}"

    def is_expired(self, now: datetime) -> bool:
        """Whether it must not be given out any more, whether or not the clean-up has run."""
        return self.removed_at is not None or now >= self.expires_at

    def is_ready(self, now: datetime) -> bool:
        """Whether it can be downloaded."""
        return self.state == Leased.State.DONE and not self.is_expired(now)
