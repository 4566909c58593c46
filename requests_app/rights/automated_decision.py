"""Automated decision (GDPR Art. 22): somebody who did not decide looks at it again, and says why it stands or not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from requests_app.models import DecisionReview, Right
from requests_app.rights.base import Question, Rules

if TYPE_CHECKING:
    from datetime import date

    from requests_app.models import SubjectRequest

DECISION = Question("decision", "Which decision do you mean?", "When it was made, and what about: a loan, a price.")
VIEW = Question("view", "What is your view of it?", "What was overlooked, or is wrong. A person reads it.")


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say that nobody has concluded the review."""
    if DecisionReview.objects.filter(request=request, concluded_at__isnull=False).exists():
        return ""
    return "Nobody has reviewed the decision yet; whoever reviews it ends the request by concluding the review."


def review_by(request: SubjectRequest) -> date | None:
    """Give the day by which the team means to have reviewed the decision, which the law's day may come before.

    None before it is known who asks.
    """
    if request.verified_at is None:
        return None
    own = timezone.localdate(request.verified_at) + timedelta(days=settings.DSR_DECISION_REVIEW_DAYS)
    return min(own, request.due_on) if request.due_on else own


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
    notice="decision_reviewed",
)
