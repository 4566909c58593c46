"""Text messages: queued as a row, written and sent by a worker, like mails."""

from __future__ import annotations

from requests_app.texting.numbers import UnusableNumber, masked, normalised
from requests_app.texting.outbox import queue_for_check, queue_for_download, send
from requests_app.texting.senders import is_set_up

__all__ = [
    "UnusableNumber",
    "is_set_up",
    "masked",
    "normalised",
    "queue_for_check",
    "queue_for_download",
    "send",
]
