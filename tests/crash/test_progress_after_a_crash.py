"""A worker that dies half way through a large source: what was known of it is still there, and shown, afterwards."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from tests.live.portal import HEAVY, running_portal
from tests.live.steps import confirm, do, submit, sweep_until
from tests.servers import wait_until

SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 60, "FIRST_PAUSE_SECONDS": 0.2}
ROWS = 600_000
PERSON = "ann@example.test"
MAP = """
version: 1
source: shop
collections:
  people: {identifiers: {email: email}}
  visits: {links: [{column: person_id, to: people.id}]}
"""
LOOK = """
search = SourceSearch.objects.get()
told = planning.live_progress(SubjectRequest.objects.get())
result = {
    "state": search.state, "attempt": search.attempt, "percent": search.percent, "step": search.step,
    "records": search.records, "estimates": search.estimates, "estimated": search.estimated_records,
    "told": told.percent, "words": told.step, "time_left": told.time_left,
}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop that knows one person very well."""
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE people (id integer PRIMARY KEY, email text)")
        database.execute("CREATE TABLE visits (id integer PRIMARY KEY, person_id integer, page text, at text)")
        database.execute("INSERT INTO people VALUES (1, ?)", [PERSON])
        numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
        database.execute(
            f"INSERT INTO visits {numbers} SELECT i, 1, 'page ' || i || ' of the shop', '2026-01-01 00:00:00' FROM n"
        )
        database.execute("CREATE INDEX visits_of ON visits (person_id)")
        database.commit()
    return f"sqlite:///{path}"


@pytest.fixture
def portal(tmp_path, shop):
    url = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    with running_portal(tmp_path, url, leased=SHORT, programs=(HEAVY,)) as portal:
        portal.shell(
            "from requests_app import sources\nfrom requests_app.models import DataSource\n"
            f"sources.save(DataSource(slug='shop', label='Shop'), {shop!r}, {MAP!r}, None)"
        )
        yield portal


def seen_until(portal, condition, seconds=60):
    """Look again and again until a condition holds; returns everything that was seen."""
    seen = []
    end = time.monotonic() + seconds
    while not (seen and condition(seen[-1])):
        assert time.monotonic() < end, seen[-3:]
        seen.append(do(portal, LOOK))
    return seen


def test_what_is_known_of_a_search_outlives_its_worker_and_nothing_goes_back(portal):
    confirm(portal, submit(portal, PERSON))
    before = seen_until(portal, lambda now: now["estimates"] and 20 <= now["percent"] < 80)
    portal.kill_worker(HEAVY)
    dead = do(portal, LOOK)
    assert dead["estimates"] == {"people": 1, "visits": ROWS}
    assert dead["estimated"] == ROWS + 1
    assert dead["step"].startswith("Reading Visits: ")
    assert dead["step"].endswith(f" of about {ROWS:,} records")
    wait_until(lambda: do(portal, LOOK)["time_left"] == "", 10)  # nobody works on it, and the page does not pretend
    sweep_until(portal, lambda: do(portal, LOOK)["attempt"] == 2)
    after = seen_until(portal, lambda now: now["state"] == "done")
    told = [now["told"] for now in [*before, dead, *after]]
    assert told == sorted(told)
    again = [now for now in after if now["state"] == "running" and now["records"]]
    assert {str(now["estimates"]) for now in again} == {str(dead["estimates"])}
    assert any(0 < now["percent"] < 99 for now in again)
    assert any(f"of about {ROWS + 1:,} records" in now["words"] for now in again)
    assert any(now["time_left"] for now in again)
    assert after[-1]["records"] == ROWS + 1
