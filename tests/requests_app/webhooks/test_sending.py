from __future__ import annotations

from datetime import timedelta

import pytest
import standardwebhooks
import time_machine
from django.utils import timezone

from requests_app import audit, tasks
from requests_app.models import Identifier, Leased, WebhookDelivery, WebhookEvent
from requests_app.models.webhook import JITTER, PAUSE_SECONDS
from requests_app.webhooks import keeping, sending
from tests.requests_app.portal import ANN, a_request, acts
from tests.requests_app.webhooks.receiving import a_webhook, an_event, send_due, taken, verified, wait_out
from tests.servers.web import Reply, running_raw_server, running_web_server

pytestmark = pytest.mark.django_db
State = Leased.State


def only(told) -> WebhookDelivery:
    return told.deliveries.get()


def test_an_event_arrives_signed_with_its_key(receiver, webhook):
    request = an_event()
    send_due(webhook)
    (received,) = receiver.received
    event = WebhookEvent.objects.get()
    message = verified(received, webhook.secret)
    assert (received.method, received.headers["content-type"]) == ("POST", "application/json")
    assert received.headers["webhook-id"] == message["id"] == str(event.number)
    assert message["type"] == "request.begun"
    assert message["timestamp"] == event.happened_at.isoformat()
    assert message["data"] == event.payload
    assert message["data"]["reference"] == request.reference
    delivery = only(webhook)
    assert (delivery.state, delivery.status_code, delivery.attempt, delivery.last_error) == (State.DONE, 204, 1, "")
    assert delivery.delivered_at
    assert delivery.milliseconds < 10_000


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_one(receiver, webhook, status):
    receiver.replies = [Reply(status)]
    an_event()
    send_due(webhook)
    assert (only(webhook).state, only(webhook).status_code) == (State.DONE, status)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 408, 429, 500, 503])
def test_whatever_is_no_success_is_tried_again(receiver, webhook, status):
    receiver.replies = [Reply(status, {"Location": "http://169.254.169.254/"}), Reply(204)]
    an_event()
    send_due(webhook)
    assert (only(webhook).state, only(webhook).status_code) == (State.WAITING, status)
    assert f"{status}" in only(webhook).last_error
    wait_out(webhook)
    send_due(webhook)
    assert only(webhook).state == State.DONE
    assert len({item.headers["webhook-id"] for item in receiver.received}) == 1
    assert len(receiver.received) == 2


def test_nobody_there_is_said_and_tried_again(settings):
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.1",)
    with running_web_server() as gone:
        told = a_webhook(gone.url)
    an_event()
    send_due(told)
    delivery = only(told)
    assert (delivery.state, delivery.status_code, delivery.last_error) == (State.WAITING, None, "Nobody listens there.")


def test_it_is_tried_for_more_than_three_days_and_then_given_up_on_record(receiver, webhook):
    receiver.replies = [Reply(500)]
    request = an_event()
    begun = timezone.now()
    pauses = []
    with time_machine.travel(begun, tick=False) as clock:
        while only(webhook).state == State.WAITING:
            clock.move_to(only(webhook).claimable_at)
            before = timezone.now()
            send_due(webhook)
            pauses.append((only(webhook).claimable_at - before).total_seconds())
        took = timezone.now() - begun
    assert only(webhook).state == State.FAILED
    assert len(receiver.received) == len(PAUSE_SECONDS) + 1
    for pause, least in zip(pauses, PAUSE_SECONDS, strict=False):
        assert least <= pause <= least * (1 + JITTER)
    assert timedelta(days=3) < took < timedelta(days=5)
    assert acts(request.pk)[-1] == "webhook.undelivered"


