"""Notices that tell of an end or a beginning, sent once and to who may have them; and the language of all of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import retention, suppressing
from requests_app.audit import Actor
from requests_app.models import (
    Download,
    Export,
    Identifier,
    IdentityCheck,
    OutboxMail,
    Status,
    SubjectRequest,
    Suppression,
)
from requests_app.notifications import queue_mail
from tests.requests_app.pages.words import TYPED
from tests.requests_app.portal import ANN, a_request, an_export, member, send_mails, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
Scope = Suppression.Scope


def told(template: str) -> int:
    return OutboxMail.objects.filter(template=template).count()


def expired(**fields: object) -> Export:
    return an_export(b"files", expires_at=timezone.now() - timedelta(hours=1), **fields)


def test_whose_files_went_without_being_had_is_told_once():
    expired()
    retention.clean_up()
    retention.clean_up()
    assert told("expired") == 1
    (mail,) = send_mails()
    assert "have been deleted" in mail.body


def test_who_had_the_files_or_does_not_want_them_is_told_nothing():
    had, taken_back, ended = expired(), expired(revoked_at=timezone.now()), expired()
    Download.objects.create(export=had, started_at=timezone.now())
    SubjectRequest.objects.filter(pk=ended.request_id).update(status=Status.WITHDRAWN)
    retention.clean_up()
    assert not Export.objects.filter(removed_at=None).exclude(pk=taken_back.pk).exists()
    assert told("expired") == 0


def old(request: SubjectRequest) -> None:
    SubjectRequest.objects.filter(pk=request.pk).update(submitted_at=timezone.now() - timedelta(days=90))
    request.links.update(expires_at=timezone.now() - timedelta(days=60))


def test_a_mailbox_that_nobody_proved_is_not_written_to_when_a_request_lapses():
    request = submitted()
    old(request)
    retention.clean_up()
    request.refresh_from_db()
    assert (request.status, told("lapsed")) == (Status.LAPSED, 0)


def test_who_proved_the_mailbox_and_no_more_is_told_that_the_request_lapsed():
    request = submitted()
    long_ago = timezone.now() - timedelta(days=80)
    IdentityCheck.objects.filter(request=request, kind="mailbox").update(passed_at=long_ago)
    old(request)
    retention.clean_up()
    request.refresh_from_db()
    assert (request.status, told("lapsed")) == (Status.LAPSED, 1)
    assert "have not heard from you" in send_mails()[-1].body


def test_an_entry_of_the_register_made_and_lifted_by_hand_is_told_to_nobody():
    request = a_request(Status.IN_PROGRESS)
    Identifier.objects.create(request=request, kind="email", value=ANN, proof="mailbox", proven_at=timezone.now())
    worker, decider = Actor.staff(member("Processor")), Actor.staff(member("Reviewer"))
    for _ in range(2):
        suppressing.enter(request.pk, Scope.MARKETING, actor=worker)
    suppressing.lift(Suppression.objects.get().pk, "Cleared up.", actor=decider)
    assert (told("restricted"), told("lifted")) == (0, 0)


@pytest.mark.parametrize(
    ("header", "chosen"), [("de-AT,de;q=0.9", "de"), ("ja, fr;q=0.5", "fr"), ("ja", "en"), ("", "en"), ("*", "en")]
)
def test_the_form_proposes_the_language_of_the_browser(client, header, chosen):
    page = client.get("/", headers={"Accept-Language": header}).content.decode()
    assert f'<option value="{chosen}" selected>' in page


def test_whoever_chooses_a_language_is_written_to_in_it(client):
    client.post("/", TYPED | {"language": "de"})
    (mail,) = send_mails()
    assert "Bitte bestätigen Sie Ihren Antrag" in mail.subject
    assert '<html lang="de"' in mail.alternatives[0][0]
    assert client.post("/", TYPED | {"language": "tlh"}).status_code == 400


def test_every_mail_of_a_request_keeps_its_language():
    request = submitted(language="fr")
    queue_mail(request.pk, "received")
    subjects = [mail.subject for mail in send_mails()]
    assert [("confirmer" in subject, "avons reçu" in subject) for subject in subjects] == [(True, False), (False, True)]
