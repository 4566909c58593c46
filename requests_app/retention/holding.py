"""Legal holds: nothing of a request is deleted while somebody says that it may be needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit
from requests_app.models import KeyList, Leased, LegalHold, SourceChange, SubjectRequest
from requests_app.retention.schedule import MANAGE
from requests_app.workflow import refuse_unless

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

LONGEST = 2_000


class UnusableHold(DsrError, ValueError):
    """Say why records cannot be held, or a hold not be lifted."""


def hold(request_id: int, reason: str, *, actor: audit.Actor) -> LegalHold:
    """Keep everything of a request until the hold is lifted.

    Raises:
        UnusableHold: there is no reason, it is too long, all is held already, or nothing personal is left.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, MANAGE, "hold records")
    text = reason.strip()
    if not 0 < len(text) <= LONGEST:
        raise UnusableHold(f"Reason: please say in 1 to {LONGEST:,} characters why nothing may be deleted.")
    try:
        with transaction.atomic():
            request = SubjectRequest.objects.select_for_update().get(pk=request_id)
            if request.pseudonymised_at:
                raise UnusableHold("What was personal in this request is gone already; there is nothing to hold.")
            row = LegalHold.objects.create(request=request, reason=text, set_by_id=actor.user_id)
            audit.record("hold.set", actor, request_id=request_id, target=f"legal hold {row.pk}")
    except IntegrityError:
        raise UnusableHold("This request is held already.") from None
    return row


@transaction.atomic
def lift(hold_id: int, *, actor: audit.Actor) -> None:
    """Let the schedule go on; what is overdue goes with its next run.

    Raises:
        UnusableHold: it was lifted before.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, MANAGE, "lift a hold")
    standing = LegalHold.objects.filter(pk=hold_id, lifted_at=None)
    if not standing.update(lifted_at=timezone.now(), lifted_by_id=actor.user_id):
        raise UnusableHold("This hold was lifted before.")
    row = LegalHold.objects.get(pk=hold_id)
    audit.record("hold.lifted", actor, request_id=row.request_id, target=f"legal hold {hold_id}")


def marks_standing() -> QuerySet[KeyList]:
    """Give the lists of what stood in rows before a restriction or an objection, as long as nothing restored them.

    Where somebody said that they saw to it by hand, nothing is left to be restored.
    """
    is_seen_to = Q(is_left_out=True, state=Leased.State.FAILED)
    restored = SourceChange.objects.filter(Q(applied_at__isnull=False) | is_seen_to, undoes=OuterRef("change"))
    return KeyList.objects.filter(~Exists(restored), purpose=KeyList.Purpose.MARKED)


def held(now: datetime) -> QuerySet[SubjectRequest]:
    """Give the requests of which nothing may be deleted: held by the team, or by a law after a refusal."""
    is_held = Q(holds__isnull=False, holds__lifted_at=None)
    is_preserved = Q(refusals__preserved_until__gte=timezone.localdate(now))
    return SubjectRequest.objects.filter(is_held | is_preserved).distinct()
