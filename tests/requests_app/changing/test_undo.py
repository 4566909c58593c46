"""The time in which an approved erasure can still be called off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, review, tasks
from requests_app.audit import Actor
from requests_app.changing import applying, approvals
from requests_app.changing.approvals import NotApprovable, TooLate
from requests_app.models import Approval, SourceChange
from requests_app.workflow import PermissionRefused, perform
from tests.requests_app.changing.shops import (
    ERASURE,
    a_shop,
    an_erasure,
    approve,
    approved,
    previewed,
    rows,
    team,
    worked,
)
from tests.requests_app.portal import a_refusal, acts, member, queued

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_day(settings):
    settings.DSR_ERASURE_UNDO_HOURS = 24


def at(travel, change, **apart):
    """Come to a moment before or after the end of the time."""
    travel.move_to(change.undo_until + timedelta(**apart))


@pytest.fixture
def travel():
    import time_machine

    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def call_off(request, user=None):
    return approvals.call_off(request.pk, ERASURE, actor=Actor.staff(user or team()[1]))


def test_what_is_approved_waits_and_the_sweep_begins_it_then(sqlite_shop, sqlite_url, travel):
    (change,) = approved(an_erasure())
    assert change.undo_until == timezone.now() + timedelta(hours=24)
    before = len(queued())
    tasks.sweep()
    assert (len(queued()), worked(change).is_applied, len(rows(sqlite_url, "carts"))) == (before, False, 4)
    at(travel, change)
    tasks.sweep()
    assert queued()[-1] == ("heavy", "change_source", (change.pk,))
    done = worked(change)
    assert (done.is_proven, done.undo_until) == (True, None)


def test_who_starts_it_afresh_does_not_shorten_the_time(sqlite_shop, sqlite_url, travel):
    (change,) = approved(an_erasure())
    review.retry(change, actor=audit.SYSTEM)
    resting = worked(change)
    assert (resting.state, resting.claimable_at, resting.attempts_left) == ("waiting", change.undo_until, 5)
    assert len(rows(sqlite_url, "carts")) == 4


def test_called_off_at_the_last_moment_it_is_void_and_looked_at_again(sqlite_shop, sqlite_url, travel):
    request = an_erasure()
    (change,) = approved(request)
    at(travel, change, seconds=-1)
    assert call_off(request) == 1
    change.refresh_from_db()
    assert (change.phase, change.approval, change.prepared_by, change.undo_until) == ("preview", None, None, None)
    assert Approval.objects.exclude(voided_at=None).count() == 1
    assert acts(request.pk)[-2:] == ["approval.voided", "change.called_off"]
    at_end = timezone.now() + timedelta(hours=1)
    travel.move_to(at_end)
    assert worked(change).is_previewed
    assert len(rows(sqlite_url, "carts")) == 4
    with pytest.raises(NotApprovable, match="Nobody has asked"):
        approvals.approve(request.pk, ERASURE, actor=Actor.staff(team()[1]))
    approve(request)
    travel.shift(timedelta(hours=25))
    assert worked(change).is_proven


def test_when_the_time_is_over_it_is_not_called_off(sqlite_shop, travel):
    request = an_erasure()
    (change,) = approved(request)
    at(travel, change)
    with pytest.raises(TooLate):
        call_off(request)
    assert worked(change).is_proven
    with pytest.raises(TooLate):
        call_off(request)


def test_it_is_called_off_everywhere_or_nowhere(sqlite_url, postgres_database):
    a_shop(sqlite_url)
    a_shop(postgres_database("crm"), slug="crm")
    request = an_erasure()
    previewed(request)
    first, _ = approve(request)
    SourceChange.objects.filter(approval=first).update(undo_until=None)
    with pytest.raises(TooLate):
        call_off(request)
    assert not Approval.objects.exclude(voided_at=None).exists()


@pytest.mark.parametrize("role", ["Processor", "Viewer"])
def test_only_who_decides_calls_it_off(sqlite_shop, role):
    request = an_erasure()
    approved(request)
    with pytest.raises(PermissionRefused):
        call_off(request, member(role))


def test_a_person_who_withdraws_in_time_keeps_their_data(sqlite_shop, sqlite_url, travel):
    request = an_erasure()
    (change,) = approved(request)
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    at(travel, change, hours=1)
    tasks.sweep()
    assert worked(change).last_error == "The request has ended."
    assert Approval.objects.get().voided_at
    assert len(rows(sqlite_url, "carts")) == 4
    review.retry(change, actor=audit.SYSTEM)
    type(request).objects.filter(pk=request.pk).update(status="in_progress")
    assert worked(change).phase == SourceChange.Phase.PREVIEW


def test_refused_by_two_people_in_time_nothing_is_erased(sqlite_shop, sqlite_url, travel):
    request = an_erasure()
    (change,) = approved(request)
    a_refusal(request)
    request.refresh_from_db()
    assert request.status == "rejected"
    at(travel, change, hours=1)
    assert worked(change).last_error == "The request has ended."
    assert Approval.objects.get(act="erasure").voided_at
    assert len(rows(sqlite_url, "carts")) == 4


def test_without_time_to_call_it_off_it_begins_at_once(sqlite_shop, settings):
    settings.DSR_ERASURE_UNDO_HOURS = 0
    request = an_erasure()
    (change,) = approved(request)
    assert (change.undo_until, queued()[-1][2]) == (None, (change.pk,))
    with pytest.raises(TooLate):
        call_off(request)


@pytest.fixture
def moment(monkeypatch):
    """Do something just before or just after a worker notes that it begins, the last moments of each."""
    real, whats = applying._begin, {}

    def begin(*args):
        whats.get("before", lambda: None)()
        real(*args)
        whats.get("after", lambda: None)()

    monkeypatch.setattr(applying, "_begin", begin)
    return whats


def test_called_off_while_a_worker_with_a_faster_clock_is_about_to_begin_nothing_is_erased(
    sqlite_shop, sqlite_url, travel, moment
):
    request = an_erasure()
    (change,) = approved(request)

    def before():
        at(travel, change, seconds=-1)
        call_off(request)

    moment["before"] = before
    at(travel, change)
    assert (worked(change).phase, len(rows(sqlite_url, "carts"))) == ("preview", 4)
    assert worked(change).is_previewed


def test_once_a_worker_has_begun_it_is_not_called_off_by_a_slower_clock(sqlite_shop, travel, moment):
    request = an_erasure()
    (change,) = approved(request)

    def after():
        at(travel, change, seconds=-1)
        with pytest.raises(TooLate):
            call_off(request)

    moment["after"] = after
    at(travel, change)
    assert worked(change).is_proven
    assert not Approval.objects.exclude(voided_at=None).exists()


def test_withdrawn_while_a_worker_is_about_to_begin_nothing_is_erased(sqlite_shop, sqlite_url, travel, moment):
    request = an_erasure()
    (change,) = approved(request)
    moment["before"] = lambda: perform(request.pk, "withdraw", actor=audit.SUBJECT)
    at(travel, change)
    assert worked(change).last_error == "The request has ended."
    assert len(rows(sqlite_url, "carts")) == 4


def test_of_two_who_call_it_off_at_once_one_does(postgres_portal, at_once, sqlite_url):
    a_shop(sqlite_url)
    request = an_erasure()
    approved(request)
    people = [team()[1], member("Manager")]
    results = at_once(*(lambda user=user: call_off(request, user) for user in people))
    assert sorted(map(str, results)) == ["1", str(TooLate)]
    assert acts(request.pk).count("change.called_off") == 1
