"""What is taken back while it is still being done, and where two acts of one person share columns."""

from __future__ import annotations

import pytest

from requests_app.models import Leased, Right, SourceChange, Suppression
from requests_app.suppression import register
from tests.extractors.sql.changing.databases import contents
from tests.requests_app.changing.marked import (
    Act,
    a_marked_shop,
    asking,
    taken_back,
    taking_effect,
    worked,
)
from tests.requests_app.changing.shops import rows
from tests.requests_app.portal import ANN, acts, run_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(sqlite_url):
    return a_marked_shop(sqlite_url)


def locked(url):
    return [row[0] for row in rows(url, "customers") if row[2]]


def test_what_no_worker_has_begun_is_never_begun(shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    (change,) = taking_effect(request)
    assert taken_back(request) == []
    (change,) = worked([change])
    assert (change.state, change.began, bool(change.called_off_at)) == (Leased.State.FAILED, 0, True)
    assert contents(sqlite_url) == before
    assert "change.failed" not in acts(request.pk)


def test_it_can_take_effect_again_after_it_was_taken_back_before_it_was_done(shop, sqlite_url):
    before, request = contents(sqlite_url), asking(Right.OBJECTION)
    taking_effect(request, Act.OBJECTION_MARKETING)
    taken_back(request, Act.OBJECTION_MARKETING)
    (second,) = worked(taking_effect(request, Act.OBJECTION_MARKETING))
    assert second.is_applied
    (lifting,) = worked(taken_back(request, Act.OBJECTION_MARKETING))
    assert lifting.undoes == second
    (third,) = worked(taking_effect(request, Act.OBJECTION_MARKETING))
    assert third.result == second.result
    worked(taken_back(request, Act.OBJECTION_MARKETING))
    assert contents(sqlite_url) == before


def test_a_worker_that_has_begun_is_waited_for(shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    (change,) = taking_effect(request)
    SourceChange.objects.claim(change.pk)
    SourceChange.objects.filter(pk=change.pk).update(began=1)
    (lifting,) = taken_back(request)
    (waiting,) = worked([lifting])
    assert (waiting.state, waiting.began, waiting.last_error) == (Leased.State.WAITING, 0, "")
    assert waiting.attempts_left == lifting.attempts_left
    run_out(change)  # the worker is dead
    run_out(lifting)
    (done,) = worked([lifting])
    assert done.is_applied
    assert contents(sqlite_url) == before


def test_a_worker_whose_act_is_taken_back_before_it_begins_leaves_the_source_alone(shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    (change,) = taking_effect(request)
    SourceChange.objects.claim(change.pk)
    assert taken_back(request) == []
    change.refresh_from_db()
    assert not SourceChange.objects.beat(change.pk, change.attempt)
    assert contents(sqlite_url) == before


def test_taking_back_twice_restores_once(shop):
    request = asking()
    worked(taking_effect(request))
    assert len(taken_back(request)) == 1
    assert taken_back(request) == []


@pytest.mark.parametrize("first", [Act.RESTRICTION, Act.OBJECTION_ALL])
def test_what_another_act_of_the_person_still_wants_is_marked_again(shop, sqlite_url, first):
    before = contents(sqlite_url)
    second = Act.OBJECTION_ALL if first == Act.RESTRICTION else Act.RESTRICTION
    one, other = asking(), asking(Right.OBJECTION)
    worked(taking_effect(one, first))
    worked(taking_effect(other, second))
    worked(taken_back(one, first))
    (again,) = SourceChange.objects.filter(request=other, act=second, applied_at=None)
    worked([again])
    assert locked(sqlite_url) == [1, 3, 4]
    assert set(register.look_up([("email", ANN)])[0].scopes) == {
        second.removesuffix("_all").replace("objection", "all")
    }
    worked(taken_back(other, second))
    assert contents(sqlite_url) == before
    assert not Suppression.objects.filter(lifted_at=None).exists()


def test_what_a_worker_may_have_found_marked_for_another_act_is_marked_again(shop, sqlite_url):
    before, locked_before = contents(sqlite_url), locked(sqlite_url)
    one, other = asking(), asking(Right.OBJECTION)
    worked(taking_effect(one, Act.RESTRICTION))
    (change,) = taking_effect(other, Act.OBJECTION_ALL)
    attempt = SourceChange.objects.claim(change.pk)  # by a worker that has found every row marked, and says so late
    worked(taken_back(one, Act.RESTRICTION))
    assert locked(sqlite_url) == locked_before
    assert not SourceChange.objects.beat(change.pk, attempt), "it would say that it is done"
    (again,) = worked([change])
    assert again.is_applied
    assert locked(sqlite_url) == [1, 3, 4]
    worked(taken_back(other, Act.OBJECTION_ALL))
    assert contents(sqlite_url) == before
