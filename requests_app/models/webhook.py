"""The organisation's systems that are told of what happens, and each event on its way to them."""

from __future__ import annotations

import random
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.models.leased import Leased

PAUSE_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""How long a delivery rests after each failure: about three and a half days in all."""
JITTER = 0.2  # so that a receiver that comes back is not met by all at the same moment


class Webhook(models.Model):
    """An address that events are sent to.

    `events` are names or families (`request.*`). `secret` signs, sealed by `key`; `old_secret` signs beside it until
    `old_secret_until`, so that a receiver can change over. `is_personal` is whether events carry more than ids.
    Unless `is_active`, its events wait; `stopped_because` says why where the portal itself stopped it. After a slow or
    busy answer it is left alone until `resting_until`. Whoever deletes it sets `ended_at`: the row goes later, as an
    act that is being committed may still name it.
    """

    name = models.CharField(max_length=120)
    url = models.URLField(max_length=500)
    events = models.JSONField(default=list)
    is_personal = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    stopped_because = models.CharField(max_length=200, blank=True)
    resting_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    secret = models.TextField(editable=False)
    old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """By name."""

        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name"], condition=Q(ended_at=None), name="webhook_named_once")
        ]
        permissions = (("manage_webhooks", "Can change which systems are told, and their tokens"),)

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class WebhookEvent(models.Model):
    """Something that happened; `number` is the idempotency key, the same for every receiver and every attempt.

    `payload` holds ids and states, nothing personal.
    """

    number = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40)
    request = models.ForeignKey(
        "requests_app.SubjectRequest", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    payload = models.JSONField(default=dict)
    happened_at = models.DateTimeField()

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"event {self.pk} ({self.name})"


class WebhookDelivery(Leased):
    """An event on its way to one address."""

    webhook = models.ForeignKey("requests_app.Webhook", on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey("requests_app.WebhookEvent", on_delete=models.CASCADE, related_name="deliveries")
    attempts_left = models.PositiveSmallIntegerField(default=len(PAUSE_SECONDS) + 1)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """An event goes to an address once, however often it has to be tried."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["webhook", "event"], name="webhook_delivery_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "requeue_at"], name="webhook_delivery_overdue"),
            models.Index(fields=["webhook", "state", "claimable_at"], name="webhook_delivery_by_state"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} of event {self.event_id}"

    @classmethod
    def most_attempts(cls) -> int:
        """Say how often a delivery is tried before it is given up."""
        return len(PAUSE_SECONDS) + 1

    @classmethod
    def pause_seconds(cls, failures: int) -> float:
        """Say how long a delivery rests after so many failures in a row, never twice the same."""
        step = min(failures, len(PAUSE_SECONDS)) - 1
        return PAUSE_SECONDS[step] * (1 + random.uniform(0, JITTER))  # noqa: S311 - nothing is kept secret by it
