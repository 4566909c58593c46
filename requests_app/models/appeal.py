"""What whoever was refused said against it, to the controller itself."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class AppealOrComplaint(models.Model):
    """An appeal against a refusal, or a complaint to the controller, with the days that the law gives for it.

    `recorded_by` is empty where the person wrote it on the request's own page. `due_on` and `acknowledge_by` are empty
    where the law names no day. `law` is the code of the law that grants it.
    """

    class Kind(models.TextChoices):
        """What it is by the law."""

        APPEAL = "appeal", "appeal"
        COMPLAINT = "complaint", "complaint"

    class Outcome(models.TextChoices):
        """What came of it."""

        UPHELD = "upheld", "our decision stands"
        CHANGED = "changed", "our decision is changed"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="appeals")
    refusal = models.ForeignKey("requests_app.Refusal", on_delete=models.CASCADE, related_name="appeals")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    law = models.CharField(max_length=20)
    text = models.TextField(max_length=5000)
    received_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    acknowledge_by = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True)
    answer = models.TextField(max_length=5000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        """One open at a time; answered with an outcome and words, by somebody."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request"], condition=Q(answered_at=None), name="appeal_open_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, outcome="", answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome="") & ~Q(answer="")),
                name="appeal_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} of request {self.request_id}"
