"""Who asks for somebody else."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Recipient(models.TextChoices):
    """Whom a mail or a link is for."""

    PERSON = "person", "the person"
    REPRESENTATIVE = "representative", "their representative"


class Representative(models.Model):
    """Who asks for the person of a request, by what authority, and for what.

    `rights` are what the authority covers. `confirmed_at` is when the person themselves said so by a link of their own.
    `receives_answer` is whether the answer goes to the representative instead of the person.
    """

    class Kind(models.TextChoices):
        """By what they stand for the person."""

        PARENT = "parent", "parent or guardian"
        COURT = "court", "guardian appointed by a court"
        LAWYER = "lawyer", "lawyer"
        AGENT = "agent", "authorised agent"
        RELATIVE = "relative", "relative or friend"

    class State(models.TextChoices):
        """What the team made of the authority."""

        WAITING = "waiting", "to be checked"
        ACCEPTED = "accepted", "accepted"
        REFUSED = "refused", "not accepted"
        ENDED = "ended", "ended"

    request = models.OneToOneField(
        "requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="representative"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    postal_address = models.TextField(max_length=1000, blank=True)
    rights = models.JSONField(default=list)
    receives_answer = models.BooleanField(default=False)
    valid_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    mailbox_proven_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision = models.TextField(max_length=5000, blank=True)

    class Meta:
        """Whoever is accepted was accepted at some time."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(decided_at__isnull=False), name="representative_accepted_when"
            )
        ]

    def __str__(self) -> str:
        return f"representative of request {self.request_id}"
