"""An erasure from its preview to its proof, on sources of each kind."""

from __future__ import annotations

from datetime import date

import pytest

from requests_app import audit, leases, review
from requests_app.changing import key_lists, previews
from requests_app.changing.key_lists import CAME_SINCE
from requests_app.changing.previews import NotPreviewable
from requests_app.models import (
    Approval,
    AuditEntry,
    DataSource,
    KeptRows,
    KeyList,
    Leased,
    Message,
    SourceChange,
)
from tests.requests_app.changing.shops import (
    ERASURE,
    MAP,
    UNTOUCHED,
    a_shop,
    a_source,
    an_erasure,
    approve,
    approved,
    assert_reopened,
    erased,
    fill,
    numbers,
    previewed,
    rows,
    run,
    worked,
)
from tests.requests_app.portal import acts, queued

pytestmark = pytest.mark.django_db
ANNS = {"customers": (1, 1, 0), "orders": (2, 0, 2), "carts": (2, 2, 0)}


@pytest.fixture
def shop(database_url):
    return a_shop(database_url)


def shown(told):
    return {name: item[:3] for name, item in numbers(told).items()}


def keys(change, purpose, marks=()):
    found = []
    for item in change.key_lists.filter(purpose=purpose):
        with key_lists.opened(item.file, item.key_id) as listed:
            for section in listed.sections(marks):
                found += [
                    (section.collection, section.mark, *row.values())
                    for rows in section.batches
                    for row in rows.to_pylist()
                ]
    return sorted(found, key=str)


def test_a_preview_counts_and_changes_nothing(shop, database_url):
    before = {name: rows(database_url, name) for name in ("customers", "orders", "carts")}
    (change,) = previewed(an_erasure())
    assert (change.is_previewed, shown(change.preview)) == (True, ANNS)
    assert numbers(change.preview)["orders"][3] is None
    assert change.preview["orders"]["reasons"]
    assert {name: rows(database_url, name) for name in before} == before
    assert keys(change, "shown") == [
        ("carts", "deleted", "20"),
        ("carts", "deleted", "21"),
        ("customers", "anonymised", "1"),
        ("orders", "kept_until", "10", "2030-05-04"),
        ("orders", "kept_until", "11", "2034-02-28"),
    ]
    assert acts(change.request_id) == ["change.previewed", "preview.done", "change.prepared"]


def test_an_approved_erasure_erases_what_was_shown_and_nothing_else(shop, database_url):
    request = an_erasure()
    (change,) = erased(request)
    assert (change.state, change.is_proven, shown(change.result)) == (Leased.State.DONE, True, ANNS)
    assert [item["left"] for item in change.result.values()] == [0, 0, 0]
    (ann, *others), orders = rows(database_url, "customers"), rows(database_url, "orders")
    assert (ann[0], ann[2], ann[3]) == (1, None, "[erased]")
    assert "ann" not in ann[1].lower()
    assert others == UNTOUCHED["customers"]
    assert rows(database_url, "carts") == UNTOUCHED["carts"]
    assert [(row[0], row[1], row[3]) for row in orders] == [(10, 1, None), (11, 1, None), (12, 2, "hi")]
    assert acts(request.pk)[3:] == ["change.approved", "change.began", "change.done"]
    assert (change.came_since, change.began) == ({}, 1)
    assert change.approval.digest == change.digest
    assert shown_by_a_new_preview(request) == {"customers": 0, "orders": 0, "carts": 0}


def shown_by_a_new_preview(request):
    """What a search finds for the same person."""
    from requests_app import sources
    from requests_app.changing.people import identifiers_of

    source = DataSource.objects.get()
    return sources.extractor(source, source.current_map).search(identifiers_of(request))


def test_every_source_is_previewed_approved_and_erased_by_itself(sqlite_url, postgres_database):
    a_shop(sqlite_url)
    a_shop(postgres_database("crm"), slug="crm")
    request = an_erasure()
    first, second = previewed(request)
    assert len(approve(request)) == 2
    assert worked(first).is_proven
    assert not SourceChange.objects.get(pk=second.pk).is_applied
    assert worked(second).is_proven
    with pytest.raises(NotPreviewable, match="all are done"):
        previewed(request)


def test_the_work_is_queued_for_the_heavy_workers(sqlite_shop):
    (change,) = approved(an_erasure())
    assert queued() == [("heavy", "change_source", (change.pk,))] * 2


def more_carts(url, count, first=100):
    run(url, *(f"INSERT INTO carts VALUES ({first + number}, 1, 'More')" for number in range(count)))


