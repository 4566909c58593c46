"""Workers that die with -9 while they erase: each source is erased wholly, the result true, nothing left behind."""

from __future__ import annotations

import os

import pytest

from tests.live.moments import KILL_ALWAYS
from tests.live.portal import running_portal
from tests.live.sources import register
from tests.live.steps import add_member, do, sweep_until
from tests.requests_app.changing.shops import MAP, fill, numbers, rows, run
from tests.servers import wait_until

AT_ONCE = {"DSR_ERASURE_UNDO_HOURS": "0"}
SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 6, "FIRST_PAUSE_SECONDS": 0.2}
EVENLY = 12 if os.environ.get("DSR_TEST_ALL") == "1" else 3
# Before anything is noted; noted and not begun; begun; committed, which only the next attempt finds out; done.
DECISIVE = ["carry_out.call", "_begin.call", "_begin.return", "make.return", "_unaccounted.call", "_finish.return"]
DECISIVE += ["no_longer_found.call", "finish.call", "finish.return"]
MOMENTS = len(DECISIVE) + EVENLY
STEPS = """
from requests_app.changing import approvals, previews
from requests_app.models import *
from tests.requests_app.changing import shops
"""
TOLD = {"customers": (1, 1, 0, 0), "orders": (2, 0, 2, 0), "carts": (3, 3, 0, 0)}


