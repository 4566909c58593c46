"""Ends requests by themselves: what has to happen before it happens, then they are completed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from extractors.errors import DsrError
from requests_app import audit, rights
from requests_app.changing.telling import tell
from requests_app.finishing import erasures
from requests_app.models import (
    KeyList,
    Leased,
    Message,
    ProposedCorrection,
    Right,
    SourceChange,
    Status,
    SubjectRequest,
)
from requests_app.workflow import ImpossibleTransition, Unprepared, perform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from requests_app.models import Outcome

MOST_AT_ONCE = 200
Correction = ProposedCorrection.State
PREPARED: dict[str, Callable[[SubjectRequest], None]] = {Right.ERASURE: erasures.prepare_end}
"""What happens before the end, by right; each may be done again, as a worker may stop on the way."""


def finish_request(request_id: int) -> None:
    """Complete a request whose right ends by itself, if nothing stands in the way any more; may be called again.

    What keeps it from being completed is told to the team, and tried again by the sweep.
    """
    request = SubjectRequest.objects.get(pk=request_id)
    if _ending(request) is None:
        return
    try:
        if request.right in PREPARED:
            PREPARED[request.right](request)
    except DsrError as error:
        _tell_once(request_id, f"All is done, but the request cannot be completed yet: {error}")
        return
    _complete(request_id)


def overdue() -> Iterable[int]:
    """Give the requests whose every change is done and which nobody has ended: their task was lost."""
    by_themselves = [right for right, rules in rights.all_rights().items() if rules.ends_by_itself]
    is_left_out = Q(is_left_out=True, state=Leased.State.FAILED)
    changes = SourceChange.objects.filter(~is_left_out, request=OuterRef("pk"), undoes=None)
    waiting = SubjectRequest.objects.filter(status=Status.IN_PROGRESS, right__in=by_themselves)
    done = Q(Exists(changes.exclude(applied_at=None)), ~Exists(changes.filter(applied_at=None)))
    return waiting.filter(done | _nothing_found() | _all_decided()).values_list("pk", flat=True)[:MOST_AT_ONCE]


def _all_decided() -> Q:
    """Keep what has corrections of which none waits: where nothing was approved, no source was changed."""
    rows = ProposedCorrection.objects.filter(request=OuterRef("pk"))
    waiting = rows.filter(state__in=(Correction.PROPOSED, Correction.APPROVED))
    done = rows.filter(state__in=(Correction.WRITTEN, Correction.STATED))
    return Q(Exists(done), ~Exists(waiting), right=Right.RECTIFICATION)


def _nothing_found() -> Q:
    """Keep what was looked at in every source without a row being found."""
    changes = SourceChange.objects.filter(request=OuterRef("pk"))
    looked_at = Q(phase=SourceChange.Phase.PREVIEW, state=Leased.State.DONE)
    rows = KeyList.objects.filter(change__request=OuterRef("pk"), rows__gt=0)
    return Q(Exists(changes), ~Exists(changes.exclude(looked_at)), ~Exists(rows), right=Right.ERASURE)


def _ending(request: SubjectRequest) -> Outcome | None:
    """Say how a request ends that can be completed now; None where it cannot."""
    rules = rights.find(request.right)
    if request.status != Status.IN_PROGRESS or not rules.ends_by_itself:
        return None
    outcome = rules.outcome(request)
    return None if outcome is None or rules.obstacle(request, outcome, is_staff=False) else outcome


def _tell_once(request_id: int, text: str) -> None:
    if not Message.objects.notes().filter(request=request_id, author=None, text=text).exists():
        tell(request_id, text, event="request.unfinished")


def _complete(request_id: int) -> None:
    with transaction.atomic():
        request = SubjectRequest.objects.select_for_update().get(pk=request_id)
        if (outcome := _ending(request)) is not None:
            with suppress(ImpossibleTransition, Unprepared):  # something is still to be done, which the console shows
                perform(request_id, "complete", actor=audit.SYSTEM, outcome=outcome)
