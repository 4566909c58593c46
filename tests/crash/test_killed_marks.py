"""Workers that die with -9 while they mark rows, or restore them: whole or untouched, counted once, nothing left."""

from __future__ import annotations

import pytest

from tests.extractors.sql.changing.databases import contents
from tests.live.portal import running_portal
from tests.live.sources import register
from tests.live.steps import add_member, do, sweep_until
from tests.requests_app.changing.marked import MAP, TABLES
from tests.requests_app.changing.shops import run

SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 6, "FIRST_PAUSE_SECONDS": 0.2}
# Before anything is kept; kept and not set; set and not committed; committed, which only the next attempt finds out.
MARKING = ["_mark.call", "all_kept.call", "all_kept.return", "_set.return", "mark.return", "_finish.call"]
RESTORING = ["_take_back.call", "unmark.call", "_restore.return", "unmark.return", "_finish.call"]
PEOPLE = len(MARKING)
STEPS = """
from requests_app import restricting
from requests_app.models import *
from tests.requests_app.changing import marked
"""


class Company:
    """A shop as a source of a portal."""

    slug, map_text = "shop", MAP

    def __init__(self, url):
        self.url = url


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_database")("shop")
    people = range(100, 100 + PEOPLE)
    values = "false, 'new', 1.5, '2024-02-29', true"
    run(
        url,
        *TABLES,
        *(f"INSERT INTO customers VALUES ({n}, 'p{n}@example.test', {values})" for n in people),
        *(f"INSERT INTO orders VALUES ({n * 10 + i}, {n}, 'note')" for n in people for i in range(3)),
    )
    return Company(url), [f"p{n}@example.test" for n in people]


@pytest.fixture
def portal(tmp_path, shop):
    folder = tmp_path / "portal"
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    with running_portal(folder, url, leased=SHORT, programs=("quick", "heavy")) as portal:
        register(portal, [shop[0]])
        add_member(portal, "Manager")
        yield portal


def results(portal, act):
    """Let it be done, whatever happens; gives each result."""
    changes = f"SourceChange.objects.filter(act={act!r})"
    sweep_until(portal, lambda: not do(portal, f"result = {changes}.filter(applied_at=None).exists()"), 120)
    return do(portal, f"result = list({changes}.order_by('pk').values_list('result', flat=True))")


def test_marks_are_set_once_and_restored_whenever_workers_die(portal, shop):
    company, emails = shop
    before = contents(company.url)
    asked = f"[marked.asking(email=email).pk for email in {emails!r}]"
    actor = "audit.Actor.staff(User.objects.get(username='manager'))"
    for moment in MARKING:
        portal.set_moment("change_source", moment)
    requests = do(portal, f"{STEPS}\nresult = {asked}")
    do(
        portal,
        f"{STEPS}\nfor pk in {requests}:\n    restricting.restrict(pk, 'claims', actor={actor})\nresult = 1",
    )
    assert results(portal, "restriction") == [{"rows": {"customers": 1, "orders": 3}}] * PEOPLE
    assert len(portal.reached("change_source")) == len(MARKING)
    for moment in RESTORING:
        portal.set_moment("change_source", moment)
    do(
        portal,
        f"{STEPS}\nfor row in Restriction.objects.all():\n"
        "    with transaction.atomic():\n"
        "        restricting._end(row, None)\nresult = 1",
    )
    results(portal, "lifting")
    assert len(portal.reached("change_source")) == len(MARKING) + len(RESTORING)
    assert contents(company.url) == before
    left = do(
        portal,
        "retention.remove_stray_files(older_than_seconds=0)\n"
        "named = {*KeyList.objects.values_list('file', flat=True)}\n"
        "result = sorted({name for name, age in storage.names()} ^ named)",
    )
    assert left == []
