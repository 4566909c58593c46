"""A request refused, in whole or in part: on which grounds, and who approved it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Refusal(models.Model):
    """A refusal that one prepared and another approved.

    `grounds` are slugs of `refusals.grounds`; `withheld` what is withheld, by category. `told` is what the letter
    tells, with its articles, addresses and days, as it was approved: nothing later changes it. `digest` names what
    exactly of the records found is withheld (`releases.digest`). `preserved_until` is how long the data itself must be
    kept where the law wants that.
    """

    class Extent(models.TextChoices):
        """How much is refused."""

        WHOLE = "whole", "the whole request"
        PART = "part", "a part of the answer"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="refusals")
    extent = models.CharField(max_length=5, choices=Extent.choices)
    grounds = models.JSONField(default=list)
    facts = models.TextField(max_length=5000)
    withheld = models.JSONField(default=list)
    late_reason = models.TextField(max_length=2000, blank=True)
    told = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    preserved_until = models.DateField(null=True, blank=True)

    class Meta:
        """Four eyes; only a part can be taken back once approved, as the whole is sent at once; one open at a time."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("prepared_by"))),
                name="refusal_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(discarded_at__isnull=True) | Q(extent="part"),
                name="refusal_one_end",
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(approved_at=None, discarded_at=None), name="refusal_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"refusal {self.pk} of request {self.request_id}"
