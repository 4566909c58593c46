"""The lifecycle of a request: one table of transitions, and the only writer of `status`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, proofs, rights, signals
from requests_app.audit import Actor
from requests_app.models import AuditEntry, Outcome, Status, SubjectRequest
from requests_app.models.subject_request import AT_WORK, BY_SWITCH, ENDED, OPEN
from requests_app.notifications import queue_mail
from requests_app.refusals import standing
from requests_app.webhooks import events

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet
    from django.dispatch import Signal

    class Guard(Protocol):
        """Says what stands in the way of a transition."""

        def __call__(self, request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
            """Give the sentence that says so."""


_log = logging.getLogger(__name__)
WORK, DECIDE = "requests_app.work_request", "requests_app.decide_request"


class ImpossibleTransition(DsrError, ValueError):
    """Say that a request does not stand where this can be done; names what can."""


class MissingReason(DsrError, ValueError):
    """Say that a reason has to be given."""


class Unprepared(DsrError, ValueError):
    """Say what has to be prepared, and approved by a second person, before."""


class PermissionRefused(DsrError, PermissionError):
    """Say that somebody may not do this."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from status to status.

    Args:
        act: the audit action and past participle (`request.<act>`).
        permission: what a member of the team needs; None where only the person or the portal does it.
        mail: the template of the mail that tells the person.
        clock: the field that takes the time.
        guard: says what stands in the way, given the request, how it is to end and whether a member of the team acts;
            nothing where nothing does. Whoever acts, and by whatever door, has to pass it.
        needs_proof: whether the person must have shown who they are.
        sets_aside: whether it is remembered where the request stood, so that it can return.
        returns: whether it leads back there, instead of to `target`.
        has_own_page: whether it is done elsewhere than on the page that all transitions share.
    """

    name: str
    label: str
    sources: tuple[Status, ...]
    target: Status
    act: str
    signal: Signal
    permission: str | None = None
    needs_reason: bool = False
    mail: str = ""
    clock: str = ""
    outcome: Outcome | None = None
    guard: Guard | None = None
    needs_proof: bool = False
    sets_aside: bool = False
    returns: bool = False
    has_own_page: bool = False

    @property
    def is_for_staff(self) -> bool:
        """Whether the team may do it by hand."""
        return self.permission is not None

    def is_possible(self, request: SubjectRequest) -> bool:
        """Whether a request stands where it can be done."""
        return request.status in self.sources and (not self.returns or bool(request.set_aside_from))


def _refusal_to_close_as_duplicate(request: SubjectRequest, _outcome: str, *, is_staff: bool) -> str:
    """Refuse it without the request that is answered instead, whoever acts."""
    return "" if request.answered_with_id else "Please say first which request is answered instead."


def _refusal_to_complete(request: SubjectRequest, outcome: str, *, is_staff: bool) -> str:
    """Refuse it while a refusal waits or is missing, or what the right asks for is not done."""
    of_right = rights.find(request.right).obstacle
    return standing.refusal_to_complete(request, outcome, is_staff=is_staff) or of_right(
        request, outcome, is_staff=is_staff
    )


TRANSITIONS: dict[str, Transition] = {
    transition.name: transition
    for transition in (
        Transition(
            *("verify", "Confirm the mailbox", (Status.SUBMITTED,), Status.VERIFIED, "verified"),
            signal=signals.request_verified,
            mail="received",
            clock="verified_at",
            needs_proof=True,
        ),
        Transition(
            *("begin", "Begin the work", (Status.VERIFIED,), Status.IN_PROGRESS, "begun"),
            signal=signals.request_begun,
            needs_proof=True,
        ),
        Transition(
            *("complete", "Complete", (Status.IN_PROGRESS,), Status.COMPLETED, "completed"),
            signal=signals.request_completed,
            permission=WORK,
            needs_reason=True,
            mail="completed",
            clock="closed_at",
            guard=_refusal_to_complete,
            needs_proof=True,
        ),
        Transition(
            *("reject", "Refuse", AT_WORK, Status.REJECTED, "rejected"),
            signal=signals.request_rejected,
            permission=DECIDE,
            needs_reason=True,
            mail="refused",
            clock="closed_at",
            outcome=Outcome.REFUSED,
            guard=standing.refusal_to_reject,
            has_own_page=True,
        ),
        Transition(
            *("refuse_unproven", "Refuse", (Status.SUBMITTED,), Status.REJECTED, "rejected"),
            signal=signals.request_rejected,
            permission=DECIDE,
            needs_reason=True,
            mail="refused",
            clock="closed_at",
            outcome=Outcome.REFUSED,
            guard=standing.refusal_to_refuse_unproven,
            has_own_page=True,
        ),
        Transition(
            *("withdraw", "Record a withdrawal", OPEN, Status.WITHDRAWN, "withdrawn"),
            signal=signals.request_withdrawn,
            permission=WORK,
            mail="withdrawn",
            clock="closed_at",
        ),
        Transition(
            *("lapse", "Let it lapse", (Status.SUBMITTED,), Status.LAPSED, "lapsed"),
            signal=signals.request_lapsed,
            clock="closed_at",
        ),
        Transition(
            *("spam", "Mark as spam", OPEN, Status.REJECTED, "marked_as_spam"),
            signal=signals.request_marked_as_spam,
            permission=WORK,
            needs_reason=True,
            clock="closed_at",
            outcome=Outcome.SPAM,
            sets_aside=True,
            has_own_page=True,
        ),
        Transition(
            *("restore", "Not spam", (Status.REJECTED,), Status.SUBMITTED, "restored"),
            signal=signals.request_restored,
            permission=WORK,
            returns=True,
            has_own_page=True,
        ),
        Transition(
            *("duplicate", "Close as a duplicate", OPEN, Status.COMPLETED, "closed_as_duplicate"),
            signal=signals.request_closed_as_duplicate,
            permission=WORK,
            mail="duplicate",
            clock="closed_at",
            outcome=Outcome.DUPLICATE,
            guard=_refusal_to_close_as_duplicate,
            has_own_page=True,
        ),
        Transition(
            *("archive", "Archive", ENDED, Status.ARCHIVED, "archived"),
            signal=signals.request_archived,
            permission=WORK,
        ),
    )
}


def refuse_unless(actor: Actor, permissions: str | tuple[str, ...], what: str) -> int:
    """Give the id of the member of the team who acts, and who has one of some permissions.

    Args:
        what: is done, for the refusal: "extend a request".

    Raises:
        PermissionRefused: somebody else, or without permission.
    """
    named = (permissions,) if isinstance(permissions, str) else permissions
    user = get_user_model().objects.filter(pk=actor.user_id or 0, is_active=True).first()
    if actor.kind != AuditEntry.ActorKind.STAFF or user is None or not any(map(user.has_perm, named)):
        raise PermissionRefused(f"You may not {what}.")
    return user.pk


def perform(request_id: int, name: str, *, actor: Actor, reason: str = "", outcome: str = "") -> None:
    """Take a request from one status to the next: status, audit entry and mail in one transaction.

    Of two who try at once, one succeeds. Signals are sent once it is committed.

    Args:
        reason: told to the person where a mail is sent; kept as the decision where the request ends.
        outcome: how it ended, where the transition does not say it itself.

    Raises:
        ImpossibleTransition: the request stands elsewhere; its text names what is possible.
        MissingReason: a member of the team gave none where one is needed.
        PermissionRefused: a member of the team may not do it.
        Unprepared: a refusal, of all or a part of it, was not prepared and approved by two people.
        UnprovenIdentity: the person has not shown yet who they are.
    """
    transition = TRANSITIONS[name]
    reason = reason.strip()
    _check_actor(transition, actor, reason)
    with transaction.atomic():
        requests = SubjectRequest.objects.filter(pk=request_id)
        changes = _changes(transition, reason, outcome)
        if not _standing(requests, transition).update(**{"status": transition.target} | changes):
            raise _impossible(transition, requests.get())
        if transition.needs_proof:
            proofs.refuse_unless_proven(requests.get())
        ended = str(changes.get("outcome", ""))
        if transition.guard and (obstacle := transition.guard(requests.get(), ended, is_staff=_is_staff(actor))):
            raise Unprepared(obstacle)
        audit.record(f"request.{transition.act}", actor, request_id=request_id, outcome=ended)
        events.note(f"request.{transition.act}", request_id)
        if mail := _mail(transition, requests.get(), actor):
            queue_mail(request_id, mail)
        transaction.on_commit(partial(_announce, transition, request_id))


def possible(request: SubjectRequest, user: User | AnonymousUser) -> list[Transition]:
    """List what a member of the team may do with a request as it stands."""
    return [
        transition
        for transition in TRANSITIONS.values()
        if transition.is_possible(request) and transition.permission and user.has_perm(transition.permission)
    ]


def _mail(transition: Transition, request: SubjectRequest, actor: Actor) -> str:
    """Name the notice that tells the person; what comes with files has a mail of its own, which tells more.

    Who switches something off on a page sees there that it is taken, and is mailed once it is done.
    """
    if request.channel in BY_SWITCH and transition.name in {"verify", "withdraw"}:
        return ""
    if transition.name != "complete":
        return transition.mail
    rules = rights.find(request.right)
    is_done_here = rules.ends_by_itself and request.outcome == Outcome.FULL and request.changes.exists()
    if actor == audit.SYSTEM or is_done_here:
        in_part = rules.notice_in_part if request.outcome == Outcome.PARTIAL else ""
        return in_part or rules.notice  # whoever was faster, the team or the portal: the person reads the same
    return "partial" if request.outcome == Outcome.PARTIAL else transition.mail


def _is_staff(actor: Actor) -> bool:
    return actor.kind == AuditEntry.ActorKind.STAFF


def _check_actor(transition: Transition, actor: Actor, reason: str) -> None:
    if not _is_staff(actor):
        return
    user = get_user_model().objects.filter(pk=actor.user_id or 0, is_active=True).first()
    if not transition.permission or user is None or not user.has_perm(transition.permission):
        raise PermissionRefused(f"You may not do this: {transition.label}.")
    if transition.needs_reason and not reason:
        raise MissingReason(
            f"{transition.label}: please give the reason{'; the person reads it' if transition.mail else ''}."
        )


def _standing(requests: QuerySet[SubjectRequest], transition: Transition) -> QuerySet[SubjectRequest]:
    """Keep the requests that stand where a transition begins."""
    there = requests.filter(status__in=transition.sources)
    return there.exclude(set_aside_from="") if transition.returns else there


def _changes(transition: Transition, reason: str, outcome: str) -> dict[str, str | datetime | F | None]:
    if transition.returns:
        return {"status": F("set_aside_from"), "set_aside_from": "", "outcome": "", "closed_at": None}
    changes: dict[str, str | datetime | F | None] = {transition.clock: timezone.now()} if transition.clock else {}
    if transition.sets_aside:
        changes["set_aside_from"] = F("status")
    if transition.outcome or outcome:
        changes["outcome"] = transition.outcome or Outcome(outcome)
    elif transition.target is Status.COMPLETED:
        changes["outcome"] = Outcome.FULL
    is_decision = reason and transition.target in ENDED and not transition.sets_aside
    return changes | ({"decision": reason} if is_decision else {})


def _impossible(transition: Transition, request: SubjectRequest) -> ImpossibleTransition:
    names = [other.name for other in TRANSITIONS.values() if other.is_possible(request)]
    options = f"possible are {', '.join(names)}" if names else "nothing more can be done with it"
    return ImpossibleTransition(f"{transition.name} is impossible for a request that is {request.status}; {options}.")


def _announce(transition: Transition, request_id: int) -> None:
    request = SubjectRequest.objects.get(pk=request_id)
    known = {"reference": request.reference, "right": request.right, "status": request.status}
    _log.info(f"request.{transition.act}", extra={"reference": request.reference})
    for _, answer in transition.signal.send_robust(sender=SubjectRequest, **known):
        if isinstance(answer, Exception):
            _log.error("signal.failed", extra={"error": type(answer).__name__})
