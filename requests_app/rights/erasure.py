"""Erasure (GDPR Art. 17): what may go, goes from every source; what has to stay is named with its ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Outcome, Right
from requests_app.rights.base import Act, Choice, Question, Rules
from requests_app.rights.changed import refusal_while_undone

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

GROUND = Question(
    "ground",
    "Why should your data be erased?",
    "You need not say. It helps us to see which data has to go.",
    (
        Choice("unnecessary", "It is no longer needed", "I am no customer any more, for example. Art. 17(1)(a)"),
        Choice("withdrawn", "I take back my consent", "I agreed to it once, and do not any more. Art. 17(1)(b)"),
        Choice("objection", "I object to its use", "For example to advertising. Art. 17(1)(c)"),
        Choice("unlawful", "It is used unlawfully", "It should never have been collected or used. Art. 17(1)(d)"),
        Choice("obligation", "A law says it has to be erased", "Art. 17(1)(e)"),
        Choice("child", "It was collected when I was a child", "By an online service. Art. 17(1)(f)"),
        Choice("unsaid", "I would rather not say"),
    ),
    default="unsaid",
)


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say where it is not erased yet; nobody is told of an erasure that did not happen."""
    if outcome == Outcome.NONE_HELD and not request.changes.filter(act=Act.ERASURE, applied_at__isnull=False).exists():
        return ""
    return refusal_while_undone(request, Act.ERASURE, "The erasure")


RULES = Rules(
    Right.ERASURE,
    article="GDPR Art. 17",
    explanation="Have your data deleted, unless a law obliges us to keep it.",
    gives="word of what was erased, and of what had to stay and why, with a certificate",
    asks="asks for erasure",
    questions=(GROUND,),
    steps=("Submitted", "Confirmed", "Looked at", "Approved", "Erased"),
    previews=Act.ERASURE,
    obstacle=obstacle,
    ends_by_itself=True,
    notice="completed",
)
