"""Computes the deadline of a request from what happened to it, and keeps every result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from requests_app import audit
from requests_app.controller import controller
from requests_app.deadlines.choosing import leading
from requests_app.deadlines.clock import Facts, Wait, compute
from requests_app.models import ComputedDeadline, PersonWait, SubjectRequest
from requests_app.timekeeping.rules import KnownRule, known_rules, rule_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from requests_app.audit import Actor
    from requests_app.deadlines.choosing import Proposal
    from requests_app.deadlines.clock import Deadline
    from requests_app.models import PeriodExtension

Cause = ComputedDeadline.Cause


@dataclass(frozen=True, slots=True)
class Move:
    """What would become of a request under the rules as they are now."""

    now: ComputedDeadline
    proposed: Proposal


def open_clock(request: SubjectRequest, *, actor: Actor) -> ComputedDeadline:
    """Choose the law that leads, and compute when the answer is due; call it in the transaction of what it is for."""
    return _chosen(request, Cause.OPENED, actor)


def choose_anew(request_id: int, cause: Cause, *, actor: Actor) -> ComputedDeadline:
    """Choose the law again, since the place of the person or the rules changed, or a manager moves the request."""
    with transaction.atomic():
        return _chosen(_locked(request_id), cause, actor)


def compute_anew(request_id: int, cause: Cause, *, actor: Actor) -> ComputedDeadline:
    """Compute again by the rule the request was opened under, since something happened."""
    with transaction.atomic():
        request = _locked(request_id)
        known = current(request)
        if known is None:
            return _chosen(request, cause, actor)
        deadline = compute(rule_of(known.rule), facts_of(request), known.place, target_share=_target_share())
        kept = {"rule": known.rule, "place": known.place, "is_voluntary": known.is_voluntary, "others": known.others}
        return _keep(request, deadline, cause, actor, **kept)


def preview(request: SubjectRequest, *, by: int = 0, until: date | None = None) -> Deadline | None:
    """Compute what an extension would give, changing nothing; None where no clock runs."""
    known = current(request)
    if known is None:
        return None
    return compute(rule_of(known.rule), facts_of(request, by=by, until=until), known.place)


def move_of(request: SubjectRequest) -> Move | None:
    """Say where the rules as they are now would move a request; None where to nothing else."""
    known = current(request)
    if known is None:
        return None
    proposed = _leading(request, known_rules())[0]
    is_same = (proposed.rule.code, proposed.rule.version) == (known.rule.code, known.rule.version)
    return None if is_same and proposed.deadline.due == known.due_on else Move(known, proposed)


def current(request: SubjectRequest) -> ComputedDeadline | None:
    """Give the deadline that counts."""
    return max(request.deadlines.all(), key=attrgetter("pk"), default=None)  # so that a page may prefetch them


def facts_of(request: SubjectRequest, *, by: int = 0, until: date | None = None) -> Facts:
    """Tell what happened to a request, in days of the portal's time zone.

    Args:
        by: an extension to be tried, like `until`; none for the one that was approved.
    """
    waits = list(request.waits.all())
    extension = None if by or until else _approved(request)
    return Facts(
        received=_day(request.submitted_at),
        right=request.right,
        identity=_waits(waits, PersonWait.Kind.IDENTITY),
        clarification=_waits(waits, PersonWait.Kind.CLARIFICATION),
        extended_by=extension.by if extension else by,
        extended_until=extension.until if extension else until,
    )


def _chosen(request: SubjectRequest, cause: Cause, actor: Actor) -> ComputedDeadline:
    known = known_rules()
    first, *others = _leading(request, known)
    row = next(item.row for item in known if item.rule == first.rule)
    told = [{"rule": f"{other.rule.name}", "due": other.deadline.due.isoformat()} for other in others]
    kept = {"rule": row, "place": first.place, "is_voluntary": first.is_voluntary, "others": told}
    return _keep(request, first.deadline, cause, actor, **kept)


def _leading(request: SubjectRequest, known: Sequence[KnownRule]) -> tuple[Proposal, ...]:
    return leading(
        facts_of(request),
        controller=controller().country,
        person=request.place,
        rules=[item.rule for item in known],
        target_share=_target_share(),
    )


def _keep(request: SubjectRequest, deadline: Deadline, cause: Cause, actor: Actor, **kept: object) -> ComputedDeadline:
    steps = [asdict(step) | {"date": step.date.isoformat()} for step in deadline.steps]
    row = ComputedDeadline.objects.create(
        request=request,
        cause=cause,
        received_on=_day(request.submitted_at),
        due_on=deadline.due,
        due_if_suspended_on=deadline.due_if_suspended,
        first_due_on=deadline.first_due,
        target_on=deadline.target,
        acknowledge_on=deadline.acknowledge,
        is_paused=deadline.is_paused,
        is_before_rule=deadline.is_before_rule,
        holidays_from=deadline.holidays_from,
        steps=steps,
        created_by_id=actor.user_id,
        **kept,
    )
    SubjectRequest.objects.filter(pk=request.pk).update(due_on=deadline.due)
    request.due_on = deadline.due
    told = {"cause": str(cause), "rule": str(row.rule), "due": deadline.due.isoformat()}
    audit.record("deadline.computed", actor, request_id=request.pk, target=f"deadline {row.pk}", **told)
    return row


def _target_share() -> float:
    return float(settings.DSR_TARGET_PERCENT) / 100


def _locked(request_id: int) -> SubjectRequest:
    return SubjectRequest.objects.select_for_update().get(pk=request_id)


def _approved(request: SubjectRequest) -> PeriodExtension | None:
    approved = [row for row in request.extensions.all() if row.approved_at]
    return max(approved, key=attrgetter("pk"), default=None)


def _waits(waits: Sequence[PersonWait], kind: PersonWait.Kind) -> tuple[Wait, ...]:
    of_kind = [wait for wait in waits if wait.kind == kind]
    return tuple(Wait(_day(wait.asked_at), _day(wait.answered_at) if wait.answered_at else None) for wait in of_kind)


def _day(instant: datetime) -> date:
    return timezone.localdate(instant)
