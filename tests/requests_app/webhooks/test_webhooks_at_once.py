"""Webhooks and events that several processes have to do with at the same moment."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import transaction

from requests_app import audit, tasks
from requests_app.models import AuditEntry, Leased, Status, Webhook, WebhookEvent
from requests_app.webhooks import events, keeping
from requests_app.webhooks.keeping import EndedWebhook, UnusableWebhook
from requests_app.workflow import perform
from tests.requests_app.portal import a_request
from tests.requests_app.webhooks.receiving import EVERYTHING, a_webhook, an_event, taken, verified, wait_out

pytestmark = pytest.mark.usefixtures("postgres_portal")


def test_two_workers_with_the_same_event_send_it_once(at_once, receiver, webhook):
    an_event()
    pk = webhook.deliveries.get().pk
    at_once(*[lambda: tasks.send_webhook(pk)] * 4)
    assert len(receiver.received) == 1
    assert webhook.deliveries.get().state == Leased.State.DONE


def test_workers_with_several_events_of_a_receiver_send_each_once_and_one_at_a_time(at_once, receiver, webhook):
    for _ in range(6):
        an_event()
    crowd = Crowd()
    receiver.meanwhile = crowd.stay
    pks = list(webhook.deliveries.values_list("pk", flat=True))
    at_once(*[lambda pk=pk: tasks.send_webhook(pk) for pk in pks])
    wait_out(webhook)
    for pk in pks:
        tasks.send_webhook(pk)
    assert sorted(item["id"] for item in taken(receiver)) == sorted(map(str, _numbers()))
    assert crowd.most == 1
    assert not webhook.deliveries.exclude(state=Leased.State.DONE).exists()


class Crowd:
    """How many were there at once."""

    def __init__(self):
        self.lock, self.there, self.most = threading.Lock(), 0, 0

    def stay(self):
        with self.lock:
            self.there += 1
            self.most = max(self.most, self.there)
        time.sleep(0.1)
        with self.lock:
            self.there -= 1


def _numbers():
    return WebhookEvent.objects.values_list("number", flat=True)


def test_an_act_succeeds_while_its_webhook_is_deleted(at_once, receiver, webhook):
    requests = [a_request(Status.VERIFIED, email="").pk for _ in range(4)]
    results = at_once(
        lambda: keeping.end(webhook.row.pk, actor=audit.SYSTEM),
        *[lambda pk=pk: perform(pk, "begin", actor=audit.SYSTEM) for pk in requests],
    )
    assert results == [None] * 5
    for pk in webhook.deliveries.values_list("pk", flat=True):
        tasks.send_webhook(pk)
    assert not webhook.deliveries.filter(state=Leased.State.WAITING).exists()
    assert receiver.received == []


def test_an_event_noted_before_its_webhook_is_deleted_is_committed_after(at_once, webhook):
    """The row of a deleted webhook stays, else the act could not be committed."""
    request = a_request(email="")
    with transaction.atomic():
        events.note("request.begun", request.pk)
        (ended,) = at_once(lambda: keeping.end(webhook.row.pk, actor=audit.SYSTEM))
        assert ended is None
    assert WebhookEvent.objects.count() == 1
    tasks.send_webhook(webhook.deliveries.get().pk)
    assert (webhook.deliveries.get().state, webhook.deliveries.get().last_error) == (
        Leased.State.FAILED,
        "The webhook was deleted.",
    )


def test_a_webhook_deleted_while_it_is_sent_to_stays_deleted(at_once, receiver, webhook):
    an_event()
    pk = webhook.deliveries.get().pk
    at_once(lambda: tasks.send_webhook(pk), lambda: keeping.end(webhook.row.pk, actor=audit.SYSTEM))
    assert webhook.now().ended_at
    assert len(receiver.received) <= 1
    wait_out(webhook)
    tasks.send_webhook(pk)
    assert not webhook.deliveries.filter(state=Leased.State.RUNNING).exists()
    assert len(receiver.received) <= 1


def test_of_two_who_delete_one_does(at_once, webhook):
    results = at_once(*[lambda: keeping.end(webhook.row.pk, actor=audit.SYSTEM)] * 3)
    assert sorted(map(str, results)) == sorted(map(str, [None, EndedWebhook, EndedWebhook]))
    assert AuditEntry.objects.filter(action="webhook.deleted").count() == 1


def test_of_two_of_a_name_one_is_added(at_once, receiver):
    def add():
        keeping.add(keeping.Wish("shop", receiver.url, EVERYTHING), actor=audit.SYSTEM)

    results = at_once(*[add] * 3)
    assert sorted(map(str, results)) == sorted(map(str, [None, UnusableWebhook, UnusableWebhook]))
    assert Webhook.objects.count() == 1


def test_secrets_changed_at_once_leave_one_that_signs(at_once, receiver):
    told = a_webhook(receiver.url)
    secrets = at_once(*[lambda: keeping.rotate(told.row.pk, actor=audit.SYSTEM)] * 3)
    an_event()
    tasks.send_webhook(told.deliveries.get().pk)
    good = []
    for secret in (*secrets, told.secret):
        try:
            verified(receiver.received[0], secret)
        except Exception:  # noqa: BLE001, S112 - not this one
            continue
        good.append(secret)
    assert len(good) == 2
    assert set(good) <= set(secrets)


def test_an_event_sent_again_by_two_is_sent_once(at_once, receiver, webhook):
    an_event()
    pk = webhook.deliveries.get().pk
    webhook.deliveries.update(state=Leased.State.FAILED, attempts_left=0)
    at_once(*[lambda: keeping.send_again(webhook.row.pk, pk, actor=audit.SYSTEM)] * 2)
    at_once(*[lambda: tasks.send_webhook(pk)] * 2)
    assert len(receiver.received) == 1
