"""Corrections from the proposal to the source, on databases of each kind: what is approved is written, nothing else."""

from __future__ import annotations

import pytest

from extractors.errors import SourceUnavailable
from extractors.sql.extractor import SqlExtractor
from requests_app import rectifying, sources, tasks, workflow
from requests_app.audit import SUBJECT, Actor
from requests_app.changing import correcting
from requests_app.models import Approval, Leased, Message, OutboxMail, Outcome, Status
from tests.requests_app.changing.shops import rows, run
from tests.requests_app.portal import acts, run_out
from tests.requests_app.rectifying.shops import (
    TABLE_NAMES,
    State,
    a_rectification,
    a_shop,
    decided,
    proposed,
    reviewer,
    states,
    the_place,
    written,
)

pytestmark = pytest.mark.django_db


def everything(url):
    return {name: rows(url, name) for name in TABLE_NAMES}


def test_what_is_approved_is_written_and_nothing_else(database_url):
    a_shop(database_url)
    request, before = a_rectification(), everything(database_url)
    proposed(request, city="Oslo", name="Ann", level="b", born="1981-02-03")
    proposed(request, "orders", 1, address="Main St 1")
    decided(request, city="approve", name=("reject", "Your passport says Anne."), level="approve", born="approve")
    decided(request, address=("state", "She says that it went to Main St 1."))
    (change,) = written(request)
    assert (change.state, change.is_proven, change.result) == ("done", True, {"rows": {"customers": 3}, "returned": 0})
    after = everything(database_url)
    assert [str(value) for value in after["customers"][0][1:6]] == [
        "ann@example.test",
        "Anne",
        "Oslo",
        "b",
        "1981-02-03",
    ]
    assert after["customers"][0][6:] == before["customers"][0][6:]
    assert after["customers"][1:] == before["customers"][1:]
    assert {name: after[name] for name in ("orders", "products")} == {
        name: before[name] for name in ("orders", "products")
    }
    assert (request.status, request.outcome) == (Status.COMPLETED, Outcome.PARTIAL)
    assert states(request) == {
        **dict.fromkeys(("city", "level", "born"), "written"),
        "name": "rejected",
        "address": "stated",
    }
    assert OutboxMail.objects.filter(request=request).latest("pk").template == "rectified"


def test_all_written_is_an_answer_in_full(shop):
    request = a_rectification()
    proposed(request, city="Oslo")
    decided(request, city="approve")
    (change,) = written(request)
    assert (request.status, request.outcome) == (Status.COMPLETED, Outcome.FULL)
    assert (change.approval.act, change.approval.approved_by.username) == (Approval.Act.RECTIFICATION, "reviewer")
    told = acts(request.pk)
    assert [act for act in told if act.startswith(("correction", "change", "request.c"))] == [
        "request.collected",
        "correction.proposed",
        "correction.approved",
        "change.approved",
        "change.began",
        "correction.written",
        "change.done",
        "request.completed",
    ]


def test_a_value_changed_meanwhile_goes_back_and_the_others_are_written(shop):
    request = a_rectification()
    proposed(request, city="Oslo", name="Ann")
    decided(request, city="approve", name="approve")
    run(shop, "UPDATE customers SET name = 'Anna' WHERE id = 1")
    written(request)
    assert states(request) == {"city": "written", "name": "proposed"}
    assert rows(shop, "customers")[0][2:4] == ("Anna", "Oslo")
    assert request.status == Status.IN_PROGRESS
    row = request.corrections.get(field="name")
    assert row.failure == correcting.CHANGED
    assert [line.old for line in rectifying.reviewed(request, actor=reviewer()) if line.row == row] == ["Anna"]
    assert "customers.name" in Message.objects.get(request=request).text
    decided(request, name="approve")
    first, second = written(request)
    assert (first.result["returned"], second.result["returned"]) == (1, 0)
    assert rows(shop, "customers")[0][2] == "Ann"
    assert request.status == Status.COMPLETED


def test_a_record_that_is_gone_goes_back(shop):
    request = a_rectification()
    proposed(request, "orders", address="Side St 2")
    decided(request, address="approve")
    run(shop, "DELETE FROM orders WHERE id = 10")
    written(request)
    assert request.corrections.get().failure == correcting.GONE


