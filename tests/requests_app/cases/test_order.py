"""The copy before the erasure, in a real source: at the approval, and when the worker begins."""

from __future__ import annotations

import pytest

from requests_app import audit, combining, review, tasks
from requests_app.audit import Actor
from requests_app.changing import approvals
from requests_app.changing.approvals import NotApprovable
from requests_app.combining import UnjoinableRequests
from requests_app.models import (
    Export,
    Right,
    SourceChange,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.sorting import spam
from requests_app.workflow import ImpossibleTransition, Unprepared, perform
from tests.requests_app.cases.letters import proven
from tests.requests_app.changing.shops import ERASURE, a_shop, prepared, rows, team, worked
from tests.requests_app.intake.records import processor
from tests.requests_app.portal import an_approved_refusal, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
R = Right


@pytest.fixture(autouse=True)
def _without_delay(settings):
    settings.DSR_ERASURE_UNDO_HOURS = 0


@pytest.fixture
def shop(sqlite_url):
    return a_shop(sqlite_url)


def fresh(request):
    return SubjectRequest.objects.get(pk=request.pk)


def looked_at(erasure):
    for change in erasure.changes.all():
        worked(change)
    prepared(erasure)


def approve(erasure):
    return approvals.approve(erasure.pk, ERASURE, actor=Actor.staff(team()[1]))


def answer(access):
    """Collect, release and render the copy."""
    for search in SourceSearch.objects.filter(request=access):
        tasks.collect_source(search.pk)
    export = review.release(access.pk, actor=Actor.staff(staff()), formats=("json",))
    tasks.render_export(export.pk)
    assert fresh(access).status == Status.COMPLETED
    return Export.objects.get(pk=export.pk)


def test_nothing_is_erased_before_the_copy_is_there_and_all_of_it_afterwards(shop):
    access, erasure = proven()
    looked_at(erasure)
    with pytest.raises(NotApprovable, match=access.reference):
        approve(erasure)
    export = answer(access)
    (approval,) = approve(fresh(erasure))
    change = worked(SourceChange.objects.get(approval=approval))
    assert change.is_proven
    export.refresh_from_db()
    assert export.removed_at is None
    tasks.finish_request(erasure.pk)
    assert fresh(erasure).status == Status.COMPLETED


def test_the_person_who_does_without_the_copy_has_their_data_erased_before_it(shop):
    _, erasure = proven()
    looked_at(erasure)
    combining.waive_copy(erasure.pk, actor=audit.SUBJECT)
    assert len(approve(erasure)) == 1


def test_a_copy_that_is_refused_is_waited_for_no_longer(shop):
    access, erasure = proven()
    looked_at(erasure)
    an_approved_refusal(access)
    perform(access.pk, "reject", actor=audit.SYSTEM, reason="It is your ninth this week.")
    assert len(approve(erasure)) == 1


def test_a_copy_that_is_taken_up_again_stops_the_worker_before_it_erases(shop, sqlite_url):
    access, erasure = proven()
    looked_at(erasure)
    spam.mark(access.pk, "Nonsense.", actor=processor())
    (approval,) = approve(erasure)
    change = SourceChange.objects.get(approval=approval)
    before = rows(sqlite_url, "customers")
    spam.restore(access.pk, actor=processor())
    change = worked(change)
    assert (change.phase, change.approval) == ("preview", None)
    assert access.reference in change.reopened
    assert rows(sqlite_url, "customers") == before


def test_a_copy_is_not_joined_behind_an_erasure_that_is_approved(shop):
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE)
    looked_at(erasure)
    approve(erasure)
    with pytest.raises(UnjoinableRequests, match="approved already"):
        combining.join(access.pk, erasure.pk, actor=processor())


def test_nobody_completes_an_erasure_by_hand_instead(shop):
    _, erasure = proven()
    looked_at(erasure)
    for actor in (processor(), audit.SYSTEM):
        with pytest.raises((Unprepared, ImpossibleTransition)):
            perform(erasure.pk, "complete", actor=actor, reason="Done.", outcome="full")


def test_a_preview_is_looked_at_while_the_copy_is_made(shop):
    _, erasure = proven()
    assert erasure.changes.count() == 1
    looked_at(erasure)
    assert fresh(erasure).changes.get().is_previewed
