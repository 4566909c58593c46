"""The person and the team write to one another on the page of the request."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from requests_app import audit, conversation, questions, teamwork, uploads
from requests_app.audit import Actor
from requests_app.models import Message, PersonWait, Status, Upload
from requests_app.uploads import examine
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import BOB, MARKER, acts, confirmed, member, send_mails, token_in
from tests.requests_app.uploads.files import docx, handed, pdf
from tests.servers.clamd import EICAR, running_clamd

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
NASTY = '"><script>alert(1)</script><b onmouseover=x>.pdf'


@pytest.fixture
def mia(db):
    return Actor.staff(member("Manager"))


@pytest.fixture
def row(db):
    return confirmed()


@pytest.fixture
def token(row):
    return token_in(send_mails()[-1], "r")


def a_file(name: str = "Letter.pdf", content: bytes = b""):
    return examine(handed(name, content or pdf(MARKER)), Upload.Kind.MESSAGE)


def sent(client, token, text="Hello", *files, **more):
    return client.post(f"/r/{token}/messages", {"text": text, "attached": list(files), **more})


def test_a_message_with_files_is_sent_and_stands_on_the_page(client, row, token):
    answer = sent(client, token, "See both\r\nof them", handed("a.pdf", pdf()), handed("b.docx", docx()))
    assert (answer.status_code, answer.url) == (302, f"/r/{token}?sent#messages")
    page = client.get(answer.url)
    words = text_of(page)
    assert "Thank you. We have your message, and mail you when our team has answered here." in words
    assert "You wrote to us" in words
    assert "See both<br>of them" in page.content.decode()
    message = Message.objects.get()
    assert (message.kind, message.text, message.author) == ("from_person", "See both\nof them", None)
    assert [file.name for file in message.files.all()] == ["a.pdf", "b.docx"]


def test_what_the_team_wrote_stands_there_as_text_and_its_notes_never_do(client, row, token, mia):
    conversation.write(row.pk, "See <b>this</b>", [a_file(NASTY)], actor=mia)
    teamwork.note(row.pk, "Sounds annoyed", actor=mia)
    page = client.get(f"/r/{token}").content.decode()
    assert "See &lt;b&gt;this&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert "onmouseover=x" not in re.sub(r"<bdi>[^<]*</bdi>", "", page)
    assert "Sounds annoyed" not in page
    assert "A message waits for you" in page


def test_a_message_is_new_until_it_was_read_and_looking_at_the_page_reads_nothing(client, row, token, mia):
    message = conversation.write(row.pk, "One", actor=mia)
    for _ in range(2):
        assert "1 new" in text_of(client.get(f"/r/{token}"))
    later = conversation.write(row.pk, "Two", actor=mia)
    client.post(f"/r/{token}/messages/read", {"up_to": str(message.pk)})
    assert "1 new" in text_of(client.get(f"/r/{token}"))
    client.post(f"/r/{token}/messages/read", {"up_to": str(later.pk)})
    assert " new" not in text_of(client.get(f"/r/{token}"))
    for wrong in ("", "x", "-1", "9" * 40, "²"):
        assert client.post(f"/r/{token}/messages/read", {"up_to": wrong}).status_code == 302
    assert acts(row.pk).count("message.read") == 2


def test_a_question_stands_first_and_an_answer_resumes_the_work(client, row, token, mia):
    wait = questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which <b>account</b>?", actor=mia)
    page = client.get(f"/r/{token}").content.decode()
    assert "Which &lt;b&gt;account&lt;/b&gt;?" in page
    assert "We have a question" in page
    assert "Your answer" in page
    sent(client, token, "The old one.", handed("proof.pdf", pdf()))
    wait.refresh_from_db()
    assert (wait.answer, wait.reply.files.get().name) == ("The old one.", "proof.pdf")
    words = text_of(client.get(f"/r/{token}"))
    assert "Our question was answered" in words
    assert "please answer" not in words
    assert words.index("Which <b>".replace("<b>", "&lt;b&gt;")) < words.index("The old one.")


def test_where_two_questions_are_open_the_person_says_which_is_answered(client, row, token, mia):
    first = questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which account?", actor=mia)
    second = questions.ask(row.pk, PersonWait.Kind.IDENTITY, "Your number?", actor=mia)
    assert "Which questions does it answer?" in text_of(client.get(f"/r/{token}"))
    sent(client, token, "4711", answers=[second.pk])
    assert [wait.pk for wait in row.waits.exclude(answered_at=None)] == [second.pk]
    sent(client, token, "The old one")
    first.refresh_from_db()
    assert first.answer == "The old one"


def test_nobody_answers_the_question_of_another(client, row, token, mia):
    wait = questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which account?", actor=mia)
    confirmed(email=BOB)
    other = token_in(send_mails()[-1], "r")
    sent(client, other, "Mine", answers=[wait.pk])
    wait.refresh_from_db()
    assert wait.answered_at is None


@pytest.mark.parametrize("text", ["", "  \r\n ", "x" * 5001], ids=["empty", "blank", "long"])
def test_what_cannot_be_taken_is_kept_in_the_field(client, row, token, text):
    page = sent(client, token, text, handed("a.pdf", pdf()))
    assert page.status_code == 400
    assert text.strip() in page.content.decode()
    assert 'aria-invalid="true"' in page.content.decode()
    assert not Message.objects.exists()
    assert not Upload.objects.exists()


def test_a_file_that_is_not_taken_loses_nothing_of_what_was_typed(client, row, token, settings):
    settings.DSR_UPLOAD_BYTES = 100_000
    wrong = (handed("page.html", b"<html>"), handed("big.pdf", pdf() + bytes(100_000)), handed("empty.txt", b""))
    page = sent(client, token, "My long draft", *wrong)
    words = text_of(page)
    assert page.status_code == 400
    assert "My long draft" in page.content.decode()
    assert "Nothing was sent. Please choose your files again." in words
    assert "File 1 of 3: Files of this type are not taken." in words
    assert "File 2 of 3: The file is larger than 100,000 bytes." in words
    assert "File 3 of 3: The file is empty." in words
    assert not Message.objects.exists()


def test_a_harmful_file_and_a_scanner_that_is_down_send_nothing(client, row, token, settings):
    with running_clamd() as clamd:
        settings.DSR_SCANNER = clamd.address
        page = sent(client, token, "My draft", handed("a.txt", EICAR))
        assert "A virus scanner found something harmful" in text_of(page)
        assert sent(client, token, "Clean", handed("a.pdf", pdf())).status_code == 302
    page = sent(client, token, "My draft", handed("a.pdf", pdf()))
    assert "Please try again later" in text_of(page)
    assert "My draft" in page.content.decode()
    assert [(message.text, message.files.get().scan) for message in Message.objects.all()] == [("Clean", "clean")]


def test_too_many_messages_are_refused_with_the_draft_kept(client, row, token):
    with time_machine.travel(datetime(2026, 9, 1, 12, 5, tzinfo=UTC), tick=False):
        row, token = confirmed(email=BOB), token_in(send_mails()[-1], "r")
        for number in range(20):
            assert sent(client, token, f"Message {number}").status_code == 302
        page = sent(client, token, "One more")
    assert (page.status_code, page["Retry-After"]) == (429, "3300")
    assert "One more" in page.content.decode()
    assert Message.objects.filter(request=row).count() == 20


def test_a_request_that_ended_keeps_its_messages_and_says_what_to_do(client, row, token, mia):
    conversation.write(row.pk, "One", actor=mia)
    type(row).objects.filter(pk=row.pk).update(status=Status.WITHDRAWN)
    page = client.get(f"/r/{token}")
    assert "One" in text_of(page)
    assert "This request has ended, so its messages are closed." in text_of(page)
    assert "<textarea" not in page.content.decode()
    refused = sent(client, token, "Something is missing")
    assert refused.status_code == 400
    assert "please send a new request" in text_of(refused)


def test_files_of_the_conversation_are_given_to_keep_and_on_record(client, row, token, mia):
    theirs = conversation.write(row.pk, "One", [a_file()], actor=mia).files.get()
    given = client.get(reverse("status-message-file", args=[token, theirs.pk]))
    assert b"".join(given.streaming_content) == pdf(MARKER)
    assert given["Content-Disposition"].startswith("attachment")
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in given["Cache-Control"]
    assert acts(row.pk)[-1] == "file.downloaded"


def test_no_link_gives_the_file_of_another_request_or_what_is_no_file_of_the_conversation(client, row, token, mia):
    other = confirmed(email=BOB)
    theirs = conversation.write(other.pk, "One", [a_file()], actor=mia).files.get()
    evidence = uploads.take(a_kind(Upload.Kind.EVIDENCE), Upload.Kind.EVIDENCE, actor=mia, request=row)
    passport = uploads.take(a_kind(Upload.Kind.IDENTITY), Upload.Kind.IDENTITY, actor=audit.SUBJECT, request=row)
    for number in (theirs.pk, evidence.pk, passport.pk, 0, 987_654):
        refused = client.get(reverse("status-message-file", args=[token, number]))
        assert (refused.status_code, MARKER.encode() in refused.content) == (410, False)
    assert "file.downloaded" not in acts(row.pk) + acts(other.pk)


def a_kind(kind):
    return examine(handed("scan.pdf", pdf(MARKER)), kind)


def test_nothing_of_a_message_stands_in_the_log(client, row, token, caplog):
    with caplog.at_level(logging.DEBUG):
        sent(client, token, f"My secret {MARKER}", handed(f"{MARKER}.pdf", pdf(MARKER)), handed("x.html", b"<html>"))
        sent(client, token, f"My secret {MARKER}", handed(f"{MARKER}.pdf", pdf(MARKER)))
    assert Message.objects.count() == 1
    assert MARKER not in caplog.text


def test_a_forged_form_of_another_site_is_refused(row, token):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post(f"/r/{token}/messages", {"text": "I withdraw everything"})
    assert answer.status_code == 403
    assert not Message.objects.exists()
