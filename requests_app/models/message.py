"""What is written on a request."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models


class MessageQuerySet(models.QuerySet["Message"]):
    """The questions asked of messages."""

    def notes(self) -> Self:
        """Keep what the team wrote for itself."""
        return self.filter(kind=Message.Kind.NOTE)

    def exchanged(self) -> Self:
        """Keep what the person and the team wrote to one another."""
        return self.exclude(kind=Message.Kind.NOTE)

    def unread_by_team(self) -> Self:
        """Keep what the person wrote and nobody of the team has read."""
        return self.filter(kind=Message.Kind.FROM_PERSON, read_at=None)

    def unread_by_person(self) -> Self:
        """Keep what the team wrote and the person has not read."""
        return self.filter(kind=Message.Kind.TO_PERSON, read_at=None)


class Message(models.Model):
    """A note of the team among itself, or a message between the team and the person.

    `author` is nobody where the person wrote it, or their representative. `read_at` is when the other side first saw
    it; a note is nobody's to read. `mail` is the notification that went out for it.
    """

    class Kind(models.TextChoices):
        """Who reads it."""

        NOTE = "note", "note of the team"
        TO_PERSON = "to_person", "message to the person"
        FROM_PERSON = "from_person", "message of the person"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.NOTE)
    text = models.TextField(max_length=5000)
    created_at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    is_of_representative = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.ForeignKey(
        "requests_app.OutboxMail", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-created_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["request"], condition=models.Q(kind="from_person", read_at=None), name="message_unread"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} on request {self.request_id}"


class CannedText(models.Model):
    """A text the team uses again and again; `right` and `language` empty where it fits all."""

    title = models.CharField(max_length=120, unique=True)
    text = models.TextField(max_length=5000)
    right = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """By title."""

        ordering: ClassVar[list[str]] = ["title"]

    def __str__(self) -> str:
        return f"canned text {self.pk}"
