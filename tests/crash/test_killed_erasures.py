"""Workers that die with -9 anywhere on the way of an erasure over three sources: each whole or untouched, one end."""

from __future__ import annotations

import os
import time

import pytest

from tests.crash.test_killed_changes import AT_ONCE, STEPS, approve
from tests.live.portal import running_portal
from tests.live.sources import register
from tests.live.steps import add_member, do
from tests.requests_app.changing.shops import MAP, fill, rows, run

IS_WHOLE = os.environ.get("DSR_TEST_ALL") == "1"
# Read and not begun; begun and not committed; committed and not noted; noted; certified and not completed; completed.
DECISIVE = [
    *(("change_source", moment) for moment in ("_begin.call", "_begin.return", "_unaccounted.call", "_finish.return")),
    *(("finish_request", moment) for moment in ("remove_copies.call", "_stored.return", "_complete.return")),
]
SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 60, "FIRST_PAUSE_SECONDS": 0.2}
PATIENCE_SECONDS = 900 if IS_WHOLE else 240
MOST = 20 if IS_WHOLE else 4
SAMPLED = [DECISIVE[place] for place in (1, 2, 5, 6)]
FIRST = 100
OPEN = "result = list(SourceChange.objects.filter(applied_at=None).values_list('pk', 'phase', 'state', 'last_error'))"
AT_ONE_LOOK = """
SELECT id, name, (SELECT count(*) FROM carts WHERE customer_id = c.id) AS carts,
    (SELECT count(*) FROM orders WHERE customer_id = c.id AND note IS NOT NULL) AS notes FROM customers c
"""
CERTIFIED = """
from requests_app.certificates.erasures import erasure_record
def told(request):
    record = erasure_record(request)
    return [
        [source.label, source.is_proven, source.came_since, [
            [item.name, item.label, item.before, item.deleted, item.anonymised, item.archived, item.kept, item.shared,
             item.referenced, item.after, item.left, [
                 item.retained.ground, item.retained.rows, item.retained.years,
                 str(item.retained.first_on), str(item.retained.last_on),
             ] if item.retained else None]
            for item in source.collections
        ]]
        for source in record.sources
    ]
result = [told(request) for request in SubjectRequest.objects.order_by("pk")]
"""


class Company:
    """A shop as a source of a portal."""

    def __init__(self, slug, url, people):
        self.slug, self.url, self.map_text = slug, url, MAP.replace("source: shop", f"source: {slug}")
        fill(url)
        orders = [(n * 10 + i, n, i + 1) for n in people for i in (0, 1)]
        run(
            url,
            *(f"INSERT INTO customers VALUES ({n}, 'p{n}@example.test', NULL, 'P{n}')" for n in people),
            *(f"INSERT INTO orders VALUES ({pk}, {n}, '2020-01-0{day}', 'note')" for pk, n, day in orders),
            *(f"INSERT INTO carts VALUES ({n * 10 + i}, {n}, 'Lamp')" for n in people for i in range(3)),
        )

    def states(self, people):
        """Say of each person, in one look, whether their rows are untouched or wholly erased; anything else fails."""
        seen = {row[0]: row[1:] for row in rows(self.url, f"({AT_ONE_LOOK}) AS seen")}
        kinds = {number: {(f"P{number}", 3, 2): "untouched", ("[erased]", 0, 0): "erased"} for number in people}
        return {number: kinds[number][seen[number]] for number in people}

    def others(self):
        """Give the rows of those who never asked."""
        tables = ("customers", "orders", "carts")
        return [[row for row in rows(self.url, table) if row[0] < FIRST] for table in tables]


def swept_until(portal, condition):
    """Sweep now and then, not so often that what is queued again and again keeps the workers from their work."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, do(portal, OPEN)
        do(portal, "result = tasks.sweep()")
        time.sleep(2)


def moments(portal):
    """Give the moments: the decisive ones, and others spread evenly over all that a worker does."""
    if not IS_WHOLE:
        return SAMPLED
    steps, evenly = portal.steps_of("change_source") * 9 // 10, MOST - len(DECISIVE)
    return [*DECISIVE, *(("change_source", steps * (2 * place + 1) // (2 * evenly)) for place in range(evenly))]


def asked(portal, people):
    """Have the erasure of everybody looked at, in every source."""
    emails = [f"p{number}@example.test" for number in people]
    requests = do(portal, f"{STEPS}\nresult = [shops.an_erasure(email).pk for email in {emails!r}]")
    find = f"SubjectRequest.objects.filter(pk__in={requests})"
    do(portal, f"result = [len(planning.plan_previews(request, 'erasure')) for request in {find}]")
    waiting = f"SourceChange.objects.filter(request__in={requests}, previewed_at=None).exists()"
    swept_until(portal, lambda: not do(portal, f"result = {waiting}"))
    return requests


@pytest.fixture
def people():
    return range(FIRST, FIRST + MOST + 1)


@pytest.fixture
def companies(people, tmp_path, postgres_database, mariadb_database):
    urls = {"file": f"sqlite:///{tmp_path / 'shop.sqlite3'}"}
    urls |= {"post": postgres_database("shop"), "maria": mariadb_database("shop")}
    return [Company(slug, url, people) for slug, url in urls.items()]


@pytest.fixture
def portal(tmp_path, companies):
    folder = tmp_path / "portal"
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    with running_portal(folder, url, leased=SHORT, programs=("quick", "heavy"), extra_env=AT_ONCE) as portal:
        register(portal, companies)
        add_member(portal, "Processor")
        add_member(portal, "Reviewer")
        yield portal


def test_three_sources_come_to_the_same_certificate_whenever_workers_die(portal, companies, people):
    before = [company.others() for company in companies]
    first, *others = asked(portal, people)

    def all_done(*requests):
        states = [company.states(people) for company in companies]
        found = f"SubjectRequest.objects.filter(pk__in={list(requests)}).exclude(status='completed').exists()"
        is_ended = not do(portal, f"result = {found}")
        assert not is_ended or {state[n] for state in states for n in people[: len(requests)]} == {"erased"}
        return is_ended

    approve(portal, [first])
    swept_until(portal, lambda: all_done(first))
    killed = moments(portal)
    for task, moment in killed:
        portal.set_moment(task, moment)
    approve(portal, others)
    swept_until(portal, lambda: all_done(first, *others))
    assert sum(len(portal.reached(task)) for task in {task for task, _ in killed}) == len(killed) == MOST
    certified = do(portal, CERTIFIED)
    assert len(certified) == len(people)
    assert [each for each in certified if each != certified[0]] == []
    assert [(source[0], source[1], source[3][0][2]) for source in certified[0]] == [
        ("File", True, 1),
        ("Maria", True, 1),
        ("Post", True, 1),
    ]
    numbers = (
        "[Certificate.objects.filter(withdrawn_at=None).count(), OutboxMail.objects.filter(template='erased').count()]"
    )
    assert do(portal, f"result = {numbers}") == [len(people)] * 2
    assert do(
        portal, "result = list(SubjectRequest.objects.values_list('outcome', flat=True).distinct().order_by())"
    ) == ["partial"]
    assert [company.others() for company in companies] == before
