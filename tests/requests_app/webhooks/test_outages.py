"""A receiver that is away, breaks off or is hostile: every event arrives, once by its key, and nobody else waits."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from requests_app import audit, tasks
from requests_app.models import Leased, Status, Webhook, WebhookDelivery, WebhookEvent
from requests_app.webhooks import sending
from requests_app.workflow import perform
from tests.requests_app.portal import a_request
from tests.requests_app.webhooks.receiving import OPEN, a_webhook, an_event, send_due, taken
from tests.servers.web import Reply, running_raw_server, running_web_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _allowed(settings):
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.1",)


def sweep():
    """Do what the sweep and the quick worker do each minute."""
    for pk in WebhookDelivery.objects.take_overdue(timezone.now()):
        tasks.send_webhook(pk)


def test_a_receiver_that_is_down_for_an_hour_gets_every_event_once_by_its_key():
    with running_web_server() as away:
        told = a_webhook(away.url)
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        for minute in range(60):
            clock.move_to(begun + timedelta(minutes=minute))
            if minute % 5 == 0:
                request = a_request(Status.VERIFIED, email="")
                perform(request.pk, "begin", actor=audit.SYSTEM)
                send_due(told)
            sweep()
        assert told.deliveries.filter(state=Leased.State.WAITING).count() == 12
        with running_web_server(port=away.port) as back:
            # It answers nothing that helps at first, though it has the events: they come again.
            back.replies = [Reply(500)] * 3 + [Reply(204)]
            for _ in range(200):
                if waiting := told.deliveries.filter(state__in=OPEN).order_by("requeue_at").first():
                    clock.move_to(max(timezone.now(), waiting.requeue_at))
                    sweep()
            keys = [item["id"] for item in taken(back)]
    events = {str(number) for number in WebhookEvent.objects.values_list("number", flat=True)}
    assert len(events) == 12
    assert set(keys) == events
    assert len(keys) == 12 + 3
    assert {item.headers["webhook-id"] for item in back.received} == events
    assert not told.deliveries.exclude(state=Leased.State.DONE).exists()


def test_what_was_received_and_not_answered_comes_again_with_its_key():
    got = []

    def break_off(connection):
        got.append(True)

    with running_raw_server(break_off) as port:
        told = a_webhook(f"http://127.0.0.1:{port}/")
        an_event()
        send_due(told)
    delivery = told.deliveries.get()
    assert got == [True]
    assert (delivery.state, delivery.status_code) == (Leased.State.WAITING, None)
    with running_web_server(port=port) as back, time_machine.travel(delivery.claimable_at + timedelta(seconds=1)):
        send_due(told)
        assert [item["id"] for item in taken(back)] == [str(delivery.event.number)]


def drip(connection):
    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 10_000:
        connection.sendall(bytes([letter]))
        time.sleep(0.05)


def endless_content(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def huge_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"y" * 60_000 + b"\r\n")


@pytest.mark.parametrize(
    ("talk", "state"),
    [
        (drip, Leased.State.WAITING),
        (huge_headers, Leased.State.WAITING),
        # Its status says that it has the event; the rest is never read.
        (endless_content, Leased.State.DONE),
    ],
)
def test_a_hostile_receiver_holds_a_worker_for_a_moment_only(monkeypatch, talk, state):
    monkeypatch.setattr(sending, "MOST_SECONDS", 1)
    with running_raw_server(talk) as port:
        told = a_webhook(f"http://127.0.0.1:{port}/")
        an_event()
        begun = time.monotonic()
        send_due(told)
        assert time.monotonic() - begun < 4
    assert told.deliveries.get().state == state


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:{port}/secret"])
def test_a_redirect_leads_nowhere(settings, place):
    with running_web_server("127.0.0.2") as outside, running_web_server() as inside:
        settings.DSR_OUTGOING_ALLOW = ("127.0.0.2",)
        outside.replies = [Reply(307, {"Location": place.format(port=inside.port)})]
        told = a_webhook(outside.url)
        an_event()
        send_due(told)
        assert inside.received == []
    assert "leads elsewhere (307), which is not followed" in told.deliveries.get().last_error


def test_an_address_that_leads_inside_by_now_is_not_sent_to(settings):
    with running_web_server() as inside:
        told = a_webhook(inside.url)
        settings.DSR_OUTGOING_ALLOW = ()
        an_event()
        send_due(told)
        assert inside.received == []
    assert "not public" in told.deliveries.get().last_error
    assert "127.0.0.1" not in told.deliveries.get().last_error


def test_one_receiver_that_is_away_does_not_keep_events_from_another():
    with running_web_server() as away:
        gone = a_webhook(away.url, name="gone")
    with running_web_server() as there:
        told = a_webhook(there.url, name="there")
        for _ in range(3):
            an_event()
        send_due(gone)
        send_due(told)
        assert len(there.received) == 3
    assert gone.deliveries.filter(state=Leased.State.WAITING).count() == 3


def test_what_is_paused_for_long_is_sent_once_it_goes_on():
    with running_web_server() as there:
        told = a_webhook(there.url)
        Webhook.objects.update(is_active=False)
        an_event()
        begun = timezone.now()
        with time_machine.travel(begun, tick=False) as clock:
            for hour in range(24 * 7):
                clock.move_to(begun + timedelta(hours=hour))
                sweep()
            assert told.deliveries.get().attempts_left == WebhookDelivery.most_attempts()
            Webhook.objects.update(is_active=True)  # whoever did it, without nudging what waits
            clock.move_to(timezone.now() + timedelta(minutes=11))
            sweep()
        assert len(there.received) == 1
