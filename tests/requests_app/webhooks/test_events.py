from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from requests_app import audit, delivery, extensions, questions, retention, revoking
from requests_app.extensions import Plan
from requests_app.models import (
    Case,
    ComputedDeadline,
    Export,
    Leased,
    PersonWait,
    Status,
    SubjectRequest,
    Suppression,
    WebhookDelivery,
    WebhookEvent,
)
from requests_app.suppression import register
from requests_app.timekeeping import clock
from requests_app.webhooks import events
from requests_app.workflow import TRANSITIONS, ImpossibleTransition, perform
from tests.requests_app.portal import (
    ANN,
    a_request,
    a_source,
    an_export,
    queued,
    released,
    send_mails,
    staff,
    token_in,
)
from tests.requests_app.webhooks.receiving import EVERYTHING, a_webhook, an_event

pytestmark = pytest.mark.django_db

NOWHERE = "https://1.1.1.1/hook"


def noted() -> list[str]:
    return list(WebhookEvent.objects.order_by("pk").values_list("name", flat=True))


def at_work(place: str) -> SubjectRequest:
    request = a_request(Status.VERIFIED, place=place)
    clock.open_clock(request, actor=audit.SYSTEM)
    return request


def last() -> WebhookEvent:
    return WebhookEvent.objects.latest("pk")


def test_every_transition_is_an_event_that_can_be_chosen():
    names = {kind.name for kind in events.KINDS}
    assert {f"request.{transition.act}" for transition in TRANSITIONS.values()} <= names
    assert len(names) == len(events.KINDS)
    assert all(len(name) <= WebhookEvent._meta.get_field("name").max_length for name in names)


def test_where_nobody_wants_to_know_nothing_is_kept(django_assert_num_queries):
    request = a_request()
    with django_assert_num_queries(1), transaction.atomic(savepoint=False):
        events.note("request.begun", request.pk)
    assert noted() == []


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (["request.begun"], True),
        (["request.*"], True),
        (["request.completed"], False),
        (["export.*", "suppression.*"], False),
        (["export.ready", "request.*"], True),
    ],
)
def test_a_system_is_told_of_what_it_chose(chosen, told):
    a_webhook(NOWHERE, chosen)
    an_event()
    assert WebhookDelivery.objects.exists() is told


def test_every_system_gets_the_same_event(db):
    for name in ("shop", "erp"):
        a_webhook(NOWHERE, name=name)
    an_event()
    event = WebhookEvent.objects.get()
    assert set(event.deliveries.values_list("webhook__name", flat=True)) == {"shop", "erp"}
    tasks = [(cluster, task) for cluster, task, _ in queued()]
    assert tasks == [("quick", "send_webhook")] * 2


def test_the_event_stands_or_falls_with_the_act():
    a_webhook(NOWHERE)
    request = a_request(Status.VERIFIED)
    with transaction.atomic():
        perform(request.pk, "begin", actor=audit.SYSTEM)
        assert noted() == ["request.begun"]
        transaction.set_rollback(True)
    assert (noted(), queued()) == ([], [])


def test_what_could_not_be_done_is_no_event():
    a_webhook(NOWHERE)
    request = a_request(Status.COMPLETED)
    with pytest.raises(ImpossibleTransition):
        perform(request.pk, "begin", actor=audit.SYSTEM)
    assert noted() == []


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_fault_of_ours():
    with pytest.raises(AssertionError, match="outside the transaction"):
        events.note("request.begun", a_request().pk)


def test_an_event_says_where_the_request_stands_and_not_whose_it_is():
    a_webhook(NOWHERE)
    request = a_request(Status.VERIFIED, place="DE", details="I am Ann", postal_address="1 Road", phone="+491701234567")
    perform(request.pk, "begin", actor=audit.SYSTEM)
    event = last()
    assert event.payload == {
        "reference": request.reference,
        "right": "access",
        "status": "in_progress",
        "outcome": "",
        "channel": "form",
        "place": "DE",
        "submitted_at": request.submitted_at.isoformat(),
        "due_on": None,
        "closed_at": None,
        "case": [],
    }
    assert event.request == request
    stored = str(WebhookEvent.objects.values().get())
    assert not [text for text in ("Ann", ANN, "Road", "1701234567") if text in stored]


