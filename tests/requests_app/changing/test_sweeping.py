"""Kept rows, as time goes by."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from requests_app import audit, retention, review, tasks
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import DataSource, KeptRows, Leased, Message
from tests.requests_app.changing.shops import a_shop, an_erasure, erased, new_map, rows, run
from tests.requests_app.portal import acts, queued

pytestmark = pytest.mark.django_db

KEPT = '{action: keep, ground: "17(3)(b): tax records", years: 10'
DATED = ", from: ordered_on, anonymise: {note: null}"
PARTS = """
  parts:
    links: [{column: order_id, to: orders.id}]
    erase: {action: keep, ground: "17(3)(b): tax records", years: 10, from: made_on}
"""


@pytest.fixture
def clock(monkeypatch):
    """Moves the time that the portal goes by: `clock(date)` is noon of that day."""

    def move(day):
        now = datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_current_timezone())
        monkeypatch.setattr(timezone, "now", lambda: now)

    return move


@pytest.fixture
def shop(database_url):
    return a_shop(database_url)


def swept():
    """Let the sweep of every minute queue what is due, and the worker do it; gives what stands of the kept rows."""
    before = len(queued())
    tasks.sweep()
    for _, task, (pk,) in queued()[before:]:
        getattr(tasks, task)(pk)
    return KeptRows.objects.get()


def orders(url):
    return [row[0] for row in rows(url, "orders")]


def told():
    return list(Message.objects.order_by("pk").values_list("text", flat=True))


def test_kept_rows_are_erased_on_the_day_their_years_end_and_not_before(shop, database_url, clock, storage_folder):
    request = an_erasure()
    erased(request)
    clock(date(2030, 5, 3))
    assert (swept().attempt, orders(database_url)) == (0, [10, 11, 12])
    clock(date(2030, 5, 4))
    kept = swept()
    assert orders(database_url) == [11, 12]
    assert (kept.state, kept.erased, kept.standing, kept.erase_on) == (Leased.State.WAITING, 1, 0, date(2034, 2, 28))
    clock(date(2034, 2, 27))
    assert orders(database_url) == [11, 12]
    clock(date(2034, 2, 28))
    kept = swept()
    assert orders(database_url) == [12]
    assert (kept.state, kept.erased, kept.standing, kept.file) == (Leased.State.DONE, 2, 0, "")
    assert not list(storage_folder.glob("kept-*"))
    with pytest.raises(KeyDestroyed):
        open_key(kept.key_id)
    assert acts(request.pk)[-2:] == ["kept_rows.erased"] * 2
    clock(date(2040, 1, 1))
    assert swept().attempt == 2
    assert not told()


def test_it_outlives_the_clean_up_of_its_request(shop, database_url, clock, storage_folder):
    request = an_erasure()
    erased(request)
    type(request).objects.filter(pk=request.pk).update(status="completed", outcome="partial", closed_at=timezone.now())
    retention.clean_up(timezone.now() + timedelta(days=400))
    retention.remove_stray_files(older_than_seconds=0)
    (left,) = storage_folder.iterdir()
    assert left.name == KeptRows.objects.get().file
    clock(date(2035, 1, 1))
    assert swept().state == Leased.State.DONE
    assert orders(database_url) == [12]


def test_rows_that_are_gone_meanwhile_are_none_the_worse(shop, database_url, clock):
    erased(an_erasure())
    run(database_url, "DELETE FROM orders WHERE id IN (10, 11)", "INSERT INTO orders VALUES (13, 2, NULL, 'new')")
    clock(date(2035, 1, 1))
    kept = swept()
    assert (kept.state, kept.erased, kept.standing) == (Leased.State.DONE, 2, 0)
    assert orders(database_url) == [12, 13]


def test_a_key_that_another_row_has_by_now_erases_nobody_elses(shop, database_url, clock):
    erased(an_erasure())
    run(
        database_url,
        "DELETE FROM orders WHERE id IN (10, 11)",
        "INSERT INTO orders VALUES (10, 3, '2030-01-01', 'new'), (11, 3, '2024-03-01', 'new')",
    )
    for day, last in ((date(2034, 2, 28), 2), (date(2034, 3, 1), 1)):
        clock(day)
        kept = swept()
        assert (kept.state, kept.standing) == (Leased.State.WAITING, last)
    assert orders(database_url) == [10, 12]
    assert "another row with the same key" in told()[0]


def test_rows_that_something_points_at_stay_are_told_once_and_tried_again_each_day(shop, database_url, clock):
    run(database_url, "CREATE TABLE parts (id integer PRIMARY KEY, order_id integer REFERENCES orders (id))")
    erased(an_erasure())
    run(database_url, "INSERT INTO parts VALUES (1, 10)")
    for day in (date(2035, 1, 1), date(2035, 1, 2)):
        clock(day)
        kept = swept()
        assert (kept.state, kept.erased, kept.standing) == (Leased.State.WAITING, 1, 1)
        assert kept.erase_on == day + timedelta(days=1)
        assert kept.is_resting
    assert orders(database_url) == [10, 12]
    (note,) = told()
    assert "1 row of orders in Shop should be erased by now and cannot be" in note
    assert "parts" in note
    run(database_url, "DELETE FROM parts")
    clock(date(2035, 1, 3))
    assert swept().state == Leased.State.DONE
    assert orders(database_url) == [12]


def test_rows_that_point_at_one_another_are_gone_within_two_days_whichever_comes_first(shop, database_url, clock):
    run(
        database_url,
        "CREATE TABLE parts (id integer PRIMARY KEY, order_id integer REFERENCES orders (id), made_on date)",
        "INSERT INTO parts VALUES (1, 10, '2020-05-04'), (2, 12, '2020-05-04')",
    )
    new_map(shop, ("  carts:", f"{PARTS.strip(chr(10))}\n  carts:"))
    erased(an_erasure())
    for day in (date(2035, 1, 1), date(2035, 1, 2)):
        clock(day)
        before = len(queued())
        tasks.sweep()
        for _, task, (pk,) in queued()[before:]:
            getattr(tasks, task)(pk)
    assert set(KeptRows.objects.values_list("collection", "state")) == {("orders", "done"), ("parts", "done")}
    assert orders(database_url) == [12]
    assert [row[0] for row in rows(database_url, "parts")] == [2]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([("  orders:", "  invoices:")], "does not name the collection orders any more"),
        ([("  orders:", "  orders:\n    table: carts"), (DATED, ", from: product")], "another table now"),
        ([(f"    erase: {KEPT}{DATED}}}\n", "")], "does not say any more what erasing does"),
        ([("years: 10" + DATED, "anonymise: {note: null}")], "keeps orders without end now"),
    ],
)
def test_a_map_that_no_longer_says_what_is_to_become_of_kept_rows_is_told(sqlite_url, clock, changes, reason):
    source = a_shop(sqlite_url)
    request = an_erasure()
    erased(request)
    text = source.current_map.text
    new_map(source, *changes)
    clock(date(2035, 1, 1))
    kept = swept()
    assert (kept.state, orders(sqlite_url)) == (Leased.State.FAILED, [10, 11, 12])
    assert reason in kept.last_error
    (note,) = told()
    assert note.startswith("2 rows of orders in Shop were kept for some years that are over by now")
    assert "kept_rows.failed" in acts(request.pk)
    new_map(source, (DataSource.objects.get().current_map.text, text))
    review.retry(kept, actor=audit.SYSTEM)
    tasks.erase_kept_rows(kept.pk)
    assert (KeptRows.objects.get().state, orders(sqlite_url)) == (Leased.State.DONE, [12])


def test_a_map_that_keeps_for_longer_now_is_followed(sqlite_url, clock):
    source = a_shop(sqlite_url)
    erased(an_erasure())
    new_map(source, ("years: 10", "years: 12"))
    clock(date(2030, 5, 4))
    kept = swept()
    assert (orders(sqlite_url), kept.erase_on) == ([10, 11, 12], date(2032, 5, 4))
    clock(date(2032, 5, 4))
    kept = swept()
    assert (orders(sqlite_url), kept.erase_on) == ([11, 12], date(2036, 2, 28))


def test_a_source_that_is_down_is_tried_again_and_given_up_visibly(sqlite_url, clock):
    a_shop(sqlite_url)
    erased(an_erasure())
    run(sqlite_url, "ALTER TABLE orders RENAME TO orders_of_old")
    clock(date(2035, 1, 1))
    kept = swept()
    assert kept.is_resting
    while kept.is_open:
        KeptRows.objects.update(claimable_at=timezone.now(), requeue_at=timezone.now())
        kept = swept()
    assert "could not be erased" in told()[0]
    run(sqlite_url, "ALTER TABLE orders_of_old RENAME TO orders")
    review.retry(kept, actor=audit.SYSTEM)
    tasks.erase_kept_rows(kept.pk)
    assert orders(sqlite_url) == [12]


def test_rows_without_a_day_are_named_in_the_result(sqlite_url):
    a_shop(sqlite_url)
    run(sqlite_url, "UPDATE orders SET ordered_on = NULL WHERE id = 10")
    (change,) = erased(an_erasure())
    assert "1 kept row without a day to be erased on" in change.result["orders"]["reasons"]
    assert KeptRows.objects.get().rows == 1
