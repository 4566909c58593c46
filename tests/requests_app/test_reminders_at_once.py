"""Reminders, extensions and answers by two at the same moment, on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, extensions, questions, reminders
from requests_app.audit import Actor
from requests_app.deadlines.extending import Plan
from requests_app.extensions import DecidedExtension
from requests_app.models import (
    ComputedDeadline,
    OutboxMail,
    PersonWait,
    Reminder,
    StaffMail,
    StaffPreference,
    StaffReminder,
)
from requests_app.questions import UnaskableQuestion, UnusableAnswer
from requests_app.timekeeping import clock
from tests.requests_app.portal import a_request, acts, member

pytestmark = pytest.mark.usefixtures("storage_folder")
PLAN = Plan("complexity", "Nine systems.", by=2)


def opened(days_ago: int = 10, place: str = "DE"):
    received = timezone.now() - timedelta(days=days_ago)
    row = a_request(submitted_at=received, verified_at=received, place=place)
    clock.open_clock(row, actor=audit.SYSTEM)
    return row


def test_two_who_look_at_once_remind_once(at_once):
    manager = member("Manager")
    for days_ago in (28, 30, 45, 60):
        opened(days_ago)
    counts = at_once(*[reminders.look] * 6)
    assert (
        sum(counts)
        == Reminder.objects.count()
        == StaffReminder.objects.count() + Reminder.objects.filter(kind="progress").count()
    )
    assert StaffMail.objects.filter(recipient=manager).count() == StaffReminder.objects.count()


def test_two_digests_at_once_are_one(at_once):
    StaffPreference.objects.create(user=member("Manager"), wants_digest=True)
    opened(60)
    reminders.look()
    noon = timezone.localtime().replace(hour=12)
    assert sum(at_once(*[lambda: reminders.send_digests(noon)] * 5)) == 1
    assert StaffMail.objects.filter(template="digest").count() == 1


def test_of_approving_and_giving_up_at_once_one_happens(at_once):
    pia, mia = Actor.staff(member("Processor")), Actor.staff(member("Manager"))
    request = opened()
    row = extensions.prepare(request.pk, PLAN, "", actor=pia)
    approve = lambda: extensions.approve(row.pk, actor=mia) and None  # noqa: E731
    done = at_once(approve, lambda: extensions.drop(row.pk, actor=pia), approve)
    assert sorted(map(str, done)) == sorted(map(str, [None, DecidedExtension, DecidedExtension]))
    row.refresh_from_db()
    assert (row.approved_at is None) != (row.dropped_at is None)
    assert OutboxMail.objects.filter(template="extended").count() == (1 if row.approved_at else 0)
    assert ComputedDeadline.objects.filter(request=request).count() == (2 if row.approved_at else 1)


def test_of_two_answers_at_once_one_counts_and_the_day_fits_what_is_kept(at_once):
    pia = Actor.staff(member("Processor"))
    request = opened(place="GB")
    ask = lambda: questions.ask(request.pk, PersonWait.Kind.IDENTITY, "Who?", actor=pia) and None  # noqa: E731
    assert sorted(map(str, at_once(ask, ask))) == sorted(map(str, [None, UnaskableQuestion]))
    wait = request.waits.get()
    answer = lambda: questions.answer(wait.pk, "I.", actor=audit.SUBJECT) and None  # noqa: E731
    assert sorted(map(str, at_once(answer, answer))) == sorted(map(str, [None, UnusableAnswer]))
    assert acts(request.pk).count("question.answered") == 1
    request.refresh_from_db()
    assert request.due_on == request.deadlines.first().due_on