def test_the_way_of_a_request_is_told_in_order(tmp_path):
    a_webhook(NOWHERE)
    a_source(tmp_path)
    export = released()
    assert noted() == ["request.created", "request.verified", "request.begun", "request.completed", "export.ready"]
    assert last().payload["export"] == export.pk
    assert last().payload["size_bytes"] == export.size_bytes > 0
    assert WebhookEvent.objects.get(name="request.created").payload["due_on"]
    assert WebhookEvent.objects.get(name="request.completed").payload["outcome"] == "full"


def test_a_download_is_told_once_and_who_it_was(tmp_path):
    a_webhook(NOWHERE, ["export.*"])
    a_source(tmp_path)
    export = released()
    token = token_in(next(mail for mail in send_mails() if "/d/" in mail.body), "d")
    list(delivery.begin(token, address=None, agent="").chunks)
    assert (last().name, last().payload["by"]) == ("export.downloaded", "person")
    list(delivery.begin(token, address=None, agent="", byte_range="bytes=10-").chunks)
    assert noted() == ["export.ready", "export.downloaded"]
    list(delivery.begin_for_staff(export, staff("tom"), address=None, agent="").chunks)
    assert (last().name, last().payload["by"]) == ("export.downloaded", "team")


def test_files_that_expire_or_are_taken_back_are_told():
    a_webhook(NOWHERE, ["export.*"])
    expired, revoked = an_export(b"x", expires_at=timezone.now()), an_export(b"y")
    retention.clean_up()
    revoking.take_back(revoked, actor=audit.Actor.staff(staff("tom")))
    told = WebhookEvent.objects.order_by("pk").values_list("name", "payload__export")
    assert list(told) == [("export.expired", expired.pk), ("export.revoked", revoked.pk)]
    assert Export.objects.filter(state=Leased.State.DONE, removed_at=None).count() == 0


def test_the_register_tells_what_is_new_in_it_and_names_nobody():
    a_webhook(NOWHERE, ["suppression.*"])
    request, scope = a_request(), Suppression.Scope.MARKETING
    for _ in range(2):
        register.enter(request, [("email", ANN)], scope, actor=audit.SYSTEM)
    for _ in range(2):
        register.lift(request, scope, actor=audit.SYSTEM)
    assert noted() == ["suppression.entered", "suppression.lifted"]
    assert last().payload["scope"] == "marketing"
    assert ANN not in str(list(WebhookEvent.objects.values()))


def test_a_clock_that_stands_still_and_runs_again_is_told():
    a_webhook(NOWHERE, ["request.*"])
    actor = audit.Actor.staff(staff())
    request = at_work("GB")
    wait = questions.ask(request.pk, PersonWait.Kind.CLARIFICATION, "Which account?", actor=actor)
    questions.answer(wait.pk, "The one of Kiel.", actor=actor)
    assert noted() == ["request.paused", "request.resumed"]


def test_a_longer_period_is_told_with_its_day():
    a_webhook(NOWHERE, EVERYTHING)
    request = at_work("DE")
    plan = Plan("complexity", "There are many systems to search.", 2, None)
    row = extensions.prepare(request.pk, plan, "", actor=audit.Actor.staff(staff("pia")))
    extensions.approve(row.pk, actor=audit.Actor.staff(staff("max")))
    assert last().name == "request.extended"
    assert last().payload["due_on"] > request.due_on.isoformat()


def test_another_place_that_moves_the_day_is_told():
    a_webhook(NOWHERE, EVERYTHING)
    request = at_work("DE")
    SubjectRequest.objects.filter(pk=request.pk).update(place="BR")
    clock.choose_anew(request.pk, ComputedDeadline.Cause.PLACE, actor=audit.SYSTEM)
    assert (last().name, last().payload["place"]) == ("request.due_changed", "BR")


def test_an_event_names_what_else_the_same_letter_asks_for():
    a_webhook(NOWHERE)
    case = Case.objects.create()
    other = a_request(Status.VERIFIED, right="erasure", case=case)
    request = a_request(Status.VERIFIED, case=case)
    perform(request.pk, "begin", actor=audit.SYSTEM)
    assert last().payload["case"] == [other.reference]
