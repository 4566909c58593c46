"""Access (GDPR Art. 15): a copy of all that is held, and what the law wants told about it."""

from __future__ import annotations

from requests_app.models import Right
from requests_app.rights.base import WITHIN_DAYS, Rules

RULES = Rules(
    Right.ACCESS,
    rank=1,
    article="GDPR Art. 15",
    explanation="See all we hold about you, why, and who receives it.",
    gives="one file to download, with all your data in it",
    asks="asks for a copy of their data",
    takes=WITHIN_DAYS,
    steps=("Submitted", "Confirmed", "Collecting", "Review", "Ready"),
    reads=True,
    gives_files=True,
    notice="",
)
