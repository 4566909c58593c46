"""One letter by the form that asks for several rights: a request for each, and one proof of the mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import identity, intake, links
from requests_app.identity import AlreadyConfirmed, ChangedMeanwhile
from requests_app.intake import Asked
from requests_app.models import (
    ComputedDeadline,
    IdentityCheck,
    IdentityRule,
    OutboxMail,
    Right,
    SecureLink,
    Status,
    SubjectRequest,
)
from tests.requests_app.cases.letters import ADDRESS, a_letter, case_of, confirm, proven, sent
from tests.requests_app.portal import ANN, BOB, a_source, acts, send_mails, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
R = Right


def mails_to_confirm() -> int:
    return OutboxMail.objects.filter(template="confirm").count()


def test_each_right_becomes_a_request_of_one_case():
    access, erasure = sent()
    assert (access.right, erasure.right) == (R.ACCESS, R.ERASURE)
    assert case_of([access, erasure]).copy_waived_at is None
    assert access.key_id != erasure.key_id
    assert access.reference != erasure.reference
    assert [acts(each.pk)[0] for each in (access, erasure)] == ["request.submitted"] * 2


def test_one_right_alone_needs_no_case():
    (access,) = sent(R.ACCESS)
    assert access.case is None


def test_a_right_that_is_named_twice_is_asked_for_once():
    intake.submit(a_letter(R.ACCESS, R.ACCESS, R.ERASURE, R.ERASURE), address=ADDRESS)
    assert sorted(SubjectRequest.objects.values_list("right", flat=True)) == ["access", "erasure"]


def test_what_is_asked_of_a_right_stays_with_it():
    also = (Asked(R.ERASURE, (), {"ground": "child"}), Asked(R.PORTABILITY, ("json",)))
    letter = intake.Submission("Ann", ANN, R.ACCESS, "All of it", ("pdf",), also=also)
    intake.submit(letter, address=ADDRESS)
    known = {each.right: each for each in SubjectRequest.objects.all()}
    assert {right: each.particulars for right, each in known.items()} == {
        "access": {},
        "erasure": {"ground": "child"},
        "portability": {},
    }
    assert {right: each.formats for right, each in known.items()} == {
        "access": ["pdf"],
        "erasure": [],
        "portability": ["json"],
    }
    assert {each.details for each in known.values()} == {"All of it"}


def test_one_mail_names_them_all_and_its_link_confirms_them_all(tmp_path):
    a_source(tmp_path)
    access, erasure = sent()
    (mail,) = send_mails()
    for each in (access, erasure):
        assert each.reference in mail.body
    assert "Erase" in mail.body or "rasure" in mail.body
    identity.confirm(token_in(mail, "c"), address=ADDRESS)
    for each in (access, erasure):
        each.refresh_from_db()
        assert each.status == Status.IN_PROGRESS
        assert each.identifiers.get().proof == "mailbox"
    assert OutboxMail.objects.filter(template="received").count() == 2


def test_confirming_twice_changes_nothing():
    requests = sent()
    (mail,) = send_mails()
    identity.confirm(token_in(mail, "c"), address=ADDRESS)
    before = [acts(each.pk) for each in requests]
    identity.confirm(token_in(mail, "c"), address=ADDRESS)
    assert [acts(each.pk) for each in requests] == before


def test_each_has_a_deadline_of_its_own():
    requests = proven(R.ACCESS, R.OBJECTION, place="US-CA")
    assert ComputedDeadline.objects.counting().filter(request__in=requests).count() == 2
    assert len({each.due_on for each in requests}) == 2


def test_the_same_letter_again_sends_its_mail_again_a_few_times():
    requests = sent()
    assert sent() == requests
    assert mails_to_confirm() == 2
    for _ in range(5):
        sent()
    assert mails_to_confirm() == 4
    assert case_of(sent())
    assert SubjectRequest.objects.count() == 2


def test_what_is_typed_last_is_what_is_confirmed():
    sent(details="One")
    requests = sent(details="Two")
    assert {each.details for each in requests} == {"Two"}


def test_asking_again_for_more_confirms_all_of_what_was_typed_last():
    (access,) = sent(R.ACCESS)
    access, erasure = sent(R.ACCESS, R.ERASURE)
    assert mails_to_confirm() == 2
    assert case_of([access, erasure])
    confirm()
    erasure.refresh_from_db()
    assert erasure.verified_at is not None


def test_what_somebody_else_asked_for_beside_it_is_not_confirmed_with_it():
    access, portability = sent(R.ACCESS, R.PORTABILITY)  # by whoever knows Ann's address
    access, erasure = sent(R.ACCESS, R.ERASURE)
    confirm()
    for each in (access, erasure, portability):
        each.refresh_from_db()
    assert access.verified_at
    assert erasure.verified_at
    assert portability.verified_at is None
    assert portability.case_id != erasure.case_id


def test_a_page_that_was_opened_before_more_was_asked_for_confirms_nothing():
    (access,) = sent(R.ACCESS)
    (mail,) = send_mails()
    seen = identity.version(access)
    sent(R.ACCESS, R.ERASURE)
    with pytest.raises(ChangedMeanwhile):
        identity.confirm(token_in(mail, "c"), address=ADDRESS, seen=seen)
    access.refresh_from_db()
    assert access.status == Status.SUBMITTED


def test_what_was_confirmed_today_is_reminded_of_and_the_rest_is_taken_in():
    (access,) = proven(R.ACCESS)
    again, erasure = sent()
    assert again == access
    assert erasure.status == Status.SUBMITTED
    assert erasure.case is None  # nobody has shown yet that it is the same person who asks for it
    assert OutboxMail.objects.filter(template="already_open").count() == 1


def test_rights_that_the_table_asks_nothing_for_begin_at_once_and_the_others_wait():
    IdentityRule.objects.update_or_create(right="objection", place="", defaults={"checks": [], "why": ""})
    access, objection = sent(R.ACCESS, R.OBJECTION)
    assert (access.status, objection.status) == (Status.SUBMITTED, Status.IN_PROGRESS)
    (mail,) = [mail for mail in send_mails() if "/c/" in mail.body]
    assert objection.reference not in mail.body
    identity.confirm(token_in(mail, "c"), address=ADDRESS)
    access.refresh_from_db()
    assert access.status == Status.IN_PROGRESS


def test_a_letter_of_another_mailbox_is_confirmed_apart():
    ann, bob = sent(), sent(email=BOB)
    assert case_of(ann) != case_of(bob)
    confirm()
    for each in bob:
        each.refresh_from_db()
        assert each.status == Status.SUBMITTED


def test_asking_for_the_mail_again_sends_one_for_the_letter():
    sent()
    identity.resend(ANN, address=ADDRESS)
    assert mails_to_confirm() == 2
    checks = IdentityCheck.objects.filter(kind="mailbox").values_list("sent", flat=True)
    assert set(checks) == {2}


def test_one_that_lapsed_does_not_keep_the_others_from_being_confirmed():
    from requests_app import audit
    from requests_app.workflow import perform

    access, erasure = sent()
    token = links.mint(access, SecureLink.Purpose.CONFIRM, lifetime=timedelta(days=1))
    perform(access.pk, "lapse", actor=audit.SYSTEM)
    identity.confirm(token, address=ADDRESS)
    for each in (access, erasure):
        each.refresh_from_db()
    assert (access.status, bool(erasure.verified_at)) == (Status.LAPSED, True)


def test_a_right_that_was_confirmed_today_otherwise_is_left_out_and_the_others_are_confirmed():
    access, erasure = sent()
    identity.mailbox.count_confirmed(access)  # as of another request of this kind
    confirm()
    for each in (access, erasure):
        each.refresh_from_db()
    assert (access.status, bool(erasure.verified_at)) == (Status.SUBMITTED, True)
    with pytest.raises(AlreadyConfirmed):
        identity.confirm(links.mint(access, SecureLink.Purpose.CONFIRM, lifetime=timedelta(days=1)), address=ADDRESS)


def test_a_letter_that_came_earlier_counts_from_then_on_for_each_right():
    came = timezone.now() - timedelta(days=2)
    intake.submit(a_letter(), address=ADDRESS, received_at=came)
    assert set(SubjectRequest.objects.values_list("submitted_at", flat=True)) == {came}
