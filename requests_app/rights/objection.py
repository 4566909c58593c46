"""Objection (GDPR Art. 21): to direct marketing it always holds and at once; to all else it is weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Outcome, Right
from requests_app.rights.base import Act, Choice, Question, Rules
from requests_app.rights.changed import refusal_while_undone

if TYPE_CHECKING:
    from requests_app.models import Approval, SubjectRequest

SCOPE = Question(
    "scope",
    "What do you object to?",
    "",
    (
        Choice("marketing", "Advertising", "Stops at once, and everywhere. Art. 21(2)"),
        Choice("analytics", "Statistics and profiles of my use", "We look at it and tell you. Art. 21(1)"),
        Choice("all", "Every use that I did not agree to", "We look at it and tell you. Art. 21(1)"),
    ),
    default="marketing",
)
ACTS = {
    "marketing": Act.OBJECTION_MARKETING,
    "analytics": Act.OBJECTION_ANALYTICS,
    "all": Act.OBJECTION_ALL,
}


def act_of(request: SubjectRequest) -> Approval.Act:
    """Give the act that an objection asks for."""
    return ACTS[RULES.answer(request, SCOPE.name)]


def at_once(request: SubjectRequest) -> tuple[Approval.Act, ...]:
    """Stop direct marketing without weighing anything (GDPR Art. 21(3)); all else is weighed."""
    return tuple({act_of(request)} & {Act.OBJECTION_MARKETING})


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say where the data is still used."""
    return refusal_while_undone(request, act_of(request), "The objection") if outcome == Outcome.FULL else ""


RULES = Rules(
    Right.OBJECTION,
    rank=6,
    article="GDPR Art. 21",
    explanation="Tell us to stop using your data, for example for advertising.",
    gives="an end to advertising; for other uses, our decision and its reasons",
    asks="objects",
    questions=(SCOPE,),
    at_once=at_once,
    ends_by_itself=True,
    steps=("Submitted", "Confirmed", "In progress", "Stopped"),
    obstacle=obstacle,
    is_harmless=True,
    notice="completed",
)
