"""Sends events to their receivers, each until it is taken or three days and a half are over.

The quick workers send mails too. So an answer is waited for a few seconds only, a receiver is asked by one worker at a
time, and one that is slow is left alone for ten times as long as it took.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, leases, outgoing
from requests_app.models import Leased, Webhook, WebhookDelivery
from requests_app.queue import enqueue
from requests_app.webhooks import payloads, signing
from requests_app.webhooks.events import PING

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_SECONDS = 10  # for one answer
ROUND_SECONDS = 10  # for one task, which then lets others have the worker
SLOW_SECONDS, REST_FACTOR = 1, 10
LONGEST_REST_SECONDS = 24 * 3600
HEADER_BYTES = 64 * 1024
PAUSED_SECONDS = 600  # until a paused receiver is looked at again, if nobody lets it go on before
BESIDE_SECONDS = 60  # until the sweep finds what another worker left
GONE = 410


class UndeliveredEvent(DsrError):
    """Say why a receiver did not take an event; `permanent` when it never will."""

    def __init__(self, message: str, *, permanent: bool = False, retry_after_seconds: float = 0) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took; no status where nobody answered, for a reason."""

    status: int | None
    seconds: float
    retry_after_seconds: float = 0
    reason: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has the event."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def milliseconds(self) -> int:
        """How long it took."""
        return round(self.seconds * 1000)

    @property
    def rest_seconds(self) -> float:
        """How long the receiver is left alone."""
        slow = self.seconds * REST_FACTOR if self.seconds >= SLOW_SECONDS else 0
        return max(slow, self.retry_after_seconds)


def send(delivery_id: int) -> None:
    """Send an event, if it is to be sent, and then what else waits for the same receiver; never raises."""
    begun = time.monotonic()
    tried: set[int] = set()
    pk: int | None = delivery_id
    while pk is not None and time.monotonic() - begun < ROUND_SECONDS:
        send_one(pk)
        tried.add(pk)
        pk = _next(delivery_id, tried)
    if pk is not None:
        enqueue("send_webhook", pk)


def send_one(delivery_id: int) -> None:
    """Send an event, if it is to be sent; never raises."""
    leases.run(WebhookDelivery, delivery_id, _send, _note_given_up)


def _next(delivery_id: int, tried: set[int]) -> int | None:
    """Give what waits longest for the same receiver: tasks that met a busy one have left it."""
    webhooks = WebhookDelivery.objects.filter(pk=delivery_id).values("webhook")
    due = WebhookDelivery.objects.open().filter(claimable_at__lte=timezone.now(), attempts_left__gt=0)
    waiting = due.filter(webhook__in=webhooks, webhook__is_active=True)
    ready = waiting.filter(Q(webhook__resting_until=None) | Q(webhook__resting_until__lte=timezone.now()))
    oldest: int | None = ready.exclude(pk__in=tried).order_by("pk").values_list("pk", flat=True).first()
    return oldest


def _send(work: leases.Work) -> None:
    rows = WebhookDelivery.objects.select_related("webhook", "event__request")
    delivery = rows.filter(pk=work.pk).first()
    if delivery is None:
        raise leases.LostLease("The delivery was deleted.")
    webhook, now = delivery.webhook, timezone.now()
    if webhook.ended_at:
        raise leases.EndedWork("The webhook was deleted.")
    if delivery.event.name != PING and (put_off := _put_off(delivery, now)):
        work.put_off(*put_off)
        return
    answer = _post(delivery, now)
    if not answer.is_taken:
        work.keep(status_code=answer.status, milliseconds=answer.milliseconds)
        _rest(webhook, answer)
        raise _refusal(webhook, answer)
    with transaction.atomic():
        work.finish(status_code=answer.status, milliseconds=answer.milliseconds, delivered_at=timezone.now())
        if webhook.is_personal and delivery.event.name != PING:
            _record("webhook.told_person", delivery)
    _rest(webhook, answer)
    if not answer.rest_seconds:
        _wake(webhook)


