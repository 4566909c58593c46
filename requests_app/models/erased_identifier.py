"""The register of erasures: whom a source was asked to forget, without saying who it was."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class RegisteredErasure(models.Model):
    """One person erased from one source, so that it can be done again after a backup was restored.

    `key` makes the hashes; all erasures share one key, unless two workers made the first at the same moment.
    """

    source = models.ForeignKey("requests_app.DataSource", on_delete=models.PROTECT, related_name="registered_erasures")
    request = models.ForeignKey(
        "requests_app.SubjectRequest", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    change = models.OneToOneField(
        "requests_app.SourceChange", on_delete=models.SET_NULL, null=True, blank=True, related_name="registered"
    )
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What a replay asks for."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "erased_at"], name="registered_erasure_since")
        ]

    def __str__(self) -> str:
        return f"registered erasure {self.pk}"


class ErasedIdentifier(models.Model):
    """The keyed hash of one identifier that a person was erased by."""

    erasure = models.ForeignKey(RegisteredErasure, on_delete=models.CASCADE, related_name="identifiers")
    hash = models.CharField(max_length=64, db_index=True)

    class Meta:
        """An identifier stands once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["erasure", "hash"], name="erased_identifier_once")
        ]

    def __str__(self) -> str:
        return f"erased identifier {self.pk}"
