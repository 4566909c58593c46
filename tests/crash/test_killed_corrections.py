"""Workers that die with -9 while they correct: each value is written once, known as written, and the request ends."""

from __future__ import annotations

import os

import pytest

from tests.live.portal import running_portal
from tests.live.sources import register
from tests.live.steps import add_member, do, sweep_until
from tests.requests_app.changing.shops import rows, run
from tests.requests_app.rectifying.shops import MAP, TABLES

SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 6, "FIRST_PAUSE_SECONDS": 0.2}
# Looked at, not begun; written, not committed; committed, which only the next attempt finds out; about to be told.
MOMENTS = ["_begin.return", "change.return", "rectify.return", "finish.return"]
if os.environ.get("DSR_TEST_ALL") == "1":
    MOMENTS += ["carry_out.call", "_begin.call", "_prove.call", "_prove.return", "_finish.call"]
STEPS = """
from requests_app import rectifying
from requests_app.models import *
from tests.requests_app.rectifying import shops
"""


class Company:
    """A shop as a source of a portal."""

    slug, map_text = "shop", MAP

    def __init__(self, url):
        self.url = url


@pytest.fixture
def shop(postgres_database):
    """A shop with as many customers as moments."""
    url = postgres_database("shop")
    people = range(100, 100 + len(MOMENTS))
    run(
        url,
        *filter(str.strip, TABLES.split(";")),
        *(f"INSERT INTO customers VALUES ({n}, 'p{n}@example.test', 'P{n}', 'Olso')" for n in people),
    )
    return Company(url), [f"p{n}@example.test" for n in people]


@pytest.fixture
def portal(tmp_path, shop):
    folder = tmp_path / "portal"
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    with running_portal(folder, url, leased=SHORT, programs=("quick", "heavy")) as portal:
        register(portal, [shop[0]])
        add_member(portal, "Reviewer")
        yield portal


def read(portal, emails):
    """Ask for corrections of people, and have the source read; gives the ids of the requests."""
    requests = do(portal, f"{STEPS}\nresult = [shops.a_rectification(email, is_read=False).pk for email in {emails!r}]")
    waiting = f"SourceSearch.objects.filter(request__in={requests}).exclude(state='done')"
    sweep_until(portal, lambda: not do(portal, f"result = {waiting}.exists()"))
    return requests


def decided(portal, requests):
    """Propose two values of each person, and approve one of them."""
    do(
        portal,
        f"{STEPS}\nresult = []\nfor request in SubjectRequest.objects.filter(pk__in={requests}):\n"
        "    shops.proposed(request, city='Oslo', name='Ann')\n"
        "    shops.decided(request, city='approve', name=('reject', 'No.'))\n",
    )


def test_every_correction_is_written_once_and_told_truly_whenever_workers_die(portal, shop):
    company, emails = shop
    before = rows(company.url, "customers")
    requests = read(portal, emails)
    for moment in MOMENTS:
        portal.set_moment("change_source", moment)
    decided(portal, requests)
    asked = f"SubjectRequest.objects.filter(pk__in={requests})"
    sweep_until(portal, lambda: not do(portal, f"result = {asked}.exclude(status='completed').exists()"), 240)
    assert len(portal.reached("change_source")) == len(MOMENTS)
    changes = f"SourceChange.objects.filter(request__in={requests}).order_by('pk')"
    told = do(portal, f"result = list({changes}.values_list('result', 'is_proven', 'began'))")
    assert [(result, is_proven) for result, is_proven, _ in told] == [
        ({"rows": {"customers": 1}, "returned": 0}, True)
    ] * len(requests)
    assert max(began for *_, began in told) == 2
    rejected = f"ProposedCorrection.objects.filter(request__in={requests}, state='rejected')"
    assert (
        do(portal, f"result = [{rejected}.count(), {asked}.filter(outcome='partial').count()]") == [len(requests)] * 2
    )
    mails = f"OutboxMail.objects.filter(request__in={requests}, template='rectified')"
    assert do(portal, f"result = {mails}.count()") == len(requests)
    after = rows(company.url, "customers")
    assert after == [(*row[:3], "Oslo", *row[4:]) if row[0] >= 100 else row for row in before]