def _put_off(delivery: WebhookDelivery, now: datetime) -> tuple[datetime, datetime] | None:
    """Say when an event may be tried that must wait now, and when the sweep looks for it; None where it may go."""
    webhook = delivery.webhook
    if not webhook.is_active:
        later = now + timedelta(seconds=PAUSED_SECONDS)
        return later, later
    if webhook.resting_until and now < webhook.resting_until:
        return webhook.resting_until, webhook.resting_until
    if _is_being_sent_to(delivery, now):
        return now, now + timedelta(seconds=BESIDE_SECONDS)
    return None


def _is_being_sent_to(delivery: WebhookDelivery, now: datetime) -> bool:
    """Whether another worker began before this one; of two that claim at once, one goes on."""
    before = Q(started_at__lt=delivery.started_at) | Q(started_at=delivery.started_at, pk__lt=delivery.pk)
    held = WebhookDelivery.objects.filter(webhook=delivery.webhook_id, state=Leased.State.RUNNING, claimable_at__gt=now)
    return held.filter(before).exclude(pk=delivery.pk).exists()


def _post(delivery: WebhookDelivery, now: datetime) -> Answer:
    """Send an event and read how it was answered; the content of the answer is never read."""
    webhook, event = delivery.webhook, delivery.event
    content = payloads.body(event, is_personal=webhook.is_personal)
    headers = signing.headers(webhook, event.number, content, now)
    begun = time.monotonic()
    try:
        with (
            outgoing.client(seconds=MOST_SECONDS, most_bytes=HEADER_BYTES) as client,
            client.stream("POST", webhook.url, content=content, headers=headers) as answer,
        ):
            after = _retry_after(answer.headers, now)
            return Answer(answer.status_code, time.monotonic() - begun, after)
    except outgoing.OutgoingError as error:
        return Answer(None, time.monotonic() - begun, reason=str(error))


def _retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Read how long a receiver wants to be left alone, in seconds or until a date (RFC 9110 §10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return min(float(text), LONGEST_REST_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0
    seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0), LONGEST_REST_SECONDS)


def _refusal(webhook: Webhook, answer: Answer) -> UndeliveredEvent:
    if answer.status is None:
        return UndeliveredEvent(answer.reason)
    if answer.status == GONE:
        _stop(webhook)
        return UndeliveredEvent("The receiver says that it is gone (410), so the webhook is paused.", permanent=True)
    if 300 <= answer.status < 400:
        return UndeliveredEvent(f"The receiver leads elsewhere ({answer.status}), which is not followed.")
    return UndeliveredEvent(f"The receiver answered {answer.status}.", retry_after_seconds=answer.retry_after_seconds)


@transaction.atomic
def _stop(webhook: Webhook) -> None:
    why = "The receiver said that it is gone (410)."
    if Webhook.objects.filter(pk=webhook.pk, is_active=True).update(is_active=False, stopped_because=why):
        audit.record("webhook.stopped", audit.SYSTEM, target=f"webhook {webhook.pk}")


def _rest(webhook: Webhook, answer: Answer) -> None:
    seconds = answer.rest_seconds
    until = timezone.now() + timedelta(seconds=seconds) if seconds else None
    if until or webhook.resting_until:
        Webhook.objects.filter(pk=webhook.pk).update(resting_until=until)


def _wake(webhook: Webhook) -> None:
    """Let go what found nobody: there is somebody again. What was refused waits on, as it may be refused again."""
    now = timezone.now()
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=Leased.State.WAITING, status_code=None)
    waiting.filter(claimable_at__gt=now).update(claimable_at=now, requeue_at=now)


def _note_given_up(delivery_id: int) -> None:
    delivery = WebhookDelivery.objects.select_related("event").get(pk=delivery_id)
    if delivery.event.name != PING:
        _record("webhook.undelivered", delivery)


def _record(action: str, delivery: WebhookDelivery) -> None:
    event = delivery.event
    audit.record(
        action,
        audit.SYSTEM,
        request_id=event.request_id,
        target=f"webhook {delivery.webhook_id}",
        event=event.name,
        delivery=delivery.pk,
    )
