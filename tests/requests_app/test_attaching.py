from __future__ import annotations

import json
import logging
import zipfile
from io import BytesIO

import pytest
from django.utils import timezone

from requests_app import intake, storage
from requests_app.models import DeliveryWay, Export, Leased, OutboxMail, Right, SubjectRequest
from requests_app.notifications import queue_mail
from tests.requests_app.portal import ANN, MARKER, a_source, acts, an_export, released, send_mails, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
CONTENT = b"PK" + bytes(3 * 2**20)


def an_attached_export(content: bytes = CONTENT, **fields: object) -> Export:
    export = an_export(content, **fields)
    SubjectRequest.objects.update(delivery_way=DeliveryWay.ATTACHMENT)
    return Export.objects.get(pk=export.pk)


def mailed(export: Export, template: str = "ready"):
    queue_mail(export.request_id, template, export_id=export.pk)
    (message,) = send_mails()
    return message


@pytest.mark.parametrize("template", ["ready", "nothing_held"])
@pytest.mark.parametrize(("media_type", "ending"), [("application/zip", "zip"), ("application/pdf", "pdf")])
def test_the_mail_carries_the_file_by_its_own_name(template, media_type, ending):
    export = an_attached_export(media_type=media_type)
    message = mailed(export, template)
    ((name, content, kind),) = message.attachments
    assert (name, kind) == (f"{export.request.reference}.{ending}", media_type)
    assert content == CONTENT
    for body in (message.body, message.alternatives[0][0]):
        assert f"{ending.upper()} file is attached to this mail" in body
    assert token_in(message, "d")
    assert acts(export.request_id) == ["mail.sent", "export.mailed"]


def test_what_is_rendered_arrives_attached(tmp_path, settings):
    settings.DSR_DELIVERY = "attachment"
    a_source(tmp_path)
    released()
    message = next(message for message in send_mails() if "/d/" in message.body)
    ((_, content, _),) = message.attachments
    package = zipfile.ZipFile(BytesIO(content))
    assert package.testzip() is None
    assert MARKER in "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".json"))
    assert json.loads(package.read("manifest.json"))["reference"]


def test_it_crosses_the_wire_whole_and_is_nowhere_in_clear(mail_server, settings, storage_folder):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    settings.EMAIL_USE_TLS = False
    export = an_attached_export(MARKER.encode() * 10)
    mailed_to_server = queue_mail(export.request_id, "ready", export_id=export.pk)
    send_mails()
    assert OutboxMail.objects.get(pk=mailed_to_server.pk).state == Leased.State.DONE
    (message,) = mail_server.mails
    (part,) = message.iter_attachments()
    assert part.get_filename() == f"{export.request.reference}.zip"
    assert part.get_content() == MARKER.encode() * 10
    assert [path for path in storage_folder.rglob("*") if MARKER.encode() in path.read_bytes()] == []


def test_a_line_in_the_log_says_so_without_anybodys_data(caplog):
    export = an_attached_export()
    with caplog.at_level(logging.INFO, "requests_app"):
        mailed(export)
    (line,) = [record for record in caplog.records if record.message == "export.mailed"]
    assert (line.reference, line.bytes, line.status) == (export.request.reference, len(CONTENT), "completed")
    assert ANN not in str(vars(line))


def test_what_was_not_asked_for_is_not_attached():
    export = an_export(CONTENT)
    message = mailed(export)
    assert message.attachments == []
    assert "in the mail" not in message.body
    assert acts(export.request_id) == ["mail.sent"]


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("DSR_ATTACHMENT_BYTES", len(CONTENT) - 1, "they are too large for a mail"),
        ("DSR_DOWNLOAD_CODE", "always", "more care than a mail can give"),
        ("DSR_SINGLE_USE_DOWNLOADS", True, "they are given out once only"),
    ],
)
def test_what_must_not_be_attached_becomes_a_link_and_the_mail_says_why(setting, value, reason, settings):
    setattr(settings, setting, value)
    export = an_attached_export()
    message = mailed(export)
    assert message.attachments == []
    for body in (message.body, message.alternatives[0][0]):
        assert reason in body
        assert "is attached" not in body
    assert "\n\n\n" not in message.body
    assert token_in(message, "d")
    assert acts(export.request_id) == ["mail.sent"]


def test_a_file_of_just_the_limit_is_attached(settings):
    settings.DSR_ATTACHMENT_BYTES = len(CONTENT)
    assert mailed(an_attached_export()).attachments


def test_a_protected_package_is_attached_and_the_passphrase_is_not_told():
    message = mailed(an_attached_export(is_protected=True))
    assert message.attachments
    assert "opens with the passphrase that was set for it" in message.body


def test_a_mail_with_a_link_says_that_its_files_are_protected():
    export = an_export(CONTENT, is_protected=True)
    assert "they open with the passphrase that was set for them" in mailed(export).body
    Export.objects.update(is_protected=False)
    assert "passphrase" not in mailed(export).body


def test_other_mails_about_the_files_carry_none():
    assert mailed(an_attached_export(), "new_links").attachments == []


def test_nothing_is_mailed_of_files_that_expired_meanwhile():
    export = an_attached_export()
    queue_mail(export.request_id, "ready", export_id=export.pk)
    Export.objects.update(expires_at=timezone.now())
    assert send_mails() == []
    assert acts(export.request_id) == ["mail.failed"]


def test_a_file_that_is_not_there_is_no_mail_without_it():
    export = an_attached_export()
    storage.delete(export.file)
    queue_mail(export.request_id, "ready", export_id=export.pk)
    assert send_mails() == []
    assert OutboxMail.objects.get().is_resting


@pytest.mark.parametrize("way", ["link", "attachment"])
def test_a_new_request_goes_the_way_that_the_operator_set(way, settings):
    settings.DSR_DELIVERY = way
    intake.submit(intake.Submission("Ann Example", ANN, Right.ACCESS), address=None)
    assert SubjectRequest.objects.get().delivery_way == way
