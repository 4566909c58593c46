"""Computes the deadline of a request from what happened to it, and keeps every result."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit
from requests_app.controller import controller
from requests_app.deadlines.choosing import Candidate, leading, ranked
from requests_app.deadlines.clock import Facts, Wait
from requests_app.models import ComputedDeadline, LawRule, PersonWait, SubjectRequest
from requests_app.timekeeping.rules import KnownRule, known_rules, rule_of
from requests_app.webhooks import events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from requests_app.audit import Actor
    from requests_app.deadlines.choosing import Proposal

Cause = ComputedDeadline.Cause


class StoppedClock(DsrError, ValueError):
    """Say that a request has ended, and its clock with it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """An extension to be tried: by how much, in the unit of the law's extension, or until which day."""

    by: int = 0
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What would become of a request under the rules as they are now."""

    now: ComputedDeadline
    proposed: Proposal


def open_clock(request: SubjectRequest, *, actor: Actor) -> ComputedDeadline:
    """Choose the law that leads, and compute when the answer is due; call it in the transaction of what it is for."""
    return _chosen(request, Cause.OPENED, actor)


def open_clocks(requests: Sequence[SubjectRequest], *, actor: Actor) -> None:
    """Open the clocks of many new requests, of which nothing happened yet, in a few statements; see `open_clock`.

    What leads is computed once for all requests of a day, a right and a place.
    """
    known = known_rules()
    versions = {(item.rule.code, item.rule.version): item.row for item in known}
    chosen: dict[tuple[date, str, str], tuple[Proposal, ...]] = {}
    rows = []
    for request in requests:
        facts = Facts(_day(request.submitted_at), request.right)
        case = (facts.received, request.right, request.place)
        if case not in chosen:
            chosen[case] = _leading_by(facts, request.place, known)
        first = chosen[case][0].rule
        rows.append(_row(request, chosen[case], Cause.OPENED, actor, versions[first.code, first.version]))
    for row in ComputedDeadline.objects.bulk_create(rows):
        row.request.due_on = row.due_on
    SubjectRequest.objects.bulk_update(requests, ["due_on"])
    audit.record_all((_act(row) for row in rows), actor)


def choose_anew(request_id: int, cause: Cause, *, actor: Actor) -> ComputedDeadline:
    """Choose the law again, since the place of the person or the rules changed, or a manager moves the request.

    Raises:
        StoppedClock: the request has ended.
    """
    with transaction.atomic():
        return _chosen(_locked(request_id), cause, actor)


def compute_anew(request_id: int, cause: Cause, *, actor: Actor) -> ComputedDeadline:
    """Compute again by the rules the request was opened under, since something happened.

    Raises:
        StoppedClock: the request has ended.
    """
    with transaction.atomic():
        request = _locked(request_id)
        if (known := current(request)) is None:
            return _chosen(request, cause, actor)
        return _keep(request, ranked(_kept(known), facts_of(request), target_share=_target_share()), cause, actor)


def tried(request: SubjectRequest, trial: Trial | None = None, *, today: date | None = None) -> Proposal | None:
    """Compute what would lead, changing nothing; None where no clock runs.

    Args:
        trial: an extension to be tried.
        today: the day up to which a question that is open keeps the clock still; the day it was asked where None.
    """
    if (known := current(request)) is None:
        return None
    return ranked(_kept(known), replace(facts_of(request, trial), as_of=today), target_share=_target_share())[0]


def laws(request: SubjectRequest) -> tuple[Proposal, ...]:
    """Give the laws that a request falls under, the one that leads first; where no clock runs, those that would."""
    if (known := current(request)) is None:
        return _leading(request, known_rules())
    return ranked(_kept(known), facts_of(request), target_share=_target_share())


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


def facts_of(request: SubjectRequest, trial: Trial | None = None) -> Facts:
    """Tell what happened to a request, in days of the portal's time zone.

    Args:
        trial: an extension to be tried, beside what was approved.
    """
    waits = list(request.waits.all())
    facts = Facts(
        received=_day(request.submitted_at),
        right=request.right,
        identity=_waits(waits, PersonWait.Kind.IDENTITY),
        clarification=_waits(waits, PersonWait.Kind.CLARIFICATION),
    )
    if trial:
        by = trial.by + sum(row.by for row in request.extensions.all() if row.approved_at)
        return replace(facts, extended_by=by, extended_until=trial.until)
    approved = sorted((row for row in request.extensions.all() if row.approved_at), key=attrgetter("pk"))
    if not approved:
        return facts
    newest = approved[-1]
    return replace(
        facts,
        extended_by=sum(row.by for row in approved),
        extended_until=newest.until,
        extended_under=newest.rule_code,
        extended_on=_day(newest.approved_at) if newest.approved_at else None,
    )


def _chosen(request: SubjectRequest, cause: Cause, actor: Actor) -> ComputedDeadline:
    return _keep(request, _leading(request, known_rules()), cause, actor)


def _kept(row: ComputedDeadline) -> tuple[Candidate, ...]:
    """Give the rules that proposed when the request was opened, each in its version of then."""
    others = [other for other in row.others if "version" in other]
    versions = Q(pk=None)
    for other in others:
        versions |= Q(code=other["code"], version=other["version"])
    rows = {(found.code, found.version): found for found in LawRule.objects.filter(versions)} if others else {}
    return (
        Candidate(rule_of(row.rule), row.place, row.is_voluntary),
        *(Candidate(rule_of(rows[other["code"], other["version"]]), other["place"]) for other in others),
    )


def _leading(request: SubjectRequest, known: Sequence[KnownRule]) -> tuple[Proposal, ...]:
    return _leading_by(facts_of(request), request.place, known)


def _leading_by(facts: Facts, place: str, known: Sequence[KnownRule]) -> tuple[Proposal, ...]:
    return leading(
        facts,
        controller=controller().country,
        person=place,
        rules=[item.rule for item in known],
        target_share=_target_share(),
    )


def _keep(request: SubjectRequest, proposed: Sequence[Proposal], cause: Cause, actor: Actor) -> ComputedDeadline:
    first = proposed[0].rule
    row = _row(request, proposed, cause, actor, LawRule.objects.get(code=first.code, version=first.version))
    row.save(force_insert=True)
    SubjectRequest.objects.filter(pk=request.pk).update(due_on=row.due_on)
    request.due_on = row.due_on
    audit.record_all([_act(row)], actor)
    if event := _change(row, cause):
        events.note(event, request.pk)
    return row


def _row(
    request: SubjectRequest, proposed: Sequence[Proposal], cause: Cause, actor: Actor, rule: LawRule
) -> ComputedDeadline:
    """Write what was computed as it is kept; `rule` is the row of the one that leads."""
    first, *others = proposed
    deadline = first.deadline
    return ComputedDeadline(
        request=request,
        rule=rule,
        cause=cause,
        place=first.place,
        is_voluntary=first.is_voluntary,
        received_on=_day(request.submitted_at),
        due_on=deadline.due,
        due_if_suspended_on=deadline.due_if_suspended,
        first_due_on=deadline.first_due,
        target_on=deadline.target,
        acknowledge_on=deadline.acknowledge,
        is_paused=deadline.is_paused,
        is_before_rule=deadline.is_before_rule,
        holidays_from=deadline.holidays_from,
        steps=[asdict(step) | {"date": step.date.isoformat()} for step in deadline.steps],
        others=[_other(proposal) for proposal in others],
        created_by_id=actor.user_id,
    )


def _act(row: ComputedDeadline) -> audit.Act:
    told = {"cause": str(row.cause), "rule": str(row.rule), "due": row.due_on.isoformat()}
    return audit.Act("deadline.computed", row.request_id, f"deadline {row.pk}", told)


def _change(row: ComputedDeadline, cause: Cause) -> str:
    """Name what other systems are told of; nothing where a request is new, or nothing came of it."""
    before = ComputedDeadline.objects.filter(request=row.request_id, pk__lt=row.pk).order_by("-pk").first()
    if before is None:
        return ""
    if before.is_paused != row.is_paused:
        return "request.paused" if row.is_paused else "request.resumed"
    if cause == Cause.EXTENDED:
        return "request.extended"
    return "request.due_changed" if before.due_on != row.due_on else ""


def _other(proposal: Proposal) -> dict[str, object]:
    rule, due = proposal.rule, proposal.deadline.due
    return {
        "rule": rule.name,
        "due": due.isoformat(),
        "code": rule.code,
        "version": rule.version,
        "place": proposal.place,
    }


def _target_share() -> float:
    return float(settings.DSR_TARGET_PERCENT) / 100


def _locked(request_id: int) -> SubjectRequest:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if not request.is_open:
        raise StoppedClock("This request has ended; its deadline stays as it was.")
    return request


def _waits(waits: Sequence[PersonWait], kind: PersonWait.Kind) -> tuple[Wait, ...]:
    of_kind = [wait for wait in waits if wait.kind == kind]
    return tuple(Wait(_day(wait.asked_at), _day(wait.answered_at) if wait.answered_at else None) for wait in of_kind)


def _day(instant: datetime) -> date:
    return timezone.localdate(instant)
