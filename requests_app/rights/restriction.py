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


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say where the data is not marked yet."""
    return refusal_while_undone(request, Act.RESTRICTION, "The restriction") if outcome == Outcome.FULL else ""


RULES = Rules(
    Right.RESTRICTION,
    rank=5,
    article="GDPR Art. 18",
    explanation="Have your data kept but not used, for example while you dispute it.",
    gives="word that its use has stopped, and notice before it resumes",
    asks="asks for a restriction",
    questions=(GROUND,),
    steps=("Submitted", "Confirmed", "Looked at", "Restricted"),
    obstacle=obstacle,
    ends_by_itself=True,
    is_harmless=True,
    notice="restricted",
)
