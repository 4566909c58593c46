"""The stage that takes back what was given: files by their key, and links that a wrong person may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, links, representing
from requests_app.artefacts import take_away
from requests_app.models import Channel, Export, Leased, Status, SubjectRequest
from requests_app.notifications import queue_mail
from requests_app.webhooks import events

if TYPE_CHECKING:
    from requests_app.audit import Actor
    from requests_app.models import OutboxMail


class NothingToTakeBack(DsrError, ValueError):
    """Say that files are not there, not yet or not any more."""


class EndedRequest(DsrError, ValueError):
    """Say that a request is over, so that no links lead to it."""


@transaction.atomic
def take_back(export: Export, *, actor: Actor) -> None:
    """Destroy the key of files, at once and for good; their links say so from then on.

    Other files of the same release hold the same, in other formats, so they go with them.

    Raises:
        NothingToTakeBack: they are not made yet, or are gone already.
    """
    # Files of the same release that are being finished look at this one under the same lock.
    SubjectRequest.objects.select_for_update().get(pk=export.request_id)
    released = Export.objects.filter(approval=export.approval_id, state=Leased.State.DONE, removed_at=None)
    if not released.filter(pk=export.pk).exists():
        raise NothingToTakeBack("These files are not there: they are not made yet, or were deleted before.")
    for item in released.order_by("pk"):
        if take_away(item, revoked_at=timezone.now()):
            audit.record("export.revoked", actor, request_id=item.request_id, target=f"export {item.pk}")
            events.note("export.revoked", item.request_id, export_id=item.pk)


@transaction.atomic
def renew_links(request_id: int, *, actor: Actor) -> OutboxMail:
    """Make every link of a request void, and mail new ones to its mailbox: to its page, and to files that are ready.

    Raises:
        EndedRequest: it lapsed or was archived, or the person has no mailbox.
    """
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status in {Status.LAPSED, Status.ARCHIVED}:
        raise EndedRequest("This request is over; no link leads to it any more.")
    if not request.email and not representing.representative_of(request):
        raise EndedRequest("This person has no mailbox and was never sent a link.")
    count = links.revoke(request)
    audit.record("links.revoked", actor, request_id=request_id, links=count)
    if request.status == Status.SUBMITTED:
        return queue_mail(request_id, "represent" if request.channel == Channel.AGENT else "confirm")
    return queue_mail(request_id, "new_links", export_id=_ready_export(request))


def _ready_export(request: SubjectRequest) -> int | None:
    made = request.exports.filter(state=Leased.State.DONE, is_for_transfer=False)
    there = made.filter(removed_at=None, expires_at__gt=timezone.now())
    newest: int | None = there.order_by("-pk").values_list("pk", flat=True).first()
    return newest
