from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, planning, retention, review, tasks
from requests_app.audit import Actor
from requests_app.keys.stored import KeyDestroyed, destroy_key
from requests_app.models import (
    Approval,
    AuditEntry,
    Export,
    Leased,
    OutboxMail,
    Redaction,
    Refusal,
    SourceSearch,
    Status,
)
from requests_app.review import NotReady
from requests_app.storage import MissingArtefact
from requests_app.workflow import PermissionRefused, perform
from tests.requests_app.portal import (
    ANN,
    MARKER,
    a_colleague,
    a_refusal,
    a_request,
    a_source,
    acts,
    collected,
    confirmed,
    queued,
    staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def actor(db):
    return Actor.staff(staff())


@pytest.fixture
def search(tmp_path):
    """What was found about Ann: herself and seven orders."""
    a_source(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        orders = [(number, 1, f"Lamp {number}") for number in range(10, 15)]
        database.executemany("INSERT INTO orders VALUES (?, ?, ?)", orders)
        database.commit()
    return collected().searches.get()


@pytest.fixture
def down(tmp_path):
    """A request of which one source answered and the other was given up."""
    a_source(tmp_path)
    a_source(tmp_path, slug="crm", url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    return collected().searches.get(source__slug="crm")


def test_a_page_of_records_holds_values_in_the_order_of_the_fields(search, actor):
    page = review.records(search, "customers", 0, 10, actor=actor)
    assert [field.name for field in page.collection.fields] == ["id", "email", "city", "referrer"]
    assert page.rows == [[1, ANN, MARKER, "Carl"]]


@pytest.mark.parametrize(
    ("first", "rows", "ids"),
    [(0, 3, [1, 2, 10]), (3, 3, [11, 12, 13]), (6, 3, [14]), (7, 3, []), (900, 3, []), (0, 0, []), (0, 99, None)],
)
def test_records_are_looked_at_page_by_page(first, rows, ids, search, actor):
    page = review.records(search, "orders", first, rows, actor=actor)
    assert [row[0] for row in page.rows] == (ids if ids is not None else [1, 2, 10, 11, 12, 13, 14])
    assert (page.first, page.total) == (first, 7)


def test_looking_is_put_on_record_with_who_and_how_much(search, actor):
    review.records(search, "orders", 3, 100, actor=actor)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_id, entry.request_id) == ("records.viewed", actor.user_id, search.request_id)
    assert (entry.target, entry.details) == (f"search {search.pk}", {"collection": "orders", "first": 3, "rows": 4})


def test_an_unknown_collection_is_told(search, actor):
    with pytest.raises(KeyError, match="invoices"):
        review.records(search, "invoices", 0, 10, actor=actor)


def test_before_the_source_was_read_there_is_nothing_to_look_at(tmp_path, actor):
    a_source(tmp_path)
    with pytest.raises(NotReady, match="was not read"):
        review.records(confirmed().searches.get(), "orders", 0, 10, actor=actor)


def test_after_the_records_were_deleted_there_is_nothing_to_look_at(search, actor):
    perform(search.request_id, "withdraw", actor=audit.SUBJECT)
    retention.clean_up(timezone.now() + timedelta(days=400))
    search.refresh_from_db()
    with pytest.raises(NotReady, match="were deleted"):
        review.records(search, "orders", 0, 10, actor=actor)


def test_what_cannot_be_read_is_not_on_record_as_looked_at(search, actor, storage_folder):
    (storage_folder / search.segment).rename(storage_folder / "away.segment")
    with pytest.raises(MissingArtefact):
        review.records(search, "orders", 0, 10, actor=actor)
    (storage_folder / "away.segment").rename(storage_folder / search.segment)
    destroy_key(search.key_id)
    with pytest.raises(KeyDestroyed):
        review.records(search, "orders", 0, 10, actor=actor)
    assert "records.viewed" not in acts(search.request_id)


def test_a_release_is_approved_by_whoever_released_and_queued(search, actor):
    export = review.release(search.request_id, actor=actor)
    approval = Approval.objects.get()
    assert (approval.approved_by_id, approval.prepared_by, export.approval) == (actor.user_id, None, approval)
    assert (export.state, export.formats) == (Leased.State.WAITING, ["json", "csv"])
    assert queued()[-1] == ("heavy", "render_export", (export.pk,))
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_id, entry.target) == ("answer.released", actor.user_id, f"export {export.pk}")
    assert entry.details == {"formats": ["json", "csv"]}


def test_the_answer_is_released_once(search, actor):
    export = review.release(search.request_id, actor=actor)
    with pytest.raises(NotReady, match="released already"):
        review.release(search.request_id, actor=actor)
    tasks.render_export(export.pk)
    with pytest.raises(NotReady):
        review.release(search.request_id, actor=actor)
    assert Export.objects.get() == export
    assert Approval.objects.count() == 1


def test_the_portal_releases_nothing_by_itself(search):
    with pytest.raises(PermissionRefused, match="release an answer"):
        review.release(search.request_id, actor=audit.SYSTEM)
    assert not Export.objects.exists()


@pytest.mark.parametrize("status", [status for status in Status if status != Status.IN_PROGRESS])
def test_only_what_is_in_progress_is_released(status, actor):
    with pytest.raises(NotReady, match="not in progress"):
        review.release(a_request(status).pk, actor=actor)


def test_nothing_is_released_while_a_source_has_not_answered(down, actor):
    with pytest.raises(NotReady, match="Not every source"):
        review.release(down.request_id, actor=actor)
    review.leave_out(down, actor=actor, reason="Switched off.")
    assert planning.is_ready_for_review(down.request)
    assert review.release(down.request_id, actor=actor)


def test_leaving_a_source_out_is_on_record_without_its_reason(down, actor):
    review.leave_out(down, actor=actor, reason="Zanzibar is closed.")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_id, entry.details) == ("search.left_out", actor.user_id, {"has_reason": True})


