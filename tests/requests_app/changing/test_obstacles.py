"""What is held, refused or to be copied first is not erased, however far the erasure has come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import refusing, retention
from requests_app.audit import Actor
from requests_app.changing.approvals import NotApprovable
from requests_app.keys.stored import create_key
from requests_app.models import Case, Identifier, Refusal, Right, Status, SubjectRequest
from tests.requests_app.changing.shops import an_erasure, approve, approved, assert_reopened, previewed, rows, worked
from tests.requests_app.portal import ANN, BOB, a_draft, a_request, an_approved_refusal, staff, the_controller

pytestmark = pytest.mark.django_db


def an_earlier_request(email=ANN, *, is_proven=True, **fields):
    request = a_request(Status.COMPLETED, email=email, **fields)
    proof = {"proof": "mailbox", "proven_at": timezone.now()} if is_proven else {}
    Identifier.objects.create(request=request, kind="email", value=email.upper(), **proof)
    return request


def held(request):
    return retention.hold(request.pk, "A lawsuit is pending.", actor=Actor.staff(staff("keeper")))


def lifted(hold):
    retention.lift(hold.pk, actor=Actor.staff(hold.set_by))


@pytest.mark.parametrize("whose", ["own", "earlier"])
def test_a_legal_hold_stops_the_approval_until_it_is_lifted(sqlite_shop, whose):
    request = an_erasure()
    hold = held(request if whose == "own" else an_earlier_request())
    previewed(request)
    with pytest.raises(NotApprovable, match=f"hold stands on {hold.request.reference}: nothing may be erased"):
        approve(request)
    lifted(hold)
    assert len(approve(request)) == 1


def test_a_hold_that_came_after_the_approval_makes_it_void_and_nothing_is_erased(sqlite_shop, sqlite_url):
    request = an_erasure()
    (change,) = approved(request)
    hold = held(request)
    again = worked(change)
    assert_reopened(request, again, "A legal hold stands on")
    assert len(rows(sqlite_url, "carts")) == 4
    lifted(hold)
    worked(again)
    approve(request)
    assert worked(again).is_proven


@pytest.mark.parametrize("other", [{"email": BOB}, {"is_proven": False}])
def test_what_is_held_of_others_or_was_only_typed_stops_nothing(sqlite_shop, other):
    request = an_erasure()
    held(an_earlier_request(**other))
    previewed(request)
    assert len(approve(request)) == 1


def test_what_a_law_wants_kept_after_a_refusal_is_not_erased_before_its_day(sqlite_shop):
    request, earlier = an_erasure(), an_earlier_request()
    row = an_approved_refusal(earlier)
    Refusal.objects.filter(pk=row.pk).update(preserved_until=timezone.localdate() + timedelta(days=3))
    previewed(request)
    with pytest.raises(NotApprovable, match=r"has to be kept until \d+ "):
        approve(request)
    Refusal.objects.filter(pk=row.pk).update(preserved_until=timezone.localdate() - timedelta(days=1))
    assert len(approve(request)) == 1


def test_nothing_is_approved_while_a_refusal_waits(sqlite_shop):
    request = an_erasure()
    previewed(request)
    the_controller()
    row = refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    with pytest.raises(NotApprovable, match="refusal is waiting"):
        approve(request)
    refusing.discard(row.pk, actor=Actor.staff(row.prepared_by))
    assert len(approve(request)) == 1


def a_copy(request, right=Right.ACCESS, status=Status.IN_PROGRESS):
    case = request.case or Case.objects.create()
    SubjectRequest.objects.filter(pk=request.pk).update(case=case)
    request.refresh_from_db()
    return SubjectRequest.objects.create(
        right=right, status=status, name="Ann", email=ANN, key=create_key(), case=case, outcome=""
    )


@pytest.mark.parametrize("right", [Right.ACCESS, Right.PORTABILITY])
def test_the_copy_asked_for_in_the_same_letter_comes_first(sqlite_shop, right):
    request = an_erasure()
    copy = a_copy(request, right)
    previewed(request)
    with pytest.raises(NotApprovable, match=f"answer {copy.reference}"):
        approve(request)
    SubjectRequest.objects.filter(pk=copy.pk).update(status=Status.COMPLETED, outcome="full")
    assert len(approve(request)) == 1


def test_who_does_without_the_copy_is_erased_before(sqlite_shop):
    request = an_erasure()
    a_copy(request)
    Case.objects.update(copy_waived_at=timezone.now())
    previewed(request)
    assert len(approve(request)) == 1


def test_a_copy_taken_up_again_after_the_approval_makes_it_void(sqlite_shop, sqlite_url):
    request = an_erasure()
    copy = a_copy(request, status=Status.WITHDRAWN)
    (change,) = approved(request)
    SubjectRequest.objects.filter(pk=copy.pk).update(status=Status.IN_PROGRESS)
    assert_reopened(request, worked(change), "comes first")
    assert len(rows(sqlite_url, "carts")) == 4
