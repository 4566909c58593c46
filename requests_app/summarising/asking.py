"""The stage in which a reviewer asks for a summary: by a click, each time, and on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction

from extractors.errors import DsrError
from requests_app import audit, limits
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import DecisionReview, DecisionSummary, Right, Status, SubjectRequest
from requests_app.queue import enqueue
from requests_app.workflow import DECIDE, refuse_unless

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.audit import Actor

VIEW_RECORDS = "requests_app.view_records"
PURPOSE = "decision summary"
MOST_AN_HOUR = 10


class UnavailableSummary(DsrError, ValueError):
    """Say why nothing is summarised now."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a model would be sent.

    Args:
        collections: the labels of those of which records go along; none for whoever may not look at records.
    """

    collections: tuple[str, ...]


def is_offered() -> bool:
    """Whether an operator has named a model."""
    return bool(settings.DSR_SUMMARY_URL and settings.DSR_SUMMARY_MODEL)


def address() -> str:
    """Give the address that the data would go to, for people to read."""
    parts = urlsplit(settings.DSR_SUMMARY_URL)
    return f"{parts.scheme}://{parts.netloc}"


def foreseen(review: DecisionReview, user: User) -> Foreseen:
    """Say what a model would be sent, if this member of the team asked now."""
    labels = tuple(str(row["label"]) for row in review.collections) if user.has_perm(VIEW_RECORDS) else ()
    return Foreseen(labels)


@transaction.atomic
def ask(request_id: int, *, actor: Actor) -> DecisionSummary:
    """Have a case summarised for its reviewer, by a worker.

    Raises:
        UnavailableSummary: no model is named, one summary is being written, nothing is recorded to be summarised, or
            somebody else reviews the decision.
        LimitReached: too many were asked for within an hour.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, DECIDE, "have a case summarised")
    if not is_offered():
        raise UnavailableSummary("No language model is set up here.")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    review = DecisionReview.objects.filter(request=request, reviewer=user_id).first()
    if request.right != Right.AUTOMATED_DECISION or request.status != Status.IN_PROGRESS or review is None:
        raise UnavailableSummary("Only whoever reviews a decision has its case summarised, and before it is concluded.")
    if not review.decision:
        raise UnavailableSummary("Please record first which decision is reviewed.")
    limits.count("summary", str(request_id), most=MOST_AN_HOUR, seconds=3600)
    try:
        with transaction.atomic():
            summary: DecisionSummary = DecisionSummary.objects.create(request=request, asked_by_id=user_id)
    except IntegrityError:
        raise UnavailableSummary("A summary is being written already.") from None
    audit.record("summary.asked", actor, request_id=request_id, target=f"summary {summary.pk}", address=address())
    enqueue("summarise_decision", summary.pk)
    return summary


def latest(request: SubjectRequest) -> DecisionSummary | None:
    """Give the newest summary of a case, whatever became of it."""
    found: DecisionSummary | None = DecisionSummary.objects.filter(request=request).order_by("-pk").first()
    return found


def text_of(summary: DecisionSummary) -> str:
    """Open what a model wrote; empty where there is nothing, or it was deleted by the end of its time."""
    if not summary.text:
        return ""
    try:
        return open_key(summary.request.key_id).open_text(summary.text, PURPOSE)
    except KeyDestroyed:
        return ""
