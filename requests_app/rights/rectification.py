"""Rectification (GDPR Art. 16): the person proposes values field by field, the team decides on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import ProposedCorrection, Right
from requests_app.rights.base import Rules

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

State = ProposedCorrection.State


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say that a proposal is not decided on, or not written yet."""
    if request.corrections.filter(state=State.PROPOSED).exists():
        return "Not every proposed correction is decided on yet."
    if request.corrections.filter(state=State.APPROVED).exists():
        return "A correction that was approved is not written yet."
    return ""


RULES = Rules(
    Right.RECTIFICATION,
    rank=3,
    article="GDPR Art. 16",
    explanation="Have something put right that is wrong or incomplete.",
    gives="word of what was corrected, or why it was not",
    asks="asks for a correction",
    steps=("Submitted", "Confirmed", "Your corrections", "Review", "Corrected"),
    reads=True,
    obstacle=obstacle,
    ends_by_itself=True,
)
