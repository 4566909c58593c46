"""Sets up which systems are told what: added, changed, tested, paused, given a new secret, ended; all on record."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, outgoing
from requests_app.keys.stored import create_key, destroy_key
from requests_app.models import Leased, Webhook, WebhookDelivery, WebhookEvent
from requests_app.queue import enqueue
from requests_app.webhooks import sending, signing
from requests_app.webhooks.events import KINDS, PING, wants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from requests_app.audit import Actor
    from requests_app.models.leased import LeasedQuerySet

LONGEST_NAME, LONGEST_URL = 120, 500
OVERLAP = timedelta(hours=24)
MOST_PINGS_A_MINUTE = 10
MOST_AGAIN = 10_000  # at once


class UnusableWebhook(DsrError, ValueError):
    """Say what is wrong with a webhook; `field` names where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class EndedWebhook(DsrError, LookupError):
    """Say that a webhook was deleted meanwhile."""


class NothingToSend(DsrError, ValueError):
    """Say that an event cannot be sent again."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a webhook to be."""

    name: str
    url: str
    events: Sequence[str]
    is_personal: bool = False


def add(wish: Wish, *, actor: Actor) -> tuple[Webhook, str]:
    """Add a webhook; gives it with its secret, which is shown this once.

    Raises:
        UnusableWebhook: something about it is not right.
    """
    kept = _checked(wish, None)
    secret = signing.new_secret()
    with _name_is_free(), transaction.atomic():
        webhook = Webhook(key=create_key(), created_by_id=actor.user_id, **kept)
        webhook.secret = signing.sealed(webhook, secret)
        webhook.save()
        _record("webhook.added", webhook.pk, actor, events=list(webhook.events), is_personal=webhook.is_personal)
    return webhook, secret


def change(webhook_id: int, wish: Wish, *, actor: Actor) -> None:
    """Change a webhook; what is on its way goes to the new address.

    Raises:
        UnusableWebhook: something about it is not right.
        EndedWebhook: it was deleted meanwhile.
    """
    kept = _checked(wish, webhook_id)
    with _name_is_free(), transaction.atomic():
        before = _standing(webhook_id)
        Webhook.objects.filter(pk=webhook_id).update(**kept, resting_until=None)
        is_new = before.url != wish.url
        events = list(wish.events)
        _record(
            "webhook.changed", webhook_id, actor, has_new_address=is_new, events=events, is_personal=wish.is_personal
        )


def pause(webhook_id: int, *, actor: Actor) -> bool:
    """Let events wait until somebody lets them go on; returns whether they went until now."""
    with transaction.atomic():
        paused = Webhook.objects.filter(pk=webhook_id, is_active=True, ended_at=None).update(is_active=False)
        if paused:
            _record("webhook.paused", webhook_id, actor)
    return bool(paused)


def resume(webhook_id: int, *, actor: Actor) -> bool:
    """Let events go again, those first that waited; returns whether they waited until now."""
    now = timezone.now()
    with transaction.atomic():
        standing = Webhook.objects.filter(pk=webhook_id, is_active=False, ended_at=None)
        resumed = standing.update(is_active=True, stopped_because="", resting_until=None)
        if resumed:
            waiting = WebhookDelivery.objects.filter(webhook=webhook_id, state=Leased.State.WAITING)
            waiting.update(claimable_at=now, requeue_at=now)
            _record("webhook.resumed", webhook_id, actor)
    return bool(resumed)


def rotate(webhook_id: int, *, actor: Actor, at_once: bool = False) -> str:
    """Make a new secret and give it, which is the only time it is shown.

    Args:
        at_once: end the old one now, as it is known to somebody; else both sign for a day.

    Raises:
        EndedWebhook: it was deleted meanwhile.
    """
    secret = signing.new_secret()
    with transaction.atomic():
        webhook = _standing(webhook_id)
        old = ("", None) if at_once else (webhook.secret, timezone.now() + OVERLAP)
        webhook.old_secret, webhook.old_secret_until = old
        webhook.secret = signing.sealed(webhook, secret)
        webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
        _record("webhook.rotated", webhook_id, actor, at_once=at_once)
    return secret


def end(webhook_id: int, *, actor: Actor) -> None:
    """Delete a webhook: it is told nothing more, its secrets are destroyed; its log stays as long as any.

    Raises:
        EndedWebhook: it was deleted already.
    """
    with transaction.atomic():
        webhook = _standing(webhook_id)
        gone = {"ended_at": timezone.now(), "is_active": False, "secret": "", "old_secret": "", "url": ""}
        Webhook.objects.filter(pk=webhook_id).update(**gone)
        waiting = WebhookDelivery.objects.filter(webhook=webhook_id, state=Leased.State.WAITING)
        waiting.update(state=Leased.State.FAILED, last_error="The webhook was deleted.", finished_at=timezone.now())
        destroy_key(webhook.key_id)
        _record("webhook.deleted", webhook_id, actor)


