"""A person answers a question of the team on the page of their request."""

from __future__ import annotations

import pytest

from requests_app import questions
from requests_app.audit import Actor
from requests_app.models import PersonWait, Status
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import BOB, confirmed, member, send_mails, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def asked():
    """A request with an open question, and the token of its page."""
    row = confirmed()
    wait = questions.ask(
        row.pk, PersonWait.Kind.CLARIFICATION, "Which <b>account</b>?", actor=Actor.staff(member("Manager"))
    )
    return row, wait, token_in(send_mails()[-1], "r")


def test_the_question_stands_on_the_page_until_it_is_answered(client, asked):
    _, wait, token = asked
    page = client.get(f"/r/{token}")
    assert "Which &lt;b&gt;account&lt;/b&gt;?" in page.content.decode()
    answer = client.post(f"/r/{token}/answer/{wait.pk}", {"text": "The old one."})
    assert (answer.status_code, answer.url) == (302, f"/r/{token}")
    wait.refresh_from_db()
    assert wait.answer == "The old one."
    words = text_of(client.get(f"/r/{token}"))
    assert "Which" not in words
    assert "Our question was answered" in words
    assert "We have your answer of" in words


@pytest.mark.parametrize("text", ["  ", "x" * 5001])
def test_what_cannot_be_taken_is_kept_in_the_field(client, asked, text):
    _, wait, token = asked
    page = client.post(f"/r/{token}/answer/{wait.pk}", {"text": text})
    assert page.status_code == 400
    assert text.strip() in page.content.decode()
    wait.refresh_from_db()
    assert wait.answered_at is None


def test_nobody_answers_the_question_of_another(client, asked):
    _, wait, _ = asked
    confirmed(email=BOB)
    token = token_in(send_mails()[-1], "r")
    client.post(f"/r/{token}/answer/{wait.pk}", {"text": "Mine"})
    wait.refresh_from_db()
    assert wait.answered_at is None


def test_a_request_that_ended_asks_nothing_any_more(client, asked):
    row, _, token = asked
    type(row).objects.filter(pk=row.pk).update(status=Status.WITHDRAWN)
    assert "Which" not in text_of(client.get(f"/r/{token}"))


def test_the_page_says_in_plain_words_why_the_answer_is_due_on_its_day(client, asked):
    *_, token = asked
    words = text_of(client.get(f"/r/{token}"))
    assert "Why this date?" in words
    assert "this day itself does not count" in words
    assert "target" not in words
