"""Files that are handed in: scans, authorities, proofs of identity, files of messages, lists to import."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Upload(models.Model):
    """A file handed in, encrypted by a key of its own; deleting it is destroying that key.

    `name` is what its owner called it. `file` is its name in the storage, empty once it was removed; `size_bytes` and
    `sha256` are of its content, which stay as the proof of what there was. `handed_in_by` is nobody where the person
    or their representative did it.
    """

    class Kind(models.TextChoices):
        """What it is for, which is how long it is kept."""

        EVIDENCE = "evidence", "what the person sent"
        AUTHORITY = "authority", "authority of a representative"
        IDENTITY = "identity", "proof of identity"
        MESSAGE = "message", "file of a message"
        IMPORT = "import", "list of requests"
        RECIPIENT = "recipient", "proof that a recipient was told"

    class Scan(models.TextChoices):
        """What a virus scanner said; what it finds is never kept."""

        CLEAN = "clean", "nothing found"
        NONE = "none", "no scanner is set up"

    request = models.ForeignKey(
        "requests_app.SubjectRequest", on_delete=models.CASCADE, null=True, blank=True, related_name="uploads"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    message = models.ForeignKey(
        "requests_app.Message", on_delete=models.CASCADE, null=True, blank=True, related_name="files"
    )
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=80, blank=True)
    key = models.ForeignKey(
        "requests_app.EncryptionKey", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scan = models.CharField(max_length=6, choices=Scan.choices)
    handed_in_at = models.DateTimeField(auto_now_add=True)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """In the order they came; only a list belongs to no request, only a message's file to a message."""

        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind="import", request__isnull=True) | (~Q(kind="import") & Q(request__isnull=False)),
                name="upload_request_unless_import",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(file=""), name="upload_removed_without_file"
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk} ({self.kind})"
