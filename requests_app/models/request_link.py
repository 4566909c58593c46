"""Requests that may be of one person, or the same request twice."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class RequestLink(models.Model):
    """Two requests that belong together, as the team decided; the earlier one is `first`. Nothing is ever merged."""

    class Kind(models.TextChoices):
        """How they belong together."""

        SAME_PERSON = "same_person", "of the same person"
        DUPLICATE = "duplicate", "the same request again"
        UNRELATED = "unrelated", "not related"

    first = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="later_links")
    second = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="earlier_links")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """Decided once for a pair."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["first", "second"], name="request_link_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="request_link_in_order"),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} of requests {self.first_id} and {self.second_id}"
