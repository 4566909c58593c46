"""The stage that has an automated decision reviewed by somebody who had no hand in it.

The team says which decision it is, who or what made it and what it used; the reviewer, who may change it, says whether
it stands, and why, in words to the person. What is to be changed is carried out before the person is told so.

Source: GDPR Art. 22(3), Art. 15(1)(h); WP251rev.01 (guidelines on automated decisions): by somebody with the authority
and competence to change the decision, who considers all the data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, decisions
from requests_app.models import DecisionReview, Outcome, Right, Status, SubjectRequest
from requests_app.refusals import standing
from requests_app.workflow import DECIDE, WORK, perform, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from requests_app.audit import Actor
    from requests_app.decisions import Found

Result = DecisionReview.Result
CHANGED, CONFIRMED = Result.CHANGED, Result.CONFIRMED
LEAST_EXPLANATION = 40
LONGEST = {
    "decision": 2000,
    "decided_by": 255,
    "used": 5000,
    "logic": 5000,
    "explanation": 5000,
    "considered": 5000,
    "measures": 2000,
}
LABELS = {
    "decision": "Which decision it is",
    "decided_by": "What or who made it",
    "used": "What it used",
    "logic": "How it was reached",
    "explanation": "The explanation",
    "considered": "What was considered",
    "measures": "What is done",
}


class IllegalReview(DsrError, ValueError):
    """Say everything that keeps a review from being recorded or concluded so."""

    def __init__(self, *faults: str) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class OwnDecision(DsrError, PermissionError):
    """Say that nobody reviews a decision that they had a hand in."""


class NotReviewer(DsrError, PermissionError):
    """Say that somebody else reviews the decision."""


class ChangedReview(DsrError, ValueError):
    """Say that a review is not any more what its reviewer read before concluding it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the team says of a decision.

    Args:
        decided_by: what made it: a system by its name, a department.
        involved_id: the member of the team who had a hand in it, where one had.
        used: what it was based on, in the team's words.
        logic: how that led to it, in words to the person.
        collections: what it used of what was found: the id of a search, and the name of a collection, of each.
    """

    decision: str
    decided_by: str
    used: str = ""
    logic: str = ""
    involved_id: int | None = None
    collections: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a reviewer finds; each text is in words to the person.

    Args:
        measures: what is done because the decision is changed.
    """

    result: str = ""
    explanation: str = ""
    considered: str = ""
    measures: str = ""


def colleagues() -> QuerySet[User]:
    """Give who of the team may have had a hand in a decision, those who have left too."""
    return get_user_model().objects.filter(is_staff=True).order_by("username")


def candidates(review: DecisionReview | None) -> QuerySet[User]:
    """Give who may review a decision: whoever may decide and had no hand in it."""
    backend = "django.contrib.auth.backends.ModelBackend"
    people = get_user_model().objects.with_perm(DECIDE, backend=backend).filter(is_active=True, is_staff=True)
    involved = review.involved_id if review else None
    return people.exclude(pk=involved or 0).order_by("username")


