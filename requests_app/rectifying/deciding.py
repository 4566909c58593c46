"""Deciding on corrections, field by field; what is approved of a source is written together, by one change of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, corrections, proofs
from requests_app.models import Approval, Leased, ProposedCorrection, Right, SourceChange, Status, SubjectRequest
from requests_app.queue import enqueue
from requests_app.workflow import DECIDE, PermissionRefused, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requests_app.audit import Actor
    from requests_app.corrections import Line

State = ProposedCorrection.State
ACT = Approval.Act.RECTIFICATION
VIEW_RECORDS = "requests_app.view_records"
LONGEST_REASON, LONGEST_STATEMENT = 1_000, 5_000
STALE = "A proposal has changed since you looked, or was decided on by somebody else. Please look again."


class UndecidableCorrection(DsrError, ValueError):
    """Say what has to happen before corrections can be decided on."""


class OwnProposal(PermissionRefused):
    """Refuse a decision by whoever wrote the proposal down."""


class Kind(StrEnum):
    """What is decided of a correction."""

    APPROVE = "approve"
    REJECT = "reject"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one correction.

    Args:
        words: to the person: why it is rejected, or the statement that is recorded beside the data.
        seen: `corrections.fingerprint` of what was looked at; empty to decide on whatever it is now.
    """

    correction_id: int
    kind: Kind
    words: str = field(default="", repr=False)
    seen: str = ""


def reviewed(request: SubjectRequest, *, actor: Actor) -> list[Line]:
    """Open all corrections of a request for the team; looking is put on record.

    Raises:
        PermissionRefused: they may not look at records.
    """
    refuse_unless(actor, VIEW_RECORDS, "look at the person's data")
    rows = corrections.of_request(request)
    audit.record("corrections.viewed", actor, request_id=request.pk, rows=len(rows))
    return corrections.lines(request, rows, "en")


@transaction.atomic
def decide(request_id: int, verdicts: Sequence[Verdict], *, actor: Actor) -> None:
    """Decide on proposals; the approved ones are written at once. All of it, or nothing.

    Raises:
        UndecidableCorrection: a proposal is not there any more or another one, words are missing, or the request is
            not in progress.
        OwnProposal: whoever wrote one down decides on it.
        PermissionRefused: they may not decide.
        UnprovenIdentity, UnsettledAuthority: it is not clear, or not any more, who asks.
    """
    user_id = refuse_unless(actor, DECIDE, "decide on a correction")
    request = _decidable(request_id)
    rows = {row.pk: row for row in request.corrections.filter(state=State.PROPOSED).select_related("source")}
    if not verdicts:
        raise UndecidableCorrection("Please decide on at least one of them.")
    chosen = {verdict.correction_id: verdict for verdict in verdicts}
    if chosen.keys() - rows.keys():
        raise UndecidableCorrection(STALE)
    for verdict in chosen.values():
        _refuse_faulty(rows[verdict.correction_id], verdict, user_id)
    seals = corrections.Seals(request)
    for verdict in chosen.values():
        _note(rows[verdict.correction_id], verdict, seals, actor)
    _plan(request, [rows[pk] for pk, verdict in chosen.items() if verdict.kind is Kind.APPROVE], actor)
    enqueue("finish_request", request.pk)


@transaction.atomic
def call_off(change_id: int, *, actor: Actor) -> None:
    """Take back the approval of corrections that could not be written, so that they are decided on anew.

    Raises:
        UndecidableCorrection: they are written, or being written.
        PermissionRefused: they may not decide.
    """
    refuse_unless(actor, DECIDE, "decide on a correction")
    change = SourceChange.objects.select_related("source").get(pk=change_id, act=ACT)
    request = _decidable(change.request_id)
    given_up = SourceChange.objects.filter(pk=change_id, state=Leased.State.FAILED, applied_at=None)
    if not given_up.update(state=Leased.State.DONE, applied_at=timezone.now(), result={"rows": {}}):
        raise UndecidableCorrection("This is written, or being written just now.")
    failure = f"It could not be written: {change.last_error}"[:500]
    waiting = request.corrections.filter(change=change, state=State.APPROVED)
    waiting.update(state=State.PROPOSED, change=None, decided_at=None, decided_by=None, failure=failure)
    Approval.objects.filter(pk=change.approval_id).update(voided_at=timezone.now())
    audit.record("approval.voided", actor, request_id=request.pk, target=f"approval {change.approval_id}")


