"""What two do to the same letter at the same moment, on PostgreSQL, where they really do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from requests_app import combining, identity, intake, links
from requests_app.audit import Actor
from requests_app.changing import approvals
from requests_app.models import AuditEntry, Right, SecureLink, SourceChange, Status, SubjectRequest
from tests.requests_app.cases.letters import ADDRESS, a_letter, proven, sent
from tests.requests_app.changing.shops import ERASURE, a_shop, prepared, team, worked
from tests.requests_app.intake.records import processor

pytestmark = pytest.mark.usefixtures("storage_folder")
R = Right


def fresh(request):
    return SubjectRequest.objects.get(pk=request.pk)


def looked_at(erasure):
    for change in erasure.changes.all():
        worked(change)
    prepared(erasure)


def test_of_a_join_and_an_approval_at_once_one_wins(postgres_portal, sqlite_url, at_once):
    a_shop(sqlite_url)
    requests = []
    for email in ("ann@example.test", "bob@example.test", "cyd@example.test"):
        (access,), (erasure,) = proven(R.ACCESS, email=email), proven(R.ERASURE, email=email)
        looked_at(erasure)
        requests.append((access, erasure))
    actor, reviewer = processor(), Actor.staff(team()[1])
    for access, erasure in requests:
        at_once(
            lambda one=access, other=erasure: combining.join(one.pk, other.pk, actor=actor),
            lambda other=erasure: len(approvals.approve(other.pk, ERASURE, actor=reviewer)),
        )
        is_joined = fresh(erasure).case_id is not None
        is_approved = SourceChange.objects.filter(request=erasure, phase="change").exists()
        assert is_joined is not is_approved


def test_of_two_who_confirm_one_letter_at_once_each_request_begins_once(postgres_portal, at_once):
    requests = sent(R.ACCESS, R.ERASURE, R.OBJECTION)
    day = timedelta(days=1)
    tokens = [links.mint(each, SecureLink.Purpose.CONFIRM, lifetime=day) for each in requests]
    at_once(*(lambda token=token: bool(identity.confirm(token, address=ADDRESS)) for token in tokens))
    assert AuditEntry.objects.filter(action="request.verified").count() == 3
    assert {fresh(each).status for each in requests} <= {Status.IN_PROGRESS, Status.COMPLETED}


def test_the_same_letter_sent_twice_at_once_is_taken_in_once(postgres_portal, at_once):
    one, other = a_letter(R.ACCESS, R.ERASURE), a_letter(R.ERASURE, R.ACCESS)
    results = at_once(*(lambda letter=letter: intake.submit(letter, address=None) for letter in (one, other, one)))
    assert results == [None] * 3
    requests = SubjectRequest.objects.all()
    assert sorted(requests.values_list("right", flat=True)) == ["access", "erasure"]
    assert len({request.case_id for request in requests} - {None}) == 1
