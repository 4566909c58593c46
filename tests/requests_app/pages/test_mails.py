from __future__ import annotations

import re

import pytest

from requests_app.models import OutboxMail, Outcome, Right, Status
from tests.requests_app.portal import a_request, a_source, an_export, released, send_mails, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
NAME, DECISION = "Ann O'Neill & <b>Sons</b>", "Invoices are kept.\n\nTen years, says <tax law>."
TEMPLATES = ["confirm", "already_open", "received", "ready", "refused", "completed", "withdrawn"]
LINKS = {"confirm": "c", "ready": "d"}


@pytest.fixture
def mail_of(settings, tmp_path):
    """Send the mail of a template and give it."""
    settings.DSR_CONTACT_EMAIL = "privacy@example.test"
    settings.DSR_SYSTEM_NAME = "Fish & Chips"

    def send(template: str, **fields: object):
        if template == "ready":
            a_source(tmp_path)
            export = released()
            type(export.request).objects.update(name=NAME)
            return next(mail for mail in send_mails() if "/d/" in mail.body)
        status = {"confirm": Status.SUBMITTED, "refused": Status.REJECTED, "completed": Status.COMPLETED}.get(
            template, Status.IN_PROGRESS
        )
        known = {"name": NAME, "decision": DECISION, "details": "my secret details"}
        OutboxMail.objects.create(request=a_request(status, **known | fields), template=template)
        (mail,) = send_mails()
        return mail

    return send


def html_of(mail) -> str:
    return mail.alternatives[0][0]


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_mail_carries_its_link_as_a_button_and_to_be_copied(mail_of, template):
    mail = mail_of(template)
    route = LINKS.get(template, "r")
    token = token_in(mail, route)
    assert re.search(rf"^http://\S+/{route}/{token}$", mail.body, re.MULTILINE)
    html = html_of(mail)
    assert html.count(f'/{route}/{token}"') == 2
    assert html.count(f"/{route}/{token}</a>") == 1


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_mail_loads_nothing_and_says_whom_to_ask(mail_of, template):
    mail = mail_of(template)
    html = html_of(mail)
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", html)
    assert "prefers-color-scheme: dark" in html
    assert 'style="' in html
    for body in (mail.body, html):
        assert "privacy@example.test" in body
        assert "my secret details" not in body
    assert "\n\n\n" not in mail.body


@pytest.mark.parametrize("template", TEMPLATES)
def test_text_is_plain_and_markup_is_escaped(mail_of, template):
    mail = mail_of(template)
    assert "&amp;" not in mail.body + mail.subject
    assert "Fish & Chips" in mail.subject
    assert "<b>" not in html_of(mail)
    assert "<tax law>" not in html_of(mail)


@pytest.mark.parametrize("template", TEMPLATES)
def test_names_stand_in_the_greeting_of_proven_mailboxes_alone(mail_of, template):
    mail = mail_of(template)
    is_proven = template not in {"confirm", "already_open"}
    assert mail.body.startswith(f"Dear {NAME},\n" if is_proven else "Hello,\n")
    assert mail.body.count("O'Neill") == is_proven
    assert "O'Neill" not in mail.subject


def test_the_mail_of_the_files_says_what_they_are(mail_of):
    mail = mail_of("ready")
    for body in (mail.body, html_of(mail)):
        for said in ("3 records", "JSON, CSV", "kB", "Available until", "/d/", "/r/"):
            assert said in body


@pytest.mark.parametrize("template", ["refused", "completed"])
def test_the_reasons_are_told(mail_of, template):
    mail = mail_of(template)
    assert DECISION in mail.body
    assert "Invoices are kept." in html_of(mail)


@pytest.mark.parametrize(
    ("template", "outcome", "is_told"),
    [
        ("refused", Outcome.REFUSED, True),
        ("completed", Outcome.PARTIAL, True),
        ("completed", Outcome.FULL, False),
    ],
)
def test_remedies_are_told_where_something_was_refused(mail_of, template, outcome, is_told):
    mail = mail_of(template, outcome=outcome)
    for body in (mail.body, html_of(mail)):
        assert ("data protection authority" in body) == is_told


@pytest.mark.parametrize(
    ("place", "articles"), [("DE", "(GDPR Art. 77)"), ("GB", "(UK GDPR Art. 77)"), ("US-CA", ""), ("BR", "")]
)
def test_remedies_name_the_articles_of_the_law_that_the_authority_watches(mail_of, place, articles):
    mail = mail_of("refused", outcome=Outcome.REFUSED, place=place)
    for body in (mail.body, html_of(mail)):
        assert ("Art. 77" in body, articles in body) == (bool(articles), True)
        assert ("go to court" in body) == bool(articles)


def test_who_is_not_known_is_told_so_with_the_letter_and_what_remains_to_do(settings):
    settings.DSR_CONTACT_EMAIL = "privacy@example.test"
    export = an_export(b"a letter")
    OutboxMail.objects.create(request=export.request, template="nothing_held", export=export)
    (mail,) = send_mails()
    for body in (mail.body, html_of(mail)):
        for said in ("found no data about you", "names every system", "data protection authority", "Available until"):
            assert said in body
        assert token_in(mail, "d") in body
        assert token_in(mail, "r") in body
    assert "\n\n\n" not in mail.body


@pytest.mark.parametrize("right", Right)
def test_the_receipt_says_what_happens_now(mail_of, right):
    mail = mail_of("received", right=right, decision="")
    assert ("We are collecting" in mail.body) == (right in {Right.ACCESS, Right.PORTABILITY})
    assert right.label in mail.body
