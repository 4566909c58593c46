"""The review of an automated decision by a person."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.models.leased import Leased

MOST_ATTEMPTS = 2


class DecisionReview(models.Model):
    """What was decided by whom, who looks at it again, and what they found (GDPR Art. 22(3)).

    `decision` and `decided_by` say in the team's words what is reviewed and what or who made it; `used` what it was
    based on, `logic` how that led to it (GDPR Art. 15(1)(h)); `collections` are those of what was found that it used:
    search, name, labels, count, and the logic that the data map tells, of each. `explanation`, `considered` and, where
    the decision is changed, `measures` are told to the person; these were taken at `carried_out_at`. Whoever had a hand
    in the decision does not review it.
    """

    class Result(models.TextChoices):
        """What became of the decision."""

        CONFIRMED = "confirmed", "The decision stands"
        CHANGED = "changed", "The decision is changed"

    request = models.OneToOneField(
        "requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="decision_review"
    )
    decision = models.TextField(max_length=2000, blank=True)
    decided_by = models.CharField(max_length=255, blank=True)
    involved = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    used = models.TextField(max_length=5000, blank=True)
    logic = models.TextField(max_length=5000, blank=True)
    collections = models.JSONField(default=list, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    result = models.CharField(max_length=9, choices=Result.choices, blank=True)
    explanation = models.TextField(max_length=5000, blank=True)
    considered = models.TextField(max_length=5000, blank=True)
    measures = models.TextField(max_length=2000, blank=True)
    carried_out_at = models.DateTimeField(null=True, blank=True)
    carried_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    concluded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A human other than who decided."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | Q(involved__isnull=True) | ~Q(reviewer=F("involved")),
                name="decision_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(concluded_at__isnull=True)
                | (Q(reviewer__isnull=False) & ~Q(result="") & ~Q(explanation="")),
                name="decision_review_concluded_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(concluded_at__isnull=True) | ~Q(result="changed") | Q(carried_out_at__isnull=False),
                name="decision_changed_is_carried_out",
            ),
        ]

    def __str__(self) -> str:
        return f"review of a decision, request {self.request_id}"

    @property
    def reasoning(self) -> list[str]:
        """How the decision was reached, each thing once: in the team's words, then in those of the data maps."""
        return list(dict.fromkeys(filter(None, [self.logic, *(str(row.get("logic", "")) for row in self.collections)])))


class DecisionSummary(Leased):
    """A summary of a case by a machine, for its reviewer alone; `text` is sealed by the request's key.

    `model` wrote it, at the host `sent_to`, of so many `records` beside the person's words.
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="summaries")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    attempts_left = models.PositiveSmallIntegerField(default=MOST_ATTEMPTS)
    model = models.CharField(max_length=120, blank=True)
    sent_to = models.CharField(max_length=255, blank=True)
    records = models.PositiveIntegerField(default=0)
    text = models.TextField(blank=True, editable=False)

    class Meta:
        """One at a time; what the sweep asks for."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(state__in=("waiting", "running")), name="summary_one_at_a_time"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "requeue_at"], name="summary_overdue")]

    def __str__(self) -> str:
        return f"summary {self.pk} of request {self.request_id}"

    @classmethod
    def most_attempts(cls) -> int:
        """Say how often it is tried: somebody waits for it, and nobody needs it."""
        return MOST_ATTEMPTS
