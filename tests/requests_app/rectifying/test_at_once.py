"""Corrections by several people at the same moment: of two who do what cannot both be, one does it."""

from __future__ import annotations

import pytest

from requests_app import corrections, rectifying, tasks, workflow
from requests_app.audit import SUBJECT, Actor
from requests_app.models import Approval, SourceChange
from requests_app.rectifying import Kind, UndecidableCorrection, UnusableProposal, Verdict
from tests.requests_app.portal import member, staff
from tests.requests_app.rectifying.shops import a_rectification, a_shop, decided, proposed, reviewer, states, the_place


@pytest.fixture
def request_(postgres_portal, sqlite_url):
    a_shop(sqlite_url)
    return a_rectification()


def test_of_two_who_decide_one_does(request_, at_once):
    (row,) = proposed(request_, city="Oslo")
    people = [reviewer(), Actor.staff(staff("rita"))]
    kinds = [Verdict(row.pk, Kind.APPROVE), Verdict(row.pk, Kind.REJECT, "No.")]
    done = at_once(
        *(
            lambda verdict=verdict, actor=actor: rectifying.decide(request_.pk, [verdict], actor=actor)
            for verdict, actor in zip(kinds, people, strict=True)
        )
    )
    assert sorted(map(str, done)) == sorted(map(str, [None, UndecidableCorrection]))
    assert states(request_) in ({"city": "approved"}, {"city": "rejected"})


def test_two_who_propose_the_same_field_leave_one_proposal(request_, at_once):
    place = the_place(request_)
    worker = Actor.staff(member("Processor"))
    done = at_once(
        lambda: rectifying.propose(request_.pk, place, {"city": "Oslo"}, actor=SUBJECT),
        lambda: rectifying.propose(request_.pk, place, {"city": "Bergen"}, actor=worker),
    )
    assert [len(rows) for rows in done] == [1, 1]
    assert states(request_) == {"city": "proposed"}
    assert request_.corrections.count() == 1


def test_what_is_taken_back_while_it_is_decided_on_is_one_or_the_other(request_, at_once):
    (row,) = proposed(request_, city="Oslo")
    actor, seen = reviewer(), corrections.fingerprint([row])
    done = at_once(
        lambda: rectifying.take_back(request_.pk, row.pk, actor=SUBJECT),
        lambda: rectifying.decide(request_.pk, [Verdict(row.pk, Kind.APPROVE, seen=seen)], actor=actor),
    )
    refused = {UnusableProposal, UndecidableCorrection} & set(done)
    assert len(refused) == 1
    assert states(request_) in ({}, {"city": "approved"})


def test_two_who_approve_different_fields_of_a_source_have_both_written_once(request_, at_once):
    city, name = proposed(request_, city="Oslo", name="Ann")
    people = [reviewer(), Actor.staff(staff("rita"))]
    done = at_once(
        *(
            lambda row=row, actor=actor: rectifying.decide(request_.pk, [Verdict(row.pk, Kind.APPROVE)], actor=actor)
            for row, actor in zip((city, name), people, strict=True)
        )
    )
    assert done == [None, None]
    change = SourceChange.objects.get()
    assert Approval.objects.filter(voided_at=None).get() == change.approval
    tasks.change_source(change.pk)
    assert states(request_) == {"city": "written", "name": "written"}


def test_two_workers_at_one_change_write_it_once(request_, at_once):
    proposed(request_, city="Oslo")
    decided(request_, city="approve")
    change = SourceChange.objects.get()
    at_once(lambda: tasks.change_source(change.pk), lambda: tasks.change_source(change.pk))
    change.refresh_from_db()
    assert (change.attempt, change.began, states(request_)) == (1, 1, {"city": "written"})


def test_a_withdrawal_while_it_is_written_leaves_no_half(request_, at_once):
    proposed(request_, city="Oslo")
    decided(request_, city="approve")
    change = SourceChange.objects.get()
    at_once(
        lambda: workflow.perform(request_.pk, "withdraw", actor=SUBJECT),
        lambda: tasks.change_source(change.pk),
    )
    change.refresh_from_db()
    assert states(request_) == {"city": "written" if change.is_applied else "approved"}
