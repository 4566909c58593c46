"""What must not be deleted, and how long everything else is kept."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class LegalHold(models.Model):
    """A reason for which nothing of a request may be deleted, until somebody lifts it."""

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField(max_length=2000)
    set_at = models.DateTimeField(auto_now_add=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """One at a time."""

        permissions = (("manage_retention", "Can hold records and change how long they are kept"),)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request"], condition=Q(lifted_at=None), name="legal_hold_once")
        ]

    def __str__(self) -> str:
        return f"legal hold {self.pk} on request {self.request_id}"


class RetentionPeriod(models.Model):
    """How many days one kind of the portal's own records is kept, where the team changed it."""

    kind = models.CharField(max_length=40, unique=True)
    days = models.PositiveIntegerField()
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"retention of {self.kind}"


class RetentionRun(models.Model):
    """One run of the retention: what it removed, by kind, and what it left because of a hold."""

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    removed = models.JSONField(default=dict)
    held = models.JSONField(default=dict)
    failed = models.JSONField(default=dict)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"retention run {self.pk}"
