"""What takes two people is impossible for whoever prepared it: by no button, no call, no way around, at no moment."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.test import Client

from requests_app import releases, review
from requests_app.audit import Actor
from requests_app.models import Approval, AuditEntry
from tests.requests_app.fourfold import ACTS, attempt
from tests.requests_app.portal import a_request, acts, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
APPROVED = {"answer.released", "change.approved", "correction.approved", "extension.approved", "refusal.approved"}
ENDED = {"request.rejected", "request.completed"}


@pytest.fixture
def preparer():
    """Somebody who may do everything, so that nothing but the second pair of eyes stands in the way."""
    return staff("preparer")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def by_call(prepared, user):
    return attempt(prepared.call, user)


def by_button(prepared, user):
    response = signed_in(user).post(prepared.address, prepared.data)
    assert response.status_code in {200, 302, 403}
    return response


def by_way_around(prepared, user):
    """Go on as if it were approved: what does not raise must not have done anything."""
    return attempt(prepared.past, user)


DOORS = {"call": by_call, "button": by_button, "way around": by_way_around}
WAYS = [(name, door) for name in ACTS for door in DOORS]


@pytest.mark.parametrize(("name", "door"), WAYS, ids=[f"{name} by {door}" for name, door in WAYS])
def test_its_own_preparer_cannot_approve_it_by_any_door(name, door, preparer, tmp_path):
    prepared = ACTS[name](tmp_path, preparer)
    known = set(AuditEntry.objects.values_list("pk", flat=True))
    assert not prepared.is_done()
    answer = DOORS[door](prepared, preparer)
    assert not prepared.is_done()
    done = set(AuditEntry.objects.exclude(pk__in=known).values_list("action", flat=True))
    assert not done & (APPROVED | ENDED)
    if door == "call":
        assert isinstance(answer, PermissionError)
        assert "yourself" in str(answer) or "somebody else" in str(answer)


@pytest.mark.parametrize(("name", "door"), [way for way in WAYS if way[1] != "way around"])
def test_somebody_else_can_by_the_same_door(name, door, preparer, tmp_path):
    prepared = ACTS[name](tmp_path, preparer)
    assert not isinstance(DOORS[door](prepared, staff("other")), Exception)
    assert prepared.is_done()
    assert set(acts(prepared.request.pk)) & APPROVED


@pytest.mark.parametrize("name", list(ACTS))
def test_the_database_itself_refuses_one_person_twice(name, preparer, tmp_path):
    prepared = ACTS[name](tmp_path, preparer)
    assert isinstance(attempt(prepared.row, preparer), IntegrityError)
    assert not prepared.is_done()


@pytest.mark.parametrize("act", list(Approval.Act))
def test_no_act_is_approved_by_whoever_prepared_it_in_either_kind_of_database(act, portal_database):
    preparer, request = staff("preparer"), a_request()
    known = {"request": request, "act": act, "prepared_by": preparer}
    assert isinstance(
        attempt(lambda user: Approval.objects.create(approved_by=user, **known), preparer), IntegrityError
    )
    assert attempt(lambda user: Approval.objects.create(approved_by=user, **known), staff("other")) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["refusal of the whole", "release of what they cut", "extension"])
def test_at_the_same_moment_the_preparer_cannot_and_somebody_else_can_once(name, at_once, tmp_path):
    prepared = ACTS[name](tmp_path, preparer := staff("preparer"))
    other = staff("other")
    answers = at_once(*(lambda user=user: prepared.call(user) for user in (preparer, other, preparer, other)))
    done = [answer for answer in answers if not (isinstance(answer, type) and issubclass(answer, Exception))]
    assert len(done) == 1
    assert prepared.is_done()
    entry = AuditEntry.objects.filter(action__in=APPROVED).latest("pk")
    assert entry.actor_id == other.pk


def test_the_page_of_an_answer_says_who_may_not_release_it_and_why(preparer, tmp_path):
    prepared = ACTS["release of what they cut"](tmp_path, preparer)
    page = f"/console/requests_app/subjectrequest/{prepared.request.pk}/change/"
    own = signed_in(preparer).get(page).content.decode()
    assert "Release the answer" not in own
    assert "somebody else who may decide looks at it and releases it" in own
    assert "Review what was found, and release it: somebody else who may decide" in own
    other = signed_in(staff("other")).get(page).content.decode()
    assert "Release the answer" in other


def test_what_goes_out_as_it_was_found_nobody_prepared_and_one_may_release(preparer, tmp_path):
    prepared = ACTS["release of what they cut"](tmp_path, preparer)
    search = prepared.request.searches.get()
    review.undo(search.redactions.get(), actor=Actor.staff(preparer))
    prepared.request.refusals.update(extent="part", discarded_at="2026-01-01T00:00Z")
    assert attempt(prepared.call, preparer) is None
    assert Approval.objects.get(act="release").prepared_by is None


def test_the_approval_names_whoever_withheld_something_last(preparer, tmp_path):
    prepared = ACTS["release of what they refused"](tmp_path, preparer)
    search = prepared.request.searches.get()
    for ordinal, name in enumerate(("ada", "bea")):
        review.redact(search, "orders", ordinal=ordinal, ground="Of others", actor=Actor.staff(staff(name)))
    names = dict(User.objects.values_list("pk", "username"))
    assert [names[pk] for pk in releases.preparers(prepared.request)] == ["bea", "ada", "preparer"]
