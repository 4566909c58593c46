"""The team and the register of those whose data must not be used."""

from __future__ import annotations

import pytest
from django.utils import timezone

from extractors.errors import UnusableIdentifier
from requests_app import audit, suppressing
from requests_app.audit import Actor
from requests_app.models import AuditEntry, Identifier, Message, Status, SubjectRequest, Suppression
from requests_app.suppressing import NothingToEnter, NothingToLift
from requests_app.suppression import register
from requests_app.workflow import MissingReason, PermissionRefused
from tests.requests_app.portal import ANN, BOB, a_request, acts, member

pytestmark = pytest.mark.django_db
Scope = Suppression.Scope


def known_person(status: Status = Status.IN_PROGRESS, email: str = ANN) -> SubjectRequest:
    request = a_request(status, email=email)
    proven = {"proof": Identifier.Proof.MAILBOX, "proven_at": timezone.now()}
    Identifier.objects.create(request=request, kind="email", value=email, **proven)
    Identifier.objects.create(request=request, kind="phone", value="+4940123456")
    return request


@pytest.fixture
def actors() -> dict[str, Actor]:
    return {role: Actor.staff(member(role)) for role in ("Viewer", "Processor", "Reviewer")}


def test_only_what_is_proven_is_entered(actors):
    request = known_person()
    assert suppressing.enter(request.pk, Scope.MARKETING, actor=actors["Processor"]) == 1
    assert suppressing.enter(request.pk, Scope.MARKETING, actor=actors["Processor"]) == 0
    assert [found.is_suppressed for found in register.look_up([("email", ANN), ("phone", "+4940123456")])] == [
        True,
        False,
    ]


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.COMPLETED, Status.WITHDRAWN])
def test_only_what_is_at_work_is_entered(actors, status):
    with pytest.raises(NothingToEnter, match="not at work"):
        suppressing.enter(known_person(status).pk, Scope.ALL, actor=actors["Processor"])


def test_nothing_proven_or_no_scope_enters_nothing(actors):
    with pytest.raises(NothingToEnter, match="proven"):
        suppressing.enter(a_request().pk, Scope.ALL, actor=actors["Processor"])
    with pytest.raises(NothingToEnter, match="choose"):
        suppressing.enter(known_person().pk, "everything", actor=actors["Processor"])
    assert not Suppression.objects.exists()


def test_an_entry_is_lifted_with_a_reason_that_stays_with_the_request(actors):
    request = known_person()
    suppressing.enter(request.pk, Scope.ANALYTICS, actor=actors["Processor"])
    suppressing.enter(request.pk, Scope.MARKETING, actor=actors["Processor"])
    entry = Suppression.objects.get(scope=Scope.ANALYTICS)
    assert suppressing.lift(entry.pk, " They agreed again. ", actor=actors["Reviewer"]) == 1
    assert set(register.look_up([("email", ANN)])[0].scopes) == {Scope.MARKETING}
    note = Message.objects.get(request=request)
    assert note.text.endswith("They agreed again.")
    assert (note.kind, note.author_id) == (Message.Kind.NOTE, actors["Reviewer"].user_id)
    assert acts(request.pk) == ["suppression.entered"] * 2 + ["suppression.lifted", "note.added"]
    with pytest.raises(NothingToLift):
        suppressing.lift(entry.pk, "Again.", actor=actors["Reviewer"])
    assert Message.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 20_000], ids=["none", "blank", "endless"])
def test_without_a_reason_nothing_is_lifted(actors, reason):
    suppressing.enter(known_person().pk, Scope.ALL, actor=actors["Processor"])
    with pytest.raises(MissingReason):
        suppressing.lift(Suppression.objects.get().pk, reason, actor=actors["Reviewer"])
    assert register.look_up([("email", ANN)])[0].is_suppressed


def test_an_entry_whose_request_is_gone_is_lifted_alone(actors):
    for email in (ANN, BOB):
        suppressing.enter(known_person(email=email).pk, Scope.ALL, actor=actors["Processor"])
    Suppression.objects.update(request=None)
    entry = Suppression.objects.earliest("pk")
    assert suppressing.lift(entry.pk, "Asked for by telephone.", actor=actors["Reviewer"]) == 1
    with pytest.raises(NothingToLift):
        suppressing.lift(entry.pk, "Twice.", actor=actors["Reviewer"])
    assert Suppression.objects.filter(lifted_at=None).count() == 1


def test_nobody_does_what_is_not_theirs_to_do(actors):
    request = known_person()
    for role in ("Viewer", "Reviewer"):
        with pytest.raises(PermissionRefused):
            suppressing.enter(request.pk, Scope.ALL, actor=actors[role])
    suppressing.enter(request.pk, Scope.ALL, actor=actors["Processor"])
    for actor in (actors["Viewer"], actors["Processor"], audit.SYSTEM):
        with pytest.raises(PermissionRefused):
            suppressing.lift(Suppression.objects.get().pk, "So.", actor=actor)
    with pytest.raises(PermissionRefused):
        suppressing.look_up("email", ANN, actor=audit.STRANGER)


def test_a_lookup_gives_what_stands_and_what_stood_and_is_on_record_without_the_value(actors):
    request = known_person()
    assert suppressing.look_up("email", ANN, actor=actors["Viewer"]) == []
    suppressing.enter(request.pk, Scope.ALL, actor=actors["Processor"])
    suppressing.lift(Suppression.objects.get().pk, "So.", actor=actors["Reviewer"])
    suppressing.enter(request.pk, Scope.MARKETING, actor=actors["Processor"])
    found = suppressing.look_up("email", " ANN@Example.test ", actor=actors["Viewer"])
    assert [(entry.scope, entry.lifted_at is None) for entry in found] == [("marketing", True), ("all", False)]
    asked = AuditEntry.objects.filter(action="suppression.looked_up").latest("pk")
    assert asked.details == {"kind": "email", "entries": 2, "standing": 1}
    assert "ann" not in str(AuditEntry.objects.values_list("target", "details")).lower()


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "no mailbox"), ("phone", "0401"), ("user_id", " "), ("iban", "x")]
)
def test_what_nobody_could_be_known_by_is_not_looked_for(actors, kind, value):
    with pytest.raises(UnusableIdentifier) as error:
        suppressing.look_up(kind, value, actor=actors["Viewer"])
    assert not value.strip() or value not in str(error.value)


def test_entries_are_counted_by_scope(actors):
    request = known_person()
    for scope in (Scope.ALL, Scope.MARKETING):
        suppressing.enter(request.pk, scope, actor=actors["Processor"])
    suppressing.lift(Suppression.objects.get(scope=Scope.ALL).pk, "So.", actor=actors["Reviewer"])
    assert register.counts() == [
        (Scope.RESTRICTION, 0, 0),
        (Scope.MARKETING, 1, 0),
        (Scope.ANALYTICS, 0, 0),
        (Scope.ALL, 0, 1),
    ]
