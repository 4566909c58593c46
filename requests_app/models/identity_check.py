"""One way in which a person was asked to prove who they are."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class IdentityCheck(models.Model):
    """A check of an identifier: the mailbox, so far; its links are `SecureLink`s."""

    class Kind(models.TextChoices):
        """What has to be shown."""

        MAILBOX = "mailbox", "opens a mail sent to the address"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="identity_checks")
    identifier = models.ForeignKey("requests_app.Identifier", on_delete=models.CASCADE, related_name="checks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sent = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    passed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One check of a kind per identifier."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["identifier", "kind"], name="identity_check_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} check of request {self.request_id}"