def ping(webhook_id: int, *, actor: Actor) -> WebhookDelivery:
    """Send a test now and give what became of it; once, whatever the answer.

    Raises:
        EndedWebhook: it was deleted meanwhile.
        LimitReached: it was tested too often.
    """
    limits.count("ping", str(webhook_id), most=MOST_PINGS_A_MINUTE, seconds=60)
    with transaction.atomic():
        webhook = _standing(webhook_id)
        event = WebhookEvent.objects.create(name=PING, payload={}, happened_at=timezone.now())
        delivery = WebhookDelivery.objects.create(webhook=webhook, event=event, attempts_left=1)
        _record("webhook.tested", webhook_id, actor)
    sending.send_one(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def send_again(webhook_id: int, delivery_id: int, *, actor: Actor) -> None:
    """Send one event again, which carries the same id: whether it was taken, given up or waits.

    Raises:
        NothingToSend: it is being sent, it was a test, or its webhook was deleted.
    """
    with transaction.atomic():
        rows = _to_send().filter(pk=delivery_id, webhook=webhook_id).exclude(state=Leased.State.RUNNING)
        found = list(rows.values_list("pk", flat=True))
        if not WebhookDelivery.objects.filter(pk__in=found).exclude(state=Leased.State.RUNNING).start_afresh():
            raise NothingToSend("This is being sent just now, or cannot be sent any more.")
        enqueue("send_webhook", delivery_id)
        _record("webhook.replayed", webhook_id, actor, deliveries=1)


def send_failed_again(webhook_id: int, *, actor: Actor) -> int:
    """Send again what was given up, the oldest first; returns how many events that are."""
    with transaction.atomic():
        failed = _to_send().filter(webhook=webhook_id, state=Leased.State.FAILED)
        pks = list(failed.order_by("pk").values_list("pk", flat=True)[:MOST_AGAIN])
        count = failed.filter(pk__in=pks).start_afresh() if pks else 0
        if count:
            WebhookDelivery.objects.filter(pk__in=pks).update(requeue_at=timezone.now())
            _record("webhook.replayed", webhook_id, actor, deliveries=count)
            enqueue("send_webhook", pks[0])
    return int(count)


def _to_send() -> LeasedQuerySet:
    rows: LeasedQuerySet = WebhookDelivery.objects.filter(webhook__ended_at=None).exclude(event__name=PING)
    return rows


def _standing(webhook_id: int) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id, ended_at=None).first()
    if webhook is None:
        raise EndedWebhook("This webhook was deleted.")
    return webhook


def _checked(wish: Wish, webhook_id: int | None) -> dict[str, object]:
    name = " ".join(wish.name.split())
    taken = Webhook.objects.filter(name=name, ended_at=None).exclude(pk=webhook_id or 0)
    if not name or len(name) > LONGEST_NAME or taken.exists():
        raise _bad_name()
    unknown = [text for text in wish.events if not _is_known(text)]
    if not wish.events or unknown:
        raise UnusableWebhook("events", "Please choose what the system is told of.")
    _check_address(wish)
    return {"name": name, "url": wish.url, "events": list(wish.events), "is_personal": wish.is_personal}


@contextmanager
def _name_is_free() -> Iterator[None]:
    """Refuse a name that somebody else took at the same moment."""
    try:
        yield
    except IntegrityError:
        raise _bad_name() from None


def _bad_name() -> UnusableWebhook:
    told = f"Please give the system a name of its own, of at most {LONGEST_NAME} characters."
    return UnusableWebhook("name", told)


def _check_address(wish: Wish) -> None:
    if len(wish.url) > LONGEST_URL:
        raise UnusableWebhook("url", f"The address has more than {LONGEST_URL} characters.")
    try:
        outgoing.check(wish.url)
        parts = urlsplit(wish.url)
        if parts.username or parts.password or parts.fragment:
            raise UnusableWebhook("url", "The address must hold no user, no password and nothing behind a #.")
        if wish.is_personal and parts.scheme != "https" and not outgoing.is_allowed(wish.url):
            raise UnusableWebhook("url", "Personal data goes to an address that starts with https:// only.")
    except outgoing.OutgoingError as error:
        raise UnusableWebhook("url", str(error)) from None


def _is_known(chosen: str) -> bool:
    return any(wants([chosen], kind.name) for kind in KINDS)


def _record(action: str, webhook_id: int, actor: Actor, **details: int | list[str]) -> None:
    audit.record(action, actor, request_id=None, target=f"webhook {webhook_id}", **details)
