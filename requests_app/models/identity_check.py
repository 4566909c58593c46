"""One way in which a person was asked to prove who they are."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class IdentityCheck(models.Model):
    """A check of an identifier, or of the person as a whole.

    `sent` counts mails and text messages, `attempts` answers that were wrong. `code_hash` is of the code sent last,
    good until `code_expires_at`. `asked` are the fields of `source` that a challenge asks for, by name alone.
    `asked_by` is who of the team wanted it beyond the table; `reason` why the team passed it by hand, or what was not
    enough, in words to the person.
    """

    class Kind(models.TextChoices):
        """What has to be shown."""

        MAILBOX = "mailbox", "opens a mail sent to the address"
        ASSERTION = "assertion", "is signed in at our own service"
        SMS = "sms", "reads a code sent to the telephone"
        CHALLENGE = "challenge", "knows what we hold"
        DOCUMENT = "document", "shows a document to the team"
        TEAM = "team", "is known to the team otherwise"

    class Purpose(models.TextChoices):
        """What passing opens."""

        BEGIN = "begin", "the work begins"
        DOWNLOAD = "download", "the files are given out"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="identity_checks")
    identifier = models.ForeignKey(
        "requests_app.Identifier", on_delete=models.CASCADE, null=True, blank=True, related_name="checks"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.BEGIN)
    sent = models.PositiveSmallIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    source = models.ForeignKey(
        "requests_app.DataSource", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked = models.JSONField(default=list)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(max_length=5000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    passed_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """One check of a kind per identifier; none is both passed and failed."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["identifier", "kind", "purpose"], name="identity_check_once"),
            models.UniqueConstraint(
                fields=["request", "kind", "purpose"], condition=Q(identifier=None), name="identity_check_once_a_person"
            ),
            models.CheckConstraint(
                condition=Q(passed_at__isnull=True) | Q(failed_at__isnull=True), name="identity_check_one_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} check of request {self.request_id}"
