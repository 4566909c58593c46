"""Whom else knows: the person on their page, the team by a reminder each week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from requests_app import links, reminders
from requests_app.models import (
    RecipientNotice,
    Reminder,
    Right,
    SecureLink,
    StaffMail,
    StaffPreference,
    StaffReminder,
    Status,
)
from tests.requests_app.portal import a_request, member
from tests.requests_app.recipients.told import a_waiting_recipient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
NOTED, DAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC), timedelta(days=1)
HEADING = "Whom we tell"


def page_of(client, request):
    token = links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=1))
    return client.get(f"/r/{token}").content.decode()


def test_the_person_reads_who_was_told_who_will_be_and_who_cannot_be(client):
    request = a_request(Status.COMPLETED, right=Right.ERASURE, verified_at=timezone.now())
    now = {"request": request, "settled_at": timezone.now()}
    a_waiting_recipient(request=request)
    a_waiting_recipient("Payment provider", **now, told_on="2026-05-04", way="By mail to Otto")
    a_waiting_recipient("Ad network", **now, impossible_because="They were dissolved.")
    page = page_of(client, request)
    for said in (HEADING, "Carrier", "will be told", "told on 4 May 2026", "cannot be told", "They were dissolved."):
        assert said in page
    assert "Otto" not in page


def test_nobody_learns_of_recipients_before_they_have_shown_who_they_are(client):
    request = a_request(Status.SUBMITTED, right=Right.ERASURE)
    a_waiting_recipient(request=request)
    assert HEADING not in page_of(client, request)
    type(request).objects.update(status=Status.IN_PROGRESS, verified_at=timezone.now())
    check = request.identity_checks.create(kind="document", sent=0)
    assert HEADING not in page_of(client, request)
    type(check).objects.update(passed_at=timezone.now())
    assert HEADING in page_of(client, request)


def test_where_nobody_is_told_the_page_says_nothing(client):
    assert HEADING not in page_of(client, a_request(Status.COMPLETED, verified_at=timezone.now()))


def every_day(days):
    for number in range(days):
        with time_machine.travel(NOTED + DAY * number, tick=False):
            reminders.look()
            reminders.look()
            reminders.send_digests()


def test_the_team_is_reminded_each_week_until_all_are_told_also_after_the_end():
    member("Manager")
    notice = a_waiting_recipient()
    a_waiting_recipient("Payment provider", request=notice.request)
    RecipientNotice.objects.update(noted_at=NOTED)
    every_day(16)
    assert list(Reminder.objects.values_list("kind", "about").order_by("about")) == [
        ("recipients", (NOTED + 7 * DAY).date()),
        ("recipients", (NOTED + 14 * DAY).date()),
    ]
    assert StaffMail.objects.count() == 2
    RecipientNotice.objects.update(settled_at=NOTED, impossible_because="So.")
    every_day(30)
    assert Reminder.objects.count() == 2


@pytest.mark.parametrize("is_told", [False, True])
def test_a_digest_speaks_of_them_after_the_end_unless_they_were_told_meanwhile(is_told):
    StaffPreference.objects.create(user=member("Manager"), wants_digest=True)
    a_waiting_recipient()
    RecipientNotice.objects.update(noted_at=NOTED)
    with time_machine.travel(NOTED + 7 * DAY, tick=False):
        reminders.look()
    assert StaffReminder.objects.filter(mail=None).count() == 1
    if is_told:
        RecipientNotice.objects.update(settled_at=NOTED, impossible_because="So.")
    with time_machine.travel(NOTED + 8 * DAY, tick=False):
        reminders.send_digests()
    assert StaffMail.objects.filter(template="digest").count() == (0 if is_told else 1)
