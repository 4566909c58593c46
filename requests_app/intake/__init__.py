"""The stage that takes requests in: those that people send by the form, and those that the team records."""

from __future__ import annotations

from requests_app.intake.asked import Asked, parts_of
from requests_app.intake.mailboxes import UnusableMailbox, mailbox
from requests_app.intake.recording import (
    MOST_FILES,
    FaultyRecord,
    Proof,
    Record,
    checked,
    identifiers_of,
    record,
)
from requests_app.intake.submitting import (
    DAY_SECONDS,
    Submission,
    remind_of_proof,
    retype,
    send_confirmation,
    submit,
)
from requests_app.intake.taking import FutureReceipt

__all__ = [
    "DAY_SECONDS",
    "MOST_FILES",
    "Asked",
    "FaultyRecord",
    "FutureReceipt",
    "Proof",
    "Record",
    "Submission",
    "UnusableMailbox",
    "checked",
    "identifiers_of",
    "mailbox",
    "parts_of",
    "record",
    "remind_of_proof",
    "retype",
    "send_confirmation",
    "submit",
]