def test_what_the_source_refuses_goes_back_in_plain_words_and_the_others_are_written(shop):
    request = a_rectification()
    proposed(request, city="Oslo", level="b")
    proposed(request, "orders", address="Side St 2")
    decided(request, city="approve", level="approve", address="approve")
    run(shop, "UPDATE customers SET level = 'b' WHERE id = 2", "CREATE UNIQUE INDEX one_b ON customers (level)")
    written(request)
    # The database refused a record with both of its fields.
    assert states(request) == {"city": "proposed", "level": "proposed", "address": "written"}
    assert {row.failure for row in request.corrections.filter(state="proposed")} == {
        "customers.city, customers.level is unique, and another record has the new value already."
    }
    decided(request, city="approve", level=("reject", "It is somebody else's."))
    written(request)
    assert rows(shop, "customers")[0][3:5] == ("Oslo", "a")
    assert (request.status, request.outcome) == (Status.COMPLETED, Outcome.PARTIAL)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_around_the_commit_is_followed_by_one_that_knows(database_url, monkeypatch, when):
    a_shop(database_url)
    request = a_rectification()
    proposed(request, city="Oslo")
    decided(request, city="approve")
    real, died = SqlExtractor.rectify, []

    def dying(self, identifiers, wanted):
        if when == "after":
            real(self, identifiers, wanted)
        died.append(when)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SqlExtractor, "rectify", dying)
        change = request.changes.get()
        with pytest.raises(KeyboardInterrupt):
            tasks.change_source(change.pk)
    change.refresh_from_db()
    assert (died, change.state, change.began, states(request)) == ([when], "running", 1, {"city": "approved"})
    run_out(change)
    (change,) = written(request)
    assert (change.began, change.result["rows"]) == (1 if when == "after" else 2, {"customers": 1})
    assert rows(database_url, "customers")[0][3] == "Oslo"
    assert (states(request), request.status) == ({"city": "written"}, Status.COMPLETED)


def test_a_source_that_does_not_answer_is_tried_again_and_then_decided_anew(shop, monkeypatch):
    request = a_rectification()
    proposed(request, city="Oslo")
    decided(request, city="approve")

    def away(self, identifiers, wanted):
        raise SourceUnavailable("The shop does not answer.", permanent=True)

    with monkeypatch.context() as patched:
        patched.setattr(SqlExtractor, "standing", away)
        (change,) = written(request)
    assert (change.state, states(request)) == (Leased.State.FAILED, {"city": "approved"})
    with pytest.raises(workflow.Unprepared, match="not written yet"):
        workflow.perform(request.pk, "complete", actor=reviewer_and_worker(), reason="Done")
    rectifying.call_off(change.pk, actor=reviewer())
    assert "does not answer" in request.corrections.get().failure
    decided(request, city="approve")
    assert written(request)[-1].result["rows"] == {"customers": 1}
    assert request.status == Status.COMPLETED


def reviewer_and_worker():
    from tests.requests_app.portal import member

    return Actor.staff(member("Manager"))


def test_more_that_is_approved_joins_what_waits_to_be_written(shop):
    request = a_rectification()
    proposed(request, city="Oslo", name="Ann")
    decided(request, city="approve")
    decided(request, name="approve")
    (change,) = written(request)
    assert change.result["rows"] == {"customers": 2}
    assert Approval.objects.filter(request=request).exclude(voided_at=None).count() == 1


def test_each_source_is_written_by_itself(sqlite_url, tmp_path):
    a_shop(sqlite_url)
    a_shop(f"sqlite:///{tmp_path}/crm.sqlite3", "crm")
    request = a_rectification()
    proposed(request, city="Oslo")
    place = the_place(request, source="crm")
    rectifying.propose(request.pk, place, {"city": "Oslo"}, actor=SUBJECT)
    decided(request, city="approve")
    assert [change.result["rows"] for change in written(request)] == [{"customers": 1}] * 2
    assert request.status == Status.COMPLETED


def test_what_was_approved_is_what_is_written(shop):
    request = a_rectification()
    row, other = proposed(request, city="Oslo", name="Ann")
    decided(request, city="approve")
    request.corrections.filter(pk=row.pk).update(new=other.new)
    (change,) = written(request)
    assert (change.began, request.corrections.get(pk=row.pk).failure) == (0, correcting.ALTERED)
    assert rows(shop, "customers")[0][3] == "Olso"


def test_nothing_is_written_for_a_request_that_was_withdrawn(shop):
    request = a_rectification()
    proposed(request, city="Oslo")
    decided(request, city="approve")
    workflow.perform(request.pk, "withdraw", actor=SUBJECT)
    (change,) = written(request)
    assert change.state == Leased.State.FAILED
    assert rows(shop, "customers")[0][3] == "Olso"
    assert request.status == Status.WITHDRAWN


def test_a_field_that_the_map_closed_meanwhile_is_not_written(shop):
    request = a_rectification()
    proposed(request, city="Oslo")
    decided(request, city="approve")
    source = request.changes.get().source
    text = source.current_map.text.replace("city: {rectify: true, label: City}", "city: {label: City}")
    sources.save(source, "", text, None)
    written(request)
    assert "may not be corrected" in request.corrections.get().failure
    assert rows(shop, "customers")[0][3] == "Olso"
    assert states(request) == {"city": State.PROPOSED}