def _decidable(request_id: int) -> SubjectRequest:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.right != Right.RECTIFICATION or request.status != Status.IN_PROGRESS:
        raise UndecidableCorrection("This request is not in progress; nothing can be decided any more.")
    proofs.refuse_unless_proven(request)
    return request


def _refuse_faulty(row: ProposedCorrection, verdict: Verdict, user_id: int) -> None:
    if verdict.seen and verdict.seen != corrections.fingerprint([row]):
        raise UndecidableCorrection(STALE)
    if row.proposed_by_id == user_id:
        raise OwnProposal("You wrote this proposal down yourself: somebody else has to decide on it.")
    words, where = verdict.words.strip(), f"{row.source.label}, {row.collection}.{row.field}"
    if verdict.kind is Kind.REJECT and not 0 < len(words) <= LONGEST_REASON:
        most = f"{LONGEST_REASON:,}"
        raise UndecidableCorrection(f"{where}: please say why not, in at most {most} characters; the person reads it.")
    if verdict.kind is Kind.STATE and not 0 < len(words) <= LONGEST_STATEMENT:
        most = f"{LONGEST_STATEMENT:,}"
        raise UndecidableCorrection(f"{where}: please write the statement, in at most {most} characters.")
    if verdict.kind is Kind.APPROVE and not (row.source.is_enabled and row.source.current_map_id):
        raise UndecidableCorrection(f"{where}: the source is switched off, so nothing can be written there.")


def _note(row: ProposedCorrection, verdict: Verdict, seals: corrections.Seals, actor: Actor) -> None:
    states = {Kind.APPROVE: State.APPROVED, Kind.REJECT: State.REJECTED, Kind.STATE: State.STATED}
    row.state, row.decided_by_id, row.decided_at = states[verdict.kind], actor.user_id, timezone.now()
    words = verdict.words.strip()
    row.decision_reason = words if verdict.kind is Kind.REJECT else ""
    row.statement = seals.seal("statement", words) if verdict.kind is Kind.STATE else ""
    row.failure = ""
    row.save()
    actions = {Kind.APPROVE: "approved", Kind.REJECT: "rejected", Kind.STATE: "stated"}
    target = f"correction {row.pk}"
    audit.record(f"correction.{actions[verdict.kind]}", actor, request_id=row.request_id, target=target)


def _plan(request: SubjectRequest, rows: Sequence[ProposedCorrection], actor: Actor) -> None:
    """Have what was approved written: one change a source, which takes up what still waits there."""
    by_source: defaultdict[int, list[ProposedCorrection]] = defaultdict(list)
    for row in rows:
        by_source[row.source_id].append(row)
    for approved in by_source.values():
        change = _change(request, approved, actor)
        request.corrections.filter(pk__in=[row.pk for row in approved]).update(change=change)
        enqueue("change_source", change.pk)


def _change(request: SubjectRequest, approved: Sequence[ProposedCorrection], actor: Actor) -> SourceChange:
    """Give the change that writes them; a worker at one that waits already finds its lease lost."""
    source = approved[0].source
    if source.current_map is None or actor.user_id is None:
        raise AssertionError("approved by nobody, or for a source without a map")
    known = {"request": request, "source": source, "act": ACT, "applied_at": None}
    waiting = SourceChange.objects.filter(**known).first()
    before = waiting.corrections.filter(state=State.APPROVED) if waiting else ()
    rows = sorted([*before, *approved], key=lambda row: row.pk)
    approval = _approval(request, rows, actor)
    if waiting is None:
        phase = SourceChange.Phase.CHANGE
        change = SourceChange.objects.create(**known, map=source.current_map, phase=phase, approval=approval)
    else:
        change = waiting
        Approval.objects.filter(pk=change.approval_id).update(voided_at=timezone.now())
        SourceChange.objects.filter(pk=change.pk).start_afresh(approval=approval, map=source.current_map)
    audit.record(
        "change.approved",
        actor,
        request_id=request.pk,
        target=f"change {change.pk}",
        act=str(ACT),
        source=source.pk,
        approval=approval.pk,
        corrections=len(rows),
    )
    return change


def _approval(request: SubjectRequest, rows: Sequence[ProposedCorrection], actor: Actor) -> Approval:
    preparers = (row.proposed_by_id for row in rows)
    return Approval.objects.create(
        request=request,
        act=ACT,
        digest=corrections.fingerprint(rows),
        prepared_by_id=next((pk for pk in preparers if pk not in (None, actor.user_id)), None),
        approved_by_id=actor.user_id or 0,
    )
