"""The stage that takes in who asks for somebody else, and settles whether they may (`representing`)."""

from __future__ import annotations

from requests_app.mandates.claiming import (
    MOST_FILES,
    Claim,
    UnusableClaim,
    confirm_mailbox,
    hand_in,
    look_up,
    record,
    submit,
)
from requests_app.mandates.deciding import Decision, UnusableAuthority, accept, end, refuse
from requests_app.mandates.personal import answer, ask_person, end_by_person, look_up_asked

__all__ = [
    "MOST_FILES",
    "Claim",
    "Decision",
    "UnusableAuthority",
    "UnusableClaim",
    "accept",
    "answer",
    "ask_person",
    "confirm_mailbox",
    "end",
    "end_by_person",
    "hand_in",
    "look_up",
    "look_up_asked",
    "record",
    "refuse",
    "submit",
]