@pytest.mark.parametrize(
    ("shown_rows", "more", "is_void"), [(2, 20, False), (2, 21, True), (210, 21, False), (210, 22, True)]
)
def test_a_few_rows_more_are_erased_and_listed_and_many_reopen_the_approval(
    shop, database_url, shown_rows, more, is_void
):
    more_carts(database_url, shown_rows - 2)
    request = an_erasure()
    (change,) = approved(request)
    more_carts(database_url, more, first=1000)
    change = worked(change)
    if is_void:
        assert_reopened(request, change, f"of carts, {more} rows more would be erased than the {shown_rows} rows")
        assert len(rows(database_url, "carts")) == 2 + shown_rows + more
        assert not KeyList.objects.filter(purpose="fixed").exists()
        assert worked(change).preview["carts"]["found"] == shown_rows + more
        return
    assert change.is_proven
    assert change.came_since == {"carts": more}
    assert [item.rows for item in change.key_lists.all()] == [3 + shown_rows, 3 + shown_rows + more]
    assert rows(database_url, "carts") == UNTOUCHED["carts"]
    assert keys(change, "fixed", [CAME_SINCE]) == sorted(
        [("carts", CAME_SINCE, str(1000 + number)) for number in range(more)], key=str
    )


def test_rows_that_went_since_are_none_the_worse(sqlite_shop, sqlite_url):
    more_carts(sqlite_url, 50)
    (change,) = approved(an_erasure())
    run(sqlite_url, "DELETE FROM carts WHERE id < 120")
    change = worked(change)
    assert (change.is_proven, change.result["carts"]["changed"], change.preview["carts"]["changed"]) == (True, 30, 52)


def test_a_preview_anew_voids_an_approval_that_was_not_used_up(sqlite_shop):
    request = an_erasure()
    approved(request)
    (change,) = previewed(request)
    assert (change.is_previewed, change.approval) == (True, None)
    assert Approval.objects.exclude(voided_at=None).count() == 1
    assert KeyList.objects.count() == 1


def test_what_is_being_changed_is_not_previewed_meanwhile(sqlite_shop):
    request = an_erasure()
    (change,) = approved(request)
    SourceChange.objects.claim(change.pk)
    with pytest.raises(NotPreviewable, match="being changed just now"):
        previews.preview(request.pk, ERASURE, actor=audit.SYSTEM)


def test_only_an_erasure_is_previewed_so_far(sqlite_shop):
    with pytest.raises(NotPreviewable, match="restriction"):
        previews.preview(an_erasure().pk, Approval.Act.RESTRICTION, actor=audit.SYSTEM)


def test_kept_rows_are_written_down_for_the_day_their_years_end(shop):
    (change,) = erased(an_erasure())
    kept = KeptRows.objects.get()
    assert (kept.collection, kept.rows) == ("orders", 2)
    assert (kept.erase_on, kept.last_on) == (date(2030, 5, 4), date(2034, 2, 28))
    assert (kept.map, kept.request, kept.state) == (change.map, change.request, Leased.State.WAITING)


def test_a_failed_erasure_leaves_the_source_as_it_was_and_can_be_tried_again(sqlite_shop, sqlite_url):
    request = an_erasure()
    (change,) = approved(request)
    run(sqlite_url, "CREATE TRIGGER no BEFORE DELETE ON carts BEGIN SELECT RAISE(ABORT, 'no'); END")
    before = rows(sqlite_url, "customers")
    failed = worked(change)
    assert not failed.is_applied
    assert failed.last_error
    assert rows(sqlite_url, "customers") == before
    run(sqlite_url, "DROP TRIGGER no")
    if failed.state == Leased.State.FAILED:
        review.retry(failed, actor=audit.SYSTEM)
    SourceChange.objects.filter(pk=change.pk).update(claimable_at=request.submitted_at)
    done = worked(change)
    assert (done.is_proven, shown(done.result), done.began) == (True, ANNS, 2)


def test_no_task_leaves_an_exception_and_another_worker_does_nothing(sqlite_shop):
    (change,) = approved(an_erasure())
    seen = []
    leases.run(SourceChange, change.pk, lambda work: seen.append(worked(change).attempt))
    assert seen == [change.attempt + 1]


def test_audit_entries_and_rows_hold_ids_counts_and_words_alone(sqlite_shop):
    request = an_erasure(phone="+4915123456789")
    erased(request)
    said = str([list(model.objects.values()) for model in (AuditEntry, SourceChange, KeyList, KeptRows, Message)])
    for value in ("ann@", "Ann", "4915123456789", "Lamp", "ring"):
        assert value not in said


def test_what_is_given_for_understanding_alone_is_neither_shown_nor_counted_as_kept(sqlite_url):
    text = MAP + "  products:\n    links: [{column: name, to: carts.product}]\n    context: true\n"
    fill(sqlite_url)
    run(sqlite_url, "CREATE TABLE products (name varchar(80) PRIMARY KEY)", "INSERT INTO products VALUES ('Lamp')")
    a_source(sqlite_url, text=text)
    (change,) = erased(an_erasure())
    assert change.is_proven
    assert "products" not in {**change.preview, **change.result}
    assert ("Lamp",) in rows(sqlite_url, "products")
