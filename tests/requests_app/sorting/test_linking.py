"""Requests of one person are proposed with their reasons, linked by the team, and closed once where asked twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.audit import Actor
from requests_app.models import AuditEntry, OutboxMail, Outcome, RequestLink, Right, Status
from requests_app.sorting import likeness, linking
from requests_app.sorting.linking import NoDuplicate, UnlinkableRequests
from requests_app.spelling import address_key, name_key
from requests_app.workflow import ImpossibleTransition, PermissionRefused, Unprepared, perform
from tests.requests_app.intake.records import ADDRESS, processor, recorded
from tests.requests_app.portal import ANN, BOB, a_request, acts, member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

Kind = RequestLink.Kind


def proposed(request):
    return {item.request.pk: item.reasons for item in linking.undecided(request)}


@pytest.mark.parametrize(
    ("first", "second", "reasons"),
    [
        ({"email": ANN}, {"email": ANN.upper(), "name": "Other"}, ("the same mailbox",)),
        ({"phone": "030 1234567"}, {"phone": "+49 (30) 123-4567", "name": "Other"}, ("the same telephone number",)),
        ({"numbers": ("C-1",)}, {"numbers": ("C-2", "C-1"), "name": "Other"}, ("the same customer or user number",)),
        (
            {"name": "Jürgen Groß", "postal_address": "Lange Straße 4\n12345 Köln", "place": ""},
            {"name": "GROSS, Juergen", "postal_address": "Lange Str. 4, 12345 Koeln", "place": ""},
            ("the same name and postal address",),
        ),
        (
            {"name": "Zoë Núñez", "place": "ES"},
            {"name": "Nunez Zoe", "place": "ES", "postal_address": "Elsewhere 1"},
            ("the same name, in the same place",),
        ),
        (
            {"name": "山田 太郎", "place": "JP"},
            {"name": "山田 太郎", "place": "JP", "postal_address": "Elsewhere 1"},
            ("the same name, in the same place",),
        ),
    ],
    ids=["mailbox", "phone", "number", "address", "place", "other script"],
)
def test_a_request_of_the_same_person_is_proposed_with_the_reason(first, second, reasons):
    one, another = recorded(**first), recorded(**{"postal_address": "Nowhere 9"} | second)
    assert proposed(another) == {one.pk: reasons}
    assert proposed(one) == {another.pk: reasons}


def test_nobody_else_is_proposed():
    request = recorded(email=ANN, phone="+49 30 1234567", numbers=("C-1",))
    recorded(name="Lena Lettermann", email=BOB, phone="+49 30 7654321", numbers=("C-11",), postal_address="Far 1")
    recorded(name="Lena Letter", place="AT", postal_address="Vienna 1")
    assert proposed(request) == {}


def test_the_most_alike_comes_first():
    recorded(name="Other", email=ANN, postal_address="Nowhere 9")
    both = recorded(email=ANN)
    recorded(name="Third", email=ANN, postal_address="Nowhere 9")
    request = recorded(email=ANN)
    assert linking.undecided(request)[0].request == both
    assert len(linking.undecided(request)[0].reasons) == 3


def test_what_is_decided_is_no_more_proposed_and_can_be_changed():
    one, another = recorded(), recorded()
    for kind in (Kind.SAME_PERSON, Kind.UNRELATED, Kind.DUPLICATE):
        linking.decide(another.pk, one.pk, kind, actor=processor())
        assert [(item.request, item.link.kind) for item in linking.links_of(one)] == [(another, kind)]
        assert proposed(one) == proposed(another) == {}
    assert RequestLink.objects.count() == 1
    entries = AuditEntry.objects.filter(action="request.linked")
    assert entries.count() == 6
    assert set(entries.values_list("request_id", "target")) == {
        (one.pk, f"request {another.pk}"),
        (another.pk, f"request {one.pk}"),
    }


@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_who_may_not_work_on_requests_decides_nothing(role):
    one, another, actor = recorded(), recorded(), Actor.staff(member(role))
    with pytest.raises(PermissionRefused):
        linking.decide(one.pk, another.pk, Kind.DUPLICATE, actor=actor)
    linking.decide(one.pk, another.pk, Kind.DUPLICATE, actor=processor())
    with pytest.raises(PermissionRefused):
        linking.close_as_duplicate(another.pk, one.pk, actor=actor)


def test_a_request_is_not_linked_to_itself_or_to_none():
    request = recorded()
    for other in (request.pk, request.pk + 1000):
        with pytest.raises(UnlinkableRequests):
            linking.decide(request.pk, other, Kind.SAME_PERSON, actor=processor())


def duplicates(first=None, second=None):
    one = a_request(**{"postal_address": ADDRESS, "submitted_at": timezone.now() - timedelta(days=2)} | (first or {}))
    another = a_request(**{"postal_address": ADDRESS, "submitted_at": timezone.now()} | (second or {}))
    linking.decide(one.pk, another.pk, Kind.DUPLICATE, actor=processor())
    return one, another


def test_a_duplicate_is_closed_and_the_person_told_which_one_is_answered():
    one, another = duplicates()
    assert linking.can_be_closed(another, one)
    linking.close_as_duplicate(another.pk, one.pk, actor=processor())
    another.refresh_from_db()
    assert (another.status, another.outcome, another.answered_with) == (Status.COMPLETED, Outcome.DUPLICATE, one)
    assert OutboxMail.objects.values_list("request", "template").get() == (another.pk, "duplicate")
    assert acts(another.pk)[-1] == "request.closed_as_duplicate"
    one.refresh_from_db()
    assert one.status == Status.IN_PROGRESS
    with pytest.raises(UnlinkableRequests, match="stays on record"):
        linking.decide(one.pk, another.pk, Kind.UNRELATED, actor=processor())
    with pytest.raises(ImpossibleTransition):
        linking.close_as_duplicate(another.pk, one.pk, actor=processor())


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"right": Right.ERASURE}, {}, "something else"),
        ({"status": Status.REJECTED}, {}, "cannot stand for this one"),
        ({"status": Status.WITHDRAWN}, {}, "cannot stand for this one"),
        ({"submitted_at": timezone.now() + timedelta(days=1)}, {}, "came later"),
        ({}, {"status": Status.SUBMITTED, "email": BOB}, "would go elsewhere"),
        ({"email": ""}, {"status": Status.SUBMITTED, "email": "", "postal_address": ""}, "would go elsewhere"),
    ],
    ids=["right", "refused", "withdrawn", "later", "mailbox", "no address"],
)
def test_what_is_no_duplicate_stays_open(first, second, told):
    one, another = duplicates(first, second)
    with pytest.raises(NoDuplicate, match=told):
        linking.close_as_duplicate(another.pk, one.pk, actor=processor())
    another.refresh_from_db()
    assert another.is_open
    assert another.answered_with is None


def test_nothing_is_closed_that_nobody_called_a_duplicate():
    one, another = a_request(), a_request()
    with pytest.raises(NoDuplicate, match="say first"):
        linking.close_as_duplicate(another.pk, one.pk, actor=processor())
    with pytest.raises(Unprepared, match="which request is answered"):
        perform(another.pk, "duplicate", actor=processor())


def test_a_chain_of_duplicates_ends_at_one_that_is_answered():
    one, another = duplicates()
    third = a_request(submitted_at=timezone.now())
    linking.close_as_duplicate(another.pk, one.pk, actor=processor())
    linking.decide(third.pk, another.pk, Kind.DUPLICATE, actor=processor())
    with pytest.raises(NoDuplicate):
        linking.close_as_duplicate(third.pk, another.pk, actor=processor())


def test_names_are_compared_however_they_are_spelt():
    assert name_key("Jürgen  GROSS-Ähnlich") == name_key("Aehnlich, juergen groß")
    assert name_key("Ann") != name_key("Anna")
    assert address_key("Lange Straße 4\n12345 Köln") == address_key("lange str. 4, 12345 Koeln")


def test_what_somebody_is_known_by_is_not_shown():
    request = recorded(email=ANN)
    assert "Lena" not in repr(likeness.person_of(request))
    assert ANN not in repr(likeness.person_of(request))
