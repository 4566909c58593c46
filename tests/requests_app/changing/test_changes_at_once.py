"""What two do to the same erasure at the same moment, on PostgreSQL, where they really do."""

from __future__ import annotations

import pytest

from requests_app import audit, tasks
from requests_app.audit import Actor
from requests_app.changing import approvals, previews
from requests_app.changing.approvals import NotApprovable
from requests_app.models import Approval, AuditEntry, KeptRows, KeyList, RegisteredErasure, SourceChange
from tests.requests_app.changing.shops import (
    ERASURE,
    UNTOUCHED,
    a_shop,
    an_erasure,
    approved,
    erased,
    previewed,
    rows,
    team,
    worked,
)
from tests.requests_app.portal import member


def done(change_id, act):
    return AuditEntry.objects.filter(action=act, target=f"change {change_id}").count()


@pytest.fixture
def shop(postgres_portal, database_url):
    return a_shop(database_url)


def test_two_workers_with_the_same_erasure_do_it_once(shop, at_once, database_url):
    (change,) = approved(an_erasure())
    at_once(*[lambda: tasks.change_source(change.pk)] * 3)
    change.refresh_from_db()
    assert (change.is_proven, change.began, change.result["carts"]["changed"]) == (True, 1, 2)
    assert [done(change.pk, act) for act in ("change.began", "change.done")] == [1, 1]
    assert KeptRows.objects.count() == RegisteredErasure.objects.count() == 1
    assert rows(database_url, "carts") == UNTOUCHED["carts"]


def test_of_two_who_approve_at_once_one_does(shop, at_once):
    request = an_erasure()
    (change,) = previewed(request)
    people = [team()[1], member("Manager")]
    results = at_once(
        *(lambda user=user: len(approvals.approve(request.pk, ERASURE, actor=Actor.staff(user))) for user in people)
    )
    assert sorted(map(str, results)) == ["1", str(NotApprovable)]
    assert Approval.objects.count() == done(change.pk, "change.approved") == 1


def test_a_preview_anew_and_an_approval_at_once_leave_one_of_them_standing(shop, at_once, database_url):
    reviewer = Actor.staff(team()[1])
    for email in ("ann@example.test", "bob@example.test", "cyd@example.test"):
        request = an_erasure(email)
        previewed(request)
        at_once(
            lambda request=request: approvals.approve(request.pk, ERASURE, actor=reviewer),
            lambda request=request: previews.preview(request.pk, ERASURE, actor=audit.SYSTEM),
        )
        change = worked(SourceChange.objects.get(request=request))
        assert (change.is_previewed, change.approval, change.is_applied) == (True, None, False)
    assert len(rows(database_url, "carts")) == 4


def test_two_workers_with_the_same_kept_rows_erase_them_once(shop, at_once, database_url):
    erased(an_erasure())
    kept = KeptRows.objects.get()
    KeptRows.objects.update(claimable_at=kept.created_at)
    at_once(*[lambda: tasks.erase_kept_rows(kept.pk)] * 2)
    kept.refresh_from_db()
    assert (kept.attempt, kept.erased, len(rows(database_url, "orders"))) == (1, 0, 3)


def test_two_previews_at_once_leave_one_list(shop, at_once):
    request = an_erasure()
    previewed(request)
    at_once(*[lambda: previews.preview(request.pk, ERASURE, actor=audit.SYSTEM)] * 2)
    change = SourceChange.objects.get()
    at_once(*[lambda: tasks.change_source(change.pk)] * 2)
    change.refresh_from_db()
    assert change.is_previewed
    assert KeyList.objects.count() == 1
