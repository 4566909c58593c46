"""The stage that lets a person prove who they are; no more is asked than the table of `requests_app.proofs` says."""

from __future__ import annotations

from requests_app.identity.answering import OutOfTurn, answer, current, page_of, send
from requests_app.identity.base import Given, RefusedAnswer, Shown
from requests_app.identity.mailbox import (
    AlreadyConfirmed,
    ChangedMeanwhile,
    confirm,
    is_confirmed,
    look_up,
    resend,
    to_confirm,
    version,
)
from requests_app.identity.staffing import (
    UnaskableCheck,
    ask_for,
    askable,
    let_try_again,
    pass_by_hand,
)
from requests_app.proofs import UnprovenIdentity, begin, is_proven, outstanding, refuse_unless_proven

__all__ = [
    "AlreadyConfirmed",
    "ChangedMeanwhile",
    "Given",
    "OutOfTurn",
    "RefusedAnswer",
    "Shown",
    "UnaskableCheck",
    "UnprovenIdentity",
    "answer",
    "ask_for",
    "askable",
    "begin",
    "confirm",
    "current",
    "is_confirmed",
    "is_proven",
    "let_try_again",
    "look_up",
    "outstanding",
    "page_of",
    "pass_by_hand",
    "refuse_unless_proven",
    "resend",
    "send",
    "to_confirm",
    "version",
]
