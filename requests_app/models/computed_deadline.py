"""The deadline of a request, as it was computed each time."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q


class ComputedDeadlineQuerySet(models.QuerySet["ComputedDeadline"]):
    """The questions asked of deadlines."""

    def counting(self) -> Self:
        """Keep those that count: the newest of each request."""
        newest = ComputedDeadline.objects.order_by().values("request").annotate(newest=Max("pk")).values("newest")
        return self.filter(pk__in=newest)


class ComputedDeadline(models.Model):
    """What a rule gave for what had happened; the newest of a request is the one that counts.

    `steps` explain it, one line a day: `date`, `why`, `source`. `others` are the laws that proposed a later day, each
    in the version of then. `place` is whose public holidays counted, `holidays_from` the library and version they came
    from: what was computed stays as it is, whatever later versions know.
    """

    class Cause(models.TextChoices):
        """Why it was computed."""

        OPENED = "opened", "the request came"
        PLACE = "place", "the place of the person changed"
        ASKED = "asked", "the person was asked"
        ANSWERED = "answered", "the person answered"
        EXTENDED = "extended", "the period was extended"
        MOVED = "moved", "moved to another version of the law's periods"
        RECEIPT = "receipt", "the day of receipt was corrected"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="deadlines")
    rule = models.ForeignKey("requests_app.LawRule", on_delete=models.PROTECT, related_name="deadlines")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    place = models.CharField(max_length=6, blank=True)
    is_voluntary = models.BooleanField(default=False)
    received_on = models.DateField()
    due_on = models.DateField()
    due_if_suspended_on = models.DateField()
    first_due_on = models.DateField()
    target_on = models.DateField()
    acknowledge_on = models.DateField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    is_before_rule = models.BooleanField(default=False)
    holidays_from = models.CharField(max_length=60)
    steps = models.JSONField(default=list)
    others = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ComputedDeadlineQuerySet.as_manager()

    class Meta:
        """The newest first; no day before the receipt, and none before the safe one."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    first_due_on__gte=F("received_on"),
                    due_on__gte=F("first_due_on"),
                    due_if_suspended_on__gte=F("due_on"),
                    target_on__gte=F("received_on"),
                ),
                name="deadline_days_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"deadline {self.pk} of request {self.request_id}"