@pytest.mark.parametrize("state", [Leased.State.WAITING, Leased.State.RUNNING, Leased.State.DONE])
def test_only_a_source_that_was_given_up_is_left_out(state, down, actor):
    SourceSearch.objects.filter(pk=down.pk).update(state=state)
    with pytest.raises(NotReady, match="given up"):
        review.leave_out(down, actor=actor, reason="")
    assert not SourceSearch.objects.get(pk=down.pk).is_left_out


def test_a_source_that_was_left_out_counts_again_once_it_is_tried_again(down, actor):
    review.leave_out(down, actor=actor, reason="")
    review.retry(down, actor=actor)
    down.refresh_from_db()
    assert (down.state, down.is_left_out) == (Leased.State.WAITING, False)
    assert not planning.is_ready_for_review(down.request)
    assert queued()[-1] == ("heavy", "collect_source", (down.pk,))
    assert acts(down.request_id)[-1] == "work.retried"


def test_there_is_nothing_to_try_again_with_what_is_done(search, actor):
    with pytest.raises(NotReady, match="running or done"):
        review.retry(search, actor=actor)
    assert "work.retried" not in acts(search.request_id)


@pytest.mark.parametrize(("model", "task"), [("export", ("heavy", "render_export")), ("mail", ("quick", "send_mail"))])
def test_every_kind_of_work_can_be_tried_again(model, task, search, actor):
    work = OutboxMail.objects.latest("pk") if model == "mail" else review.release(search.request_id, actor=actor)
    type(work).objects.filter(pk=work.pk).update(state=Leased.State.FAILED, last_error="It failed.")
    review.retry(work, actor=actor)
    assert queued()[-1] == (*task, (work.pk,))
    assert AuditEntry.objects.latest("pk").target == f"{type(work)._meta.model_name} {work.pk}"


@pytest.mark.parametrize(
    ("collection", "withheld"),
    [
        ("orders", {"field": "product"}),
        ("orders", {"ordinal": 0}),
        ("orders", {"ordinal": 6}),
        ("orders", {"ordinal": 6, "field": "id"}),
    ],
)
def test_what_is_there_can_be_withheld_and_given_back(collection, withheld, search, actor):
    redaction = review.redact(search, collection, **withheld, ground=" Trade secret ", actor=actor)
    assert (redaction.ground, redaction.segment, redaction.created_by_id) == (
        "Trade secret",
        search.segment,
        actor.user_id,
    )
    review.undo(redaction, actor=actor)
    assert not Redaction.objects.exists()
    assert acts(search.request_id)[-2:] == ["redaction.made", "redaction.undone"]


@pytest.mark.parametrize(
    ("collection", "withheld", "told"),
    [
        ("orders", {}, "name a field or a record"),
        ("orders", {"ordinal": 7}, "no such field or record"),
        ("orders", {"ordinal": 2**62}, "no such field or record"),
        ("orders", {"field": "colour"}, "no such field or record"),
        ("orders", {"field": "colour", "ordinal": 0}, "no such field or record"),
        ("invoices", {"ordinal": 0}, "no such field or record"),
    ],
)
def test_what_is_not_there_cannot_be_withheld(collection, withheld, told, search, actor):
    with pytest.raises(NotReady, match=told):
        review.redact(search, collection, **withheld, ground="Trade secret", actor=actor)
    assert not Redaction.objects.exists()
    assert "redaction.made" not in acts(search.request_id)


@pytest.mark.parametrize("ground", ["", "  "])
def test_nothing_is_withheld_without_a_ground(ground, search, actor):
    with pytest.raises(NotReady, match="give the ground"):
        review.redact(search, "orders", ordinal=0, ground=ground, actor=actor)


@pytest.mark.parametrize("withheld", [{"field": "product"}, {"ordinal": 0}, {"field": "product", "ordinal": 0}])
def test_a_thing_is_withheld_once(withheld, search, actor):
    review.redact(search, "orders", **withheld, ground="Trade secret", actor=actor)
    with pytest.raises(NotReady, match="withheld already"):
        review.redact(search, "orders", **withheld, ground="Another", actor=actor)
    assert Redaction.objects.get().ground == "Trade secret"


def test_after_the_release_nothing_is_withheld_or_given_back(search, actor):
    redaction = review.redact(search, "orders", ordinal=0, ground="Trade secret", actor=a_colleague())
    a_refusal(search.request, Refusal.Extent.PART)
    export = review.release(search.request_id, actor=actor)
    for _ in range(2):
        with pytest.raises(NotReady, match="not under review"):
            review.redact(search, "orders", ordinal=1, ground="Trade secret", actor=actor)
        with pytest.raises(NotReady, match="not under review"):
            review.undo(redaction, actor=actor)
        tasks.render_export(export.pk)
    assert Redaction.objects.get() == redaction


def test_nothing_is_withheld_of_what_was_not_read(down, actor):
    with pytest.raises(NotReady):
        review.redact(down, "orders", ordinal=0, ground="Trade secret", actor=actor)
