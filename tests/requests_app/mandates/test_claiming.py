"""Somebody asks for somebody else: nothing begins, nothing is told, and nobody is in anybody's way."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from requests_app import audit, identity, links, mandates, representing, retention
from requests_app.intake import Submission
from requests_app.limits import LimitReached
from requests_app.links import UnknownLink
from requests_app.mandates import UnusableClaim
from requests_app.mandates.claiming import MOST_CLAIMS_A_DAY
from requests_app.models import (
    AuditEntry,
    Channel,
    OutboxMail,
    Recipient,
    Representative,
    Right,
    SecureLink,
    Status,
    SubjectRequest,
    Upload,
)
from requests_app.representing import UnsettledAuthority
from requests_app.workflow import PermissionRefused, perform
from tests.requests_app.mandates.people import (
    ADDRESS,
    LENA,
    Kind,
    a_claim,
    a_paper,
    claimed,
    mails_to,
    processor,
    proven,
)
from tests.requests_app.portal import ANN, a_request, acts, confirmed, member, submitted, token_in

PURPOSE = SecureLink.Purpose
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def test_only_the_representative_hears_of_it_first_and_only_about_their_own_mailbox():
    request = claimed(files=(a_paper(),))
    (mail,) = OutboxMail.objects.all()
    assert (mail.template, mail.recipient) == ("represent", "representative")
    (message,) = mails_to(LENA)
    assert "for Ann Example" in message.subject
    assert ANN not in message.body
    assert (request.status, request.channel, request.email) == (Status.SUBMITTED, Channel.AGENT, ANN)
    assert request.uploads.get().kind == Upload.Kind.AUTHORITY
    assert acts(request.pk)[:3] == ["request.submitted", "deadline.computed", "authority.claimed"]


def test_their_mailbox_proves_nothing_about_the_person_and_begins_nothing():
    request = proven()
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED
    assert request.representative.mailbox_proven_at
    assert not request.identifiers.exclude(proof="").exists()
    assert not request.identity_checks.exclude(passed_at=None).exists()
    with pytest.raises(UnsettledAuthority):
        perform(request.pk, "verify", actor=audit.SYSTEM)


def test_a_link_of_theirs_does_not_confirm_the_request_as_if_they_were_the_person():
    claimed()
    (message,) = mails_to(LENA)
    with pytest.raises(UnknownLink):
        identity.confirm(token_in(message, "c"), address=ADDRESS)


def test_the_persons_own_link_does_not_prove_the_representatives_mailbox():
    submitted()
    (message,) = mails_to(ANN)
    with pytest.raises(UnknownLink):
        mandates.confirm_mailbox(token_in(message, "c"), address=ADDRESS)


def test_confirming_again_changes_nothing_and_asks_nobody_again():
    claimed()
    (message,) = mails_to(LENA)
    for _ in range(3):
        request = mandates.confirm_mailbox(token_in(message, "c"), address=ADDRESS)
    assert acts(request.pk).count("authority.mailbox_proven") == 1
    assert request.mails.filter(template="authority").count() == 1
    entry = AuditEntry.objects.get(request_id=request.pk, action="authority.mailbox_proven")
    assert entry.actor_kind == AuditEntry.ActorKind.AGENT


@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_a_child_a_ward_and_the_client_of_a_lawyer_are_not_asked_by_themselves(kind):
    request = proven(kind)
    is_asked = request.mails.filter(template="authority").exists()
    assert is_asked == (kind in {Kind.AGENT, Kind.RELATIVE})


def test_for_an_opt_out_in_california_nobody_is_asked():
    request = proven(Kind.AGENT, right="objection", place="US-CA")
    assert not request.mails.filter(template="authority").exists()
    assert not representing.may_ask(request.representative, request)


def test_a_stranger_cannot_have_a_person_asked_again_and_again():
    for number in range(5):
        request = proven(email=ANN, right=("access", "erasure", "portability", "objection", "restriction")[number])
    assert OutboxMail.objects.filter(template="authority").count() == 3
    assert request.representative.mailbox_proven_at


def test_it_is_not_in_the_way_of_what_the_person_asks_and_takes_nothing_from_it():
    claimed()
    own = confirmed()
    assert own.channel == Channel.FORM
    assert own.status == Status.IN_PROGRESS
    assert SubjectRequest.objects.get(channel=Channel.AGENT).status == Status.SUBMITTED
    assert representing.representative_of(own) is None


def test_the_same_sent_again_sends_the_mail_again_a_few_times_and_nothing_else():
    for _ in range(6):
        request = claimed()
    assert SubjectRequest.objects.count() == 1
    assert request.mails.filter(template="represent").count() == 4


def test_another_sender_has_a_request_of_their_own():
    first, second = claimed(), claimed(Kind.RELATIVE, name="Lena")
    assert first.pk == second.pk
    submission = Submission(name="Ann Example", email=ANN, right=Right.ACCESS)
    mandates.submit(submission, a_claim(email="mallory@example.test"), address=ADDRESS)
    assert SubjectRequest.objects.count() == 2


def test_one_mailbox_cannot_ask_for_everybody():
    for number in range(MOST_CLAIMS_A_DAY):
        claimed(email=f"p{number}@example.test")
    with pytest.raises(LimitReached):
        claimed(email="one.more@example.test")


def test_a_resent_confirmation_of_the_persons_mailbox_says_nothing_of_it():
    claimed()
    OutboxMail.objects.all().delete()
    identity.resend(ANN, address=ADDRESS)
    assert not OutboxMail.objects.exists()


def test_strangers_do_not_fill_the_disk_and_whoever_confirms_has_room(settings, monkeypatch):
    monkeypatch.setattr("requests_app.mandates.claiming.MOST_UNCONFIRMED_FILES", 2)
    settings.DSR_UPLOAD_BYTES = len(a_paper().content)
    claimed(files=(a_paper(), a_paper()), email="bob@example.test")
    with pytest.raises(UnusableClaim, match="without them"):
        claimed(files=(a_paper(),))
    claimed()  # the form alone is taken
    link = links.find(token_in(mails_to(LENA)[0], "c"), PURPOSE.CONFIRM, admits=(Recipient.REPRESENTATIVE,))
    mandates.hand_in(link, [a_paper()])
    Representative.objects.update(mailbox_proven_at=timezone.now())
    claimed(files=(a_paper(),), email="cyd@example.test")


def test_what_was_handed_in_and_never_confirmed_goes_with_its_request(settings):
    request = claimed(files=(a_paper(),))
    with time_machine.travel(timezone.now() + timedelta(days=settings.DSR_LAPSE_DAYS + 1)):
        retention.clean_up()
    request.refresh_from_db()
    assert request.status == Status.LAPSED
    assert request.uploads.get().removed_at


def test_a_hold_keeps_what_was_handed_in_and_never_confirmed(settings):
    request = claimed(files=(a_paper(),))
    retention.hold(request.pk, "A lawsuit.", actor=type(processor()).staff(member("Manager")))
    with time_machine.travel(timezone.now() + timedelta(days=settings.DSR_LAPSE_DAYS + 1)):
        retention.clean_up()
    assert request.uploads.get().removed_at is None


def test_an_authority_that_is_over_is_not_taken():
    with pytest.raises(UnusableClaim, match="has ended"):
        claimed(valid_until=timezone.localdate() - timedelta(days=1))
    assert not SubjectRequest.objects.exists()


def test_a_claim_that_somebody_confirmed_does_not_lapse_unseen(settings):
    waiting, unconfirmed = proven(), claimed(email="other@example.test")
    later = timezone.now() + timedelta(days=settings.DSR_LAPSE_DAYS + 1)
    retention.clean_up(later)
    waiting.refresh_from_db()
    unconfirmed.refresh_from_db()
    assert (waiting.status, unconfirmed.status) == (Status.SUBMITTED, Status.LAPSED)


def test_the_team_writes_down_who_wrote_a_letter_for_somebody():
    request = a_request(Status.SUBMITTED, channel=Channel.LETTER)
    actor = processor()
    mandates.record(request.pk, a_claim(Kind.LAWYER, email="", postal_address="Court Street 1"), actor=actor)
    assert request.representative.state == Representative.State.WAITING
    assert not representing.is_settled(request)
    with pytest.raises(UnusableClaim, match="already"):
        mandates.record(request.pk, a_claim(), actor=actor)


def test_who_may_only_look_records_nobody():
    request = a_request(Status.SUBMITTED, channel=Channel.LETTER)
    with pytest.raises(PermissionRefused):
        mandates.record(request.pk, a_claim(), actor=type(processor()).staff(member("Viewer")))
