"""The stage that weighs an objection against what the controller wants the data for (GDPR Art. 21(1)).

An objection that is upheld takes effect everywhere at once, and the request completes by itself. One that is not is
refused, which takes two people (`refusing`). Direct marketing is never weighed.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from extractors.errors import DsrError
from requests_app import audit, planning, proofs
from requests_app.models import (
    Approval,
    DataSource,
    Outcome,
    Right,
    SourceChange,
    Status,
    SubjectRequest,
    Suppression,
    Weighing,
)
from requests_app.models.approval import UNWEIGHED
from requests_app.rights import objection
from requests_app.suppression import register
from requests_app.workflow import DECIDE, WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from requests_app.audit import Actor

MOST_AT_ONCE = 200
NOTHING_TO_WEIGH = "Advertising stops without anybody weighing it (GDPR Art. 21(3)); there is nothing to weigh."


class NotWeighable(DsrError, ValueError):
    """Say why an objection cannot be weighed now, or what is missing."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What somebody found who weighed an objection.

    Args:
        interests: what the controller wants the data for, and why that should go on.
        reasons: why the one weighs more than the other; told to the person.
        is_upheld: whether the objection weighs more.
    """

    interests: str = field(default="", repr=False)
    reasons: str = field(default="", repr=False)
    is_upheld: bool | None = None


@transaction.atomic
def weigh(request_id: int, weighed: Weighed, *, actor: Actor) -> Weighing:
    """Keep what was weighed; what is upheld takes effect at once, in the register and in every source.

    What was not upheld may be weighed again, as long as it is not refused.

    Raises:
        NotWeighable: it is not in progress, nothing of it is weighed, it was upheld already, or words are missing.
        PermissionRefused: not for this member of the team to do.
        UnprovenIdentity, UnsettledAuthority: it is in doubt who asked.
    """
    user_id = refuse_unless(actor, DECIDE, "weigh an objection")
    request = _weighable(request_id)
    known = _checked(weighed)
    row: Weighing = Weighing.objects.create(
        request=request,
        interests=known.interests,
        reasons=known.reasons,
        is_upheld=bool(known.is_upheld),
        decided_by_id=user_id,
    )
    audit.record(
        "objection.weighed", actor, request_id=request.pk, target=f"weighing {row.pk}", is_upheld=row.is_upheld
    )
    if row.is_upheld:
        _uphold(request, row, actor)
    return row


@transaction.atomic
def say_scope(request_id: int, scope: str, *, actor: Actor) -> None:
    """Say what an objection is about, where a letter was read otherwise at first; advertising stops at once.

    What was stopped that nobody objected to, is taken back.

    Raises:
        NotWeighable: there is no such choice, or it is not in progress, or weighed already.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, (WORK, DECIDE), "say what an objection is about")
    request = _objection(request_id)
    if scope not in objection.ACTS:
        raise NotWeighable("Please choose what the person objects to.")
    if objection.is_upheld(request) is not None:
        raise NotWeighable("This objection is weighed already.")
    before = objection.at_once(request)
    request.particulars = request.particulars | {objection.SCOPE.name: scope}
    SubjectRequest.objects.filter(pk=request.pk).update(particulars=request.particulars)
    audit.record("objection.scoped", actor, request_id=request.pk, scope=scope)
    now = objection.at_once(request)
    for act in before:
        if act not in now:
            planning.take_back(request, act, None, actor=actor)
            _keep_for_others(request, act)
    for act in now:
        if act not in before:
            planning.take_effect(request, act, None, actor=actor)


def sweep() -> None:
    """Take back what was withdrawn, and stop what goes on in sources that came later; called every minute."""
    withdrawn = _standing().filter(request__status=Status.WITHDRAWN).values_list("request", flat=True)
    for request_id in set(withdrawn[:MOST_AT_ONCE]):
        _give_up(request_id)
    for request, act, source in _left_out_by_chance():
        approval = request.approvals.filter(act=act, voided_at=None).last()
        if approval is None and act not in UNWEIGHED:
            continue  # entered by hand: what is to happen in the sources nobody has weighed
        with suppress(IntegrityError):  # somebody was faster
            planning.take_effect_in(source, request, act, approval)


