from __future__ import annotations

import pytest

from requests_app.models import Export, Message, OutboxMail, SecureLink
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import a_source, acts, released, send_mails, token_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(tmp_path, storage_folder):
    a_source(tmp_path)
    return released()


def page(client, export):
    return words(client.get(url("requests.change", export.request_id)))


def test_a_reviewer_takes_files_back_and_says_why(export, client):
    token = token_in(send_mails()[-1], "d")
    reviewer = signed_in("Reviewer")
    assert "Take back" in page(reviewer, export)
    address = url("requests.take_back", export.request_id, export.pk)
    assert "destroyed at once" in words(reviewer.get(address))
    reviewer.post(address, {"reason": "Held somebody else's invoice"})
    assert Export.objects.get().revoked_at
    assert Message.objects.get().text == "Took the files back (JSON, CSV): Held somebody else's invoice"
    assert acts(export.request_id)[-2:] == ["note.added", "export.revoked"]
    text = page(reviewer, export)
    assert "taken back" in text
    assert "Take back" not in text
    gone = client.get(f"/d/{token}")
    assert gone.status_code == 410
    assert "These files were taken back" in gone.content.decode()


def test_a_reason_is_asked_for_and_nothing_happens_without_one(export):
    reviewer = signed_in("Reviewer")
    refused = reviewer.post(url("requests.take_back", export.request_id, export.pk), {"reason": " "})
    assert "Please write the note first" in words(refused)
    assert Export.objects.get().revoked_at is None
    processor = signed_in("Processor")
    processor.post(url("requests.renew_links", export.request_id), {"reason": ""})
    assert not SecureLink.objects.filter(revoked_at__isnull=False).exists()


def test_what_was_taken_back_leaves_no_second_note(export):
    reviewer = signed_in("Reviewer")
    address = url("requests.take_back", export.request_id, export.pk)
    for _ in range(2):
        reviewer.post(address, {"reason": "Wrong person"})
    assert Message.objects.count() == 1


def test_a_processor_makes_the_links_void_and_new_ones_are_mailed(export, client):
    old = token_in(send_mails()[-1], "d")
    processor = signed_in("Processor")
    text = page(processor, export)
    assert "Make the links void" in text
    assert "Take back" not in text
    processor.post(url("requests.renew_links", export.request_id), {"reason": "The mail went to a neighbour"})
    ended = client.get(f"/d/{old}")
    assert ended.status_code == 410
    assert "This link was ended" in ended.content.decode()
    assert OutboxMail.objects.latest("pk").template == "new_links"
    assert client.get(f"/d/{token_in(send_mails()[-1], 'd')}").status_code == 200


def test_a_code_cannot_be_sent_again_by_the_team(export, client, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    client.post(f"/d/{token_in(send_mails()[-1], 'd')}/code/send")
    send_mails()
    mail = OutboxMail.objects.get(template="download_code")
    processor = signed_in("Processor")
    refused = processor.post(url("requests.retry_mail", export.request_id, mail.pk), follow=True)
    assert "A code is not sent twice" in words(refused)
    assert OutboxMail.objects.filter(template="download_code").count() == 1
