"""Portability (GDPR Art. 20): what the person gave themselves, by consent or contract, for another service to read."""

from __future__ import annotations

from requests_app.models import Right
from requests_app.rights.base import WITHIN_DAYS, Rules

RULES = Rules(
    Right.PORTABILITY,
    rank=2,
    article="GDPR Art. 20",
    explanation="Have your data in a form that another service can read.",
    gives="one file to download, made for programs",
    asks="wants to take their data elsewhere",
    takes=WITHIN_DAYS,
    steps=("Submitted", "Confirmed", "Collecting", "Review", "Ready"),
    reads=True,
    gives_files=True,
    notice="",
)
