from __future__ import annotations

import pytest
from django.utils import timezone

from requests_app import codes, delivery, links, tasks
from requests_app.delivery import CodeNeeded
from requests_app.models import DownloadCode, Identifier, IdentityRule, OutboxMail, OutboxText, SecureLink
from tests.requests_app.identity.asked import NUMBER, asking_for, with_texts
from tests.requests_app.packages import a_package
from tests.requests_app.pages.words import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def export():
    return a_package()


def link_to(export) -> str:
    lifetime = export.expires_at - timezone.now()
    return links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=lifetime)


def asked_before_downloads(*kinds: str) -> None:
    line = asking_for("mailbox")
    IdentityRule.objects.filter(pk=line.pk).update(download_checks=list(kinds))


def with_phone(export, proof: str = "sms") -> None:
    proven = {"proof": proof, "proven_at": timezone.now()} if proof else {}
    Identifier.objects.create(request=export.request, kind=Identifier.Kind.PHONE, value=NUMBER, **proven)


def sent_by_text(folder) -> str:
    for text in OutboxText.objects.open():
        tasks.send_text(text.pk)
    return next(word for word in max(folder.glob("*.txt")).read_text().split() if "-" in word)


def test_the_table_asks_for_a_code_before_the_files(export):
    token = link_to(export)
    assert not delivery.offer(token, address=None).is_locked
    asked_before_downloads("mailbox")
    assert delivery.offer(token, address=None).is_locked
    with pytest.raises(CodeNeeded):
        delivery.begin(token, address=None, agent="")


def test_a_code_goes_to_the_telephone_that_was_proven(client, export, settings, tmp_path):
    folder = with_texts(settings, tmp_path)
    asked_before_downloads("sms")
    with_phone(export)
    token = link_to(export)
    page = text_of(client.get(f"/d/{token}"))
    assert "by text message" in page
    assert "67" in page
    assert NUMBER not in page
    client.post(f"/d/{token}/code/send")
    assert not OutboxMail.objects.exists()
    assert client.post(f"/d/{token}/code", {"code": sent_by_text(folder)}).status_code == 302
    assert "Download" in text_of(client.get(f"/d/{token}"))


@pytest.mark.parametrize("proof", ["", "assertion"], ids=["typed only", "proven otherwise"])
def test_without_a_proven_telephone_the_code_is_mailed(export, settings, tmp_path, proof):
    with_texts(settings, tmp_path)
    asked_before_downloads("sms")
    with_phone(export, proof)
    delivery.send_code(link_to(export), address=None)
    assert (OutboxText.objects.count(), OutboxMail.objects.get().template) == (0, "download_code")


def test_where_text_messages_are_not_set_up_any_more_the_code_is_mailed(export):
    asked_before_downloads("sms")
    with_phone(export)
    delivery.send_code(link_to(export), address=None)
    assert OutboxMail.objects.get().template == "download_code"


def test_the_telephone_of_the_person_is_not_asked_for_their_representative(export, settings, tmp_path):
    with_texts(settings, tmp_path)
    asked_before_downloads("sms")
    with_phone(export)
    link_to(export)
    assert codes.way_of(SecureLink.objects.get()) == DownloadCode.Way.SMS
    SecureLink.objects.update(recipient="representative")
    assert codes.way_of(SecureLink.objects.get()) == DownloadCode.Way.MAIL