class Company:
    """A shop as a source of a portal."""

    slug, map_text = "shop", MAP

    def __init__(self, url):
        self.url = url


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request, tmp_path):
    """A shop with as many customers as moments, of whom each has two orders and three carts."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_database")("shop")
    fill(url)
    people = range(100, 100 + MOMENTS + 1)
    run(
        url,
        *(f"INSERT INTO customers VALUES ({n}, 'p{n}@example.test', NULL, 'P{n}')" for n in people),
        *(f"INSERT INTO orders VALUES ({n * 10 + i}, {n}, '2020-01-0{i + 1}', 'note')" for n in people for i in (0, 1)),
        *(f"INSERT INTO carts VALUES ({n * 10 + i}, {n}, 'Lamp')" for n in people for i in range(3)),
    )
    return Company(url), [f"p{n}@example.test" for n in people]


@pytest.fixture
def portal(tmp_path, shop):
    folder = tmp_path / "portal"
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    with running_portal(folder, url, leased=SHORT, programs=("quick", "heavy"), extra_env=AT_ONCE) as portal:
        register(portal, [shop[0]])
        add_member(portal, "Processor")
        add_member(portal, "Reviewer")
        yield portal


def previewed(portal, emails):
    """Have the erasures of people previewed; gives the ids of their requests."""
    asked = f"[shops.an_erasure(email).pk for email in {emails!r}]"
    actor = "audit.Actor.staff(User.objects.get(username='processor'))"
    requests = do(portal, f"{STEPS}\nresult = {asked}")
    do(portal, f"{STEPS}\nresult = [len(previews.preview(pk, 'erasure', actor={actor})) for pk in {requests}]")
    waiting = f"SourceChange.objects.filter(request__in={requests}, previewed_at=None)"
    sweep_until(portal, lambda: not do(portal, f"result = {waiting}.exists()"))
    return requests


def approve(portal, requests):
    asking, actor = (f"audit.Actor.staff(User.objects.get(username={name!r}))" for name in ("processor", "reviewer"))
    do(portal, f"{STEPS}\nresult = [approvals.prepare(pk, 'erasure', actor={asking}) for pk in {requests}]")
    do(portal, f"{STEPS}\nresult = [len(approvals.approve(pk, 'erasure', actor={actor})) for pk in {requests}]")


def erased(portal, requests):
    """Let them be erased, whatever happens; gives each result and how often it began."""
    changes = f"SourceChange.objects.filter(request__in={requests})"
    sweep_until(portal, lambda: not do(portal, f"result = {changes}.filter(applied_at=None).exists()"), 120)
    return do(portal, f"result = list({changes}.order_by('pk').values_list('result', 'is_proven', 'began'))")


def acts_on(portal, request):
    entries = f"AuditEntry.objects.filter(request_id={request}).values_list('action', flat=True)"
    return do(portal, f"result = [act for act in {entries} if act != 'change.began']")


def left_over(portal):
    """What lies in the storage that no row names, or the other way round; how many keys are alive for nothing."""
    return do(
        portal,
        "retention.remove_stray_files(older_than_seconds=0)\n"
        "named = {*KeyList.objects.values_list('file', flat=True), *KeptRows.objects.values_list('file', flat=True)}\n"
        "keys = EncryptionKey.objects.filter(destroyed_at=None)\n"
        "roots = SubjectRequest.objects.count() + KeptRows.objects.count() + DataSource.objects.count()\n"
        "roots += Certificate.objects.count()\n"
        "alive = keys.exclude(parent=None).count() - KeyList.objects.count()\n"
        "spare = keys.filter(parent=None).count() - roots\n"
        "result = [sorted({name for name, age in storage.names()} ^ named), alive, spare]",
    )


def test_every_erasure_is_done_once_and_told_truly_whenever_workers_die(portal, shop):
    company, (first, *others) = shop
    requests = previewed(portal, [first, *others])
    approve(portal, requests[:1])
    assert len(erased(portal, requests[:1])) == 1
    steps = portal.steps_of("change_source") * 9 // 10
    for moment in [*DECISIVE, *(steps * (2 * number + 1) // (2 * EVENLY) for number in range(EVENLY))]:
        portal.set_moment("change_source", moment)
    approve(portal, requests[1:])
    told = erased(portal, requests)
    assert len(portal.reached("change_source")) == MOMENTS
    assert [(numbers(result), is_proven) for result, is_proven, _ in told] == [(TOLD, True)] * len(requests)
    assert max(began for *_, began in told) == 2
    assert not any("p1" in row[1] for row in rows(company.url, "customers"))
    assert [row[0] for row in rows(company.url, "carts")] == [20, 21, 22, 23]
    assert {row[3] for row in rows(company.url, "orders") if row[0] >= 1000} == {None}
    for request in requests:
        assert acts_on(portal, request)[:5] == [
            *("change.previewed", "preview.done", "change.prepared", "change.approved", "change.done")
        ]
    kept = "KeptRows.objects.values_list('rows', flat=True)"
    assert do(portal, f"result = list({kept})") == [2] * len(requests)
    registered = do(portal, "result = RegisteredErasure.objects.count()")
    assert registered == len(requests)
    files, alive, spare = left_over(portal)
    assert ([file for file in files if not file.startswith("certificate-")], alive) == ([], 0)
    assert spare == do(portal, "result = len({*RegisteredErasure.objects.values_list('key', flat=True)})")


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_an_erasure_that_kills_its_worker_each_time_says_that_nobody_knows_and_can_be_tried_again(portal, shop):
    company, (email, *_) = shop
    (request,) = previewed(portal, [email])
    portal.set_moment("change_source", "_unaccounted.call", KILL_ALWAYS)
    approve(portal, [request])
    change = f"SourceChange.objects.filter(request={request})"
    for deaths in range(1, 6):
        wait_until(lambda deaths=deaths: len(portal.reached("change_source")) == deaths)
        do(portal, f"result = {change}.update(claimable_at=timezone.now(), requeue_at=timezone.now()), tasks.sweep()")
    wait_until(lambda: do(portal, f"result = {change}.get().state") == "failed")
    assert do(portal, f"result = [{change}.get().is_uncertain, {change}.get().is_applied]") == [True, False]
    (note,) = do(portal, f"result = list(Message.objects.filter(request={request}).values_list('text', flat=True))")
    assert "whether the source was changed shows when this is tried again" in note
    portal.forget_moments("change_source")
    do(portal, f"result = review.retry({change}.get(), actor=audit.SYSTEM)")
    ((result, is_proven, began),) = erased(portal, [request])
    assert (numbers(result), is_proven, began) == (TOLD, True, 6)
    assert "fixed by an attempt whose worker stopped, and not found again" in str(result)
    files, alive, _ = left_over(portal)
    assert ([file for file in files if not file.startswith("certificate-")], alive) == ([], 0)
    assert len(rows(company.url, "carts")) == 4 + 3 * MOMENTS