def test_a_receiver_that_is_gone_is_not_asked_again(receiver, webhook):
    receiver.replies = [Reply(410)]
    an_event()
    send_due(webhook)
    assert (only(webhook).state, webhook.now().is_active) == (State.FAILED, False)
    assert "gone" in webhook.now().stopped_because
    an_event()
    wait_out(webhook)
    send_due(webhook)
    assert len(receiver.received) == 1
    assert "webhook.stopped" in acts()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(receiver, webhook, status):
    receiver.replies = [Reply(status, {"Retry-After": "3600"}), Reply(204)]
    first = an_event()
    second = an_event()
    begun = timezone.now()
    send_due(webhook)
    assert len(receiver.received) == 1
    one, two = webhook.deliveries
    assert one.event.request == first
    assert two.event.request == second
    for delivery in (one, two):
        assert (delivery.claimable_at - begun).total_seconds() >= 3599
    assert (two.attempts_left, two.last_error) == (WebhookDelivery.most_attempts(), "")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0),
        ("120", 120),
        ("-5", 0),
        ("soon", 0),
        ("99999999999999", 0),
        ("99999999", 24 * 3600),
        ("Thu, 26 Nov 2026 12:02:00 GMT", 120),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0),
        ("Thu, 26 Nov 2099 11:00:00 GMT", 24 * 3600),
        ("Thu, 26 Nov 2026 12:02:00 -0000", 120),
    ],
)
def test_how_long_a_receiver_asks_for_is_read_with_care(text, seconds):
    with time_machine.travel("2026-11-26T12:00:00Z", tick=False):
        assert sending._retry_after({"retry-after": text}, timezone.now()) == seconds


def test_a_slow_receiver_is_left_alone_ten_times_as_long(settings, webhook, receiver, monkeypatch):
    monkeypatch.setattr(sending, "SLOW_SECONDS", 0)
    monkeypatch.setattr(sending, "REST_FACTOR", 10_000)
    for _ in range(3):
        an_event()
    send_due(webhook)
    assert len(receiver.received) == 1
    assert webhook.now().resting_until > timezone.now()
    assert [delivery.state for delivery in webhook.deliveries] == [State.DONE, State.WAITING, State.WAITING]


def test_a_silent_receiver_costs_a_worker_one_wait_and_no_more(settings, monkeypatch):
    monkeypatch.setattr(sending, "MOST_SECONDS", 1)

    def silent(connection):
        while connection.recv(65536):  # the request may come in pieces
            pass

    with running_raw_server(silent) as port:
        settings.DSR_OUTGOING_ALLOW = ("127.0.0.1",)
        told = a_webhook(f"http://127.0.0.1:{port}/")
        for _ in range(20):
            an_event()
        begun = timezone.now()
        send_due(told)
        assert (timezone.now() - begun).total_seconds() < 5
    states = list(told.deliveries.values_list("attempts_left", flat=True))
    spent = sum(WebhookDelivery.most_attempts() - left for left in states)
    assert 1 <= spent <= 2  # a slow machine may find the rest over and try once more
    assert told.now().resting_until > begun + timedelta(seconds=9)


def test_what_found_nobody_follows_as_soon_as_somebody_answers(settings):
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.1",)
    with running_web_server() as away:
        told = a_webhook(away.url)
    for _ in range(3):
        an_event()
        send_due(told)
    with running_web_server(port=away.port) as back:
        an_event()
        send_due(told)
        assert len({item["id"] for item in taken(back)}) == 4
    assert not told.deliveries.exclude(state=State.DONE).exists()


def test_one_task_sends_what_other_tasks_left(receiver, webhook):
    for _ in range(5):
        an_event()
    tasks.send_webhook(webhook.deliveries.first().pk)
    assert len(receiver.received) == 5


def test_a_task_that_takes_long_lets_others_have_the_worker(receiver, webhook, monkeypatch):
    from tests.requests_app.portal import queued

    monkeypatch.setattr(sending, "ROUND_SECONDS", 0)
    for _ in range(2):
        an_event()
    before = len(queued())
    tasks.send_webhook(webhook.deliveries.first().pk)
    assert receiver.received == []
    assert len(queued()) == before + 1


def test_a_receiver_is_asked_by_one_worker_at_a_time(receiver, webhook):
    for _ in range(2):
        an_event()
    one, two = webhook.deliveries
    assert WebhookDelivery.objects.claim(one.pk) == 1
    tasks.send_webhook(two.pk)
    two.refresh_from_db()
    assert (receiver.received, two.state, two.attempts_left) == ([], State.WAITING, WebhookDelivery.most_attempts())
    wait_out(webhook)
    tasks.send_webhook(two.pk)
    assert len(receiver.received) == 2


