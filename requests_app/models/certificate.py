"""A certificate that was issued."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models

from requests_app.models.subject_request import LETTERS

NUMBER_LETTERS = 16


def new_number() -> str:
    """Make a number like 7F3K-Q9XM-2HVT-8WBC, which nobody guesses."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(NUMBER_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, NUMBER_LETTERS, 4))


class Certificate(models.Model):
    """A PDF with its machine-readable record inside, sealed like every artefact; anyone may ask whether it is genuine.

    `sha256` is of the PDF, `record_sha256` of the record, `content_sha256` of what is certified by whom, under whatever
    number, so that nothing is certified twice; `audit_head` is the hash at the end of the audit chain when it was
    issued. The row outlives its request, so its key stands below the ring alone.
    """

    class Kind(models.TextChoices):
        """What it certifies."""

        ERASURE = "erasure", "Erasure"
        HANDLING = "handling", "Handling of a request"

    number = models.CharField(max_length=20, unique=True, default=new_number, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    request = models.ForeignKey(
        "requests_app.SubjectRequest", on_delete=models.SET_NULL, null=True, blank=True, related_name="certificates"
    )
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    file = models.CharField(max_length=80, blank=True)
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+")
    size_bytes = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    record_sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64, blank=True)
    audit_head = models.CharField(max_length=64, blank=True)
    is_signed = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"certificate {self.number}"
