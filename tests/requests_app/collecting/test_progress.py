"""What a search tells of itself while it reads, and what that costs."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from itertools import pairwise

import pytest
from django.db import DatabaseError, connection

from extractors.kinds.sqlite import SqliteExtractor
from requests_app import leases, tasks
from requests_app.collecting import estimating
from requests_app.models import Leased, SourceSearch
from tests.requests_app.portal import a_source, confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

ORDERS = 30_000


@pytest.fixture
def search(tmp_path):
    """A search of a person who ordered much."""
    a_source(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.execute("DELETE FROM orders")
        database.executemany(
            "INSERT INTO orders VALUES (?, 1, ?)", ((number, f"product {number}") for number in range(ORDERS))
        )
        database.commit()
    confirmed()
    return SourceSearch.objects.get()


@pytest.fixture
def updates(monkeypatch):
    """The statements that tell how far the search is, each with the moment of it."""
    told = []

    def record(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and '"step"' in sql and '"finished_at"' not in sql:
            told.append((time.monotonic(), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield told


def collect(search):
    tasks.collect_source(search.pk)
    search.refresh_from_db()
    return search


def slow_batches(monkeypatch, seconds):
    """Let every batch of the source take so long."""
    extract = SqliteExtractor.extract

    def slowly(extractor, *arguments, **options):
        for found in extract(extractor, *arguments, **options):
            batches = found.batches
            object.__setattr__(found, "batches", (_after(seconds, batch) for batch in batches))
            yield found

    monkeypatch.setattr(SqliteExtractor, "extract", slowly)


def _after(seconds, batch):
    time.sleep(seconds)
    return batch


def test_progress_costs_at_most_one_update_a_second(search, updates, monkeypatch):
    monkeypatch.setattr("extractors.kinds.sqlite.MOST_ROWS_A_BATCH", 500)
    slow_batches(monkeypatch, 0.04)
    begun_at = time.monotonic()
    assert collect(search).state == Leased.State.DONE
    seconds = time.monotonic() - begun_at
    moments = [moment for moment, params in updates if any("Reading" in str(value) for value in params)]
    assert 2 <= len(moments) <= seconds + 1
    assert all(later - earlier >= leases.PROGRESS_SECONDS for earlier, later in pairwise(moments))


def test_a_search_that_is_done_before_an_estimate_is_due_asks_for_none(search, monkeypatch):
    estimated = []
    monkeypatch.setattr(SqliteExtractor, "estimate", lambda *_, **__: estimated.append(1) or {})
    monkeypatch.setattr(estimating, "DELAY_SECONDS", 5)
    assert collect(search).state == Leased.State.DONE
    time.sleep(5)
    assert (estimated, search.estimates) == ([], {})
    assert not [thread for thread in threading.enumerate() if thread.name == "estimate"]


def test_the_rows_expected_are_kept_and_the_next_attempt_goes_by_them(search, monkeypatch):
    monkeypatch.setattr(leases, "PROGRESS_SECONDS", 0)
    monkeypatch.setattr(estimating, "DELAY_SECONDS", 0)
    slow_batches(monkeypatch, 0.2)
    assert collect(search).estimates == {"customers": 1, "orders": ORDERS}
    assert search.estimated_records == ORDERS + 1
    assert (search.state, search.records) == (Leased.State.DONE, ORDERS + 1)
    monkeypatch.setattr(SqliteExtractor, "estimate", lambda *_, **__: pytest.fail("it was estimated before"))
    SourceSearch.objects.filter(pk=search.pk).start_afresh()
    assert collect(search).state == Leased.State.DONE
    assert search.estimated_records == ORDERS + 1


def test_an_estimate_that_fails_hinders_nothing(search, monkeypatch):
    def failing(*_, **__):
        raise ConnectionError("too many connections")

    monkeypatch.setattr(estimating, "DELAY_SECONDS", 0)
    monkeypatch.setattr(SqliteExtractor, "estimate", failing)
    assert collect(search).state == Leased.State.DONE
    assert (search.records, search.estimates, search.last_error) == (ORDERS + 1, {}, "")


@pytest.mark.django_db(transaction=True)
def test_a_portal_database_that_is_busy_hinders_no_reading(search, monkeypatch):
    monkeypatch.setattr(leases, "PROGRESS_SECONDS", 0)
    refused = []

    def refuse(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and any("Reading" in str(value) for value in params):
            refused.append(sql)
            raise DatabaseError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        assert collect(search).state == Leased.State.DONE
    assert len(refused) > 2
    assert (search.attempt, search.records) == (1, ORDERS + 1)
