"""Changing the words of notices: who may, what counts, and what is sent."""

from __future__ import annotations

import re

import pytest
from django.core import mail as sent_mail
from django.utils import timezone, translation

from requests_app import codes, links, rewording
from requests_app.audit import Actor
from requests_app.letters import kept, texts
from requests_app.letters.differences import Change, differences
from requests_app.models import AuditEntry, NoticeText, OutboxMail, SecureLink, SentNotice, SubjectRequest
from requests_app.notifications import queue_mail
from requests_app.rewording import ChangedMeanwhile, Place, UnusableWords
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import a_request, an_export, member, send_mails

pytestmark = pytest.mark.django_db

BODY = "# Got it\n\nHello {{ name }}, we have {{ reference }}.\n\n[Look]({{ status_link }})"
ANY = Place("received", "", "en")


@pytest.fixture
def manager():
    return Actor.staff(member("Manager"))


def keep(actor, place: Place = ANY, body: str = BODY, based_on: int | None = None) -> NoticeText:
    return rewording.keep(place, "{{ controller }}: got {{ reference }}", body, based_on=based_on, actor=actor)


def counting(right: str = "access", language: str = "en") -> int | None:
    return texts.words_for("received", right, language).version


def test_the_words_of_the_team_go_before_those_shipped_and_the_nearest_before_the_rest(manager):
    shipped = texts.words_for("received", "access", "en")
    assert (shipped.version, "We have received" in shipped.body) == (None, True)
    general = keep(manager)
    assert counting() == general.pk
    own = keep(manager, Place("received", "erasure", "en"))
    assert (counting(), counting("erasure")) == (general.pk, own.pk)
    german = keep(manager, Place("received", "", "de"))
    austrian = keep(manager, Place("received", "erasure", "de-at"))
    assert (counting(language="de-AT"), counting("erasure", "de-AT"), counting("erasure", "de-CH")) == (
        german.pk,
        austrian.pk,
        german.pk,
    )


def test_each_change_is_a_version_and_is_on_record_without_its_words(manager):
    first = keep(manager)
    second = keep(manager, body=BODY + "\n\nBye.", based_on=first.pk)
    assert (first.version, second.version, counting()) == (1, 2, second.pk)
    entries = AuditEntry.objects.filter(action="notice.changed").order_by("pk")
    assert [entry.details["version"] for entry in entries] == ["1", "2"]
    assert "Bye" not in str([entry.details for entry in entries])


def test_a_withdrawn_version_gives_way_to_the_one_before_and_at_last_to_the_shipped_words(manager):
    first = keep(manager)
    second = keep(manager, based_on=first.pk)
    rewording.withdraw(second.pk, actor=manager)
    assert counting() == first.pk
    third = keep(manager, based_on=first.pk)
    assert third.version == 3
    rewording.withdraw(third.pk, actor=manager, with_earlier=True)
    assert counting() is None
    with pytest.raises(ChangedMeanwhile):
        rewording.withdraw(third.pk, actor=manager)


def test_of_two_who_change_the_same_words_the_second_is_told(manager):
    first = keep(manager)
    keep(manager, based_on=first.pk)
    with pytest.raises(ChangedMeanwhile):
        keep(manager, based_on=first.pk)
    with pytest.raises(ChangedMeanwhile):
        keep(manager)


def test_words_that_cannot_be_sent_are_not_kept(manager):
    with pytest.raises(UnusableWords) as caught:
        keep(manager, body="# x\n\n{{ nme }}")
    assert "{{ nme }}" in str(caught.value)
    for place in (Place("digest", "", "en"), Place("received", "birthday", "en"), Place("birthday", "", "en")):
        with pytest.raises(UnusableWords):
            keep(manager, place)
    assert not NoticeText.objects.exists()


@pytest.mark.parametrize("role", ["Viewer", "Processor", "Reviewer"])
def test_nobody_but_a_manager_changes_or_withdraws_words(role, manager):
    row = keep(manager)
    actor = Actor.staff(member(role))
    with pytest.raises(PermissionRefused):
        keep(actor, based_on=row.pk)
    with pytest.raises(PermissionRefused):
        rewording.withdraw(row.pk, actor=actor)
    with pytest.raises(PermissionRefused):
        keep(Actor("subject"), based_on=row.pk)


def test_a_mail_in_the_queue_is_written_in_the_words_that_count_when_it_is_sent(manager):
    request = a_request(name="Ann")
    mail = OutboxMail.objects.create(request=request, template="received")
    row = keep(manager)
    send_mails()
    message = sent_mail.outbox[-1]
    assert f"Hello Ann, we have {request.reference}." in message.body
    assert "we have" in message.alternatives[0][0]
    assert SentNotice.objects.get(mail=mail).words_id == row.pk


def test_what_was_sent_is_kept_sealed_without_its_links_and_outlives_a_change_of_words(manager):
    request = a_request(name="Annabella Example")
    mail = OutboxMail.objects.create(request=request, template="received")
    send_mails()
    message, row = sent_mail.outbox[-1], SentNotice.objects.get(mail=mail)
    assert "Annabella" not in row.content
    keep(manager)
    SubjectRequest.objects.update(name="Somebody else")
    said = kept.kept_of(OutboxMail.objects.select_related("request").get())
    assert said.subject == message.subject
    assert "Dear Annabella Example," in said.text
    assert "Dear Annabella Example," in said.html
    assert "/r/" in message.body
    for text in (said.text, said.html, said.paper):
        assert "/r/" not in text


@pytest.mark.usefixtures("storage_folder")
def test_a_code_is_never_kept():
    export = an_export(b"files")
    lifetime = export.expires_at - timezone.now()
    token = links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=lifetime)
    asked = codes.create(links.find(token, SecureLink.Purpose.DOWNLOAD))
    queue_mail(export.request_id, "download_code", code_id=asked.pk)
    send_mails()
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", sent_mail.outbox[-1].body)[0]
    said = kept.kept_of(OutboxMail.objects.select_related("request").get(template="download_code"))
    assert "······" in said.text
    assert code not in said.text + said.html + said.paper


def test_words_that_no_longer_pass_are_passed_over(manager):
    row = keep(manager)
    NoticeText.objects.filter(pk=row.pk).update(body="# Old\n\n{{ variable_of_old }}")
    assert counting() is None


def test_a_language_that_the_portal_does_not_come_with_has_its_words_in_an_english_frame(manager):
    keep(manager, Place("received", "", "eo"), "# Ricevita\n\nKara {{ name }}.\n\n[Vidu]({{ status_link }})")
    mail = OutboxMail.objects.create(request=a_request(name="Ann", language="eo"), template="received")
    with translation.override("en"):
        send_mails()
    assert "Kara Ann." in sent_mail.outbox[-1].body
    assert "Questions? Write to" in sent_mail.outbox[-1].body or "Your request is" in sent_mail.outbox[-1].body
    assert mail.pk


def test_a_comparison_tells_words_apart():
    pieces = differences("Dear {{ name }}, hello.", "Dear {{ name }}, good day.")
    assert [(piece.change, piece.text) for piece in pieces] == [
        (Change.SAME, "Dear {{ name }}, "),
        (Change.GONE, "hello"),
        (Change.NEW, "good day"),
        (Change.SAME, "."),
    ]
