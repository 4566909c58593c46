"""Asking the person: the question is mailed, the clock stands where the law says so, the answer lets it run."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from requests_app import audit, questions
from requests_app.audit import Actor
from requests_app.models import Leased, PersonWait, Status
from requests_app.questions import UnaskableQuestion, UnusableAnswer
from requests_app.timekeeping import clock
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import a_request, acts, member, send_mails

pytestmark = pytest.mark.django_db
Kind = PersonWait.Kind


def day(number: int) -> datetime:
    return datetime(2026, 9, number, 12, 0, tzinfo=UTC)


@pytest.fixture
def pia(db):
    return Actor.staff(member("Processor"))


def running(place: str):
    row = a_request(submitted_at=day(1), place=place)
    clock.open_clock(row, actor=audit.SYSTEM)
    return row


def asked(row, pia, kind=Kind.CLARIFICATION, on=4) -> PersonWait:
    with time_machine.travel(day(on), tick=False):
        return questions.ask(row.pk, kind, "Which account?", actor=pia)


def answered(wait, on=10, actor=audit.SUBJECT) -> PersonWait:
    with time_machine.travel(day(on), tick=False):
        return questions.answer(wait.pk, "The one of Kiel.", actor=actor)


def test_a_question_goes_out_by_mail_and_its_answer_lets_the_clock_run_again(pia):
    row = running("GB")
    wait = asked(row, pia)
    assert clock.current(row).is_paused
    (mail,) = send_mails()
    assert "Which account?" in mail.body
    answered(wait)
    row.refresh_from_db()
    assert (row.due_on, clock.current(row).is_paused) == (date(2026, 10, 8), False)
    assert acts(row.pk)[1:] == [
        *("question.asked", "deadline.computed", "mail.sent"),
        *("question.answered", "deadline.computed"),
    ]


def test_a_question_that_was_answered_meanwhile_is_not_mailed_and_nobody_has_to_look(pia):
    row = running("GB")
    answered(asked(row, pia))
    assert send_mails() == []
    assert acts(row.pk)[-1] == "mail.dropped"
    assert not row.mails.filter(state=Leased.State.FAILED).exists()


def test_in_the_union_the_safe_date_stays_and_the_other_is_shown_beside_it(pia):
    row = running("IE")
    answered(asked(row, pia))
    known = clock.current(row)
    assert (known.due_on, known.due_if_suspended_on, known.is_paused) == (
        date(2026, 10, 1),
        date(2026, 10, 8),
        False,
    )


def test_a_proof_of_identity_begins_the_period_anew_where_the_law_says_so(pia):
    row = running("GB")
    answered(asked(row, pia, Kind.IDENTITY, on=2), on=15)
    row.refresh_from_db()
    assert row.due_on == date(2026, 10, 15)


def test_where_the_law_knows_no_pause_a_question_moves_nothing(pia):
    row = running("US-VA")
    before = row.due_on
    answered(asked(row, pia))
    row.refresh_from_db()
    assert row.due_on == before


def test_one_question_of_a_kind_is_open_at_a_time(pia):
    row = running("GB")
    asked(row, pia)
    with pytest.raises(UnaskableQuestion, match="open already"):
        asked(row, pia)
    asked(row, pia, Kind.IDENTITY)
    assert PersonWait.objects.count() == 2


@pytest.mark.parametrize("text", ["", " \r\n", "x" * 5001])
def test_an_empty_or_endless_question_is_not_asked(pia, text):
    row = running("GB")
    with pytest.raises(UnaskableQuestion):
        questions.ask(row.pk, Kind.CLARIFICATION, text, actor=pia)
    assert not PersonWait.objects.exists()


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.WITHDRAWN])
def test_nobody_is_asked_about_what_is_not_at_work(pia, status):
    row = running("GB")
    type(row).objects.filter(pk=row.pk).update(status=status)
    with pytest.raises(UnaskableQuestion):
        questions.ask(row.pk, Kind.CLARIFICATION, "Which?", actor=pia)


def test_an_answer_counts_once(pia):
    wait = asked(running("GB"), pia)
    for text in ("", "y" * 5001):
        with pytest.raises(UnusableAnswer):
            questions.answer(wait.pk, text, actor=audit.SUBJECT)
    answered(wait)
    with pytest.raises(UnusableAnswer, match="already"):
        answered(wait, on=11)


def test_the_team_may_write_down_an_answer_that_came_by_letter(pia):
    assert answered(asked(running("GB"), pia), actor=pia).answer == "The one of Kiel."


def test_who_may_only_look_neither_asks_nor_answers(pia):
    viewer, row = Actor.staff(member("Viewer")), running("GB")
    with pytest.raises(PermissionRefused):
        questions.ask(row.pk, Kind.CLARIFICATION, "Which?", actor=viewer)
    with pytest.raises(PermissionRefused):
        questions.ask(row.pk, Kind.CLARIFICATION, "Which?", actor=audit.SUBJECT)
    wait = asked(row, pia)
    with pytest.raises(PermissionRefused):
        answered(wait, actor=viewer)
