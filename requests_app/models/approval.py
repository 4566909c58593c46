"""A decision that needs a person, and what exactly it was about."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Approval(models.Model):
    """An act approved by one person; what another prepared, the same person cannot approve.

    `digest` is the SHA-256 of what was approved: once that changes, the approval is void. Nobody prepared what the
    portal made by itself. `voided_at` is when a change of a source was about to be made and no longer what was shown.
    """

    class Act(models.TextChoices):
        """What was approved."""

        RELEASE = "release", "release of the answer"
        ERASURE = "erasure", "erasure"
        RESTRICTION = "restriction", "restriction"
        OBJECTION_MARKETING = "objection_marketing", "objection to marketing"
        OBJECTION_ANALYTICS = "objection_analytics", "objection to analytics"
        OBJECTION_ALL = "objection_all", "objection to all use"
        LIFTING = "lifting", "lifting of a restriction"
        RECTIFICATION = "rectification", "rectification"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="approvals")
    act = models.CharField(max_length=20, choices=Act.choices)
    digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(auto_now_add=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Four eyes."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(prepared_by__isnull=True) | ~Q(prepared_by=F("approved_by")), name="approval_by_another"
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} of request {self.request_id}"


CHANGES = [(act.value, act.label) for act in Approval.Act if act is not Approval.Act.RELEASE]
"""The acts that change a source, as choices."""
UNWEIGHED = ("objection_marketing", "objection_analytics")
"""The acts that may take effect without anybody's approval.

An objection to direct marketing always holds (GDPR Art. 21(3)). Statistics people may switch off by themselves, where
the operator lets them (`DSR_PREFERENCES`); an objection to them by the form is weighed, which the stages see to.
"""
