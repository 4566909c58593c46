"""The team writes to the person on the page of the request, with files and canned texts, and never mails a note."""

from __future__ import annotations

import re

import pytest

from requests_app import audit, conversation, questions, uploads
from requests_app.audit import Actor
from requests_app.models import CannedText, Message, PersonWait, Status, Upload
from requests_app.uploads import examine
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import MARKER, a_request, acts, member, send_mails
from tests.requests_app.uploads.files import handed, pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def row(db):
    return a_request()


def page_of(row):
    return url("requests.change", row.pk)


def sent(client, row, text="Hello", *files, **more):
    return client.post(url("requests.message", row.pk), {"text": text, "attached": list(files), **more})


def a_file(kind=Upload.Kind.MESSAGE):
    return examine(handed("Letter.pdf", pdf(MARKER)), kind)


def test_a_message_is_sent_with_its_files_and_the_person_is_mailed(row):
    client = signed_in("Processor")
    answer = sent(client, row, "Your two accounts", handed("a.pdf", pdf()))
    assert (answer.status_code, answer.url) == (302, f"{page_of(row)}#messages")
    shown = words(client.get(page_of(row)))
    assert "Your message is there" in shown
    assert "processor" in shown
    assert "not read yet" in shown
    assert "a.pdf" in shown
    (mail,) = send_mails()
    assert "Your two accounts" not in mail.body


def test_what_cannot_be_sent_is_kept_in_the_field(row):
    client = signed_in("Processor")
    page = sent(client, row, "My long draft", handed("page.html", b"<html>"))
    assert page.status_code == 400
    assert ">My long draft</textarea>" in re.sub(r">\s+", ">", page.content.decode())
    assert "Files of this type are not taken" in words(page)
    assert sent(client, row, "x" * 5001).status_code == 400
    assert sent(client, row, " ").status_code == 400
    assert not Message.objects.exists()


def test_a_message_of_the_person_is_new_to_who_works_on_it_once_and_to_who_looks_on_always(row):
    conversation.reply(row.pk, "Where is <b>my</b> data?", actor=audit.SUBJECT)
    viewer, pia = signed_in("Viewer"), signed_in("Processor")
    for _ in range(2):
        shown = viewer.get(page_of(row)).content.decode()
        assert "1 new" in shown
        assert "Where is &lt;b&gt;my&lt;/b&gt; data?" in shown
    assert "1 unread message" in words(viewer.get(url("requests")))
    assert "1 new" in pia.get(page_of(row)).content.decode()
    assert "1 new" not in pia.get(page_of(row)).content.decode()
    assert "1 unread message" not in words(viewer.get(url("requests")))
    assert acts(row.pk)[-1] == "message.read"


def test_unread_messages_are_counted_on_the_overview_and_found_by_a_filter(row):
    other = a_request(Status.COMPLETED, email="bob@example.test")
    client = signed_in("Viewer")
    conversation.reply(row.pk, "One", actor=audit.SUBJECT)
    conversation.reply(row.pk, "Two", actor=audit.SUBJECT)
    overview = client.get("/console/")
    assert "1 With unread messages" in words(overview)
    assert "work=messages&amp;status=all" in overview.content.decode()
    found = words(client.get(url("requests") + "?work=messages&status=all"))
    assert row.reference in found
    assert "2 unread messages" in found
    assert other.reference not in found


def test_notes_stand_apart_and_go_nowhere(row):
    client = signed_in("Processor")
    client.post(url("requests.note", row.pk), {"text": "Sounds annoyed"})
    page = client.get(page_of(row)).content.decode()
    panel = page.split('id="messages"', 1)[1].split("</section>", 1)[0]
    assert "Sounds annoyed" in page
    assert "Sounds annoyed" not in panel
    assert "never sent" in page
    assert send_mails() == []


def test_questions_and_answers_stand_among_the_messages(row):
    pia = Actor.staff(member("Reviewer"))
    conversation.reply(row.pk, "Hello?", actor=audit.SUBJECT)
    wait = questions.ask(row.pk, PersonWait.Kind.CLARIFICATION, "Which account?", actor=Actor.staff(member("Manager")))
    assert pia.user_id
    client = signed_in("Processor")
    assert "question, not answered" in words(client.get(page_of(row)))
    conversation.reply(row.pk, "The one of Kiel", [a_file()], actor=audit.SUBJECT)
    shown = words(client.get(page_of(row)))
    assert "question, not answered" not in shown
    panel = client.get(page_of(row)).content.decode().split('id="messages"', 1)[1]
    assert panel.index("Hello?") < panel.index("Which account?") < panel.index("The one of Kiel")
    wait.refresh_from_db()
    assert wait.answer == "The one of Kiel"


def test_a_canned_text_is_put_into_what_was_typed_and_nothing_is_sent(row):
    CannedText.objects.create(title="Thanks", text="Dear {{ name }},\nthank you for {{reference}} ({{ right }}).")
    CannedText.objects.create(title="Only German", text="Danke", language="de")
    CannedText.objects.create(title="Only erasure", text="Gone", right="erasure")
    client = signed_in("Processor")
    shown = client.get(page_of(row)).content.decode()
    assert "Thanks" in shown
    assert "Only German" not in shown
    assert "Only erasure" not in shown
    chosen = CannedText.objects.get(title="Thanks").pk
    page = client.post(url("requests.message", row.pk), {"text": "So far", "canned": chosen, "insert": "1"})
    assert page.status_code == 200
    filled = f"So far\n\nDear Ann Example,\nthank you for {row.reference} (Access to my data)."
    assert filled in page.content.decode()
    german = CannedText.objects.get(title="Only German").pk
    for wrong in (german, "", "x", 987_654):
        again = client.post(url("requests.message", row.pk), {"text": "So far", "canned": wrong, "insert": "1"})
        assert ("So far" in again.content.decode(), "Danke" in again.content.decode()) == (True, False)
    assert not Message.objects.exists()


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.REJECTED, Status.ARCHIVED])
def test_a_request_that_ended_takes_no_message(status):
    row = a_request(status)
    client = signed_in("Processor")
    assert "nobody can write here any more" in words(client.get(page_of(row)))
    assert "Send to the person" not in words(client.get(page_of(row)))
    sent(client, row, "Hello")
    assert not Message.objects.exists()


def test_files_are_given_by_the_request_they_belong_to_and_by_role(row):
    other = a_request(email="bob@example.test")
    conversation.reply(row.pk, "See", [a_file()], actor=audit.SUBJECT)
    mine = Upload.objects.get()
    passport = uploads.take(a_file(Upload.Kind.IDENTITY), Upload.Kind.IDENTITY, actor=audit.SUBJECT, request=row)
    viewer = signed_in("Viewer")
    given = viewer.get(url("requests.file", row.pk, mine.pk))
    assert b"".join(given.streaming_content) == pdf(MARKER)
    assert given["Content-Disposition"] == 'attachment; filename="Letter.pdf"'
    assert viewer.get(url("requests.file", other.pk, mine.pk)).status_code == 404
    assert viewer.get(url("requests.file", row.pk, passport.pk)).status_code == 403
    uploads.remove(mine, actor=audit.SYSTEM)
    assert "no longer kept" in words(viewer.get(url("requests.file", row.pk, mine.pk), follow=True))


def test_who_may_not_write_is_refused_by_button_and_by_call(row):
    for role in ("Viewer", "Reviewer"):
        client = signed_in(role)
        assert "Send to the person" not in words(client.get(page_of(row)))
        assert sent(client, row, "Hello").status_code == 403
    assert not Message.objects.exists()