@transaction.atomic
def record(request_id: int, facts: Facts, *, actor: Actor) -> DecisionReview:
    """Record which decision is reviewed, who or what made it, and what it used; may be done again until the end.

    Raises:
        IllegalReview: something is missing, too long or not there, or the request is not in progress.
        OwnDecision: the reviewer would have had a hand in it, or somebody denies a hand that they said they had.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, (WORK, DECIDE), "record what is reviewed")
    request, review = _open(request_id)
    named = {name: _cleaned(getattr(facts, name)) for name in ("decision", "decided_by", "used", "logic")}
    faults = [*_too_long(named), *_missing(named, ("decision", "decided_by"))]
    chosen = set(facts.collections)
    used = [found for found in decisions.found_in(request) if (found.search_id, found.name) in chosen]
    if len(used) < len(chosen):
        faults.append("What was found has changed meanwhile; please mark again what the decision used.")
    if faults:
        raise IllegalReview(*faults)
    _refuse_own(review, facts.involved_id, user_id)
    for name, text in named.items():
        setattr(review, name, text)
    review.involved_id, review.collections = facts.involved_id, list(map(_stored, used))
    review.save()
    _record("decision.recorded", review, actor, collections=len(used), involved=facts.involved_id or 0)
    return review


@transaction.atomic
def assign(request_id: int, user_id: int, *, actor: Actor) -> DecisionReview:
    """Say who reviews the decision; another reviewer finds the words of the one before, and decides anew.

    Raises:
        IllegalReview: there is no such colleague who may decide, or the request is not in progress.
        OwnDecision: they had a hand in it.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, (WORK, DECIDE), "say who reviews a decision")
    _, review = _open(request_id)
    if review.involved_id == user_id:
        raise OwnDecision("Whoever had a hand in the decision does not review it; please choose somebody else.")
    if not candidates(review).filter(pk=user_id).exists():
        raise IllegalReview("Please choose a colleague who may decide on requests.")
    if review.reviewer_id != user_id:
        review.reviewer_id, review.result = user_id, ""
        review.carried_out_at = review.carried_out_by_id = None
        review.save()
        _record("decision.assigned", review, actor, reviewer=user_id)
    return review


@transaction.atomic
def draft(request_id: int, finding: Finding, *, actor: Actor) -> DecisionReview:
    """Keep what the reviewer finds, finished or not; nobody is told yet.

    Where other measures are meant than before, these are not carried out yet.

    Raises:
        IllegalReview: the result is none, something is too long, or the request is not in progress.
        NotReviewer: somebody else reviews it.
        PermissionRefused: not for this member of the team to do.
    """
    _, review = _opened_by_reviewer(request_id, actor)
    named = {name: _cleaned(getattr(finding, name)) for name in ("explanation", "considered", "measures")}
    faults = list(_too_long(named))
    if finding.result not in {"", *Result.values}:
        faults.append("Please say whether the decision stands or is changed.")
    if faults:
        raise IllegalReview(*faults)
    if finding.result != CHANGED:
        named["measures"] = ""
    if (finding.result, named["measures"]) != (review.result, review.measures):
        review.carried_out_at = review.carried_out_by_id = None
    review.result = finding.result
    for name, text in named.items():
        setattr(review, name, text)
    review.save()
    _record("decision.drafted", review, actor, result=review.result)
    return review


