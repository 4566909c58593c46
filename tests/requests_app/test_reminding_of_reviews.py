"""Reviewers hear in time of the decisions they are to review: once for a day, and the managers with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from requests_app import audit, deciding, reminders
from requests_app.models import Reminder, Right, StaffReminder, SubjectRequest
from requests_app.timekeeping import clock
from tests.requests_app.decisions import STANDS, colleague, without_sources
from tests.requests_app.portal import a_request, member

pytestmark = pytest.mark.django_db
CAME = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def case():
    request, reviewer = without_sources(submitted_at=CAME, verified_at=CAME, place="DE")
    clock.open_clock(request, actor=audit.SYSTEM)
    return request, reviewer


def look(first: int, last: int) -> list[int]:
    """Look each day, twice, from one day after the request came to another; gives those on which somebody was told."""
    days = []
    for number in range(first, last + 1):
        due = Reminder.objects.filter(kind=Reminder.Kind.REVIEW_DUE)
        before = due.count()
        with time_machine.travel(CAME + DAY * number, tick=False):
            reminders.look()
            reminders.look()
        days += [number] * (due.count() - before)
    return days


def test_the_reviewer_hears_three_days_before_the_teams_own_day_and_once(case):
    _, reviewer = case
    mara, rolf = member("Manager"), colleague("rolf")
    assert look(1, 20) == [11]
    row = Reminder.objects.get(kind=Reminder.Kind.REVIEW_DUE)
    assert row.about == (CAME + DAY * 14).date()
    told = set(StaffReminder.objects.filter(reminder=row).values_list("user", flat=True))
    assert told == {reviewer.user_id, mara.pk}
    assert rolf.pk not in told


def test_another_target_is_another_day(case, settings):
    settings.DSR_DECISION_REVIEW_DAYS = 5
    assert look(1, 10) == [2]


def test_what_is_concluded_waits_for_nobody(case):
    request, reviewer = case
    with time_machine.travel(CAME + DAY * 5, tick=False):
        deciding.draft(request.pk, STANDS, actor=reviewer)
        deciding.conclude(request.pk, actor=reviewer)
    assert look(6, 20) == []


def test_while_the_clock_stands_still_nobody_is_reminded(case):
    request, _ = case
    request.deadlines.update(is_paused=True)
    assert SubjectRequest.objects.paused().filter(pk=request.pk).exists()
    assert look(3, 20) == []


def test_no_other_right_has_such_a_day():
    a_request(right=Right.ERASURE, submitted_at=CAME, verified_at=CAME)
    assert look(1, 20) == []
