"""Reminders: each once, to those it concerns, whenever and however often it is looked."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from requests_app import audit, questions, reminders, teamwork, workflow
from requests_app.audit import Actor
from requests_app.models import (
    Leased,
    OutboxMail,
    PersonWait,
    Reminder,
    StaffMail,
    StaffPreference,
    StaffReminder,
    Status,
    SubjectRequest,
)
from requests_app.tasks import send_mail, send_staff_mail
from requests_app.timekeeping import clock
from tests.requests_app.portal import a_request, an_export, member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)  # due on 7 April in Germany
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mia(db):
    return member("Manager")


@pytest.fixture
def request_():
    row = a_request(submitted_at=RECEIVED, verified_at=RECEIVED, place="DE")
    clock.open_clock(row, actor=audit.SYSTEM)
    return row


def look_at(*moments: datetime) -> list[str]:
    """Look at each of some moments, twice; gives the reminders given, in their order."""
    before = set(Reminder.objects.values_list("pk", flat=True))
    for moment in moments:
        with time_machine.travel(moment, tick=False):
            reminders.look()
            reminders.look()
            reminders.send_digests()
    return list(Reminder.objects.exclude(pk__in=before).order_by("pk").values_list("kind", flat=True))


def every_day(first: datetime, days: int) -> list[str]:
    return look_at(*(first + DAY * number for number in range(days)))


def test_a_request_that_nobody_answers_reminds_day_by_day(request_, mia):
    given = every_day(RECEIVED, 36)
    assert given == ["progress", "due_soon", "due_tomorrow", "overdue", "overdue"]
    told = StaffReminder.objects.filter(user=mia).values_list("reminder__kind", flat=True).order_by("pk")
    assert list(told) == ["due_soon", "due_tomorrow", "overdue", "overdue"]
    assert [mail.template for mail in OutboxMail.objects.order_by("pk")] == ["progress"] * 3


def test_what_was_missed_is_said_once_if_it_is_still_of_use(request_, mia):
    assert look_at(datetime(2026, 4, 6, 9, tzinfo=UTC)) == ["due_tomorrow", "progress"]
    assert look_at(datetime(2026, 4, 12, 9, tzinfo=UTC)) == ["overdue"]


def test_whoever_works_on_it_hears_of_it_once_even_as_a_manager(request_, mia):
    pia = member("Processor")
    SubjectRequest.objects.filter(pk=request_.pk).update(assignee=pia)
    look_at(datetime(2026, 4, 2, 9, tzinfo=UTC))
    assert Counter(StaffMail.objects.values_list("recipient__username", flat=True)) == {"manager": 1, "processor": 1}
    SubjectRequest.objects.filter(pk=request_.pk).update(assignee=mia)
    look_at(datetime(2026, 4, 6, 9, tzinfo=UTC))
    assert StaffMail.objects.filter(recipient=mia).count() == 2


def test_who_wants_a_digest_gets_one_mail_a_day(mia, mailoutbox):
    StaffPreference.objects.create(user=mia, wants_digest=True)
    mia.email = "mia@example.test"
    mia.save()
    for _ in range(3):
        row = a_request(submitted_at=RECEIVED, place="DE")
        clock.open_clock(row, actor=audit.SYSTEM)
    night = datetime(2026, 4, 9, 3, 0, tzinfo=UTC)
    look_at(night)
    assert not StaffMail.objects.exists()
    look_at(night + HOUR * 5, night + HOUR * 6)
    mail = StaffMail.objects.get()
    assert (mail.template, mail.reminders.count()) == ("digest", 3)
    send_staff_mail(mail.pk)
    (sent,) = mailoutbox
    assert sent.body.count("DSR-2026-") + sent.body.count("DSR-") >= 3
    look_at(night + DAY + HOUR * 6)
    assert StaffMail.objects.count() == 2


def test_a_deadline_that_moves_is_reminded_of_again(request_, mia):
    look_at(datetime(2026, 4, 2, 9, tzinfo=UTC))
    SubjectRequest.objects.filter(pk=request_.pk).update(due_on="2026-06-05")
    assert look_at(datetime(2026, 6, 1, 9, tzinfo=UTC)) == ["due_soon"]


def test_a_clock_that_stands_still_reminds_of_the_question_alone(mia):
    row = a_request(submitted_at=RECEIVED, place="GB")
    clock.open_clock(row, actor=audit.SYSTEM)
    with time_machine.travel(RECEIVED + DAY * 3, tick=False):
        wait = questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which?", actor=Actor.staff(mia))
    assert every_day(RECEIVED + DAY * 4, 41) == ["unanswered", "unanswered"]
    assert OutboxMail.objects.filter(template="question").count() == 2  # asked, and reminded once
    assert StaffMail.objects.filter(recipient=mia).count() == 2
    with time_machine.travel(RECEIVED + DAY * 45, tick=False):
        questions.answer(wait.pk, "That one.", actor=audit.SUBJECT)
        row.refresh_from_db()
    assert every_day(RECEIVED + DAY * 46, 60)[:2] == ["due_soon", "due_tomorrow"]


def test_what_is_not_confirmed_is_reminded_of_once(settings):
    row = a_request(Status.SUBMITTED, submitted_at=RECEIVED, place="DE")
    clock.open_clock(row, actor=audit.SYSTEM)
    assert every_day(RECEIVED, settings.DSR_LAPSE_DAYS) == ["unverified"]
    assert OutboxMail.objects.get().template == "confirm"


def test_files_that_nobody_downloads_are_reminded_of_before_they_go():
    export = an_export(b"x", expires_at=RECEIVED + DAY * 7)
    assert every_day(RECEIVED, 9) == ["undownloaded"]
    assert OutboxMail.objects.get(export=export).template == "undownloaded"


def test_a_receipt_that_nobody_confirmed_is_the_teams_to_confirm(mia):
    row = a_request(submitted_at=datetime(2026, 7, 1, 9, tzinfo=UTC), place="US-CA")
    clock.open_clock(row, actor=audit.SYSTEM)
    assert "acknowledge" in every_day(datetime(2026, 7, 13, 9, tzinfo=UTC), 3)
    assert StaffMail.objects.filter(recipient=mia).exists()


def test_what_has_ended_reminds_of_nothing(request_, mia):
    workflow.perform(request_.pk, "withdraw", actor=audit.SUBJECT)
    assert every_day(RECEIVED, 60) == []


def test_a_reminder_that_fails_keeps_no_other_from_being_given(mia, caplog):
    broken, whole = (a_request(submitted_at=RECEIVED, verified_at=RECEIVED, place="DE") for _ in range(2))
    for row in (broken, whole):
        clock.open_clock(row, actor=audit.SYSTEM)
    with connection.cursor() as cursor:
        told = "CREATE TRIGGER broken BEFORE INSERT ON requests_app_reminder WHEN NEW.request_id = %d"
        cursor.execute(told % broken.pk + " BEGIN SELECT RAISE(ABORT, 'full'); END")
    assert look_at(datetime(2026, 4, 2, 9, tzinfo=UTC)) == ["due_soon", "progress"]
    assert {record.reference for record in caplog.records if record.message == "reminder.failed"} == {broken.reference}
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER broken")
    assert look_at(datetime(2026, 4, 2, 12, tzinfo=UTC)) == ["due_soon", "progress"]


def test_a_digest_leaves_out_what_has_ended_meanwhile(request_, mia):
    StaffPreference.objects.create(user=mia, wants_digest=True)
    look_at(datetime(2026, 4, 2, 3, tzinfo=UTC))
    workflow.perform(request_.pk, "withdraw", actor=audit.SUBJECT)
    look_at(datetime(2026, 4, 2, 9, tzinfo=UTC))
    assert not StaffMail.objects.exists()


def test_a_mail_that_waited_too_long_says_nothing_untrue(request_, mia, mailoutbox):
    look_at(datetime(2026, 4, 2, 9, tzinfo=UTC))
    mail = OutboxMail.objects.get(template="progress")
    workflow.perform(request_.pk, "complete", actor=Actor.staff(mia), reason="So.")
    send_mail(mail.pk)
    assert mailoutbox == []
    mail.refresh_from_db()
    assert (mail.state, mail.sent_at) == (Leased.State.DONE, None)


def test_a_place_that_changed_takes_the_receipt_to_confirm_along(mia):
    row = a_request(submitted_at=datetime(2026, 7, 1, 9, tzinfo=UTC), place="US-CA")
    clock.open_clock(row, actor=audit.SYSTEM)
    with time_machine.travel(datetime(2026, 7, 2, 9, tzinfo=UTC), tick=False):
        teamwork.change_place(row.pk, "DE", actor=Actor.staff(mia))
    assert "acknowledge" not in every_day(datetime(2026, 7, 13, 9, tzinfo=UTC), 3)
