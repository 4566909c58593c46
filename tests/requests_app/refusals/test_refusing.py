"""Refusing: prepared by one, approved by another, sent in the same act with all that the law wants told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from requests_app import audit, refusals, refusing
from requests_app.audit import Actor
from requests_app.models import ControllerProfile, OutboxMail, Outcome, Refusal, Right, Status
from requests_app.refusals import telling
from requests_app.refusing import ChangedLetter, DecidedRefusal, IllegalRefusal, OwnRefusal
from requests_app.timekeeping import clock
from requests_app.workflow import PermissionRefused, Unprepared, perform
from tests.requests_app.portal import a_draft, a_refusal, a_request, acts, member, send_mails, staff, the_controller

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
WHOLE, PART = Refusal.Extent.WHOLE, Refusal.Extent.PART


@pytest.fixture(autouse=True)
def _two_weeks_later():
    with time_machine.travel(datetime(2026, 3, 20, 12, 0, tzinfo=UTC), tick=False):
        yield


def asked(place="DE", right=Right.ACCESS, status=Status.IN_PROGRESS):
    the_controller()
    row = a_request(status, right=right, submitted_at=RECEIVED, verified_at=RECEIVED, place=place)
    clock.open_clock(row, actor=audit.SYSTEM)
    return row


@pytest.fixture
def pia(db):
    return Actor.staff(member("Processor"))


@pytest.fixture
def rex(db):
    return Actor.staff(member("Reviewer"))


def test_a_refusal_is_prepared_approved_and_told_in_one_act(pia, rex):
    request = asked()
    prepared = refusing.prepare(request.pk, a_draft(request), actor=pia)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
    assert not OutboxMail.objects.exists()
    approved = refusing.approve(prepared.pk, actor=rex)
    request.refresh_from_db()
    assert (request.status, request.outcome) == (Status.REJECTED, Outcome.REFUSED)
    assert request.decision == "It is your ninth request this week."
    assert acts(request.pk)[-3:] == ["refusal.prepared", "refusal.approved", "request.rejected"]
    assert (approved.approved_by_id, approved.preserved_until) == (rex.user_id, None)
    (mail,) = send_mails()
    for part in (
        "GDPR Art. 12(5)(b)",
        "ninth request this week",
        "GDPR Art. 77",
        "GDPR Art. 79",
        "Promenade 18",
        "91522 Ansbach",
    ):
        assert part in mail.body


def test_what_was_told_stays_as_it_was_whatever_changes_later():
    request = asked()
    row = a_refusal(request)
    the_controller(country="AT")
    row.refresh_from_db()
    assert row.told["authority"]["place"] == "DE-BY"
    (mail,) = send_mails()
    assert "Ansbach" in mail.body


def test_nobody_approves_what_they_prepared_not_even_a_superuser():
    request = asked()
    root = Actor.staff(staff("root"))
    prepared = refusing.prepare(request.pk, a_draft(request), actor=root)
    with pytest.raises(OwnRefusal):
        refusing.approve(prepared.pk, actor=root)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refusal.objects.filter(pk=prepared.pk).update(approved_by=root.user_id, approved_at=RECEIVED)
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("role", ["Processor", "Viewer"])
def test_only_who_decides_approves(role):
    request = asked()
    prepared = refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    with pytest.raises(PermissionRefused):
        refusing.approve(prepared.pk, actor=Actor.staff(member(role)))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"grounds": ()}, "choose a ground"),
        ({"grounds": ("nothing-like-it",)}, "no such ground"),
        ({"grounds": ("uk-privilege",)}, "no ground of the law"),
        ({"grounds": ("legal-claims",)}, "no ground of the law"),
        ({"grounds": ("rights-of-others",)}, "no ground of the law"),
        ({"facts": " \n "}, "what is so in this very case"),
        ({"facts": "x" * 5001}, "5,001 characters"),
        ({"withheld": ("x" * 201,)}, "at most 200 characters"),
    ],
)
def test_what_lacks_its_ground_or_its_facts_is_not_prepared(pia, fields, said):
    request = asked()
    with pytest.raises(IllegalRefusal, match=said):
        refusing.prepare(request.pk, a_draft(request, **fields), actor=pia)
    assert not Refusal.objects.exists()


def test_a_ground_whose_words_say_all_needs_no_facts(pia, rex):
    request = asked("GB")
    the_controller(country="GB")
    row = refusing.prepare(request.pk, a_draft(request, grounds=("uk-crime-taxation",), facts=""), actor=pia)
    refusing.approve(row.pk, actor=rex)
    request.refresh_from_db()
    assert "prevent or detect crime" in request.decision


def test_a_part_is_named_by_category(pia):
    request = asked()
    with pytest.raises(IllegalRefusal, match="by category"):
        refusing.prepare(request.pk, a_draft(request, PART, withheld=(" ", "\n")), actor=pia)
    row = refusing.prepare(request.pk, a_draft(request, PART, withheld=("a\n b", "a b", "c")), actor=pia)
    assert row.withheld == ["a b", "c"]


def test_without_an_address_to_complain_to_nothing_is_prepared_nor_approved(pia, rex):
    request = asked("GB")
    prepared = refusing.prepare(request.pk, a_draft(request), actor=pia)
    ControllerProfile.objects.update(email="", address="")
    with pytest.raises(IllegalRefusal, match="own address is not filled in"):
        refusing.approve(prepared.pk, actor=rex)
    refusing.discard(prepared.pk, actor=pia)
    with pytest.raises(IllegalRefusal, match="own address is not filled in"):
        refusing.prepare(request.pk, a_draft(request), actor=pia)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS


def test_without_a_known_authority_nothing_is_prepared(pia):
    request = asked("")
    ControllerProfile.objects.update(country="")
    with pytest.raises(IllegalRefusal, match="No competent authority"):
        refusing.prepare(request.pk, a_draft(request), actor=pia)


def test_after_the_period_it_goes_out_with_the_reason_alone_and_says_so(pia, rex):
    request = asked()
    in_time = refusing.prepare(request.pk, a_draft(request), actor=pia)
    with time_machine.travel(datetime(2026, 4, 8, 0, 1, tzinfo=UTC), tick=False):
        with pytest.raises(IllegalRefusal, match="due on 7 April 2026"):
            refusing.approve(in_time.pk, actor=rex)
        refusing.discard(in_time.pk, actor=pia)
        with pytest.raises(IllegalRefusal, match="due on 7 April 2026"):
            refusing.prepare(request.pk, a_draft(request), actor=pia)
        late = refusing.prepare(request.pk, a_draft(request, late_reason="Our archive burnt."), actor=pia)
        refusing.approve(late.pk, actor=rex)
        (mail,) = send_mails()
    assert "should have had this by 7 April 2026" in mail.body
    assert "Our archive burnt." in mail.body


def test_a_reason_for_being_late_is_not_told_where_it_is_not(pia, rex):
    request = asked()
    row = refusing.prepare(request.pk, a_draft(request, late_reason="Our archive burnt."), actor=pia)
    refusing.approve(row.pk, actor=rex)
    (mail,) = send_mails()
    assert "archive" not in mail.body


def test_two_at_once_are_not_prepared_and_each_is_decided_once(pia, rex):
    request = asked()
    row = refusing.prepare(request.pk, a_draft(request), actor=pia)
    with pytest.raises(DecidedRefusal):
        refusing.prepare(request.pk, a_draft(request), actor=rex)
    refusing.discard(row.pk, actor=pia)
    for late in (lambda: refusing.discard(row.pk, actor=pia), lambda: refusing.approve(row.pk, actor=rex)):
        with pytest.raises(DecidedRefusal):
            late()
    refusing.approve(refusing.prepare(request.pk, a_draft(request), actor=pia).pk, actor=rex)
    with pytest.raises(IllegalRefusal, match="nothing to refuse"):
        refusing.prepare(request.pk, a_draft(request), actor=pia)


def test_a_letter_that_changed_since_it_was_read_is_read_again(pia, rex):
    request = asked()
    row = refusing.prepare(request.pk, a_draft(request), actor=pia)
    read = telling.fingerprint(refusing.now_told(request, row))
    the_controller(country="DE-BE")
    with pytest.raises(ChangedLetter):
        refusing.approve(row.pk, actor=rex, seen=read)
    again = refusing.now_told(request, row)
    assert telling.differences(row.told, again) == ("remedies", "authority")
    refusing.approve(row.pk, actor=rex, seen=telling.fingerprint(again))


@pytest.mark.parametrize("outcome", ["", Outcome.FULL, Outcome.REFUSED])
@pytest.mark.parametrize("actor", [audit.SYSTEM, audit.SUBJECT], ids=["portal", "person"])
def test_nobody_refuses_past_the_stage(actor, outcome):
    request = asked()
    with pytest.raises(Unprepared, match="two people"), transaction.atomic():
        perform(request.pk, "reject", actor=actor, reason="So.", outcome=outcome)
    refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    with pytest.raises(Unprepared, match="two people"), transaction.atomic():
        perform(request.pk, "reject", actor=actor, reason="So.", outcome=outcome)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS


def test_where_the_law_wants_it_what_was_refused_is_kept_for_its_days():
    request = asked("SG")
    assert refusals.preserved(request) is None
    a_refusal(request)
    assert refusals.preserved(request) == date(2026, 4, 19)


def test_a_law_that_does_not_grant_the_right_is_itself_the_ground(pia, rex):
    request = asked("NZ", Right.PORTABILITY)
    the_controller(country="NZ")
    clock.choose_anew(request.pk, "place", actor=audit.SYSTEM)
    request = type(request).objects.get(pk=request.pk)
    row = refusing.prepare(request.pk, a_draft(request, grounds=("no-such-right",)), actor=pia)
    refusing.approve(row.pk, actor=rex)
    (mail,) = send_mails()
    assert "Privacy Commissioner" in mail.body
