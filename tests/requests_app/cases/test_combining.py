"""The order of a letter, held at every door: joined, split, waived, withdrawn, refused, and all of it at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.utils import timezone

from requests_app import audit, cases, combining
from requests_app.combining import NothingToWaive, UnjoinableRequests
from requests_app.models import AuditEntry, Case, Outcome, RequestLink, Right, Status, SubjectRequest
from requests_app.retention.clearing import GONE, clear_messages
from requests_app.rights.erasure import refusal_before_copies
from requests_app.sorting import linking, spam
from requests_app.workflow import ImpossibleTransition, MissingReason, PermissionRefused, perform
from tests.requests_app.cases.letters import case_of, proven, sent
from tests.requests_app.intake.records import processor, recorded
from tests.requests_app.portal import BOB, a_request, acts, member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
R = Right
SAME = RequestLink.Kind.SAME_PERSON


def viewer():
    return audit.Actor.staff(member("Viewer"))


def fresh(request):
    return SubjectRequest.objects.get(pk=request.pk)


def one_person(*requests):
    for earlier, later in pairwise(requests):
        linking.decide(earlier.pk, later.pk, SAME, actor=processor())
    return requests


def joined():
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE)
    combining.join(access.pk, erasure.pk, actor=processor())
    return fresh(access), fresh(erasure)


def test_erasure_comes_last_and_what_holds_at_once_first():
    requests = proven(*Right)
    assert [each.right for each in cases.in_order(requests)] == [
        *("restriction", "objection", "access", "portability", "rectification", "automated_decision", "erasure")
    ]


@pytest.mark.parametrize("copy", [R.ACCESS, R.PORTABILITY])
def test_an_erasure_waits_for_the_copy_of_its_letter(copy):
    asked, erasure = sorted(proven(copy, R.ERASURE), key=lambda each: each.right == R.ERASURE)
    assert asked.reference in refusal_before_copies(erasure)


@pytest.mark.parametrize("other", [R.RECTIFICATION, R.RESTRICTION, R.OBJECTION, R.AUTOMATED_DECISION])
def test_an_erasure_waits_for_nothing_else(other):
    requests = proven(other, R.ERASURE)
    (erasure,) = [each for each in requests if each.right == R.ERASURE]
    assert refusal_before_copies(erasure) == ""


@pytest.mark.parametrize("name", ["withdraw", "spam"])
def test_a_copy_that_is_wanted_no_more_is_not_waited_for(name):
    access, erasure = proven()
    perform(access.pk, name, actor=processor(), reason="So.")
    assert refusal_before_copies(fresh(erasure)) == ""


def test_a_copy_that_was_refused_or_answered_is_not_waited_for():
    for status in (Status.REJECTED, Status.COMPLETED):
        access, erasure = proven(email=f"{status}@example.test")
        SubjectRequest.objects.filter(pk=access.pk).update(status=status, outcome=Outcome.FULL)
        assert refusal_before_copies(fresh(erasure)) == ""


def test_the_person_does_without_the_copy():
    access, erasure = proven()
    combining.waive_copy(erasure.pk, actor=audit.SUBJECT)
    case = case_of([access, erasure])
    case.refresh_from_db()
    assert case.copy_waived_at is not None
    assert (case.copy_waived_by, case.waiver_reason) == (None, "")
    assert refusal_before_copies(fresh(erasure)) == ""
    assert [acts(each.pk)[-1] for each in (access, erasure)] == ["case.copy_waived"] * 2


def test_doing_without_it_twice_counts_once():
    access, erasure = proven()
    for each in (erasure, access):
        combining.waive_copy(each.pk, actor=audit.SUBJECT)
    assert AuditEntry.objects.filter(action="case.copy_waived").count() == 2


def test_the_team_notes_who_said_so_and_how():
    _, erasure = proven()
    combining.waive_copy(erasure.pk, actor=processor(), reason="  By letter of 3 May. ")
    case = Case.objects.get()
    assert (case.waiver_reason, case.copy_waived_by.username) == ("By letter of 3 May.", "processor")
    told = AuditEntry.objects.filter(action="case.copy_waived").latest("pk")
    assert "May" not in str(told.details)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_the_team_has_to_say_how(reason):
    _, erasure = proven()
    with pytest.raises(MissingReason):
        combining.waive_copy(erasure.pk, actor=processor(), reason=reason)
    with pytest.raises(PermissionRefused):
        combining.waive_copy(erasure.pk, actor=viewer(), reason="So.")
    assert Case.objects.get().copy_waived_at is None


@pytest.mark.parametrize("rights", [(R.ACCESS,), (R.ERASURE,), (R.ACCESS, R.PORTABILITY), (R.ERASURE, R.OBJECTION)])
def test_there_is_nothing_to_do_without_where_no_copy_comes_before_an_erasure(rights):
    request, *_ = proven(*rights)
    with pytest.raises(NothingToWaive):
        combining.waive_copy(request.pk, actor=audit.SUBJECT)


def test_nobody_does_without_a_copy_for_somebody_of_another_mailbox():
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE, email=BOB)
    one_person(access, erasure)
    combining.join(access.pk, erasure.pk, actor=processor())
    with pytest.raises(NothingToWaive):
        combining.waive_copy(erasure.pk, actor=audit.SUBJECT)
    combining.waive_copy(erasure.pk, actor=processor(), reason="Both said so.")


def test_retention_takes_out_how_they_said_so():
    _, erasure = proven()
    combining.waive_copy(erasure.pk, actor=processor(), reason="By letter of 3 May.")
    clear_messages(erasure, timezone.now())
    assert Case.objects.get().waiver_reason == GONE


def test_two_requests_of_one_mailbox_are_joined_and_the_copy_comes_first():
    access, erasure = joined()
    assert access.joined_at
    assert erasure.joined_at
    assert access.reference in refusal_before_copies(erasure)
    assert acts(access.pk)[-1] == acts(erasure.pk)[-1] == "case.joined"


def test_a_third_is_joined_to_a_letter_and_leaves_it_again():
    letter = proven()
    (objection,) = proven(R.OBJECTION)
    combining.join(objection.pk, letter[0].pk, actor=processor())
    assert fresh(objection).case_id == letter[0].case_id
    assert [fresh(each).joined_at for each in letter] == [None, None]
    combining.split(objection.pk, actor=processor())
    assert fresh(objection).case_id is None
    assert len({fresh(each).case_id for each in letter} - {None}) == 1


def test_what_was_joined_is_split_again_and_nothing_is_left_of_it():
    access, erasure = joined()
    combining.split(erasure.pk, actor=processor())
    for each in (access, erasure):
        assert (fresh(each).case_id, fresh(each).joined_at) == (None, None)
        assert acts(each.pk)[-1] == "case.split"
    assert refusal_before_copies(fresh(erasure)) == ""


def test_what_one_letter_asked_for_is_not_split_to_erase_before_the_copy():
    _, erasure = proven()
    with pytest.raises(UnjoinableRequests, match="same letter"):
        combining.split(erasure.pk, actor=processor())
    assert refusal_before_copies(fresh(erasure))


def test_what_stands_alone_cannot_be_split():
    (access,) = proven(R.ACCESS)
    with pytest.raises(UnjoinableRequests, match="by itself already"):
        combining.split(access.pk, actor=processor())


def refused_to_join(first, second, why):
    with pytest.raises(UnjoinableRequests, match=why):
        combining.join(first.pk, second.pk, actor=processor())


def test_what_is_not_known_to_be_of_one_person_is_not_joined():
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE, email=BOB)
    refused_to_join(access, erasure, "same person")
    linking.decide(access.pk, erasure.pk, RequestLink.Kind.UNRELATED, actor=processor())
    refused_to_join(access, erasure, "same person")
    linking.decide(access.pk, erasure.pk, SAME, actor=processor())
    combining.join(access.pk, erasure.pk, actor=processor())


def test_two_letters_are_not_made_one():
    first, second = proven(R.ACCESS, R.OBJECTION), proven(R.ERASURE, R.RESTRICTION)
    refused_to_join(first[0], second[0], "together with others")
    refused_to_join(first[0], first[1], "together already")


def test_what_ended_or_nobody_confirmed_is_not_joined():
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE)
    (portability,) = sent(R.PORTABILITY)
    one_person(access, portability)
    refused_to_join(access, portability, "confirmed")
    perform(erasure.pk, "withdraw", actor=audit.SUBJECT)
    refused_to_join(access, erasure, "ended")
    refused_to_join(access, access, "the same request")
    with pytest.raises(PermissionRefused):
        combining.join(access.pk, erasure.pk, actor=viewer())


def test_a_letter_that_the_team_recorded_may_be_joined_before_its_writer_has_shown_who_they_are():
    first, second = recorded(), recorded(right=R.ERASURE)
    one_person(first, second)
    assert combining.joinable(first) == [second]
    combining.join(first.pk, second.pk, actor=processor())
    assert combining.joinable(fresh(first)) == []


def test_the_person_withdraws_one_and_the_others_go_on():
    access, erasure = proven()
    combining.withdraw(access.pk, actor=audit.SUBJECT)
    assert (fresh(access).status, fresh(erasure).status) == (Status.WITHDRAWN, Status.IN_PROGRESS)


def test_the_whole_letter_is_withdrawn_at_once_but_for_what_has_ended():
    access, erasure, objection = proven(R.ACCESS, R.ERASURE, R.OBJECTION)
    perform(objection.pk, "withdraw", actor=audit.SUBJECT)
    assert sorted(combining.withdraw(access.pk, actor=audit.SUBJECT, whole_letter=True)) == [access.pk, erasure.pk]
    with pytest.raises(ImpossibleTransition):
        combining.withdraw(access.pk, actor=audit.SUBJECT, whole_letter=True)


def test_a_person_withdraws_nothing_of_another_mailbox():
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE, email=BOB)
    one_person(access, erasure)
    combining.join(access.pk, erasure.pk, actor=processor())
    assert combining.withdraw(access.pk, actor=audit.SUBJECT, whole_letter=True) == [access.pk]
    assert fresh(erasure).status == Status.IN_PROGRESS


def test_a_letter_that_came_twice_is_closed_as_a_whole():
    first, second = proven(), [recorded(email="ann@example.test"), recorded(email="ann@example.test", right=R.ERASURE)]
    SubjectRequest.objects.filter(pk__in=[each.pk for each in second]).update(case=Case.objects.create())
    SubjectRequest.objects.filter(pk__in=[each.pk for each in second]).update(submitted_at=timezone.now())
    linking.decide(second[0].pk, first[0].pk, RequestLink.Kind.DUPLICATE, actor=processor())
    assert linking.close_letter_as_duplicate(second[0].pk, first[0].pk, actor=processor()) == 2
    assert [fresh(each).answered_with_id for each in second] == [each.pk for each in first]


def test_spam_is_set_aside_one_by_one_and_taken_back():
    access, erasure = proven()
    spam.mark(access.pk, "Nonsense.", actor=processor())
    assert refusal_before_copies(fresh(erasure)) == ""
    spam.restore(access.pk, actor=processor())
    assert access.reference in refusal_before_copies(fresh(erasure))


def test_requests_that_are_not_of_the_letter_stay_out_of_it():
    access, erasure = proven()
    other = a_request(email=access.email)
    assert other not in cases.of_same_sender(access)
    assert combining.letter_of(erasure) == [access, erasure]