def test_a_worker_that_dies_between_sending_and_noting_sends_the_same_key_again(receiver, webhook):
    an_event()
    delivery = only(webhook)
    WebhookDelivery.objects.claim(delivery.pk)
    sending._post(WebhookDelivery.objects.select_related("webhook", "event").get(pk=delivery.pk), timezone.now())
    wait_out(webhook)
    send_due(webhook)
    assert [item["id"] for item in taken(receiver)] == [str(delivery.event.number)] * 2
    assert (only(webhook).state, only(webhook).attempt) == (State.DONE, 2)


def test_nothing_personal_is_told_unless_asked_for(receiver, webhook):
    request = a_request(phone="+491701234567")
    Identifier.objects.create(request=request, kind="email", value=ANN)
    an_event(request)
    send_due(webhook)
    assert ANN.encode() not in receiver.received[0].body
    assert b"Ann" not in receiver.received[0].body
    assert "webhook.told_person" not in acts(request.pk)


def test_a_person_is_told_as_they_are_at_sending_and_stands_in_no_event(receiver):
    told = a_webhook(receiver.url, is_personal=True)
    request = a_request()
    an_event(request)
    proven = {"proof": Identifier.Proof.MAILBOX, "proven_at": timezone.now()}
    Identifier.objects.create(request=request, kind="email", value=ANN, **proven)
    Identifier.objects.create(request=request, kind="user_id", value="4711")
    send_due(told)
    message = verified(receiver.received[0], told.secret)
    assert message["data"]["person"] == {
        "email": ANN,
        "identifiers": [
            {"kind": "email", "value": ANN, "is_proven": True},
            {"kind": "user_id", "value": "4711", "is_proven": False},
        ],
    }
    assert ANN not in str(list(WebhookEvent.objects.values()) + list(told.deliveries.values()))
    assert acts(request.pk)[-1] == "webhook.told_person"


@pytest.mark.parametrize("change", ["forged", "other event", "old", "other id", "no signature", "other secret"])
def test_what_was_forged_replayed_or_altered_fails_verification(receiver, webhook, change):
    an_event()
    send_due(webhook)
    (received,) = receiver.received
    body, headers, secret = received.body, dict(received.headers), webhook.secret
    if change == "forged":
        headers["webhook-signature"] = "v1," + "A" * 43 + "="
    if change == "other event":
        body = body.replace(b"request.begun", b"request.ended")
    if change == "other id":
        headers["webhook-id"] = "0" * 36
    if change == "no signature":
        del headers["webhook-signature"]
    if change == "other secret":
        secret = keeping.rotate(webhook.row.pk, actor=audit.SYSTEM)
    checking = standardwebhooks.Webhook(secret)
    later = timezone.now() + timedelta(minutes=6 if change == "old" else 0)
    with time_machine.travel(later), pytest.raises(standardwebhooks.WebhookVerificationError):
        checking.verify(body, headers)


def test_while_a_secret_is_changed_over_both_verify_and_then_the_new_one_alone(receiver, webhook):
    new = keeping.rotate(webhook.row.pk, actor=audit.SYSTEM)
    assert new != webhook.secret
    an_event()
    send_due(webhook)
    for secret in (new, webhook.secret):
        assert verified(receiver.received[0], secret)
    with time_machine.travel(timezone.now() + keeping.OVERLAP + timedelta(seconds=1)):
        an_event()
        send_due(webhook)
        assert verified(receiver.received[1], new)
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            verified(receiver.received[1], webhook.secret)


def test_an_old_secret_that_leaked_ends_at_once(receiver, webhook):
    new = keeping.rotate(webhook.row.pk, actor=audit.SYSTEM, at_once=True)
    an_event()
    send_due(webhook)
    assert verified(receiver.received[0], new)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verified(receiver.received[0], webhook.secret)
