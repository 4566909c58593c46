"""What other systems can be told of, and the note of each event in the transaction of what it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from requests_app import cases
from requests_app.models import Export, SubjectRequest, Webhook, WebhookDelivery, WebhookEvent
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

PING = "ping"
Fact = str | int | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """An event by its name, and when it happens, in words."""

    name: str
    when: str

    @property
    def family(self) -> str:
        """What it is about; `<family>.*` stands for all of these, those of later versions included."""
        return self.name.partition(".")[0]


KINDS = (
    Kind("request.created", "A request came in. Nobody has shown yet that it is theirs."),
    Kind("request.verified", "The person has shown who they are; the work can begin."),
    Kind("request.begun", "The work has begun."),
    Kind("request.paused", "The clock stands still until the person answers."),
    Kind("request.resumed", "The clock runs again."),
    Kind("request.extended", "The period was extended."),
    Kind("request.due_changed", "The answer is due on another day for another reason."),
    Kind("request.completed", "The request was answered."),
    Kind("request.rejected", "The request was refused."),
    Kind("request.withdrawn", "The person took the request back."),
    Kind("request.lapsed", "The request was never confirmed and is over."),
    Kind("request.marked_as_spam", "The team found that nobody asked for anything."),
    Kind("request.closed_as_duplicate", "The request goes on in another one of the same person."),
    Kind("request.restored", "It was no spam, or no duplicate: the request stands where it stood."),
    Kind("request.archived", "The request was put away, some time after its end."),
    Kind("suppression.entered", "Data of a person must not be used for something any more."),
    Kind("suppression.lifted", "It may be used again."),
    Kind("export.ready", "The files of an answer are made; the person is told."),
    Kind("export.downloaded", "Somebody began to download the files."),
    Kind("export.expired", "The files were deleted because their time was over."),
    Kind("export.revoked", "The team took the files back."),
    Kind("export.replaced", "The files were deleted because newer ones are there."),
)


def note(name: str, request_id: int, *, export_id: int | None = None, **facts: Fact) -> None:
    """Note that something happened, for every system that wants to know; costs one query where none does.

    Call it inside the transaction of the act, after all of it is written: the event is there exactly when the act is.

    Args:
        export_id: the files it is about, which are described as they are then.
        facts: what is told beside the request itself; ids, counts and words of our own, nothing personal.
    """
    if not transaction.get_connection().in_atomic_block:
        raise AssertionError(f"{name} is noted outside the transaction of what it tells of.")
    receivers = [webhook for webhook in Webhook.objects.filter(ended_at=None) if wants(webhook.events, name)]
    if not receivers:
        return
    request = SubjectRequest.objects.get(pk=request_id)
    payload = _told(request) | (_files(Export.objects.get(pk=export_id)) if export_id else {}) | facts
    event = WebhookEvent.objects.create(name=name, request=request, payload=payload, happened_at=timezone.now())
    for webhook in receivers:
        address(event, webhook)


def address(event: WebhookEvent, webhook: Webhook) -> WebhookDelivery:
    """Put an event on its way to one system."""
    delivery = WebhookDelivery.objects.create(webhook=webhook, event=event)
    enqueue("send_webhook", delivery.pk)
    return delivery


def wants(chosen: Iterable[str], name: str) -> bool:
    """Whether names and families hold an event."""
    return bool({name, f"{name.partition('.')[0]}.*"}.intersection(chosen))


def _told(request: SubjectRequest) -> dict[str, Fact]:
    """Say where a request stands, by which nobody is known."""
    return {
        "reference": request.reference,
        "right": request.right,
        "status": request.status,
        "outcome": request.outcome,
        "channel": request.channel,
        "place": request.place,
        "submitted_at": _moment(request.submitted_at),
        "due_on": request.due_on.isoformat() if request.due_on else None,
        "closed_at": _moment(request.closed_at),
        "case": [other.reference for other in cases.others_of(request)],
    }


def _files(export: Export) -> dict[str, Fact]:
    return {
        "export": export.pk,
        "formats": list(export.formats),
        "size_bytes": export.size_bytes,
        "records": export.records,
        "is_complete": export.is_complete,
        "expires_at": _moment(export.expires_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
