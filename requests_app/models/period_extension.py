"""An extension of the period to answer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PeriodExtension(models.Model):
    """Prepared by one, approved by another, told to the person in the same act.

    `rule_code` is the law whose period it extends. `by` counts in the unit of the rule's extension; `until` is the day
    named where the law lets one name it. `notice` is what the person is told.
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="extensions")
    rule_code = models.CharField(max_length=20, blank=True)
    by = models.PositiveSmallIntegerField(default=0)
    until = models.DateField(null=True, blank=True)
    ground = models.CharField(max_length=30)
    reason = models.TextField(max_length=2000)
    notice = models.TextField(max_length=5000)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    mail = models.ForeignKey(
        "requests_app.OutboxMail", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """Four eyes and a reason; one is decided before the next is prepared; what is approved names who and when."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")), name="extension_by_another"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False, dropped_at__isnull=True),
                name="extension_approved_when",
            ),
            models.CheckConstraint(
                condition=Q(by__gt=0, until__isnull=True) | Q(by=0, until__isnull=False), name="extension_by_or_until"
            ),
            models.CheckConstraint(condition=~Q(ground="") & ~Q(reason=""), name="extension_with_reason"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(approved_at=None, dropped_at=None), name="extension_pending_once"
            ),
        ]

    def __str__(self) -> str:
        return f"extension {self.pk} of request {self.request_id}"
