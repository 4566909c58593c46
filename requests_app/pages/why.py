"""Why an answer is due on its day, in words for the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from requests_app.deadlines.clock import OWN_SETTING

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the explanation."""

    date: date
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Why:
    """How the day came about.

    Args:
        is_paused: whether the day moves on as long as the person does not answer.
        is_voluntary: whether no law that the portal knows obliges.
    """

    law: str
    reasons: tuple[Reason, ...]
    is_paused: bool
    is_voluntary: bool


def why_due(request: SubjectRequest) -> Why | None:
    """Explain the day that counts; None where nothing is owed any more, or none was computed."""
    row = request.deadlines.select_related("rule").first() if request.is_open else None
    if row is None:
        return None
    # What the team wants of itself is its own business.
    steps = [step for step in row.steps if step["source"] != OWN_SETTING]
    reasons = tuple(Reason(date.fromisoformat(step["date"]), step["why"], step["source"]) for step in steps)
    return Why(row.rule.document["name"], reasons, row.is_paused, row.is_voluntary)
