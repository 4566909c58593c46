"""The stage of corrections (GDPR Art. 16): what can be corrected, what is proposed, and what is decided of it."""

from __future__ import annotations

from requests_app.rectifying.deciding import (
    Kind,
    OwnProposal,
    UndecidableCorrection,
    Verdict,
    call_off,
    decide,
    reviewed,
)
from requests_app.rectifying.offering import (
    Offered,
    Record,
    Records,
    find,
    is_open,
    offered,
    record_of,
    records_of,
)
from requests_app.rectifying.proposing import Place, UnusableProposal, propose, take_back
from requests_app.rectifying.unlocking import actor_of, confirm_code, is_locked, lock_of, send_code

__all__ = [
    "Kind",
    "Offered",
    "OwnProposal",
    "Place",
    "Record",
    "Records",
    "UndecidableCorrection",
    "UnusableProposal",
    "Verdict",
    "actor_of",
    "call_off",
    "confirm_code",
    "decide",
    "find",
    "is_locked",
    "is_open",
    "lock_of",
    "offered",
    "propose",
    "record_of",
    "records_of",
    "reviewed",
    "send_code",
    "take_back",
]
