"""Rectification (GDPR Art. 16): the person proposes values field by field, the team decides on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app import corrections
from requests_app.models import Outcome, Right
from requests_app.rights.base import Rules

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

ALL_REJECTED = (
    "Every correction was rejected, which refuses the whole request: prepare a refusal, and let a second person approve"
    " it."
)
NOT_FULL = "A correction was rejected, with its reason: the request is answered in part."


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say that a correction is not decided on, or not written yet, or that it would end otherwise than it was decided.

    The reasons given field by field are those of GDPR Art. 12(4); where nothing is done at all, two people refuse.
    """
    found = corrections.counts(request)
    if found.undecided:
        return "Not every proposed correction is decided on yet."
    if found.unwritten:
        return "A correction that was approved is not written yet."
    if found.is_all_rejected:
        return ALL_REJECTED
    if found.rejected and outcome != Outcome.PARTIAL:
        return NOT_FULL
    return "" if found.total or is_staff else "Nobody has said yet what is to be corrected."


def outcome(request: SubjectRequest) -> Outcome | None:
    """End it in part where something was rejected."""
    return Outcome.PARTIAL if corrections.counts(request).rejected else Outcome.FULL


def step(request: SubjectRequest) -> int:
    """Stand at the corrections until there is one."""
    return 3 if corrections.counts(request).total else 2


RULES = Rules(
    Right.RECTIFICATION,
    rank=3,
    article="GDPR Art. 16",
    explanation="Have something put right that is wrong or incomplete.",
    gives="word of what was corrected, or why it was not",
    asks="asks for a correction",
    steps=("Submitted", "Confirmed", "Your corrections", "Review", "Corrected"),
    step=step,
    reads=True,
    when_read="corrections_open",
    outcome=outcome,
    obstacle=obstacle,
    ends_by_itself=True,
    notice="rectified",
)
