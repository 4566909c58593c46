"""The review of an automated decision on the page of its request: who reviews it, what it used, what came of it.

Source: GDPR Art. 22(3), Art. 15(1)(h).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from requests_app import decisions, proofs
from requests_app.models import DecisionReview, Right, Status
from requests_app.pages.parts.base import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.urls import URLPattern

    from requests_app.models import SubjectRequest

ORDER = 10
urlpatterns: Sequence[URLPattern] = ()
SOMEBODY = "Somebody of our team who had no part in the decision, and may change it,"
HEADLINES = {
    DecisionReview.Result.CONFIRMED: "A person has reviewed the decision: it stands",
    DecisionReview.Result.CHANGED: "A person has reviewed the decision: it is changed",
}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the part shows.

    Args:
        review: None where nothing is recorded yet.
        reviewer: who reviews it, in words; a name only where the organisation gives it.
        is_named: whether somebody is named to review it.
        collections: what it used of what was found, each label once, with its system.
        logic: how it was reached.
    """

    review: DecisionReview | None
    reviewer: str
    is_named: bool
    collections: tuple[tuple[str, str], ...]
    logic: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether the review is concluded."""
        return self.review is not None and self.review.concluded_at is not None

    @property
    def tells_basis(self) -> bool:
        """Whether anything can be told of what the decision rests on."""
        return bool(self.collections or self.logic or (self.review and self.review.used))


def part_of(asked: SubjectRequest) -> Part | None:
    """Show it to whoever has shown who they are: what the decision used tells where data of the person was found."""
    if asked.right != Right.AUTOMATED_DECISION or asked.verified_at is None or not proofs.is_proven(asked):
        return None
    review = decisions.review_of(asked)
    is_over = review is not None and review.concluded_at is not None
    if not is_over and asked.status != Status.IN_PROGRESS:
        return None
    rows = review.collections if review else []
    shown = Reviewed(
        review=review,
        reviewer=_reviewer(review),
        is_named=bool(review and review.reviewer_id),
        collections=tuple(dict.fromkeys((row["label"], row["source"]) for row in rows)),
        logic=tuple(review.reasoning) if review else (),
    )
    headline = HEADLINES[DecisionReview.Result(review.result)] if review and is_over else ""
    return Part("portal/decision/part.html", shown, headline)


def _reviewer(review: DecisionReview | None) -> str:
    if review is None or review.reviewer is None or not settings.DSR_DECISION_REVIEWER_NAMED:
        return SOMEBODY
    name = review.reviewer.get_full_name()
    return f"{name}, who had no part in the decision, and may change it," if name else SOMEBODY
