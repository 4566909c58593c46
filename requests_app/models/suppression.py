"""The register of those whose data must not be used, as keyed hashes that name nobody."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Suppression(models.Model):
    """One identifier whose owner asked that their data is not used for something, until it is lifted.

    All entries share one `key`, unless two were the first at the same moment. What is lifted stays as history.
    """

    class Scope(models.TextChoices):
        """What the data must not be used for."""

        RESTRICTION = "restriction", "anything but being stored (GDPR Art. 18)"
        MARKETING = "marketing", "direct marketing (GDPR Art. 21(3))"
        ANALYTICS = "analytics", "analytics and profiling"
        ALL = "all", "anything objected to (GDPR Art. 21(1))"

    class LiftedWay(models.TextChoices):
        """By which way the person themselves allowed the use again; empty where they did not."""

        PREFERENCE = "preference", "the preference page"
        CONFIRMED = "confirmed", "the preference page, against the signal of the browser"

    scope = models.CharField(max_length=12, choices=Scope.choices)
    hash = models.CharField(max_length=64)
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(
        "requests_app.SubjectRequest", on_delete=models.SET_NULL, null=True, blank=True, related_name="suppressions"
    )
    since = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    lifted_way = models.CharField(max_length=10, choices=LiftedWay.choices, blank=True)

    class Meta:
        """An identifier stands once for a scope; found by it is what stands, and what once stood."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hash", "scope"], condition=Q(lifted_at=None), name="suppression_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hash"], condition=Q(lifted_at__isnull=False), name="suppression_history")
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk} ({self.scope})"
