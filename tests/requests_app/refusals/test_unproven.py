"""Refusing what nobody can go on with before it is known who asks: on the grounds of identity, by two people."""

from __future__ import annotations

import pytest
from django.utils import timezone

from requests_app import identity, refusing
from requests_app.audit import Actor
from requests_app.models import IdentityCheck, OutboxMail, Outcome, Right, Status
from requests_app.refusals import telling
from requests_app.refusing import IllegalRefusal
from requests_app.workflow import Unprepared, perform
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.identity.asked import asking_for, half_way
from tests.requests_app.intake.records import recorded
from tests.requests_app.portal import (
    a_draft,
    acts,
    an_approved_refusal,
    member,
    send_mails,
    submitted,
    the_controller,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
OF_IDENTITY = {"grounds": ("identity-not-shown",), "facts": "We wrote twice and asked for your customer number."}
PLACES = {"DE": "identity-not-shown", "GB": "identity-not-shown", "US-CA": "ca-not-verified"}


@pytest.fixture(autouse=True)
def _controller():
    the_controller()


def exhausted():
    """A person confirmed the mailbox and handed in documents too often."""
    asking_for("mailbox", "document", place="DE")
    request = half_way(place="DE")
    checks = IdentityCheck.objects.filter(request=request, kind="document")
    checks.update(attempts=3, failed_at=timezone.now())
    return request


def for_the_team():
    """A person confirmed the mailbox; the team has to make sure itself."""
    request = exhausted()
    IdentityCheck.objects.filter(request=request, kind="document").update(kind="team", failed_at=None)
    return request


STUCK = {"recorded": recorded, "tried too often": exhausted, "for the team to make sure": for_the_team}


def people() -> tuple[Actor, Actor]:
    """Give who prepares, and who approves."""
    return Actor.staff(member("Processor")), Actor.staff(member("Reviewer"))


@pytest.mark.parametrize("case", STUCK)
def test_what_is_stuck_is_refused_by_two_people_and_told_with_its_remedies(case):
    request, (pia, rex) = STUCK[case](), people()
    assert request.status == Status.SUBMITTED
    row = refusing.prepare(request.pk, a_draft(request, **OF_IDENTITY), actor=pia)
    with pytest.raises(PermissionError):
        refusing.approve(row.pk, actor=pia)
    refusing.approve(row.pk, actor=rex)
    request.refresh_from_db()
    assert (request.status, request.outcome) == (Status.REJECTED, Outcome.REFUSED)
    assert acts(request.pk)[-2:] == ["refusal.approved", "request.rejected"]
    letter = OutboxMail.objects.get(request=request, template="refused")
    assert letter.is_letter == (not request.email)
    if request.email:
        (message,) = [message for message in send_mails() if "refuse" in message.body.lower()]
        assert "We wrote twice" in message.body


@pytest.mark.parametrize("place", PLACES)
def test_only_grounds_of_identity_are_offered_before_it_is_known_who_asks(place):
    request = recorded(place=place)
    offered = [ground.slug for ground in telling.fitting(request)]
    assert PLACES[place] in offered
    assert all(telling.known_grounds.find(slug).before_proof for slug in offered)
    with pytest.raises(IllegalRefusal, match="not for this"):
        refusing.prepare(request.pk, a_draft(request, grounds=("excessive",)), actor=people()[0])


def test_whoever_may_still_show_who_they_are_is_not_refused():
    unconfirmed = submitted(right=Right.ERASURE, place="DE")
    asking_for("mailbox", "document", place="DE")
    waiting = half_way("bob@example.test", place="DE")
    for request in (unconfirmed, waiting):
        assert not refusing.is_refusable(request)
        with pytest.raises(IllegalRefusal, match="nothing to refuse"):
            refusing.prepare(request.pk, a_draft(request, **OF_IDENTITY), actor=people()[0])


@pytest.mark.parametrize(
    ("grounds", "of", "told"),
    [
        (["identity-not-shown"], submitted, "may still show"),
        (["excessive"], recorded, "grounds of identity"),
        ([], recorded, "grounds of identity"),
        (["identity-not-shown", "excessive"], recorded, "grounds of identity"),
    ],
    ids=["not stuck", "another ground", "no ground", "another ground beside"],
)
def test_no_direct_call_goes_past_that_whatever_stands_in_the_database(grounds, of, told):
    request = of()
    row = an_approved_refusal(request)
    type(row).objects.update(grounds=grounds)
    with pytest.raises(Unprepared, match=told):
        perform(request.pk, "refuse_unproven", actor=people()[1], reason="No.")
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED


def test_who_shows_who_they_are_meanwhile_is_not_refused_for_not_having_shown_it():
    request, (pia, rex) = recorded(), people()
    row = refusing.prepare(request.pk, a_draft(request, **OF_IDENTITY), actor=pia)
    identity.pass_by_hand(request.identity_checks.get().pk, "Came to our desk.", actor=pia)
    with pytest.raises(IllegalRefusal, match="since this was prepared"):
        refusing.approve(row.pk, actor=rex)
    request.refresh_from_db()
    assert request.status in {Status.VERIFIED, Status.IN_PROGRESS}
    refusing.discard(row.pk, actor=pia)


@pytest.mark.parametrize("case", STUCK)
def test_the_overview_counts_it_and_its_page_offers_the_refusal(case):
    request = STUCK[case]()
    client = signed_in("Processor")
    assert "1 Identity to be shown" in words(client.get("/console/"))
    listed = words(client.get(f"{url('requests')}?work=identity"))
    assert request.reference in listed
    page = client.get(url("requests.change", request.pk))
    assert f"{request.pk}/refuse/" in page.content.decode()
    form = client.get(f"/console/requests_app/subjectrequest/{request.pk}/refuse/")
    assert "Asked for proof of identity" in words(form)
    assert "Manifestly excessive" not in words(form)
    refusing.prepare(request.pk, a_draft(request, **OF_IDENTITY), actor=people()[0])
    assert "1 Waiting for approval" in words(client.get("/console/"))
