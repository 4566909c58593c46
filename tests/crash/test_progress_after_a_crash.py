"""A worker that dies half way through a large source: what was known of it is still there, and shown, afterwards."""

from __future__ import annotations

import time

import pytest

from tests.live.large import PERSON, a_large_shop, register_large_shop
from tests.live.portal import HEAVY, running_portal
from tests.live.steps import confirm, do, submit, sweep_until
from tests.servers import wait_until

SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 60, "FIRST_PAUSE_SECONDS": 0.2}
ROWS = 1_500_000
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
    return a_large_shop(tmp_path_factory.mktemp("shop"), ROWS)


@pytest.fixture
def portal(tmp_path, shop):
    url = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    with running_portal(tmp_path, url, leased=SHORT, programs=(HEAVY,)) as portal:
        register_large_shop(portal, shop)
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
    before = seen_until(portal, lambda now: now["estimates"] and 0 < now["percent"] < 80)
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
    assert any(f"of about {ROWS:,} records" in now["words"] for now in again)
    assert any(now["time_left"] for now in again)
    assert after[-1]["records"] == ROWS + 1
