"""What every way in shares: the row of a request, its clock, and the mail that proves the mailbox."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, planning, proofs, signals
from requests_app.intake.mailboxes import as_held
from requests_app.keys.stored import create_key
from requests_app.models import Identifier, SubjectRequest
from requests_app.notifications import queue_mail
from requests_app.timekeeping.clock import open_clock
from requests_app.webhooks import events
from requests_app.workflow import perform

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from requests_app.audit import Actor


class FutureReceipt(DsrError, ValueError):
    """Say that nothing can have come later than now."""


def refuse_future(received_at: datetime | None) -> None:
    """Refuse a time of receipt that is still to come.

    Raises:
        FutureReceipt: it is.
    """
    if received_at and received_at > timezone.now():
        raise FutureReceipt("A request cannot have come later than now.")


def create(received_at: datetime, **fields: object) -> SubjectRequest:
    """Make the row of a request, with a key of its own and what its mailbox is known by."""
    known = {"delivery_way": settings.DSR_DELIVERY, "submitted_at": received_at, "key": create_key()}
    request: SubjectRequest = SubjectRequest.objects.create(**known | fields)
    if request.email:
        Identifier.objects.create(request=request, kind=Identifier.Kind.EMAIL, value=as_held(request.email))
    return request


def announce(request: SubjectRequest, action: str, *, actor: Actor, **told: int | str) -> None:
    """Put a new request on record, open the clock of the law, and tell other apps once it is committed."""
    audit.record(action, actor, request_id=request.pk, target="", right=str(request.right), **told)
    open_clock(request, actor=audit.SYSTEM)
    events.note("request.created", request.pk)
    known = {"reference": request.reference, "right": request.right, "status": request.status}
    transaction.on_commit(partial(signals.request_created.send_robust, sender=SubjectRequest, **known))


def ask_for_proof(requests: Sequence[SubjectRequest], *, besides: Sequence[SubjectRequest] = ()) -> None:
    """Ask the person to show who they are, as the table of proofs wants it; where it wants nothing, begin the work.

    Args:
        requests: of one letter, for which they are asked once.
        besides: those of the same letter that they are asked for already, and are asked for again.
    """
    asked = [request for request in requests if proofs.begin(request)]
    if to_confirm := [*besides, *asked]:
        queue_mail(to_confirm[0].pk, "confirm")
    for request in requests:
        if request not in asked:
            begin_work(request)


def ask_anew(request: SubjectRequest) -> None:
    """Ask for what the table wants elsewhere, as the person says now that they live there."""
    if not proofs.begin(request):
        begin_work(request)


def begin_work(request: SubjectRequest) -> None:
    """Let the work begin, as it is known who asks."""
    perform(request.pk, "verify", actor=audit.SYSTEM)
    planning.begin(request)
