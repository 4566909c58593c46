"""A notice as a mail: its parts, its heads, as another program reads them."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default as modern

import pytest
from anymail.backends.test import EmailBackend
from anymail.message import ANYMAIL_STATUSES
from django.core.mail import BadHeaderError

from exporters.letter import Controller, Image
from requests_app.letters import mailing
from requests_app.letters.samples import sample
from tests.requests_app.letters.pictures import SVG, a_controller, a_jpeg, a_png


@pytest.fixture
def mail_of(settings):
    settings.DSR_PUBLIC_URL = "https://privacy.fish.test/portal"
    settings.DEFAULT_FROM_EMAIL = "privacy@fish.test"

    def write(controller: Controller, template: str = "ready"):
        context = sample(template, controller)
        return mailing.message(template, context, controller, to="ann@example.test", message_id="4711")

    return write


def read(mail):
    return message_from_bytes(mail.message().as_bytes(), policy=modern)


def kinds(message) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


@pytest.mark.parametrize("content", [a_png(), a_jpeg()], ids=["png", "jpeg"])
def test_the_logo_stands_inside_the_mail_and_the_html_points_to_it(mail_of, content):
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    message = read(mail_of(a_controller(logo=Image(kind, content))))
    assert kinds(message) == ["multipart/related", "multipart/alternative", "text/plain", "text/html", kind]
    picture = list(message.walk())[-1]
    assert picture["Content-ID"] == "<logo.4711@privacy.fish.test>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_payload(decode=True) == content
    assert 'src="cid:logo.4711@privacy.fish.test"' in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("logo", [None, Image("image/svg+xml", SVG)], ids=["none", "svg"])
def test_without_a_logo_that_mail_programs_show_there_are_two_parts(mail_of, logo):
    message = read(mail_of(a_controller(logo=logo)))
    assert kinds(message) == ["multipart/alternative", "text/plain", "text/html"]
    assert "Fish &amp; Chips" in message.get_body(("html",)).get_content()


def test_a_file_stands_beside_what_is_shown(mail_of):
    mail = mail_of(a_controller())
    mailing.attach(mail, "answer.zip", b"PK", "application/zip")
    message = read(mail)
    assert kinds(message)[0] == "multipart/mixed"
    assert [part.get_filename() for part in message.iter_attachments()] == ["logo.png", "answer.zip"]
    assert [part.get_content_disposition() for part in message.iter_attachments()] == ["inline", "attachment"]


@pytest.mark.parametrize("name", ['Fish, Chips & "Söhne" <GmbH>', "名前", "a" * 200, "x\r\nBcc: all@example.test"])
def test_any_name_is_a_sender_and_nothing_else(mail_of, name):
    message = read(mail_of(a_controller(name=name)))
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (" ".join(name.split()), "privacy@fish.test")
    assert (message["Bcc"], message["To"]) == (None, "ann@example.test")
    assert " ".join(message["Subject"].split()).startswith(" ".join(name.split()))


def test_a_contact_that_is_no_address_stops_the_mail_and_adds_no_head(mail_of):
    with pytest.raises(BadHeaderError):
        read(mail_of(a_controller(email="a@fish.test\r\nBcc: all@example.test")))


def test_the_signature_leaves_no_mail(mail_of):
    mail = mail_of(a_controller())
    assert mail.message().as_bytes().count(b"image/") == 1
    assert b"svg" not in mail.message().as_bytes()


def test_a_mail_provider_gets_the_logo_as_an_inline_picture(mail_of, settings):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    mail = mail_of(a_controller())
    EmailBackend().send_messages([mail])
    (picture,) = mail.anymail_test_params["attachments"]
    assert (picture.inline, picture.cid) == (True, "logo.4711@privacy.fish.test")
    assert mail.anymail_status.status <= set(ANYMAIL_STATUSES)
