from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User

from requests_app.letters.profile import stored
from requests_app.models import AuditEntry, Export, OutboxMail, Outcome, SecureLink, Status
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import a_request, an_export, send_mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail():
    request = a_request(Status.REJECTED, decision="Invoices are <kept>.", outcome=Outcome.REFUSED)
    mail = OutboxMail.objects.create(request=request, template="refused")
    send_mails()
    return mail


def page_of(client, mail: OutboxMail, act: str = "mail"):
    return client.get(url(f"requests.{act}", mail.request_id, mail.pk))


def test_the_page_of_a_request_leads_to_its_mails(mail):
    page = signed_in("Viewer").get(url("requests.change", mail.request_id)).content.decode()
    assert f'href="{url("requests.mail", mail.request_id, mail.pk)}"' in page


def test_a_mail_is_shown_as_it_is_without_its_links(mail):
    client = signed_in("Viewer")
    before = SecureLink.objects.count()
    page = page_of(client, mail)
    assert "Invoices are <kept>." in words(page)
    assert "our decision on your request" in words(page)
    frame = page_of(client, mail, "mail_frame")
    assert "Invoices are &lt;kept&gt;." in frame.content.decode()
    for shown in (page, frame):
        assert not re.search(r"/[crd]/[\w-]{20,}", shown.content.decode())
    assert SecureLink.objects.count() == before


def test_a_mail_is_printed_as_a_letter_of_the_day_it_was_sent(mail):
    response = page_of(signed_in("Viewer"), mail, "mail_letter")
    assert response.content.startswith(b"%PDF")
    name = f'inline; filename="{mail.request.reference}-refused.pdf"'
    assert response.headers["Content-Disposition"] == name


def test_who_looked_is_on_record(mail):
    client = signed_in("Reviewer")
    page_of(client, mail)
    page_of(client, mail, "mail_letter")
    entries = AuditEntry.objects.filter(action="mail.viewed").order_by("pk")
    assert [entry.details["shown"] for entry in entries] == ["page", "letter"]
    assert {(entry.target, entry.request_id) for entry in entries} == {(f"mail {mail.pk}", mail.request_id)}
    assert {entry.actor_id for entry in entries} == {User.objects.get(username="reviewer").pk}


def test_a_code_is_never_shown_to_the_team():
    mail = OutboxMail.objects.create(request=a_request(), template="download_code")
    shown = words(page_of(signed_in("Manager"), mail))
    assert "······" in shown
    assert "good for 15 minutes" in shown


@pytest.mark.parametrize("template", ["ready", "nothing_held"])
def test_a_mail_of_files_is_shown_after_they_are_gone(template):
    export = an_export(b"files", formats=["json"], records=3)
    Export.objects.update(file="", key=None)
    mail = OutboxMail.objects.create(request=export.request, template=template, export=export)
    assert page_of(signed_in("Viewer"), mail).status_code == 200


def test_a_mail_of_another_request_or_of_a_notice_that_is_no_more_is_not_found(mail):
    client = signed_in("Manager")
    assert client.get(url("requests.mail", a_request().pk, mail.pk)).status_code == 404
    OutboxMail.objects.update(template="birthday")
    for act in ("mail", "mail_frame", "mail_letter"):
        assert page_of(client, mail, act).status_code == 404


def test_the_letter_has_the_controllers_name():
    profile = stored()
    profile.name = "Fish & Chips"
    profile.save()
    mail = OutboxMail.objects.create(request=a_request(), template="received")
    assert "Fish & Chips" in words(page_of(signed_in("Viewer"), mail))
