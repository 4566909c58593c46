"""Automated decision (GDPR Art. 22): somebody who did not decide looks at it again, and says why it stands or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import DecisionReview, Right
from requests_app.rights.base import Question, Rules

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

DECISION = Question("decision", "Which decision do you mean?", "When it was made, and what about: a loan, a price.")
VIEW = Question("view", "What is your view of it?", "What was overlooked, or is wrong. A person reads it.")


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say that nobody has concluded the review."""
    if DecisionReview.objects.filter(request=request, concluded_at__isnull=False).exists():
        return ""
    return "Nobody has reviewed the decision yet."


RULES = Rules(
    Right.AUTOMATED_DECISION,
    rank=7,
    article="GDPR Art. 22(3)",
    explanation="Have a person look again at what a computer decided about you.",
    gives="a decision by a person, with its reasons",
    asks="wants a decision reviewed",
    questions=(DECISION, VIEW),
    steps=("Submitted", "Confirmed", "Review by a person", "Decided"),
    reads=True,
    obstacle=obstacle,
    notice="completed",
)
