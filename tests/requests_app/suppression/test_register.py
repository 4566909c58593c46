"""The register of those whose data must not be used."""

from __future__ import annotations

import pytest
from django.db import connection

from requests_app import audit
from requests_app.models import AuditEntry, Suppression
from requests_app.suppression.register import enter, lift, look_up
from tests.requests_app.portal import ANN, BOB, a_request

pytestmark = pytest.mark.django_db
Scope = Suppression.Scope


def standing(*pairs: tuple[str, str]) -> list[set[str]]:
    return [set(map(str, found.scopes)) for found in look_up(pairs)]


def test_nothing_stands_until_somebody_asks():
    assert standing(("email", ANN), ("user_id", "7")) == [set(), set()]


def test_who_asked_is_found_however_the_identifier_is_spelt():
    enter(
        a_request(),
        [("email", ANN), ("phone", "+49 40 123456"), ("user_id", "007")],
        Scope.MARKETING,
        actor=audit.SYSTEM,
    )
    assert standing(("email", "ANN@Example.TEST"), ("phone", "+4940123456"), ("user_id", "007")) == [{"marketing"}] * 3
    assert standing(("email", BOB), ("user_id", "7"), ("phone", ANN), ("email", "no mailbox")) == [set()] * 4


def test_scopes_stand_beside_one_another_and_are_lifted_one_by_one():
    row = a_request()
    assert enter(row, [("email", ANN)], Scope.MARKETING, actor=audit.SYSTEM) == 1
    assert enter(row, [("email", ANN)], Scope.RESTRICTION, actor=audit.SYSTEM) == 1
    assert enter(row, [("email", ANN)], Scope.MARKETING, actor=audit.SYSTEM) == 0
    assert standing(("email", ANN)) == [{"marketing", "restriction"}]
    assert lift(row, Scope.RESTRICTION, actor=audit.SYSTEM) == 1
    assert lift(row, Scope.RESTRICTION, actor=audit.SYSTEM) == 0
    assert standing(("email", ANN)) == [{"marketing"}]
    assert Suppression.objects.count() == 2
    enter(row, [("email", ANN)], Scope.RESTRICTION, actor=audit.SYSTEM)
    assert standing(("email", ANN)) == [{"marketing", "restriction"}]


def test_asking_for_many_is_one_query_and_keeps_their_order(django_assert_max_num_queries):
    enter(
        a_request(),
        [("email", f"p{number}@example.test") for number in range(0, 1000, 2)],
        Scope.ALL,
        actor=audit.SYSTEM,
    )
    asked = [("email", f"P{number}@example.test") for number in range(1000)]
    with django_assert_max_num_queries(3):
        found = look_up(asked)
    assert [item.is_suppressed for item in found] == [number % 2 == 0 for number in range(1000)]


def test_the_same_identifier_asked_twice_is_answered_twice():
    enter(a_request(), [("email", ANN)], Scope.ALL, actor=audit.SYSTEM)
    assert standing(("email", ANN), ("email", BOB), ("email", ANN)) == [{"all"}, set(), {"all"}]


def test_the_register_and_the_trail_name_nobody():
    enter(a_request(email=BOB, name="Bob"), [("email", ANN)], Scope.ALL, actor=audit.SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM requests_app_suppression")
        assert ANN not in str(cursor.fetchall())
    assert AuditEntry.objects.get(action="suppression.entered").details == {"scope": "all", "identifiers": 1}
