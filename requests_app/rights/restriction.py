"""Restriction (GDPR Art. 18): the data is kept and not used, until the person was told that it will be again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Outcome, Right
from requests_app.rights.base import Act, Choice, Question, Rules
from requests_app.rights.changed import refusal_while_undone

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

GROUND = Question(
    "ground",
    "Why should we not use your data?",
    "Choose what comes closest.",
    (
        Choice("accuracy", "It is wrong", "Until it is checked. Art. 18(1)(a)"),
        Choice("unlawful", "It is used unlawfully, but I do not want it erased", "Art. 18(1)(b)"),
        Choice("claims", "I need it for a legal claim, though you do not any more", "Art. 18(1)(c)"),
        Choice("objection", "I have objected to its use", "Until it is decided who is right. Art. 18(1)(d)"),
    ),
)


UNDECIDED = "Nobody has decided on the restriction yet: restrict the use of the data, or refuse the request."


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say that nobody has decided on it yet, or where the data is not marked yet."""
    if outcome != Outcome.FULL:
        return ""
    if not request.restrictions.exists():
        return UNDECIDED
    return refusal_while_undone(request, Act.RESTRICTION, "The restriction")


def step(request: SubjectRequest) -> int:
    """Stand before the last step once the team has looked at it."""
    return 3 if request.restrictions.exists() else 2


RULES = Rules(
    Right.RESTRICTION,
    rank=5,
    article="GDPR Art. 18",
    explanation="Have your data kept but not used, for example while you dispute it.",
    gives="word that its use has stopped, and notice before it resumes",
    asks="asks for a restriction",
    questions=(GROUND,),
    steps=("Submitted", "Confirmed", "Looked at", "Restricted"),
    step=step,
    obstacle=obstacle,
    ends_by_itself=True,
    is_harmless=True,
    notice="restricted",
)
