"""An authority is accepted by the person or by the team, refused or ended; what follows for the work and the links."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from requests_app import identity, links, mandates, representing, review, tasks
from requests_app.links import EndedAuthority, RevokedLink, UnknownLink
from requests_app.mandates import UnusableAuthority
from requests_app.models import Identifier, Recipient, Representative, SecureLink, SourceSearch, Status
from requests_app.representing import NotAddressee, UnsettledAuthority
from requests_app.workflow import MissingReason, PermissionRefused, perform
from tests.requests_app.mandates.people import (
    ADDRESS,
    LENA,
    Kind,
    a_decision,
    accepted,
    mails_to,
    processor,
    proven,
)
from tests.requests_app.portal import ANN, a_source, acts, member, send_mails, staff, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
State = Representative.State
STATUS, AUTHORITY = SecureLink.Purpose.STATUS, SecureLink.Purpose.AUTHORITY


def asked() -> tuple:
    """Have the person asked; gives the request and the token of their link."""
    request = proven()
    (message,) = mails_to(ANN)
    return request, token_in(message, "a")


def test_the_person_says_yes_and_the_work_begins_with_their_own_mailbox_proven(tmp_path):
    a_source(tmp_path)
    request, token = asked()
    request = mandates.answer(token, agrees=True, receives_answer=True, address=ADDRESS)
    assert request.status == Status.IN_PROGRESS
    found = request.representative
    assert (found.state, found.receives_answer, found.decided_by) == (State.ACCEPTED, True, None)
    assert request.identifiers.get().proof == Identifier.Proof.MAILBOX
    mailed = {(message.to[0], message.subject.partition(": ")[2][:20]) for message in send_mails()}
    assert {to for to, _ in mailed} == {ANN, LENA}


def test_the_person_may_keep_the_answer_for_themselves():
    request, token = asked()
    mandates.answer(token, agrees=True, receives_answer=False, address=ADDRESS)
    assert representing.receiver(request) == Recipient.PERSON


def test_the_person_says_no_and_the_request_is_over():
    request, token = asked()
    request = mandates.answer(token, agrees=False, address=ADDRESS)
    assert (request.status, request.representative.state) == (Status.LAPSED, State.REFUSED)
    (message,) = mails_to(LENA)
    assert "could not make sure" in message.body
    assert not request.identifiers.exclude(proof="").exists()
    mandates.answer(token, agrees=True, receives_answer=True, address=ADDRESS)
    assert Representative.objects.get().state == State.REFUSED


def test_the_team_accepts_what_it_looked_at_with_a_reason(tmp_path):
    a_source(tmp_path)
    request = accepted()
    assert request.status == Status.IN_PROGRESS
    assert request.identifiers.get().proof == Identifier.Proof.STAFF
    assert "authority.accepted" in acts(request.pk)
    assert {message.to[0] for message in send_mails()} == {ANN, LENA}


def test_an_authority_alone_does_not_show_who_the_person_is():
    request = proven(Kind.LAWYER)
    mandates.accept(request.pk, a_decision(is_person_known=False), actor=processor())
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED
    (message,) = [message for message in mails_to(ANN) if "/c/" in message.body]
    identity.confirm(token_in(message, "c"), address=ADDRESS)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("decided", "error", "match"),
    [
        ({"reason": " "}, MissingReason, "what you looked at"),
        ({"rights": ("erasure",)}, UnusableAuthority, "does not cover"),
        ({"rights": ()}, UnusableAuthority, "does not cover"),
        ({"rights": ("access", "everything")}, UnusableAuthority, "does not cover"),
        ({"valid_until": timezone.localdate() - timedelta(days=1)}, UnusableAuthority, "has ended"),
    ],
    ids=["no reason", "another right", "no right", "an unknown right", "over"],
)
def test_what_shows_too_little_is_not_accepted(decided, error, match):
    request = proven(Kind.LAWYER)
    with pytest.raises(error, match=match):
        mandates.accept(request.pk, a_decision(**decided), actor=processor())
    assert Representative.objects.get().state == State.WAITING


def test_nobody_is_accepted_whose_mailbox_may_be_anybodys():
    from tests.requests_app.mandates.people import claimed

    request = claimed(Kind.LAWYER)
    with pytest.raises(UnusableAuthority, match="mailbox"):
        mandates.accept(request.pk, a_decision(), actor=processor())


def test_it_is_decided_once_and_by_those_who_may():
    request, viewer = proven(Kind.LAWYER), type(processor()).staff(member("Viewer"))
    for act in (
        lambda actor: mandates.accept(request.pk, a_decision(), actor=actor),
        lambda actor: mandates.refuse(request.pk, "No.", actor=actor),
        lambda actor: mandates.end(request.pk, "No.", actor=actor),
        lambda actor: mandates.ask_person(request.pk, actor=actor),
    ):
        with pytest.raises(PermissionRefused):
            act(viewer)
    mandates.refuse(request.pk, "It is not signed.", actor=processor())
    with pytest.raises(UnusableAuthority):
        mandates.accept(request.pk, a_decision(), actor=processor())
    (message,) = [message for message in mails_to(LENA) if "not signed" in message.body]
    assert message


def test_after_the_end_no_link_and_no_message_reaches_the_representative():
    request = accepted()
    messages = mails_to(LENA)
    token = token_in(messages[-1], "r")
    assert links.find(token, STATUS, admits=tuple(Recipient)).recipient == Recipient.REPRESENTATIVE
    mandates.end(request.pk, "Taken back by letter.", actor=processor())
    with pytest.raises(RevokedLink):
        links.find(token, STATUS, admits=tuple(Recipient))
    from requests_app.notifications import queue_mail

    for template in ("question", "message", "ready", "progress", "download_code", "new_links", "confirm"):
        assert representing.addressees(request, template) == (Recipient.PERSON,)
        with pytest.raises(NotAddressee):
            queue_mail(request.pk, template, recipient=Recipient.REPRESENTATIVE)
    told = {message.to[0]: message.body for message in send_mails()}
    assert set(told) == {ANN, LENA}
    assert "no more from us" in told[LENA]


@pytest.mark.parametrize("change", [{"rights": ["erasure"]}, {"valid_until": timezone.localdate() - timedelta(days=1)}])
def test_out_of_scope_and_out_of_time_are_out(change):
    from requests_app.notifications import queue_mail

    request = accepted()
    mail = queue_mail(request.pk, "progress")
    assert mail.recipient == Recipient.REPRESENTATIVE
    token = token_in(mails_to(LENA)[-1], "r")
    queued = queue_mail(request.pk, "progress")
    Representative.objects.update(**change)
    with pytest.raises(EndedAuthority):
        links.find(token, STATUS, admits=tuple(Recipient))
    with pytest.raises(NotAddressee):
        queue_mail(request.pk, "message", recipient="representative")
    tasks.send_mail(queued.pk)
    assert acts(request.pk)[-1] == "mail.dropped"
    assert [message.to for message in send_mails()] == [[ANN]]


def test_what_ran_out_before_the_work_is_released_needs_the_person(tmp_path):
    a_source(tmp_path)
    request = accepted(valid_until=timezone.localdate() + timedelta(days=3))
    for search in SourceSearch.objects.all():
        tasks.collect_source(search.pk)
    with time_machine.travel(timezone.now() + timedelta(days=5)):
        with pytest.raises(UnsettledAuthority):
            review.release(request.pk, actor=type(processor()).staff(staff()), formats=("json",))
        mandates.ask_person(request.pk, actor=processor())
        token = token_in([m for m in mails_to(ANN) if "/a/" in m.body][-1], "a")
        mandates.answer(token, agrees=True, receives_answer=False, address=ADDRESS)
        assert review.release(request.pk, actor=type(processor()).staff(staff("rob")), formats=("json",))


def test_the_person_ends_it_themselves_and_goes_on_alone():
    request = accepted()
    send_mails()
    mandates.end_by_person(request.pk)
    assert representing.is_settled(request)
    assert representing.addressees(request, "ready") == (Recipient.PERSON,)
    with pytest.raises(UnusableAuthority):
        mandates.end_by_person(request.pk)
    perform(request.pk, "complete", actor=processor(), reason="Done.")


def test_a_token_for_the_person_is_not_one_of_the_representative():
    request = proven()
    own = links.mint(request, STATUS, lifetime=timedelta(hours=1), recipient=Recipient.REPRESENTATIVE)
    with pytest.raises(UnknownLink):
        links.find(own, STATUS)
    with pytest.raises(UnknownLink):
        links.find(own, AUTHORITY)
    with pytest.raises(UnknownLink):
        mandates.answer(own, agrees=True, address=ADDRESS)


def test_the_letter_of_the_answer_goes_to_who_receives_it_and_names_the_person():
    from requests_app.rendering.letters import letter_of

    request = accepted()
    letter = letter_of(request)
    assert (letter.recipient, letter.on_behalf_of, letter.addressed_to) == ("Lena Advocate", "Ann Example", (LENA,))
    Representative.objects.update(receives_answer=False)
    letter = letter_of(request)
    assert (letter.recipient, letter.on_behalf_of) == ("Ann Example", "")


def test_the_answer_reaches_the_representative_and_the_person_is_told_that_it_did(tmp_path):
    from requests_app import delivery

    a_source(tmp_path)
    request = accepted()
    for search in SourceSearch.objects.all():
        tasks.collect_source(search.pk)
    export = review.release(request.pk, actor=type(processor()).staff(staff()), formats=("html", "json"))
    send_mails()
    tasks.render_export(export.pk)
    told = {message.to[0]: message for message in send_mails()}
    assert set(told) == {ANN, LENA}
    assert "/d/" not in told[ANN].body
    token = token_in(told[LENA], "d")
    offer = delivery.offer(token, address=ADDRESS)
    assert offer.request == request
    mandates.end_by_person(request.pk)
    with pytest.raises((RevokedLink, EndedAuthority)):
        delivery.offer(token, address=ADDRESS)


def test_no_button_sends_a_mail_again_to_whom_it_is_not_for_any_more():
    from requests_app import teamwork
    from requests_app.models import OutboxMail

    request = accepted()
    send_mails()
    mail = OutboxMail.objects.get(request=request, template="received")
    assert mail.recipient == Recipient.REPRESENTATIVE
    assert teamwork.repeat_mail(mail, actor=processor()).recipient == Recipient.REPRESENTATIVE
    mandates.end(request.pk, "Taken back.", actor=processor())
    with pytest.raises(NotAddressee):
        teamwork.repeat_mail(mail, actor=processor())


def test_new_links_of_what_nobody_has_confirmed_go_to_whoever_asked():
    from requests_app import revoking
    from tests.requests_app.mandates.people import claimed

    request = claimed(Kind.LAWYER)
    assert revoking.renew_links(request.pk, actor=processor()).template == "represent"
