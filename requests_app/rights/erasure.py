"""Erasure (GDPR Art. 17): what may go, goes from every source; what has to stay is named with its ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import DataSource, Leased, Outcome, Refusal, Right, SourceChange
from requests_app.models.subject_request import COLLECTED, OPEN
from requests_app.rights.base import Act, Choice, Question, Rules
from requests_app.rights.changed import is_left_out, latest, refusal_while_undone

if TYPE_CHECKING:
    from collections.abc import Iterable

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


BY_ITSELF = "The portal completes an erasure by itself, once it is done in every source: see under “Erasure”."


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say where it is not erased yet; nobody is told of an erasure that did not happen.

    Where no source is connected, the team erases by hand and completes the request.
    """
    newest = latest(request, Act.ERASURE)
    if is_staff and newest:
        return BY_ITSELF
    if outcome == Outcome.NONE_HELD and _is_nothing_found(newest.values()):
        enabled = DataSource.objects.filter(is_enabled=True, current_map__isnull=False).exclude(pk__in=newest)
        names = ", ".join(enabled.order_by("label").values_list("label", flat=True))
        return f"Nobody has looked yet into {names}." if names else ""
    return refusal_while_undone(request, Act.ERASURE, "The erasure")


def outcome(request: SubjectRequest) -> Outcome | None:
    """Say how an erasure ends, once it is done or nothing was found anywhere; None where no source was reached.

    What the map keeps by a ground, what is another person's too and what a source that was left out holds make it a
    part: the two who approved it have decided that.
    """
    newest = latest(request, Act.ERASURE)
    changes = newest.values()
    if _is_nothing_found(changes):
        return Outcome.NONE_HELD
    if not any(change.is_applied for change in changes):
        return None
    refused = request.refusals.filter(extent=Refusal.Extent.PART, approved_at__isnull=False, discarded_at=None)
    is_part = any(is_left_out(change) or _rows(change, "kept") for change in changes) or refused.exists()
    return Outcome.PARTIAL if is_part else Outcome.FULL


def unanswered_copies(request: SubjectRequest) -> list[SubjectRequest]:
    """Give the requests of the same letter for a copy of what is to be erased that are not answered yet.

    None where the person said that their data may be erased before.
    """
    case = request.case
    if case is None or case.copy_waived_at:
        return []
    return list(case.requests.filter(right__in=COLLECTED, status__in=OPEN).order_by("pk"))


def refusal_before_copies(request: SubjectRequest) -> str:
    """Say which copies have to be answered before anything is erased; nothing where none has."""
    names = ", ".join(copy.reference for copy in unanswered_copies(request))
    return (
        f"The copy of the data that was asked for in the same letter comes first: answer {names}, or let the person say"
        " that they do without it."
        if names
        else ""
    )


def step(request: SubjectRequest) -> int:
    """Say whether it is looked at, approved, or being done."""
    changes = [change for change in latest(request, Act.ERASURE).values() if not is_left_out(change)]
    if any(change.phase == SourceChange.Phase.CHANGE for change in changes):
        return 4
    is_looked_at = all(change.state == Leased.State.DONE for change in changes)
    return 3 if changes and is_looked_at else 2


def _is_nothing_found(changes: Iterable[SourceChange]) -> bool:
    """Whether every source was looked at and holds nothing."""
    listed = list(changes)
    return bool(listed) and all(_is_looked_at(change) and not _rows(change, "found") for change in listed)


def _is_looked_at(change: SourceChange) -> bool:
    return change.is_applied or change.is_previewed


def _rows(change: SourceChange, number: str) -> int:
    """Add up one number over what was shown of a source, or done in it."""
    told = change.result if change.is_applied else change.preview
    return sum(item[number] or 0 for item in told.values())


RULES = Rules(
    Right.ERASURE,
    rank=4,
    article="GDPR Art. 17",
    explanation="Have your data deleted, unless a law obliges us to keep it.",
    gives="word of what was erased, and of what had to stay and why, with a certificate",
    asks="asks for erasure",
    questions=(GROUND,),
    steps=("Submitted", "Confirmed", "Looked at", "Approved", "Erased"),
    previews=Act.ERASURE,
    step=step,
    outcome=outcome,
    obstacle=obstacle,
    ends_by_itself=True,
    notice="erased",
)
