"""A mail to a member of the team."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from requests_app.models.leased import Leased
from requests_app.models.outbox_mail import new_message_id


class StaffMail(Leased):
    """A mail by its template and what it speaks of, a source or reminders; its text is made when it is sent."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(
        "requests_app.DataSource", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    template = models.CharField(max_length=40)
    message_id = models.CharField(max_length=40, unique=True, default=new_message_id)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What the sweep looks for."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "requeue_at"], name="staff_mail_overdue")
        ]

    def __str__(self) -> str:
        return f"mail {self.pk} ({self.template}) to user {self.recipient_id}"
