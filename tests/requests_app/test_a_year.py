"""A year of requests in every state: each reminder once, no date that changes by itself, nothing that stays."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
import time_machine

from requests_app import reminders, tasks
from requests_app.deadlines import calendars
from requests_app.models import OutboxMail, Reminder, StaffMail, StaffPreference, StaffReminder, Status, SubjectRequest
from requests_app.models.subject_request import AT_WORK
from tests.requests_app.clock_years import DAY, START, Year
from tests.requests_app.portal import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
IS_WHOLE = os.environ.get("DSR_TEST_ALL") == "1"
SEEDS, DAYS = (range(4), 400) if IS_WHOLE else (range(1), 120)


@pytest.fixture
def team(monkeypatch):
    """A manager with a mail for each thing, another with a digest, and who does the work."""
    for name in ("LIBRARY", "_holidays_of"):  # a year exchanges them
        monkeypatch.setattr(calendars, name, getattr(calendars, name))
    digester = member("Reviewer")
    digester.groups.set(member("Manager").groups.all())
    StaffPreference.objects.create(user=digester, wants_digest=True)
    return type(digester).objects.get(username="manager"), member("Processor")


@pytest.mark.parametrize("seed", SEEDS)
def test_through_a_year_of_chance_each_reminder_comes_once_and_no_date_moves_by_itself(seed, team, caplog):
    year = Year(Random(seed), *team)
    while (year.now - START).days < DAYS:
        year.step()
    assert not [record for record in caplog.records if record.message in {"task.failed", "reminder.failed"}]
    assert SubjectRequest.objects.count() > DAYS / 10
    assert_mails_follow_reminders()
    assert_nothing_stays(year)


def assert_mails_follow_reminders() -> None:
    """See that nobody got a mail more than reminders ask for, and the team each of theirs once."""
    said = Counter(Reminder.objects.values_list("request", flat=True))
    kinds = ("progress", "undownloaded")
    told = Counter(OutboxMail.objects.filter(template__in=kinds).values_list("request", flat=True))
    assert all(told[pk] <= said[pk] for pk in told)
    by_user = Counter(StaffReminder.objects.values_list("user", "reminder"))
    assert set(by_user.values()) == {1}
    reminding = StaffMail.objects.filter(template="reminders")
    assert reminding.count() == StaffReminder.objects.filter(mail__template="reminders").count()


def assert_nothing_stays(year: Year) -> None:
    """Let all end what has to: what is not confirmed lapses, what has ended is archived, what is late is said daily."""
    year.now += DAY * 8
    for _ in range(2):
        with time_machine.travel(year.now, tick=False):
            for mail in OutboxMail.objects.open():
                tasks.send_mail(mail.pk)
            tasks.clean_up()
        year.now += DAY * 100
    with time_machine.travel(year.now, tick=False):
        tasks.clean_up()
        tasks.remind()
        statuses = set(SubjectRequest.objects.values_list("status", flat=True))
        assert statuses <= {*AT_WORK, Status.ARCHIVED}
        at_work = set(SubjectRequest.objects.filter(status__in=AT_WORK).values_list("pk", flat=True))
        assert at_work == set(
            Reminder.objects.filter(about__gte=(year.now - 14 * DAY).date()).values_list("request", flat=True)
        )
    with time_machine.travel((year.now + DAY).replace(hour=12), tick=False):
        reminders.send_digests()
    assert not StaffReminder.objects.filter(mail=None).exists()
