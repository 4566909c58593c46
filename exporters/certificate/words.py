"""How a certificate words days, numbers and rights."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_ARTICLE = re.compile(r"(?=\d+(\(\w+\))+)")
_COUNTED = re.compile(r"\d[\d,]* records?: ")
_COLUMN = re.compile(r" \(\w+\.\w+\)$")

RIGHTS = {
    "access": "access to personal data",
    "rectification": "correction of personal data",
    "erasure": "erasure of personal data",
    "portability": "personal data to take elsewhere",
    "restriction": "restriction of the use of personal data",
    "objection": "objection to the use of personal data",
    "automated_decision": "review of an automated decision",
}
OUTCOMES = {
    "full": "Answered in full",
    "partial": "Answered in part",
    "none_held": "Answered: no data held",
    "refused": "Refused, with reasons",
}


def day(at: date) -> str:
    """Write a day, without a leading zero."""
    return f"{at:%d %B %Y}".lstrip("0")


def moment(at: datetime) -> str:
    """Write a day and a time."""
    at = at.astimezone(UTC)
    return f"{day(at)}, {at:%H:%M} UTC"


def grouped(digest: str) -> str:
    """Write a hash in groups of eight, which the eye can compare."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def number(count: int) -> str:
    """Write a number."""
    return f"{count:,}"


def ground(reason: str) -> str:
    """Write why rows stay for whoever reads the document: an article with its law, no count twice, and no column.

    The record inside keeps the reason as it is.
    """
    told = _COLUMN.sub("", _COUNTED.sub("", reason, count=1))
    return f"GDPR Art. {told}" if _ARTICLE.match(told) else told[:1].upper() + told[1:]
