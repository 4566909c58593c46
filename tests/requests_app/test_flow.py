from __future__ import annotations

import json

import pytest

from requests_app.models import Download, Export, Leased, OutboxMail, Outcome, SourceSearch, Status
from requests_app.planning import is_ready_for_review, progress
from tests.requests_app.portal import (
    ANN,
    MARKER,
    a_source,
    collected,
    confirmed,
    downloaded,
    released,
    send_mails,
    submitted,
    token_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.DSR_STORAGE_DIR = tmp_path / "storage"


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
    from requests_app import tasks

    a_source(tmp_path)
    request = collected()
    (before,) = request.searches.values()
    tasks.collect_source(before["id"])
    assert request.searches.values().get() == before


def test_a_source_that_is_down_does_not_block_the_others(tmp_path):
    from requests_app import tasks

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
