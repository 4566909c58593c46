"""The person and the team write to one another; a reply answers what was asked, and lets the clock run again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from requests_app import audit, conversation, questions, teamwork
from requests_app.audit import Actor
from requests_app.conversation import UnusableMessage
from requests_app.limits import LimitReached
from requests_app.models import ControllerProfile, Message, PersonWait, Recipient, Representative, Status, Upload
from requests_app.representing import NotAddressee
from requests_app.timekeeping import clock
from requests_app.uploads import examine
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import MARKER, a_request, acts, member, send_mails, token_in
from tests.requests_app.uploads.files import handed, pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
Kind = PersonWait.Kind


@pytest.fixture
def pia(db):
    return Actor.staff(member("Processor"))


@pytest.fixture
def row(db):
    return a_request()


def a_file(name: str = "Letter.pdf"):
    return examine(handed(name, pdf(MARKER)), Upload.Kind.MESSAGE)


def said(row, viewer=None) -> list[tuple[str, str]]:
    return [(item.side.value, item.text) for item in conversation.conversation(row, viewer)]


def test_the_team_writes_and_the_mail_says_no_word_of_it(row, pia):
    message = conversation.write(row.pk, f"Your account is {MARKER}.", [a_file()], actor=pia)
    (mail,) = send_mails()
    assert mail.subject.endswith(f"a message about your request {row.reference}")
    told = mail.body + "".join(str(part) for part, _ in mail.alternatives)
    assert MARKER not in told
    assert "Letter.pdf" not in told
    assert token_in(mail, "r")
    assert said(row) == [("team", f"Your account is {MARKER}.")]
    assert [file.name for file in message.files.all()] == ["Letter.pdf"]
    assert acts(row.pk) == ["file.handed_in", "message.sent", "mail.sent"]


def test_one_mail_tells_of_all_that_was_written_before_it_went_out(row, pia):
    for text in ("One", "Two", "Three"):
        conversation.write(row.pk, text, actor=pia)
    assert len(send_mails()) == 1
    conversation.write(row.pk, "Four", actor=pia)
    assert len(send_mails()) == 1


def test_a_message_that_was_read_meanwhile_is_not_mailed_any_more(row, pia):
    message = conversation.write(row.pk, "One", actor=pia)
    conversation.note_read(row, message.pk, actor=audit.SUBJECT)
    assert send_mails() == []
    assert acts(row.pk)[-2:] == ["message.read", "mail.dropped"]


def test_who_has_no_mailbox_is_sent_the_text_on_paper(pia):
    from requests_app.letters.contexts import told_of

    row = a_request(email="", postal_address="1 High Street", channel="letter")
    message = conversation.write(row.pk, "We found two accounts.", actor=pia)
    assert (message.mail.is_letter, told_of(message.mail)) == (True, "We found two accounts.")


def test_a_reply_answers_the_question_and_the_clock_runs_again(pia):
    def day(number):
        return datetime(2026, 9, number, 12, 0, tzinfo=UTC)

    row = a_request(submitted_at=day(1), place="GB")
    clock.open_clock(row, actor=audit.SYSTEM)
    with time_machine.travel(day(4), tick=False):
        wait = questions.ask(row.pk, Kind.CLARIFICATION, "Which account?", actor=pia)
    assert clock.current(row).is_paused
    with time_machine.travel(day(10), tick=False):
        message = conversation.reply(row.pk, "The one of Kiel.\r\n", [a_file()], actor=audit.SUBJECT)
    wait.refresh_from_db()
    row.refresh_from_db()
    assert (wait.answer, wait.reply, wait.answered_at) == ("The one of Kiel.", message, day(10))
    assert (row.due_on, clock.current(row).is_paused) == (date(2026, 10, 8), False)
    assert said(row) == [("team", "Which account?"), ("person", "The one of Kiel.")]
    assert conversation.conversation(row)[1].answered == (wait,)
    assert "question.answered" in acts(row.pk)


def test_a_reply_answers_the_questions_that_were_chosen_and_no_others(row, pia):
    first = questions.ask(row.pk, Kind.CLARIFICATION, "Which account?", actor=pia)
    second = questions.ask(row.pk, Kind.IDENTITY, "Your customer number?", actor=pia)
    stranger = questions.ask(a_request(email="bob@example.test").pk, Kind.IDENTITY, "Yours?", actor=pia)
    conversation.reply(row.pk, "4711", actor=audit.SUBJECT, answers=[second.pk, stranger.pk])
    for wait in (first, second, stranger):
        wait.refresh_from_db()
    assert [wait.answer for wait in (first, second, stranger)] == ["", "4711", ""]
    conversation.reply(row.pk, "Both of them", actor=audit.SUBJECT)
    first.refresh_from_db()
    assert first.answer == "Both of them"


def test_questions_and_answers_stand_among_the_messages_in_their_order(row, pia):
    conversation.reply(row.pk, "Hello?", actor=audit.SUBJECT)
    wait = questions.ask(row.pk, Kind.CLARIFICATION, "Which account?", actor=pia)
    questions.answer(wait.pk, "Said on the phone", actor=pia)
    conversation.write(row.pk, "Thank you", actor=pia)
    teamwork.note(row.pk, "Sounds annoyed", actor=pia)
    assert said(row) == [
        ("person", "Hello?"),
        ("team", "Which account?"),
        ("person", "Said on the phone"),
        ("team", "Thank you"),
    ]


def test_a_reply_reads_what_was_written_before_it_and_the_team_reads_the_reply(row, pia):
    conversation.write(row.pk, "One", actor=pia)
    assert conversation.unread_by_person(conversation.conversation(row)) == 1
    assert not type(row).objects.unread().exists()
    reply = conversation.reply(row.pk, "Two", actor=audit.SUBJECT)
    assert conversation.unread_by_person(conversation.conversation(row)) == 0
    assert list(type(row).objects.unread()) == [row]
    assert conversation.note_read(row, reply.pk - 1, actor=pia) == 0
    assert conversation.note_read(row, reply.pk, actor=pia) == 1
    assert conversation.note_read(row, reply.pk, actor=pia) == 0
    assert not type(row).objects.unread().exists()
    assert acts(row.pk).count("message.read") == 2


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00", "x" * 5001], ids=["empty", "blank", "nul", "long"])
def test_what_says_nothing_or_too_much_is_refused(row, pia, text):
    for say in (
        lambda: conversation.write(row.pk, text, actor=pia),
        lambda: conversation.reply(row.pk, text, actor=audit.SUBJECT),
    ):
        with pytest.raises(UnusableMessage, match=r"Please write a few words|please keep it to 5,000"):
            say()
    assert not Message.objects.exists()


def test_files_are_limited_for_a_message_and_for_a_request(row, monkeypatch):
    with pytest.raises(UnusableMessage, match="at most 5 files"):
        conversation.reply(row.pk, "All of it", [a_file()] * 6, actor=audit.SUBJECT)
    monkeypatch.setattr("requests_app.conversation.writing.MOST_FILES_OF_REQUEST", 3)
    conversation.reply(row.pk, "Two", [a_file()] * 2, actor=audit.SUBJECT)
    with pytest.raises(UnusableMessage, match="room for 3 files; 2 are there"):
        conversation.reply(row.pk, "Two more", [a_file()] * 2, actor=audit.SUBJECT)
    assert (Message.objects.count(), Upload.objects.count()) == (1, 2)


def test_nobody_takes_the_room_of_another_side(row, pia, monkeypatch):
    monkeypatch.setattr("requests_app.conversation.writing.MOST_FILES_OF_REQUEST", 1)
    monkeypatch.setattr("requests_app.conversation.writing.MOST_REPLIES_AN_HOUR", 2)
    Representative.objects.create(
        request=row, kind=Representative.Kind.LAWYER, name="Lena Advocate", email="lena@example.test", rights=[]
    )
    for text in ("One", "Two"):
        conversation.reply(row.pk, text, [a_file()] if text == "One" else [], actor=audit.REPRESENTATIVE)
    with pytest.raises(LimitReached):
        conversation.reply(row.pk, "Three", actor=audit.REPRESENTATIVE)
    conversation.reply(row.pk, "It is I", [a_file()], actor=audit.SUBJECT)
    conversation.write(row.pk, "And we", [a_file()], actor=pia)
    assert Upload.objects.count() == 3


def test_too_many_replies_within_an_hour_are_refused(row):
    with time_machine.travel(datetime(2026, 9, 1, 12, 5, tzinfo=UTC), tick=False):
        for number in range(20):
            conversation.reply(row.pk, f"Message {number}", actor=audit.SUBJECT)
        with pytest.raises(LimitReached, match="try again in 55 minutes"):
            conversation.reply(row.pk, "One more", actor=audit.SUBJECT)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.REJECTED, Status.WITHDRAWN, Status.LAPSED])
def test_a_request_that_ended_is_closed_and_says_what_to_do(pia, settings, status):
    settings.DSR_CONTACT_EMAIL = "privacy@example.test"
    row = a_request(status)
    with pytest.raises(UnusableMessage, match=f"new request or write to privacy@example.test and name {row.reference}"):
        conversation.reply(row.pk, "Something is missing", actor=audit.SUBJECT)
    with pytest.raises(UnusableMessage, match="Write a mail"):
        conversation.write(row.pk, "Something else", actor=pia)
    assert not Message.objects.exists()


def test_who_can_write_no_more_is_led_to_the_address_that_the_page_names_too(settings):
    settings.DSR_CONTACT_EMAIL = "privacy@example.test"
    ControllerProfile.objects.create(pk=1, name="Fernhill", email="privacy@fernhill.example")
    assert "write to privacy@fernhill.example and" in conversation.closed_because(a_request(Status.REJECTED))


@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_only_who_works_on_requests_writes_to_people(row, role):
    with pytest.raises(PermissionRefused):
        conversation.write(row.pk, "Hello", actor=Actor.staff(member(role)))


def test_nobody_of_the_team_writes_in_the_name_of_the_person(row, pia):
    for actor in (pia, audit.SYSTEM, audit.STRANGER):
        with pytest.raises(PermissionRefused):
            conversation.reply(row.pk, "I withdraw everything", actor=actor)


def test_a_representative_writes_as_long_as_they_stand_for_the_person_and_sees_no_more(row, pia):
    found = Representative.objects.create(
        request=row, kind=Representative.Kind.LAWYER, name="Lena Advocate", email="lena@example.test", rights=[]
    )
    conversation.write(row.pk, "To Ann alone", [a_file()], actor=pia)
    conversation.reply(row.pk, "From Lena", actor=audit.REPRESENTATIVE)
    wait = questions.ask(row.pk, Kind.CLARIFICATION, "Which account?", actor=pia)
    conversation.reply(row.pk, "Again from Lena", actor=audit.REPRESENTATIVE)
    wait.refresh_from_db()
    assert (wait.answered_at, conversation.unread_by_person(conversation.conversation(row))) == (None, 1)
    upload = Upload.objects.get()
    own = [("representative", "From Lena"), ("representative", "Again from Lena")]
    assert said(row, Recipient.REPRESENTATIVE) == own
    assert conversation.find_file(row, upload.pk, Recipient.REPRESENTATIVE) is None
    assert [item for item in said(row, Recipient.PERSON) if item in own] == own
    assert ("team", "To Ann alone") in said(row, Recipient.PERSON)
    assert conversation.find_file(row, upload.pk, Recipient.PERSON) == upload
    found.state, found.rights, found.decided_at = Representative.State.ACCEPTED, [row.right], row.submitted_at
    found.save()
    assert len(said(row, Recipient.REPRESENTATIVE)) == 4
    conversation.reply(row.pk, "The one of Kiel", actor=audit.REPRESENTATIVE)
    wait.refresh_from_db()
    assert wait.answer == "The one of Kiel"
    Representative.objects.update(state=Representative.State.ENDED)
    with pytest.raises(NotAddressee):
        conversation.reply(row.pk, "Still me", actor=audit.REPRESENTATIVE)
