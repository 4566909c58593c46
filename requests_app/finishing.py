"""The stage that ends a request by itself, once all that it asks for is done."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from requests_app import audit, rights
from requests_app.models import Outcome, SourceChange, Status, SubjectRequest
from requests_app.workflow import ImpossibleTransition, Unprepared, perform

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_AT_ONCE = 200


def finish_request(request_id: int) -> None:
    """Complete a request whose right ends by itself, if nothing stands in the way any more; may be called again."""
    with transaction.atomic():
        request = SubjectRequest.objects.select_for_update().get(pk=request_id)
        if request.status == Status.IN_PROGRESS and rights.find(request.right).ends_by_itself:
            with suppress(ImpossibleTransition, Unprepared):  # something is still to be done, which the console shows
                perform(request_id, "complete", actor=audit.SYSTEM, outcome=Outcome.FULL)


def overdue() -> Iterable[int]:
    """Give the requests whose every change is done and which nobody has ended: their task was lost."""
    by_themselves = [right for right, rules in rights.all_rights().items() if rules.ends_by_itself]
    changes = SourceChange.objects.filter(request=OuterRef("pk"), undoes=None)
    waiting = SubjectRequest.objects.filter(status=Status.IN_PROGRESS, right__in=by_themselves)
    done = waiting.filter(Exists(changes.exclude(applied_at=None)), ~Exists(changes.filter(applied_at=None)))
    return done.values_list("pk", flat=True)[:MOST_AT_ONCE]
