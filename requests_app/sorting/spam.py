"""Spam: set aside without a word to anybody, and taken back to where it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from requests_app import audit
from requests_app.models import Leased, Message, SourceSearch, Status, SubjectRequest
from requests_app.queue import enqueue
from requests_app.workflow import perform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_app.audit import Actor


@transaction.atomic
def mark(request_id: int, reason: str, *, actor: Actor) -> None:
    """Set a request aside as spam; why is kept as a note of the team.

    Raises:
        ImpossibleTransition: it has ended.
        MissingReason: none is given.
        PermissionRefused: not for this member of the team to do.
    """
    perform(request_id, "spam", actor=actor, reason=reason)
    kept = Message.objects.create(request_id=request_id, text=f"Spam: {reason.strip()}", author_id=actor.user_id)
    audit.record("note.added", actor, request_id=request_id, target=f"note {kept.pk}")


def mark_all(request_ids: Iterable[int], reason: str, *, actor: Actor) -> int:
    """Set several requests aside, those that are open; returns how many."""
    with transaction.atomic():
        still_open = SubjectRequest.objects.select_for_update().filter(pk__in=list(request_ids)).order_by("pk")
        chosen = [request.pk for request in still_open if request.is_open]
        for pk in chosen:
            mark(pk, reason, actor=actor)
    return len(chosen)


@transaction.atomic
def restore(request_id: int, *, actor: Actor) -> None:
    """Take a request back to where it stood; what was broken off of its work is begun anew.

    Its period ran on: it is due when it was.

    Raises:
        ImpossibleTransition: it is no spam, or archived.
        PermissionRefused: not for this member of the team to do.
    """
    perform(request_id, "restore", actor=actor)
    request = SubjectRequest.objects.get(pk=request_id)
    if request.status != Status.IN_PROGRESS:
        return
    broken_off = SourceSearch.objects.filter(request=request, is_left_out=False)
    broken_off = broken_off.filter(Q(state=Leased.State.FAILED) | Q(state=Leased.State.DONE, segment=""))
    for pk in broken_off.values_list("pk", flat=True):
        SourceSearch.objects.filter(pk=pk).start_afresh()
        enqueue("collect_source", pk)
