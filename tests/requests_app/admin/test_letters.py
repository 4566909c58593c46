from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from requests_app.controller import controller
from requests_app.letters.notices import NOTICES
from requests_app.models import AuditEntry, ControllerProfile, SecureLink
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.letters.pictures import SVG, a_jpeg, a_png
from tests.requests_app.portal import a_request, send_mails, submitted

pytestmark = pytest.mark.django_db

FILLED_IN = {
    "name": "Fish & Chips",
    "address": "1 Harbour Street\r\nEH1 1AA Edinburgh",
    "country": "GB",
    "email": "privacy@fish.test",
    "phone": "+44 131 4960000",
    "website": "https://fish.test/",
    "privacy_url": "https://fish.test/privacy",
    "officer": "Nessie Example",
    "officer_contact": "dpo@fish.test",
    "representative": "",
    "colour": "#0b6b74",
    "signatory": "Morag Example",
    "signatory_role": "Privacy team",
}


def a_file(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def posted(client, **changes: object):
    return client.post(url("letters"), FILLED_IN | changes)


def stored() -> ControllerProfile:
    return ControllerProfile.objects.get()


def test_what_is_filled_in_is_who_the_portal_answers_for():
    client = signed_in("Manager")
    logo = a_png()
    response = posted(client, logo_file=a_file(logo), signature_file=a_file(SVG, "hand.svg"))
    assert (response.status_code, response.url) == (302, url("letters"))
    known = controller()
    assert (known.name, known.country, known.email) == ("Fish & Chips", "GB", "privacy@fish.test")
    assert known.address == ("1 Harbour Street", "EH1 1AA Edinburgh")
    assert (known.logo.media_type, known.signature.media_type) == ("image/png", "image/svg+xml")
    assert known.signature.content == SVG
    assert ControllerProfile.objects.values_list("pk", flat=True).get() == 1


def test_a_change_is_on_record_by_the_names_of_its_fields_alone():
    client = signed_in("Manager")
    posted(client, logo_file=a_file(a_png()))
    posted(client, signatory="Rory Example", logo_removed="on")
    first, second = AuditEntry.objects.filter(action="controller.changed").order_by("pk")
    assert {"name", "address", "logo"} <= set(first.details["fields"])
    assert (second.target, second.details) == ("controller profile", {"fields": ["logo", "signatory"]})
    told = str(list(AuditEntry.objects.values()))
    assert "Example" not in told
    assert "fish.test" not in told


def test_nothing_new_is_no_change():
    client = signed_in("Manager")
    posted(client)
    assert "Nothing was changed." in words(client.post(url("letters"), FILLED_IN, follow=True))
    assert AuditEntry.objects.filter(action="controller.changed").count() == 1


def test_mails_are_sent_in_the_controllers_name_with_the_logo_inside():
    posted(signed_in("Manager"), name="Äpfel & Söhne", logo_file=a_file(a_jpeg(), "anything.png"))
    submitted()
    (mail,) = send_mails()
    message = mail.message()
    assert mail.from_email == "=?utf-8?b?w4RwZmVsICYgU8O2aG5l?= <privacy@localhost>"
    assert mail.reply_to == ["privacy@fish.test"]
    assert mail.subject == "Äpfel & Söhne: please confirm your request"
    assert message.get_content_type() == "multipart/related"
    (picture,) = [part for part in message.walk() if part.get_content_maintype() == "image"]
    (html,) = [part for part in message.walk() if part.get_content_type() == "text/html"]
    (content_id,) = re.findall(r'src="cid:([^"]+)"', html.get_payload(decode=True).decode())
    assert picture["Content-ID"] == f"<{content_id}>"
    assert (picture.get_content_type(), picture.get_content_disposition()) == ("image/jpeg", "inline")


def test_a_sender_named_in_the_settings_stays_until_the_profile_names_another(settings):
    settings.DEFAULT_FROM_EMAIL = "Privacy desk <privacy@example.test>"
    submitted()
    (mail,) = send_mails()
    assert mail.from_email == "Privacy desk <privacy@example.test>"


def test_a_name_of_several_lines_is_one_line_and_no_header():
    posted(signed_in("Manager"), name="Fish\r\nBcc: all@example.test", signatory="Morag\nExample")
    assert (stored().name, stored().signatory) == ("Fish Bcc: all@example.test", "Morag Example")
    ControllerProfile.objects.update(name="Fish\r\nBcc: all@example.test")  # however it came there
    submitted()
    (mail,) = send_mails()
    assert "Bcc" not in mail.message()


@pytest.mark.parametrize("colour", ["#ffff00", "#999999", "#00c2d1"])
def test_a_colour_that_hides_white_text_is_refused_with_one_that_works(colour):
    client = signed_in("Manager")
    response = posted(client, colour=colour)
    assert f"White text on {colour} is hard to read" in words(response)
    assert not ControllerProfile.objects.exists()
    (proposed,) = re.findall(r"that works: (#[0-9a-f]{6})", response.content.decode())
    assert posted(client, colour=proposed).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "red"),
        ("colour", "#12345"),
        ("colour", "#123456;}"),
        ("country", "XX"),
        ("email", "nobody"),
        ("email", "a@b.test\nBcc: c@d.test"),
        ("website", "javascript:alert(1)"),
        ("privacy_url", "ftp://fish.test/"),
        ("name", "x" * 201),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_kept(field, value):
    response = posted(signed_in("Manager"), **{field: value})
    assert "Nothing was saved." in words(response)
    assert not ControllerProfile.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"MZ\x90\0", "no picture of a kind"),
        (SVG.replace(b"<rect", b"<script>alert(1)</script><rect"), "script"),
        (SVG.replace(b"<rect", b'<rect onclick="alert(1)"'), "acts by itself"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "DOCTYPE"),
        (a_png(2_001, 20), "2001 by 20 pixels"),
        (a_png() + b"\0" * 300_000, "at most 256 KB"),
    ],
)
@pytest.mark.parametrize("field", ["logo_file", "signature_file"])
def test_a_picture_that_is_none_is_refused_with_the_reason(field, content, told):
    response = posted(signed_in("Manager"), **{field: a_file(content)})
    assert told in words(response)
    assert not ControllerProfile.objects.exists()