@transaction.atomic
def carry_out(request_id: int, *, actor: Actor) -> DecisionReview:
    """Note that what is to be done because the decision is changed was done in the organisation's systems.

    Raises:
        IllegalReview: nothing is to be done, it was done already, or the request is not in progress.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, (WORK, DECIDE), "carry a decision out")
    _, review = _open(request_id)
    if review.result != CHANGED or not review.measures:
        raise IllegalReview("The reviewer has not said yet what is to be done.")
    if review.carried_out_at:
        raise IllegalReview("It is carried out already.")
    review.carried_out_at, review.carried_out_by_id = timezone.now(), user_id
    review.save()
    _record("decision.carried_out", review, actor)
    return review


def conclude(request_id: int, *, actor: Actor, seen: str = "") -> DecisionReview:
    """Conclude the review: the request is completed, and the person told the result with its explanation.

    Args:
        seen: the `fingerprint` of what was read before; empty to conclude whatever is recorded.

    Raises:
        IllegalReview: something is missing, not carried out yet, or the request is not in progress.
        NotReviewer: somebody else reviews it.
        OwnDecision: the reviewer had a hand in it.
        ChangedReview: it is not what was read.
        Unprepared: a part of the request was refused.
        PermissionRefused, UnprovenIdentity: see `workflow.perform`.
    """
    with transaction.atomic():
        request, review = _opened_by_reviewer(request_id, actor)
        if seen not in {"", fingerprint(review)}:
            raise ChangedReview("The review has changed since you read it. Please read it once more.")
        if faults := obstacles(request, review):
            raise IllegalReview(*faults)
        review.concluded_at = timezone.now()
        review.save()
        _record("decision.concluded", review, actor, result=review.result)
        perform(request_id, "complete", actor=audit.SYSTEM, reason=review.explanation, outcome=Outcome.FULL)
    return review


def obstacles(request: SubjectRequest, review: DecisionReview) -> tuple[str, ...]:
    """Say everything that keeps a review from being concluded, in the order in which it is done."""
    named = {name: getattr(review, name) for name in LABELS}
    faults = _missing(named, ("decision", "decided_by"))
    if not (review.used or review.collections):
        faults.append("Please record first what the decision used.")
    if request.searches.open().exists():
        faults.append("The sources are still being searched; wait for what they hold about the person.")
    if standing.waiting(request):
        faults.append(standing.WAITING)
    return (*faults, *_unfinished(review))


def fingerprint(review: DecisionReview) -> str:
    """Give the SHA-256 of all that a person is told of a review."""
    told = [getattr(review, name) for name in LABELS]
    return hashlib.sha256(orjson.dumps([*told, review.result, review.reviewer_id, review.collections])).hexdigest()


def _unfinished(review: DecisionReview) -> list[str]:
    if not review.result:
        return ["Please say whether the decision stands or is changed."]
    faults = _missing({"considered": review.considered}, ("considered",))
    if len(review.explanation) < LEAST_EXPLANATION:
        faults.append(f"Please explain the result to the person, in at least {LEAST_EXPLANATION} characters.")
    if review.result == CHANGED and not review.measures:
        faults.append("Please say what is done because the decision is changed; the person reads it.")
    elif review.result == CHANGED and not review.carried_out_at:
        faults.append("The new decision is not carried out yet: do so in your system, and tick it.")
    return faults


def _open(request_id: int) -> tuple[SubjectRequest, DecisionReview]:
    """Lock a request whose decision can be reviewed now; its review begins with what the person wrote of it."""
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.right != Right.AUTOMATED_DECISION:
        raise IllegalReview("This request asks for something else; no decision is reviewed.")
    if request.status != Status.IN_PROGRESS:
        raise IllegalReview(f"This request is {request.get_status_display().lower()}; no decision is reviewed now.")
    review, _ = DecisionReview.objects.get_or_create(request=request)
    return request, review


def _opened_by_reviewer(request_id: int, actor: Actor) -> tuple[SubjectRequest, DecisionReview]:
    user_id = refuse_unless(actor, DECIDE, "review a decision")
    request, review = _open(request_id)
    if review.reviewer_id != user_id:
        raise NotReviewer("Somebody else reviews this decision, or nobody yet; whoever is to review it is named first.")
    if review.involved_id == user_id:
        raise OwnDecision("You had a hand in this decision, so somebody else has to review it.")
    return request, review


def _refuse_own(review: DecisionReview, involved_id: int | None, user_id: int) -> None:
    """Refuse to let a reviewer have had a hand in it, or anybody take back themselves that they had."""
    if involved_id and not colleagues().filter(pk=involved_id).exists():
        raise IllegalReview("Please choose a colleague, or say that none had a hand in it.")
    if involved_id and involved_id == review.reviewer_id:
        raise OwnDecision("This colleague reviews the decision; let somebody else review it first.")
    if review.involved_id == user_id and involved_id != user_id:
        raise OwnDecision("It is recorded that you had a hand in this decision; only a colleague can change that.")


def _stored(found: Found) -> dict[str, str | int]:
    known: dict[str, str | int] = {"search": found.search_id, "collection": found.name, "label": found.label}
    return known | {"source": found.source, "count": found.count, "logic": found.logic}


def _too_long(named: dict[str, str]) -> Iterable[str]:
    for name, text in named.items():
        if len(text) > LONGEST[name]:
            yield f"{LABELS[name]}: please use at most {LONGEST[name]:,} characters."


def _missing(named: dict[str, str], needed: tuple[str, ...]) -> list[str]:
    return [f"{LABELS[name]}: please write it down." for name in needed if not named[name]]


def _cleaned(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _record(action: str, review: DecisionReview, actor: Actor, **details: int | str) -> None:
    audit.record(action, actor, request_id=review.request_id, target=f"decision review {review.pk}", **details)