def _standing() -> QuerySet[Suppression]:
    """Give what stands in the register because somebody objected by a request of their own."""
    objected = Suppression.objects.filter(scope__in=objection.SCOPES.values(), lifted_at=None)
    return objected.filter(request__right=Right.OBJECTION)


def _left_out_by_chance() -> Iterator[tuple[SubjectRequest, Approval.Act, DataSource]]:
    """Give the objections that some source has not heard of, as it came or was switched on later."""
    for source in DataSource.objects.filter(is_enabled=True, current_map__isnull=False):
        for act, scope in objection.SCOPES.items():
            heard = SourceChange.objects.filter(request=OuterRef("request"), source=source, act=act)
            unheard = _standing().filter(~Exists(heard), scope=scope, request__pseudonymised_at=None)
            chosen = unheard.exclude(request__status=Status.WITHDRAWN).order_by("pk").values("request")[:MOST_AT_ONCE]
            for request in SubjectRequest.objects.filter(pk__in=[row["request"] for row in chosen]):
                yield request, act, source


@transaction.atomic
def _give_up(request_id: int) -> None:
    """Take back all that an objection has stopped whose person withdrew it, unless they object by another one too."""
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status != Status.WITHDRAWN:
        return
    for act, scope in objection.SCOPES.items():
        if request.suppressions.filter(scope=scope, lifted_at=None).exists():
            planning.take_back(request, act, None, actor=audit.SYSTEM)
            _keep_for_others(request, act)


def _keep_for_others(request: SubjectRequest, act: Approval.Act) -> None:
    """Enter again, under another objection of the same person, what that one stops too: it stood once for both."""
    theirs = SubjectRequest.objects.of_mailbox(request.email).filter(right=Right.OBJECTION, verified_at__isnull=False)
    stopped = SourceChange.objects.filter(request=OuterRef("pk"), act=act, called_off_at=None, undone_by=None)
    ended = Q(status__in=(Status.WITHDRAWN, Status.LAPSED)) | Q(outcome=Outcome.SPAM)
    for other in theirs.filter(Exists(stopped)).exclude(ended).exclude(pk=request.pk).order_by("pk"):
        known_by = planning.counted(other).values_list("kind", "value")
        register.enter(other, known_by, objection.SCOPES[act], actor=audit.SYSTEM)


def _uphold(request: SubjectRequest, row: Weighing, actor: Actor) -> None:
    for act in objection.weighed(request):
        approval = Approval.objects.create(
            request=request, act=act, digest=_digest(row, act), approved_by_id=row.decided_by_id
        )
        planning.take_effect(request, act, approval, actor=actor)
    SubjectRequest.objects.filter(pk=request.pk).update(decision=row.reasons)


def _digest(row: Weighing, act: Approval.Act) -> str:
    """Bind an approval to what was weighed."""
    parts = (str(row.pk), str(act), row.interests, row.reasons)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _objection(request_id: int) -> SubjectRequest:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.right != Right.OBJECTION:
        raise NotWeighable("This request is no objection.")
    if request.status != Status.IN_PROGRESS:
        state = request.get_status_display().lower()
        raise NotWeighable(f"This request is {state}; only what is in progress is weighed.")
    return request


def _weighable(request_id: int) -> SubjectRequest:
    request = _objection(request_id)
    proofs.refuse_unless_proven(request)
    if not objection.weighed(request):
        raise NotWeighable(NOTHING_TO_WEIGH)
    if objection.is_upheld(request):
        raise NotWeighable("This objection was upheld already.")
    if request.refusals.filter(discarded_at=None).exists():
        raise NotWeighable("A refusal is prepared already: give it up first.")
    return request


def _checked(weighed: Weighed) -> Weighed:
    longest = Weighing._meta.get_field("reasons").max_length or 0
    known = Weighed(weighed.interests.strip(), weighed.reasons.strip(), weighed.is_upheld)
    if known.is_upheld is None:
        raise NotWeighable("Please say whether the objection is upheld.")
    if not known.interests:
        raise NotWeighable("Please say what the data is wanted for, and what speaks for going on.")
    if not known.reasons:
        raise NotWeighable("Please give the reasons; the person reads them.")
    if max(len(known.interests), len(known.reasons)) > longest:
        raise NotWeighable(f"Please keep each of the two to {longest:,} characters.")
    return known
