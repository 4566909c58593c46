"""The review of an automated decision on the page of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import deciding, decisions
from requests_app.admin import decision_pages as pages
from requests_app.admin.base import Route
from requests_app.admin.decision_pages import PLACE
from requests_app.admin.next_steps import Step
from requests_app.admin.panels.base import MAIN, Panel
from requests_app.admin.wording import Pill
from requests_app.models import DecisionReview, Right, SourceSearch, Status
from requests_app.rights.automated_decision import review_by
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.contrib.auth.models import User

    from requests_app.models import SubjectRequest

ORDER = 10
VIEW = "requests_app.view_subjectrequest"
POST, GET_AND_POST = ("POST",), ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Used:
    """A collection that the decision used; `search_id` only where its records can still be looked at."""

    label: str
    source: str
    count: int
    name: str
    search_id: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows, and what may be done in it.

    Args:
        review_by: the day by which the team means to have reviewed it; None once it is over.
    """

    review: DecisionReview | None
    state: Pill
    review_by: date | None
    used: tuple[Used, ...]
    logic: tuple[str, ...]
    people: tuple[User, ...]
    can_record: bool
    can_review: bool
    can_carry_out: bool


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """Show the review; there is none before the work begins."""
    review = decisions.review_of(request) if request.right == Right.AUTOMATED_DECISION else None
    is_open = request.right == Right.AUTOMATED_DECISION and request.status == Status.IN_PROGRESS
    if review is None and not is_open:
        return None
    may_work = is_open and (user.has_perm(WORK) or user.has_perm(DECIDE))
    shown = Shown(
        review=review,
        state=_state(review, is_open=is_open),
        review_by=review_by(request) if is_open else None,
        used=tuple(_used(review)) if review else (),
        logic=tuple(review.reasoning) if review else (),
        people=tuple(deciding.candidates(review)) if may_work else (),
        can_record=may_work,
        can_review=bool(is_open and review and review.reviewer_id == user.pk),
        can_carry_out=bool(may_work and review and _waits_for_act(review)),
    )
    return Panel("console/decision/panel.html", shown, MAIN, tuple(_steps(request, review)) if is_open else ())


def _state(review: DecisionReview | None, *, is_open: bool) -> Pill:
    if review and review.concluded_at:
        return Pill(review.get_result_display(), "good")
    if not is_open:
        return Pill("not concluded", "quiet")
    is_named = review is not None and review.reviewer is not None
    return Pill("under review", "info") if is_named else Pill("no reviewer yet", "warn")


def _used(review: DecisionReview) -> Iterator[Used]:
    rows = SourceSearch.objects.filter(pk__in=[row["search"] for row in review.collections])
    readable = set(rows.exclude(segment="").filter(state="done").values_list("pk", flat=True))
    for row in review.collections:
        search_id = row["search"] if row["search"] in readable else None
        yield Used(row["label"], row["source"], row["count"], row["collection"], search_id)


def _steps(request: SubjectRequest, review: DecisionReview | None) -> Iterator[Step]:
    """List what has to be done next: what is missing first, then the review, then its act."""
    if review is None or not review.decision:
        yield Step("Record which decision is to be reviewed", PLACE)
    day = review_by(request)
    until = f" by {day:%-d %B %Y}" if day and day >= timezone.localdate() else ", which is late already"
    if review is None or review.reviewer is None:
        yield Step("Name who reviews the decision", PLACE)
    elif _waits_for_act(review):
        yield Step("Carry the new decision out, and tick it", PLACE)
    else:
        name = review.reviewer.get_full_name() or review.reviewer.get_username()
        yield Step(f"Review the decision{until if day else ''}: {name}", PLACE)


def _waits_for_act(review: DecisionReview) -> bool:
    is_changed = review.result == DecisionReview.Result.CHANGED and bool(review.measures)
    return is_changed and review.carried_out_at is None


ROUTES = (
    Route("<int:pk>/decision/", pages.record, "record_decision", VIEW, GET_AND_POST),
    Route("<int:pk>/decision/reviewer/", pages.assign, "assign_reviewer", VIEW, POST),
    Route("<int:pk>/decision/review/", pages.review, "review_decision", DECIDE, GET_AND_POST),
    Route("<int:pk>/decision/carried-out/", pages.carry_out, "carry_out_decision", VIEW, POST),
    Route("<int:pk>/decision/summary/", pages.summarise, "decision_summary", DECIDE, GET_AND_POST),
)
