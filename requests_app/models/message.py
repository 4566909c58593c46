"""What is written on a request."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Message(models.Model):
    """A note of the team among itself; messages between the person and the team are to come."""

    class Kind(models.TextChoices):
        """Who reads it."""

        NOTE = "note", "note of the team"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.NOTE)
    text = models.TextField(max_length=5000)
    created_at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} on request {self.request_id}"