def test_a_picture_of_megabytes_is_not_lost_in_silence():
    response = posted(signed_in("Manager"), logo_file=a_file(b"\0" * 2_000_000))
    assert "too large" in words(response)
    assert not ControllerProfile.objects.exists()


def test_a_picture_stays_until_it_is_replaced_or_removed():
    client = signed_in("Manager")
    posted(client, logo_file=a_file(a_png()), signature_file=a_file(SVG))
    posted(client, signatory="Rory Example")
    assert (stored().logo_type, stored().signature_type) == ("image/png", "image/svg+xml")
    posted(client, logo_file=a_file(SVG), signature_removed="on")
    assert (stored().logo_type, bytes(stored().logo)) == ("image/svg+xml", SVG)
    assert (stored().signature_type, stored().signature) == ("", None)


def test_a_stored_picture_is_shown_and_can_do_nothing():
    client = signed_in("Manager")
    assert client.get(url("letters.picture", "signature")).status_code == 404
    posted(client, signature_file=a_file(SVG))
    response = client.get(url("letters.picture", "signature"))
    assert (response.content, response.headers["Content-Type"]) == (SVG, "image/svg+xml")
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert client.get(url("letters.picture", "password")).status_code == 404


@pytest.mark.parametrize("name", NOTICES)
def test_every_notice_can_be_looked_at(name):
    client = signed_in("Manager")
    posted(client, logo_file=a_file(a_png()))
    page = client.get(url("letters.notice", name))
    assert NOTICES[name].label in words(page)
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    frame = client.get(url("letters.mail", name))
    assert f'src="{url("letters.mail", name)}"' in page.content.decode()
    assert "data:image/png" in frame.content.decode()
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert not SecureLink.objects.exists()


def test_a_notice_is_printed_as_a_tagged_letter():
    client = signed_in("Manager")
    posted(client, logo_file=a_file(SVG), signature_file=a_file(a_png()))
    response = client.get(url("letters.letter", "refused"))
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'inline; filename="refused.pdf"'
    assert response.content.startswith(b"%PDF")


def test_what_is_no_notice_is_not_found():
    client = signed_in("Manager")
    for act in ("notice", "mail", "letter"):
        assert client.get(url(f"letters.{act}", "birthday")).status_code == 404


@pytest.mark.parametrize(("role", "is_offered"), [("Manager", True), ("Reviewer", False), ("Viewer", False)])
def test_only_those_who_may_are_led_there(role, is_offered):
    client = signed_in(role)
    assert ("Settings" in words(client.get("/console/"), "header")) == is_offered
    assert client.get(url("letters")).status_code == (200 if is_offered else 403)
    assert posted(client).status_code == (302 if is_offered else 403)
    assert ControllerProfile.objects.exists() == is_offered


def test_old_requests_are_written_to_in_the_new_name():
    request = a_request()
    posted(signed_in("Manager"))
    request.mails.create(template="received")
    (mail,) = send_mails()
    assert mail.subject.startswith("Fish & Chips:")
    assert "1 Harbour Street" in mail.body
