from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.models import AuditEntry, Leased, Webhook, WebhookDelivery
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import ANN, a_request
from tests.requests_app.webhooks.receiving import Told, a_webhook, an_event, send_due, taken, verified
from tests.servers.web import Reply, running_web_server

pytestmark = pytest.mark.django_db
PUBLIC = "https://1.1.1.1/hook"


@pytest.fixture
def receiver(settings):
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.1",)
    with running_web_server() as started:
        yield started


@pytest.fixture
def told(receiver):
    return a_webhook(receiver.url)


@pytest.fixture
def manager():
    return signed_in("Manager")


def typed(**changes):
    return {"name": "Shop", "url": PUBLIC, "events": ["request.*", "export.ready"]} | changes


def secret_in(response) -> str:
    (found,) = re.findall(r'id="secret" readonly value="(whsec_[^"]+)"', response.content.decode())
    return found


def test_a_webhook_is_added_and_its_secret_shown_once(manager, receiver):
    response = manager.post(url("webhooks.add"), typed(url=receiver.url))
    secret = secret_in(response)
    assert response.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    webhook = Webhook.objects.get()
    assert (webhook.name, webhook.events, webhook.is_personal) == ("Shop", ["request.*", "export.ready"], False)
    pages = [manager.get(url("webhooks")), manager.get(url("webhooks.change", webhook.pk))]
    pages.append(manager.get(url("webhooks.edit", webhook.pk)))
    stored = str(list(Webhook.objects.values())) + str(list(AuditEntry.objects.values()))
    assert not [page for page in pages if secret in page.content.decode()]
    assert secret not in stored
    an_event()
    send_due(Told(webhook, secret))
    assert verified(receiver.received[0], secret)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://127.0.0.1:8000/"}, "leads into a network that is not public"),
        ({"url": "http://169.254.169.254/latest/meta-data/"}, "leads into a network that is not public"),
        ({"url": "http://[::1]/"}, "leads into a network that is not public"),
        ({"url": "ftp://1.1.1.1/"}, "must start with https:// or http://"),
        ({"url": "https://1.1.1.1:25/"}, "this address names another"),
        ({"url": "https://user:secret@1.1.1.1/"}, "no user, no password"),
        ({"url": "https://1.1.1.1/" + "x" * 500}, "at most 500 characters"),
        ({"url": ""}, "This field is required"),
        ({"name": "  "}, "This field is required"),
        ({"events": []}, "Please choose what the system is told of."),
        ({"events": ["request.nonsense"]}, "not one of the available choices"),
        ({"url": "http://1.1.1.1/", "is_personal": "on"}, "starts with https:// only"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(manager, changes, said):
    response = manager.post(url("webhooks.add"), typed(**changes))
    assert said in words(response)
    assert not Webhook.objects.exists()


def test_a_name_is_there_once_until_its_webhook_is_deleted(manager):
    manager.post(url("webhooks.add"), typed())
    assert "name of its own" in words(manager.post(url("webhooks.add"), typed()))
    manager.post(url("webhooks.end_webhook", Webhook.objects.get().pk))
    manager.post(url("webhooks.add"), typed())
    assert Webhook.objects.filter(ended_at=None).count() == 1


def test_what_was_typed_comes_back_with_a_refused_form(manager):
    page = manager.post(url("webhooks.add"), typed(url="http://10.0.0.1/")).content.decode()
    assert 'value="http://10.0.0.1/"' in page
    assert re.findall(r'name="events" value="([^"]+)" checked', page) == ["request.*", "export.ready"]


def test_a_change_is_kept_and_on_record(manager, told):
    manager.post(url("webhooks.edit", told.row.pk), typed(name="ERP", is_personal="on"))
    webhook = told.now()
    assert (webhook.name, webhook.url, webhook.is_personal) == ("ERP", PUBLIC, True)
    entry = AuditEntry.objects.get(action="webhook.changed")
    assert entry.details == {"has_new_address": True, "events": ["request.*", "export.ready"], "is_personal": True}
    assert "with personal data" in words(manager.get(url("webhooks")))


def test_a_test_is_sent_at_once_and_its_answer_shown(manager, told, receiver):
    receiver.replies = [Reply(202)]
    text = words(manager.post(url("webhooks.ping", told.row.pk), follow=True))
    assert re.search(r"The test arrived: the receiver answered 202 after \d+ ms\.", text)
    assert verified(receiver.received[0], told.secret)["type"] == "ping"


def test_a_test_that_fails_says_why_and_is_not_repeated(manager, told, receiver):
    receiver.replies = [Reply(500)]
    text = words(manager.post(url("webhooks.ping", told.row.pk), follow=True))
    assert "The test did not arrive: The receiver answered 500." in text
    assert told.deliveries.get().state == Leased.State.FAILED
    assert "Send all again" not in text


def test_tests_are_limited(manager, told, receiver):
    answers = [words(manager.post(url("webhooks.ping", told.row.pk), follow=True)) for _ in range(12)]
    assert "too often" in answers[-1]
    assert len(receiver.received) <= 20


def test_the_log_says_what_became_of_each_event(manager, told, receiver):
    receiver.replies = [Reply(204), Reply(500)]
    request = an_event()
    send_due(told)
    an_event(name="request.completed")
    send_due(told)
    text = words(manager.get(url("webhooks.change", told.row.pk)))
    assert "does not take events" in text
    assert request.reference in text
    assert re.search(r"request\.begun .* delivered 204 \d+ ms once", text)
    assert re.search(r"request\.completed .* tries again The receiver answered 500\. 500 \d+ ms once next try", text)
    waiting = words(manager.get(url("webhooks.change", told.row.pk) + "?state=waiting"))
    assert "request.completed" in waiting
    assert "delivered" not in waiting


def test_the_log_is_paged(manager, told):
    an_event()
    for _ in range(55):
        an_event(told.deliveries.first().event.request)
    first = manager.get(url("webhooks.change", told.row.pk)).content.decode()
    assert "1 to 50 of 56" in first
    assert "51 to 56 of 56" in manager.get(url("webhooks.change", told.row.pk) + "?page=2").content.decode()
    assert manager.get(url("webhooks.change", told.row.pk) + "?page=nonsense").status_code == 200


def give_up(told):
    told.deliveries.update(state=Leased.State.FAILED, attempts_left=0, last_error="It is down.")


def test_one_event_given_up_is_sent_again_with_its_key(manager, told, receiver):
    an_event()
    give_up(told)
    text = words(manager.post(url("webhooks.send_again", told.row.pk, told.deliveries.get().pk), follow=True))
    assert "It is sent again" in text
    send_due(told)
    assert [item["id"] for item in taken(receiver)] == [str(told.deliveries.get().event.number)]


def test_all_given_up_are_sent_again_and_no_others(manager, told, receiver):
    an_event()
    send_due(told)
    for _ in range(3):
        an_event()
    WebhookDelivery.objects.exclude(state=Leased.State.DONE).update(state=Leased.State.FAILED, attempts_left=0)
    text = words(manager.post(url("webhooks.send_failed_again", told.row.pk), follow=True))
    assert "3 given up before are sent again" in text
    send_due(told)
    assert len(receiver.received) == 4
    assert "Nothing was given up." in words(manager.post(url("webhooks.send_failed_again", told.row.pk), follow=True))


def test_what_is_another_webhooks_or_being_sent_is_not_sent_again(manager, told):
    an_event()
    other = a_webhook(PUBLIC, name="other")
    pk = told.deliveries.get().pk
    assert "cannot be sent" in words(manager.post(url("webhooks.send_again", other.row.pk, pk), follow=True))
    WebhookDelivery.objects.claim(pk)
    assert "being sent just now" in words(manager.post(url("webhooks.send_again", told.row.pk, pk), follow=True))


def test_while_it_is_paused_events_wait_and_none_is_lost(manager, told, receiver):
    an_event()
    assert "Paused." in words(manager.post(url("webhooks.pause", told.row.pk), follow=True))
    an_event()
    send_due(told)
    assert receiver.received == []
    assert "waits while paused" in words(manager.get(url("webhooks.change", told.row.pk)))
    manager.post(url("webhooks.resume", told.row.pk))
    send_due(told)
    assert len(receiver.received) == 2


def test_a_new_secret_is_shown_once_and_the_old_one_works_for_a_day(manager, told, receiver):
    secret = secret_in(manager.post(url("webhooks.rotate", told.row.pk)))
    assert "the old one works until" in words(manager.get(url("webhooks.change", told.row.pk)))
    an_event()
    send_due(told)
    assert verified(receiver.received[0], secret)
    assert verified(receiver.received[0], told.secret)
    secret_in(manager.post(url("webhooks.rotate", told.row.pk), {"at_once": "on"}))
    assert "the old one works" not in words(manager.get(url("webhooks.change", told.row.pk)))


def test_what_is_deleted_is_told_nothing_and_gone_from_the_console(manager, told, receiver):
    an_event()
    assert "Delete shop" in words(manager.get(url("webhooks.end_webhook", told.row.pk)))
    assert "is told nothing any more" in words(manager.post(url("webhooks.end_webhook", told.row.pk), follow=True))
    an_event()
    send_due(told)
    webhook = told.now()
    assert receiver.received == []
    assert (webhook.secret, webhook.url, webhook.key.is_destroyed) == ("", "", True)
    assert told.deliveries.get().state == Leased.State.FAILED
    for act in ("change", "edit"):
        assert manager.get(url(f"webhooks.{act}", told.row.pk)).status_code == 404
    for act in ("ping", "pause", "resume", "rotate", "end_webhook", "send_failed_again"):
        assert manager.post(url(f"webhooks.{act}", told.row.pk)).status_code == 404
    assert "No system is told of anything yet." in words(manager.get(url("webhooks")))


def test_every_act_is_on_record_without_a_secret_or_an_address(manager, told, receiver):
    for act in ("pause", "resume", "rotate", "ping", "end_webhook"):
        manager.post(url(f"webhooks.{act}", told.row.pk))
    entries = AuditEntry.objects.filter(target=f"webhook {told.row.pk}").order_by("pk")
    done = [entry.action.removeprefix("webhook.") for entry in entries]
    assert done == ["added", "paused", "resumed", "rotated", "tested", "deleted"]
    assert "127.0.0.1" not in str(list(entries.values()))
    assert "whsec" not in str(list(entries.values()))


def test_the_list_counts_what_waits_and_what_was_given_up(manager, told):
    for _ in range(3):
        an_event()
    WebhookDelivery.objects.filter(pk=told.deliveries.first().pk).update(state=Leased.State.FAILED)
    rows = manager.get(url("webhooks")).context["rows"]
    assert [(row.waiting, row.failed, row.delivered_at) for row in rows] == [(2, 1, None)]


def test_a_receiver_that_is_gone_is_shown_as_stopped(manager, told, receiver):
    receiver.replies = [Reply(410)]
    an_event()
    send_due(told)
    text = words(manager.get(url("webhooks.change", told.row.pk)))
    assert "stopped" in text
    assert "said that it is gone (410)." in text
    manager.post(url("webhooks.resume", told.row.pk))
    assert told.now().stopped_because == ""


def test_a_slow_receiver_is_shown_as_left_alone(manager, told):
    Webhook.objects.update(resting_until=timezone.now() + timedelta(minutes=5))
    assert "Left alone" in words(manager.get(url("webhooks.change", told.row.pk)))


def test_no_page_names_a_person(manager, told):
    an_event(a_request())
    for page in (url("webhooks"), url("webhooks.change", told.row.pk)):
        assert ANN not in manager.get(page).content.decode()
        assert "Ann Example" not in manager.get(page).content.decode()


def test_the_overview_tells_managers_alone_of_a_system_that_misses_events(manager, told):
    def tiles(client):
        return [tile.label for tile in client.get("/console/").context["tiles"]]

    an_event()
    assert "Webhooks in trouble" not in tiles(manager)
    give_up(told)
    assert "Webhooks in trouble" in tiles(manager)
    assert "Webhooks in trouble" not in tiles(signed_in("Viewer"))
    manager.post(url("webhooks.end_webhook", told.row.pk))
    assert "Webhooks in trouble" not in tiles(manager)


@pytest.mark.parametrize("role", ["Viewer", "Processor", "Reviewer"])
def test_whoever_does_not_manage_webhooks_sees_and_does_nothing(told, receiver, role):
    an_event()
    client, pk = signed_in(role), told.row.pk
    for page in (url("webhooks"), url("webhooks.add"), url("webhooks.change", pk), url("webhooks.rotate", pk)):
        assert client.get(page).status_code == 403
    for act in ("add", "edit", "ping", "pause", "resume", "rotate", "end_webhook", "send_failed_again"):
        arguments = () if act == "add" else (pk,)
        assert client.post(url(f"webhooks.{act}", *arguments), typed()).status_code == 403
    assert client.post(url("webhooks.send_again", pk, told.deliveries.get().pk)).status_code == 403
    assert (receiver.received, Webhook.objects.count(), told.now().is_active) == ([], 1, True)


def test_following_a_link_never_acts(manager, told):
    an_event()
    for act in ("ping", "pause", "resume", "send_failed_again"):
        assert manager.get(url(f"webhooks.{act}", told.row.pk)).status_code == 405
    assert manager.get(url("webhooks.send_again", told.row.pk, told.deliveries.get().pk)).status_code == 405
    for act in ("rotate", "end_webhook", "edit"):
        assert manager.get(url(f"webhooks.{act}", told.row.pk)).status_code == 200
    assert AuditEntry.objects.filter(target=f"webhook {told.row.pk}").count() == 1
