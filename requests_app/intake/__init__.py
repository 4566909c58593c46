"""The stage that takes requests in: those that people send by the form, and those that the team records."""

from __future__ import annotations

from requests_app.intake.mailboxes import UnusableMailbox, mailbox
from requests_app.intake.recording import (
    FaultyRecord,
    Proof,
    Record,
    record,
)
from requests_app.intake.submitting import DAY_SECONDS, Submission, remind_of_proof, send_confirmation, submit
from requests_app.intake.taking import FutureReceipt

__all__ = [
    "DAY_SECONDS",
    "FaultyRecord",
    "FutureReceipt",
    "Proof",
    "Record",
    "Submission",
    "UnusableMailbox",
    "mailbox",
    "record",
    "remind_of_proof",
    "send_confirmation",
    "submit",
]
