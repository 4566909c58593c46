"""What receivers do with what they are sent, and how the tests set webhooks up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import standardwebhooks
from django.db import transaction
from django.utils import timezone

from requests_app import audit, tasks
from requests_app.models import Leased, Webhook, WebhookDelivery
from requests_app.models.webhook import PAUSE_SECONDS
from requests_app.webhooks import events, keeping
from tests.requests_app.portal import a_request, run_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requests_app.models import SubjectRequest
    from tests.servers.web import Received, WebServer

OPEN = (Leased.State.WAITING, Leased.State.RUNNING)
EVERYTHING = ("request.*", "suppression.*", "export.*")


@dataclass(frozen=True)
class Told:
    """A webhook and its secret."""

    row: Webhook
    secret: str

    @property
    def deliveries(self):
        """What is on its way, or was."""
        return WebhookDelivery.objects.filter(webhook=self.row).order_by("pk")

    def now(self) -> Webhook:
        """Give the row as it stands."""
        self.row.refresh_from_db()
        return self.row


def a_webhook(url: str, chosen: Sequence[str] = EVERYTHING, name: str = "shop", **fields: bool) -> Told:
    """Add a webhook."""
    return Told(*keeping.add(keeping.Wish(name, url, chosen, **fields), actor=audit.SYSTEM))


def an_event(request: SubjectRequest | None = None, name: str = "request.begun") -> SubjectRequest:
    """Let something happen, whatever it is."""
    request = request or a_request(email="")
    with transaction.atomic():
        events.note(name, request.pk)
    return request


def send_due(told: Told) -> None:
    """Do what the quick worker does with what is due."""
    due = told.deliveries.filter(state__in=OPEN, claimable_at__lte=timezone.now())
    for pk in list(due.values_list("pk", flat=True)):
        tasks.send_webhook(pk)


def wait_out(told: Told) -> None:
    """Let the time pass until everything that rests is due."""
    for delivery in told.deliveries.filter(state__in=OPEN):
        run_out(delivery)
    Webhook.objects.filter(pk=told.row.pk).update(resting_until=None)


def taken(receiver: WebServer) -> list[dict[str, object]]:
    """Read what a receiver was sent."""
    return [orjson.loads(item.body) for item in receiver.received]


def verified(received: Received, secret: str) -> dict[str, object]:
    """Have another library than ours, as receivers do, check what was sent."""
    return standardwebhooks.Webhook(secret).verify(received.body, received.headers)


def days_of_trying() -> timedelta:
    """How long an event is tried, at the least."""
    return timedelta(seconds=sum(PAUSE_SECONDS))
