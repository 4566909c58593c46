from __future__ import annotations

import json
import logging
import re

import pytest
from django.apps import apps
from django.core import mail as outbox

from dsr_portal.logs import JsonLines, TextLines
from requests_app import audit, delivery, identity, leases, review, tasks
from requests_app.audit import Actor
from requests_app.links import UnknownLink
from requests_app.models import (
    AuditEntry,
    Download,
    Export,
    Identifier,
    Leased,
    OutboxMail,
    Outcome,
    Refusal,
    Right,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.planning import is_ready_for_review, progress
from requests_app.workflow import perform
from tests.requests_app.portal import (
    ANN,
    MARKER,
    a_colleague,
    a_refusal,
    a_source,
    acts,
    collected,
    confirmed,
    downloaded,
    queued,
    released,
    run_out,
    send_mails,
    staff,
    submitted,
    token_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

TASKS = {"collect_source": tasks.collect_source, "render_export": tasks.render_export, "send_mail": tasks.send_mail}


def work_off():
    """Do what stands in the queue, as the workers would, until nothing does."""
    done = 0
    while len(queued()) > done:
        _, task, (pk,) = queued()[done]
        TASKS[task](pk)
        done += 1


def test_a_request_goes_from_the_form_to_the_download(tmp_path):
    a_source(tmp_path)
    export = released()
    assert export.state == Leased.State.DONE, export.last_error
    request = export.request
    request.refresh_from_db()
    assert (request.status, request.outcome) == (Status.COMPLETED, Outcome.FULL)
    mails = send_mails()
    (ready,) = [message for message in mails if "/d/" in message.body]
    package = downloaded(token_in(ready, "d"))
    shop = json.loads(package.read("json/export.json"))["data_sources"]["shop"]["collections"]
    assert [row["email"] for row in shop["customers"]["records"]] == [ANN]
    assert [row["product"] for row in shop["orders"]["records"]] == ["Lamp", MARKER]
    (download,) = Download.objects.all()
    assert download.sent_bytes == export.size_bytes
    assert download.finished_at


def test_the_queue_alone_carries_a_request_to_its_end(tmp_path):
    a_source(tmp_path)
    submitted()
    work_off()
    token = token_in(outbox.outbox[-1], "c")
    request = identity.confirm(token, address=None)
    work_off()
    assert is_ready_for_review(request)
    review.release(request.pk, actor=Actor.staff(staff()))
    work_off()
    assert SubjectRequest.objects.get().status == Status.COMPLETED
    assert [mail.template for mail in OutboxMail.objects.order_by("pk")] == ["confirm", "received", "ready"]
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {Leased.State.DONE}
    assert acts(request.pk) == [
        *(
            "request.submitted",
            "deadline.computed",
            "mail.sent",
            "identity.proven",
            "request.verified",
            "request.begun",
            "request.planned",
        ),
        *("mail.sent", "search.done", "request.collected", "answer.released", "export.ready", "request.completed"),
        "mail.sent",
    ]


def test_the_sweep_brings_back_what_the_queue_lost(tmp_path):
    a_source(tmp_path)
    request = confirmed()
    for work in (request.searches.get(), OutboxMail.objects.latest("pk")):
        run_out(work)
    before = len(queued())
    tasks.sweep()
    tasks.sweep()
    assert queued()[before:] == [
        ("heavy", "collect_source", (request.searches.get().pk,)),
        ("quick", "send_mail", (OutboxMail.objects.latest("pk").pk,)),
    ]
    work_off()
    export = review.release(request.pk, actor=Actor.staff(staff()))
    run_out(export)
    tasks.sweep()
    assert queued()[-1] == ("heavy", "render_export", (export.pk,))


def test_nothing_happens_before_the_mailbox_is_confirmed(tmp_path):
    a_source(tmp_path)
    request = submitted()
    assert request.status == Status.SUBMITTED
    assert not SourceSearch.objects.exists()
    assert [mail.template for mail in OutboxMail.objects.all()] == ["confirm"]


def test_what_was_collected_waits_for_the_team(tmp_path):
    a_source(tmp_path)
    request = collected()
    (search,) = request.searches.all()
    assert (search.state, search.counts) == (Leased.State.DONE, {"customers": 1, "orders": 2})
    assert is_ready_for_review(request)
    assert not Export.objects.exists()
    assert progress(request).step == "Being checked by our team before it is released"


def test_a_second_delivery_of_a_task_changes_nothing(tmp_path):
    a_source(tmp_path)
    request = collected()
    (before,) = request.searches.values()
    tasks.collect_source(before["id"])
    assert request.searches.values().get() == before


def test_a_source_that_is_down_does_not_block_the_others(tmp_path):
    a_source(tmp_path)
    a_source(tmp_path, slug="crm", url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    request = confirmed()
    for search in request.searches.all():
        tasks.collect_source(search.pk)
    down = request.searches.get(source__slug="crm")
    assert (down.state, down.segment) == (Leased.State.FAILED, "")
    assert "no database file" in down.last_error
    assert request.searches.get(source__slug="shop").state == Leased.State.DONE
    assert not is_ready_for_review(request)


@pytest.mark.parametrize("right", [Right.RECTIFICATION, Right.ERASURE])
def test_where_no_source_is_known_the_team_completes_what_it_did_by_hand(right):
    request, actor = confirmed(right=right), Actor.staff(staff())
    perform(request.pk, "complete", actor=actor, reason="It is done.", outcome=Outcome.FULL)
    message = send_mails()[-1]
    assert "It is done." in message.body
    assert SubjectRequest.objects.get().outcome == Outcome.FULL


def failing(_):
    raise ValueError(f"{ANN} lives in Zanzibar")


@pytest.fixture
def a_whole_life(tmp_path, caplog, django_capture_on_commit_callbacks):
    """Everything that may happen to requests, wrong turns included; gives what must be found nowhere else."""
    caplog.set_level(logging.INFO)
    a_source(tmp_path)
    a_source(tmp_path, slug="crm", url="postgresql://Zanzibar:Passphrase@127.0.0.1:1/shop")
    with django_capture_on_commit_callbacks(execute=True):
        tokens = live(staff())
        tasks.sweep()
        tasks.clean_up()
    return [
        MARKER,
        ANN,
        "Ann Example",
        "Zanzibar",
        "zanzibar",
        "Passphrase",
        "dora@",
        "Lamp",
        "Carl",
        "123456",
        *tokens,
    ]


def live(user):
    actor, request = Actor.staff(user), confirmed()
    for act in (identity.confirm, identity.look_up, delivery.offer):
        with pytest.raises(UnknownLink):
            act("made-up-token-4711", address="203.0.113.9")
    submitted(details="Zanzibar details")
    leases.run(OutboxMail, OutboxMail.objects.open().latest("pk").pk, failing)
    Identifier.objects.create(request=request, kind="phone", value="+49 30 123456")
    for search in request.searches.all():
        tasks.collect_source(search.pk)
    shop, down = (request.searches.get(source__slug=slug) for slug in ("shop", "crm"))
    SourceSearch.objects.filter(pk=down.pk).update(state=Leased.State.FAILED)
    review.leave_out(down, actor=actor, reason="Zanzibar is closed")
    review.records(shop, "orders", 0, 10, actor=actor)
    review.redact(shop, "orders", ordinal=0, field="product", ground="Zanzibar secret", actor=a_colleague())
    a_refusal(request, Refusal.Extent.PART, facts="Zanzibar facts", withheld=("Zanzibar notes",))
    export = review.release(request.pk, actor=actor)
    tasks.render_export(export.pk)
    token = token_in(send_mails()[-1], "d")
    downloaded(token)
    export.refresh_from_db()
    b"".join(delivery.begin_for_staff(export, user, address="203.0.113.9", agent="Zanzibar agent").chunks)
    refused = confirmed("Cleo.Zanzibar@example.test", Right.ERASURE)
    a_refusal(refused, facts="Zanzibar law")
    withdrawn = confirmed("dora@example.test")
    perform(withdrawn.pk, "withdraw", actor=audit.SUBJECT)
    tasks.collect_source(withdrawn.searches.latest("pk").pk)
    send_mails()
    return [token, *re.findall(r"/[crd]/([\w-]+)", " ".join(message.body for message in outbox.outbox))]


def found_in(text, values):
    return [value for value in values if value in text]


def test_nothing_personal_is_on_record(a_whole_life):
    told = str(list(AuditEntry.objects.values()))
    assert AuditEntry.objects.count() > 30
    assert found_in(told, a_whole_life) == []


def test_nothing_personal_stands_in_the_queue(a_whole_life):
    models = apps.get_app_config("django_q").get_models()
    assert len(queued()) > 8
    told = str(queued()) + str([list(model.objects.values()) for model in models])
    assert found_in(told, a_whole_life) == []


def test_nothing_personal_is_logged(a_whole_life, caplog):
    records = caplog.get_records("setup")
    assert {"request.completed", "work.failed"} <= {record.message for record in records}
    lines = [form().format(record) for form in (JsonLines, TextLines) for record in records]
    assert found_in("\n".join(lines), a_whole_life) == []


def test_nothing_that_came_from_a_source_stands_in_the_database_or_the_storage(a_whole_life, storage_folder):
    told = str([list(model._base_manager.values()) for model in apps.get_models()])
    assert ANN in told
    values = [MARKER, "Lamp", "Carl", "Passphrase"]
    assert found_in(told, values) == []
    files = b"".join(path.read_bytes() for path in storage_folder.iterdir())
    assert len(files) > 1000
    assert [value for value in (*values, ANN) if value.encode() in files] == []


def test_no_error_tells_anything_personal(a_whole_life):
    told = [*SourceSearch.objects.values_list("last_error", flat=True), *OutboxMail.objects.values_list("last_error")]
    assert any(told)
    assert found_in(str(told), a_whole_life) == []
