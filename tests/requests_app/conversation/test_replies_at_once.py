"""Replies that come at the same moment."""

from __future__ import annotations

import pytest

from requests_app import audit, conversation, questions
from requests_app.audit import Actor
from requests_app.conversation import Side
from requests_app.models import Message, PersonWait, Upload
from requests_app.uploads import examine
from tests.requests_app.portal import a_request, acts, member
from tests.requests_app.uploads.files import handed, pdf

pytestmark = pytest.mark.usefixtures("storage_folder")


def replying(row, text):
    file = examine(handed("a.pdf", pdf(text)), Upload.Kind.MESSAGE)
    return lambda: conversation.reply(row.pk, text, [file], actor=audit.SUBJECT)


def test_two_replies_at_once_are_both_kept_and_answer_the_question_once(at_once):
    row, manager = a_request(), Actor.staff(member("Manager"))
    wait = questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which account?", actor=manager)
    given = at_once(replying(row, "A"), replying(row, "B"))
    assert all(isinstance(message, Message) for message in given), given
    wait.refresh_from_db()
    said = [item for item in conversation.conversation(row) if item.side is Side.PERSON]
    assert {(item.text, len(item.files)) for item in said} == {("A", 1), ("B", 1)}
    assert wait.answer == wait.reply.text
    assert acts(row.pk).count("question.answered") == 1


def test_a_message_that_is_read_by_two_at_once_is_read_once(at_once):
    row, manager = a_request(), Actor.staff(member("Manager"))
    message = conversation.reply(row.pk, "Hello", actor=audit.SUBJECT)
    counts = at_once(*[lambda: conversation.note_read(row, message.pk, actor=manager)] * 3)
    assert sorted(counts) == [0, 0, 1]


def test_the_last_room_for_files_is_given_once(at_once, monkeypatch):
    monkeypatch.setattr("requests_app.conversation.writing.MOST_FILES_OF_REQUEST", 1)
    row = a_request()
    given = at_once(replying(row, "A"), replying(row, "B"))
    assert [isinstance(message, Message) for message in given].count(True) == 1
    assert (Message.objects.count(), Upload.objects.count()) == (1, 1)
