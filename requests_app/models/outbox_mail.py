"""A mail that is to be sent."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.models.leased import Leased
from requests_app.models.representative import Recipient


def new_message_id() -> str:
    """Make the local part of a Message-ID, kept over all attempts so that a receiver knows a repetition."""
    return uuid.uuid4().hex


class OutboxMail(Leased):
    """A mail by its template and the ids it speaks of; text and tokens are made when it is sent.

    Who has no mailbox gets it as a letter, which the team prints and posts: no worker has anything to do with it, so
    its state is done from the start, and `posted_on` says when it went out. One that nobody needs is `dropped_at`.
    """

    class Delivery(models.TextChoices):
        """What became of it after it was sent, as far as the mail provider tells."""

        UNKNOWN = "", "not reported"
        DELIVERED = "delivered", "delivered"
        DEFERRED = "deferred", "delayed"
        BOUNCED = "bounced", "returned"
        REJECTED = "rejected", "refused"
        COMPLAINED = "complained", "marked as spam"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="mails")
    template = models.CharField(max_length=40)
    recipient = models.CharField(max_length=14, choices=Recipient.choices, default=Recipient.PERSON)
    export = models.ForeignKey(
        "requests_app.Export", on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    code = models.ForeignKey(
        "requests_app.DownloadCode", on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    message_id = models.CharField(max_length=40, unique=True, default=new_message_id)
    provider_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivery = models.CharField(max_length=12, choices=Delivery.choices, blank=True, default=Delivery.UNKNOWN)
    delivery_at = models.DateTimeField(null=True, blank=True)
    is_letter = models.BooleanField(default=False)
    posted_on = models.DateField(null=True, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What the sweep looks for, and the letters to post; what is posted is a letter that was not dropped."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "requeue_at"], name="mail_overdue"),
            models.Index(
                fields=["created_at"], condition=Q(is_letter=True, posted_on=None, dropped_at=None), name="mail_to_post"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(posted_on__isnull=True) | Q(is_letter=True, dropped_at__isnull=True),
                name="mail_posted_is_letter",
            ),
            models.CheckConstraint(condition=Q(is_letter=False) | Q(state="done"), name="mail_letter_is_no_work"),
        ]

    @property
    def is_to_post(self) -> bool:
        """Whether it is a letter that the team still has to post."""
        return self.is_letter and self.posted_on is None and self.dropped_at is None

    def __str__(self) -> str:
        return f"mail {self.pk} ({self.template}) of request {self.request_id}"
