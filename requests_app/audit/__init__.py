"""The audit trail: acts are recorded at once, chained into seals soon after, and verified whenever one likes."""

from __future__ import annotations

from requests_app.audit.recording import REPRESENTATIVE, STRANGER, SUBJECT, SYSTEM, Act, Actor, record, record_all
from requests_app.audit.sealing import head, number_of, seal
from requests_app.audit.verifying import Break, Verdict, verify

__all__ = [
    "REPRESENTATIVE",
    "STRANGER",
    "SUBJECT",
    "SYSTEM",
    "Act",
    "Actor",
    "Break",
    "Verdict",
    "head",
    "number_of",
    "record",
    "record_all",
    "seal",
    "verify",
]
