"""Requests that somebody of the team records, for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.utils import timezone

from requests_app import intake
from requests_app.audit import Actor
from requests_app.intake import Proof, Record
from requests_app.models import Channel, Right
from tests.requests_app.portal import member

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

ADDRESS = "Elm Street 4\n12345 Springfield"


def processor() -> Actor:
    """Give somebody of the team who may record requests."""
    return Actor.staff(User.objects.filter(username="processor").first() or member("Processor"))


def a_letter(**typed: object) -> Record:
    """Write down a letter of somebody without a mailbox, which came three days ago."""
    known = {
        "channel": Channel.LETTER,
        "received_at": timezone.now() - timedelta(days=3),
        "name": "Lena Letter",
        "right": Right.ACCESS,
        "postal_address": ADDRESS,
        "place": "DE",
        "proof": Proof.LATER,
    }
    return Record(**known | typed)


def recorded(**typed: object) -> SubjectRequest:
    """Record a letter."""
    return intake.record(a_letter(**typed), actor=processor())


def known_customer(**typed: object) -> SubjectRequest:
    """Record a letter of somebody whose customer number the team has checked."""
    return recorded(proof=Proof.TEAM, proof_reason="Called back at the number we hold.", numbers=("C-4711",), **typed)
