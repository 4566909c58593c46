"""Waiting for the person: a question that was asked, and the day it was answered."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class PersonWait(models.Model):
    """A question to the person that may pause the law's clock, until it is answered.

    `reply` is the message by which it was, with whose files; the `answer` is its text.
    """

    class Kind(models.TextChoices):
        """What is asked."""

        IDENTITY = "identity", "who they are"
        CLARIFICATION = "clarification", "what they mean"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="waits")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    question = models.TextField(max_length=5000)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=5000, blank=True)
    reply = models.ForeignKey(
        "requests_app.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="answered"
    )
    mail = models.ForeignKey(
        "requests_app.OutboxMail", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """One open question of a kind at a time; an answer comes after its question."""

        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request", "kind"], condition=Q(answered_at=None), name="wait_open_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=models.F("asked_at")),
                name="wait_answered_after_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk} on request {self.request_id}"
