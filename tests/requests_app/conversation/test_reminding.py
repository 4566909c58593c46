"""What the person wrote and nobody of the team reads is not forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from requests_app import audit, conversation, reminders
from requests_app.audit import Actor
from requests_app.models import Message, Reminder, StaffReminder, Status, SubjectRequest
from tests.requests_app.portal import a_request, member

pytestmark = pytest.mark.django_db
WRITTEN = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mia(db):
    return member("Manager")


@pytest.fixture
def row(db):
    row = a_request()
    with time_machine.travel(WRITTEN, tick=False):
        conversation.reply(row.pk, "Hello?", actor=audit.SUBJECT)
        conversation.reply(row.pk, "Anybody?", actor=audit.SUBJECT)
    return row


def look_on(*moments: datetime) -> int:
    """Look at some moments; gives how often it was reminded of what is unread."""
    before = Reminder.objects.filter(kind=Reminder.Kind.UNREAD).count()
    for moment in moments:
        with time_machine.travel(moment, tick=False):
            reminders.look()
    return Reminder.objects.filter(kind=Reminder.Kind.UNREAD).count() - before


def test_the_team_is_reminded_after_a_day_and_again_each_week(row, mia):
    assert look_on(WRITTEN + 23 * HOUR) == 0
    assert look_on(WRITTEN + DAY, WRITTEN + DAY, WRITTEN + 2 * DAY) == 1
    assert look_on(WRITTEN + 6 * DAY) == 0
    assert look_on(WRITTEN + 7 * DAY, WRITTEN + 8 * DAY) == 1
    told = StaffReminder.objects.filter(user=mia, reminder__kind=Reminder.Kind.UNREAD)
    assert told.count() == 2
    assert not row.mails.exists()


def test_nobody_is_reminded_of_what_was_read_or_of_a_request_that_ended(row, mia):
    conversation.note_read(row, Message.objects.latest("pk").pk, actor=Actor.staff(mia))
    assert look_on(WRITTEN + 2 * DAY) == 0
    Message.objects.update(read_at=None)
    SubjectRequest.objects.update(status=Status.WITHDRAWN)
    assert look_on(WRITTEN + 3 * DAY) == 0
