from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, identity, links, rights
from requests_app.limits import LimitReached
from requests_app.links import ExpiredLink, UnknownLink
from requests_app.models import AuditEntry, OutboxMail, Right, SecureLink, Status, SubjectRequest
from requests_app.workflow import perform
from tests.requests_app.portal import ANN, BOB, a_source, acts, confirmed, send_mails, submitted, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

ADDRESS = "203.0.113.9"


def confirm(token):
    return identity.confirm(token, address=ADDRESS)


def asked(email=ANN, right=Right.ACCESS):
    """Submit, and give the request with the token of its mail."""
    request = submitted(email, right)
    (message,) = send_mails()
    return request, token_in(message, "c")


def everything(request):
    return (
        SubjectRequest.objects.filter(pk=request.pk).values().get(),
        list(request.identifiers.values()),
        list(request.identity_checks.values()),
        list(request.links.values()),
        list(request.searches.values()),
        list(request.mails.values()),
        acts(request.pk),
    )


def test_looking_at_the_link_changes_nothing():
    request, token = asked()
    before = everything(request)
    for _ in range(3):
        assert identity.look_up(token, address=ADDRESS) == request
    assert everything(request) == before


@pytest.mark.parametrize("right", [Right.ACCESS, Right.PORTABILITY])
def test_confirming_proves_the_mailbox_and_begins_the_work(right, tmp_path):
    a_source(tmp_path)
    request, token = asked(right=right)
    assert confirm(token) == request
    request.refresh_from_db()
    assert (request.status, bool(request.verified_at)) == (Status.IN_PROGRESS, True)
    assert request.identifiers.get().proof == "mailbox"
    assert request.identifiers.get().proven_at == request.identity_checks.get().passed_at
    assert [search.source.slug for search in request.searches.all()] == ["shop"]
    assert acts(request.pk)[-4:] == ["identity.proven", "request.verified", "request.begun", "request.planned"]
    assert [message.to for message in send_mails()] == [[ANN]]


@pytest.mark.parametrize("right", Right.values)
def test_the_work_begins_as_the_right_wants_it(right, tmp_path):
    a_source(tmp_path)
    request, token = asked(right=right)
    assert confirm(token).status == Status.IN_PROGRESS
    rules = rights.find(right)
    assert request.searches.exists() == rules.reads
    planned = {rules.previews} - {None} | set(rules.at_once(request))
    assert set(request.changes.values_list("act", flat=True)) == planned


def test_nothing_is_proven_before_the_confirmation():
    request, token = asked()
    identity.look_up(token, address=ADDRESS)
    identity.resend(ANN, address=ADDRESS)
    assert request.identifiers.values_list("proof", "proven_at").get() == ("", None)
    assert request.identity_checks.get().passed_at is None


def test_a_second_click_on_the_link_changes_nothing(tmp_path):
    a_source(tmp_path)
    request, token = asked()
    confirm(token)
    before = everything(request)
    assert confirm(token) == request
    assert identity.look_up(token, address=ADDRESS) == request
    assert everything(request) == before


def test_the_links_of_all_mails_work():
    request, first = asked()
    identity.resend(ANN, address=ADDRESS)
    (message,) = send_mails()
    second = token_in(message, "c")
    assert second != first
    assert confirm(first).status == Status.IN_PROGRESS
    assert confirm(second) == request


@pytest.mark.parametrize("name", ["withdraw", "lapse"])
def test_a_link_does_not_revive_what_has_ended(name):
    request, token = asked()
    perform(request.pk, name, actor=audit.SYSTEM)
    before = everything(request)
    assert confirm(token).status == SubjectRequest.objects.get().status
    assert everything(request) == before


