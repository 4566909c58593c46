"""Reminders: each given once, however often it is looked for."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Reminder(models.Model):
    """Something that became due to be said about a request; a row is made once, and whoever made it says it.

    `about` is the day it is about: of a deadline that moves, one is reminded again.
    """

    class Kind(models.TextChoices):
        """What it reminds of."""

        DUE_SOON = "due_soon", "the answer is due soon"
        DUE_TOMORROW = "due_tomorrow", "the answer is due at once"
        OVERDUE = "overdue", "the answer is overdue"
        ACKNOWLEDGE = "acknowledge", "the receipt has to be confirmed"
        PROGRESS = "progress", "the person hears how far it is"
        UNVERIFIED = "unverified", "the person has not confirmed"
        UNDOWNLOADED = "undownloaded", "the files were not downloaded"
        UNREAD = "unread", "nobody has read what the person wrote"
        UNANSWERED = "unanswered", "the person has not answered our question"
        REVIEW_DUE = "review_due", "the decision is to be reviewed"
        RECIPIENTS = "recipients", "recipients of the data have to be told"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    about = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Exactly once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request", "kind", "about"], name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"reminder {self.kind} of request {self.request_id}"


class StaffReminder(models.Model):
    """A reminder for a member of the team; those who want a digest get them together, once a day."""

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="for_staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    mail = models.ForeignKey(
        "requests_app.StaffMail", on_delete=models.SET_NULL, null=True, blank=True, related_name="reminders"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Each member of the team once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reminder", "user"], name="staff_reminder_once")
        ]

    def __str__(self) -> str:
        return f"reminder {self.reminder_id} for user {self.user_id}"


class StaffPreference(models.Model):
    """What a member of the team chose; `calendar_hash` is of the token of their calendar feed."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    wants_digest = models.BooleanField(default=False)
    calendar_hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"preferences of user {self.user_id}"
