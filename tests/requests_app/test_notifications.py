from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django_q.models import OrmQ

from requests_app import retention, tasks
from requests_app.models import AuditEntry, Export, Leased, OutboxMail, SecureLink, Status, SubjectRequest
from requests_app.models.leased import MOST_ATTEMPTS
from requests_app.notifications import queue_mail
from requests_app.workflow import TRANSITIONS
from tests.live.portal import free_port
from tests.requests_app.portal import (
    ANN,
    a_request,
    a_source,
    acts,
    an_export,
    queued,
    released,
    run_out,
    send_mails,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

TEMPLATES = ["confirm", "already_open", *(t.mail for t in TRANSITIONS.values() if t.mail)]


class Refusals:
    """What a mail server says to a recipient and to a mail."""

    def __init__(self):
        self.to_recipient, self.to_mail, self.mails = "250 OK", "250 OK", []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.to_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server, session, envelope):
        if self.to_mail.startswith("2"):
            self.mails.append(envelope.content)
        return self.to_mail


@contextmanager
def listening(handler, **options):
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def refusals(settings):
    """A mail server that refuses what it is told to; the portal's mails go there."""
    refusals = Refusals()
    with listening(refusals) as port:
        over_smtp(settings, port)
        yield refusals


def over_smtp(settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_TIMEOUT = 5


class UnwillingProvider(BaseEmailBackend):
    """Refuses each mail as Anymail's backends do."""

    error: Exception

    def send_messages(self, email_messages):
        raise self.error


@pytest.fixture
def mail():
    return queue_mail(a_request(Status.SUBMITTED).pk, "confirm")


def sent(mail):
    tasks.send_mail(mail.pk)
    return OutboxMail.objects.select_related("request").get(pk=mail.pk)


def test_a_mail_is_queued_by_its_id(mail):
    assert queued() == [("quick", "send_mail", (mail.pk,))]


def test_a_mail_is_sent_once_and_on_record(mail, settings):
    (message,) = send_mails()
    tasks.send_mail(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == (Leased.State.DONE, "")
    assert mail.sent_at
    assert send_mails() == []
    assert (message.to, message.from_email) == ([ANN], f"{settings.DSR_SYSTEM_NAME} <{settings.DEFAULT_FROM_EMAIL}>")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target, entry.details) == ("mail.sent", f"mail {mail.pk}", {"mail": "confirm"})


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_mail_is_text_and_html_with_nothing_personal_in_its_subject(template):
    OutboxMail.objects.create(request=a_request(details="Zanzibar", decision="Marzipan"), template=template)
    (message,) = send_mails()
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert "<" not in message.body
    assert html.lower().startswith("<!doctype html>")
    assert message.subject.strip()
    for value in (ANN, "Ann", "Zanzibar", "Marzipan"):
        assert value not in message.subject


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_link_leads_to_the_portal_and_stands_once_in_the_text(template, settings):
    settings.DSR_PUBLIC_URL = "https://privacy.example.test/portal"
    OutboxMail.objects.create(request=a_request(), template=template)
    (message,) = send_mails()
    found = re.findall(r"https?://\S+", message.body)
    assert found
    assert len(set(found)) == len(found)
    assert all(link.startswith("https://privacy.example.test/portal/") for link in found)


def test_tokens_and_words_stand_nowhere_in_the_database(tmp_path):
    a_source(tmp_path)
    released()
    messages = send_mails()
    tokens = {token for message in messages for token in re.findall(r"/[crd]/([\w-]+)", message.body)}
    assert len(tokens) >= 3
    kept = [SecureLink, OutboxMail, AuditEntry, SubjectRequest, Export]
    told = str([list(model.objects.values()) for model in kept]) + str([row.task for row in OrmQ.objects.all()])
    assert [token for token in tokens if token in told] == []
    assert "Dear " not in told


def test_links_live_as_long_as_what_they_lead_to(tmp_path, settings):
    settings.DSR_LAPSE_DAYS = 3
    a_source(tmp_path)
    export = released()
    send_mails()
    lives = {link.purpose: link.expires_at - link.created_at for link in SecureLink.objects.all()}
    assert lives["confirm"] == pytest.approx(timedelta(days=3), abs=timedelta(seconds=5))
    assert lives["status"] == pytest.approx(timedelta(days=180), abs=timedelta(seconds=5))
    download = SecureLink.objects.get(purpose="download")
    assert (download.export, download.expires_at) == (
        export,
        pytest.approx(export.expires_at, abs=timedelta(seconds=5)),
    )


def test_a_mail_for_files_that_expired_meanwhile_is_not_sent():
    export = an_export(b"files")
    mail = queue_mail(export.request_id, "ready", export_id=export.pk)
    Export.objects.update(expires_at=timezone.now())
    mail = sent(mail)
    assert (mail.state, mail.attempt) == (Leased.State.FAILED, 1)
    assert "had expired before" in mail.last_error
    assert send_mails() == []
    assert not SecureLink.objects.exists()
    assert acts(export.request_id) == ["mail.failed"]


def test_a_mail_for_files_that_were_removed_is_not_sent():
    export = an_export(b"files")
    mail = queue_mail(export.request_id, "ready", export_id=export.pk)
    retention.clean_up(export.expires_at)
    assert sent(mail).state == Leased.State.FAILED


def test_a_mail_crosses_the_wire_with_its_headers(refusals, mail, settings):
    settings.DSR_PUBLIC_URL = "https://privacy.example.test"
    settings.DSR_CONTACT_EMAIL = "privacy@example.test"
    assert sent(mail).state == Leased.State.DONE
    (content,) = refusals.mails
    head = content.decode().partition("\r\n\r\n")[0]
    for line in (
        f"Message-ID: <{mail.message_id}@privacy.example.test>",
        "Auto-Submitted: auto-generated",
        "Reply-To: privacy@example.test",
        f"To: {ANN}",
    ):
        assert line in head.split("\r\n")


@pytest.mark.parametrize("refusal", ["421 Try again", "450 Mailbox busy", "451 Come back later", "452 No room"])
@pytest.mark.parametrize("place", ["to_recipient", "to_mail"])
def test_what_is_refused_for_now_is_sent_later_under_the_same_id(place, refusal, refusals, mail):
    setattr(refusals, place, refusal)
    mail = sent(mail)
    assert mail.is_resting
    assert f"({refusal[:3]})" in mail.last_error
    assert ANN not in mail.last_error
    setattr(refusals, place, "250 OK")
    run_out(mail)
    mail = sent(mail)
    assert (mail.state, mail.attempt) == (Leased.State.DONE, 2)
    (content,) = refusals.mails
    assert f"<{mail.message_id}@".encode() in content


@pytest.mark.parametrize("refusal", ["550 No such mailbox", "553 Not allowed", "554 Looks like spam"])
@pytest.mark.parametrize("place", ["to_recipient", "to_mail"])
def test_what_is_refused_for_good_is_given_up_at_once_and_visibly(place, refusal, refusals, mail):
    setattr(refusals, place, refusal)
    mail = sent(mail)
    assert (mail.state, mail.attempt) == (Leased.State.FAILED, 1)
    assert f"({refusal[:3]})" in mail.last_error
    assert ANN not in mail.last_error
    assert acts(mail.request_id) == ["mail.failed"]


def test_a_mail_server_that_is_down_is_tried_again(settings, mail):
    over_smtp(settings, free_port())
    for _ in range(MOST_ATTEMPTS):
        run_out(mail)
        mail = sent(mail)
        assert mail.last_error == "The mail server cannot be reached (ConnectionRefusedError)."
    assert mail.state == Leased.State.FAILED
    assert acts(mail.request_id) == ["mail.failed"]


def test_a_mail_that_may_have_been_sent_is_repeated_under_the_same_id(refusals, mail):
    sent(mail)
    OutboxMail.objects.update(state=Leased.State.RUNNING)  # as if the worker had died before it said so
    run_out(mail)
    sent(mail)
    first, second = (re.search(rb"Message-ID: (\S+)", content)[1] for content in refusals.mails)
    assert first == second


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_is_the_portals_fault_and_not_the_mails(settings, mail):
    refused = {"auth_required": True, "auth_require_tls": False}
    with listening(Refusals(), authenticator=lambda *_: AuthResult(success=False, handled=False), **refused) as port:
        over_smtp(settings, port)
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "Zanzibar"
        mail = sent(mail)
    assert mail.is_resting
    assert "refused the portal (535)" in mail.last_error
    assert "Zanzibar" not in mail.last_error


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (AnymailRecipientsRefused(f"{ANN} is on the list"), Leased.State.FAILED, "refused the recipient"),
        (AnymailAPIError(f"No idea who {ANN} is"), Leased.State.WAITING, "cannot be reached (AnymailAPIError)"),
        (TimeoutError(f"while sending to {ANN}"), Leased.State.WAITING, "cannot be reached (TimeoutError)"),
    ],
)
def test_what_a_mail_provider_says_is_not_kept(error, state, told, settings, mail, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.UnwillingProvider"
    monkeypatch.setattr(UnwillingProvider, "error", error, raising=False)
    mail = sent(mail)
    assert (mail.state, mail.attempt) == (state, 1)
    assert told in mail.last_error
    assert ANN not in mail.last_error


def test_the_id_a_mail_provider_gives_is_kept(settings, mail):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"  # numbers what it is given
    second = queue_mail(mail.request_id, "received")
    sent(mail)
    assert sent(second).provider_id == "1"


@pytest.mark.parametrize("name", ["Ann\r\nBcc: all@example.test", "<b>Ann</b>", "{{ request }}", "%s {0} \\"])
def test_a_name_is_text_and_nothing_else(name, refusals):
    mail = sent(queue_mail(a_request(name=name).pk, "received"))
    assert (mail.state, len(refusals.mails)) == (Leased.State.DONE, 1)
    head = refusals.mails[0].decode().partition("\r\n\r\n")[0]
    assert "Bcc" not in head


def test_a_mail_whose_template_is_missing_fails_visibly(caplog):
    mail = sent(queue_mail(a_request().pk, "birthday"))
    assert mail.is_resting
    assert mail.last_error == "Unexpected TemplateDoesNotExist; the log says where."