def test_an_expired_link_is_refused_and_on_record():
    request, token = asked()
    SecureLink.objects.update(expires_at=timezone.now())
    for act in (identity.look_up, identity.confirm):
        with pytest.raises(ExpiredLink):
            act(token, address=ADDRESS)
    assert acts(request.pk)[-2:] == ["link.refused"] * 2
    assert AuditEntry.objects.latest("pk").details == {"purpose": "confirm", "reason": "expired"}
    assert SubjectRequest.objects.get().status == Status.SUBMITTED


def test_a_wrong_link_is_refused_and_on_record():
    request, _ = asked()
    other = links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(hours=1))
    for token in ("made-up", other):
        with pytest.raises(UnknownLink):
            confirm(token)
    assert acts(None) == ["link.refused"] * 2
    assert AuditEntry.objects.latest("pk").details == {"purpose": "confirm", "reason": "unknown"}
    assert "made-up" not in str(list(AuditEntry.objects.values()))
    assert SubjectRequest.objects.get().status == Status.SUBMITTED


def test_wrong_links_are_limited_by_address(monkeypatch):
    monkeypatch.setattr(links, "MOST_GUESSES_AN_HOUR", 2)
    _, token = asked()
    for _ in range(2):
        with pytest.raises(UnknownLink):
            confirm("made-up")
    for act in (identity.look_up, identity.confirm):
        with pytest.raises(LimitReached):
            act("made-up", address=ADDRESS)
    assert acts(None) == ["link.refused"] * 2
    with pytest.raises(UnknownLink):
        identity.confirm("made-up", address="198.51.100.7")
    # Whoever shares the address with a guesser still gets in.
    assert confirm(token).status == Status.IN_PROGRESS


def test_expired_links_are_not_taken_for_guesses(monkeypatch):
    monkeypatch.setattr(links, "MOST_GUESSES_AN_HOUR", 1)
    _, token = asked()
    SecureLink.objects.update(expires_at=timezone.now())
    for _ in range(3):
        with pytest.raises(ExpiredLink):
            confirm(token)


@pytest.mark.parametrize("email", [ANN, ANN.upper()])
def test_one_request_of_a_kind_is_confirmed_a_day(email):
    first = confirmed()
    # As if submitted at the moment in which the first was confirmed.
    SubjectRequest.objects.filter(pk=first.pk).update(verified_at=timezone.now() - timedelta(days=2))
    second = submitted(email)
    token = token_in(send_mails()[-1], "c")
    before = everything(second)
    for _ in range(2):
        with pytest.raises(identity.AlreadyConfirmed, match="less than a day ago"):
            confirm(token)
    assert everything(second) == before


def test_requests_of_other_kinds_and_mailboxes_are_confirmed_on_the_same_day():
    for email, right in ((ANN, Right.ACCESS), (ANN, Right.PORTABILITY), (BOB, Right.ACCESS)):
        assert confirmed(email, right).status == Status.IN_PROGRESS


def test_a_mailbox_gets_its_mails_again_three_times_and_no_more():
    submitted(right=Right.ACCESS)
    submitted(right=Right.ERASURE)
    for _ in range(5):
        assert identity.resend(ANN.upper(), address=ADDRESS) is None
    assert OutboxMail.objects.count() == 2 * 4
    assert {message.to[0] for message in send_mails()} == {ANN}


def test_a_mailbox_that_is_not_known_gets_nothing():
    submitted()
    confirmed(BOB)
    before = OutboxMail.objects.count()
    for email in (BOB, "nobody@example.test", "", "%", "ann"):
        assert identity.resend(email, address=ADDRESS) is None
    assert OutboxMail.objects.count() == before


def test_asking_for_mails_again_is_limited_by_address(monkeypatch):
    monkeypatch.setattr(identity.mailbox, "MOST_RESENDS_AN_HOUR", 2)
    for _ in range(2):
        identity.resend("nobody@example.test", address=ADDRESS)
    with pytest.raises(LimitReached):
        identity.resend(ANN, address=ADDRESS)
    identity.resend(ANN, address="198.51.100.7")
