"""Nobody ends a request for review past its reviewer: by button, by stage, past both, too late, or at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, deciding, refusing, releases, review
from requests_app.audit import Actor
from requests_app.deciding import ChangedReview, Finding, IllegalReview, NotReviewer
from requests_app.models import (
    DecisionReview,
    Leased,
    OutboxMail,
    Outcome,
    Refusal,
    Right,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.review import NotReady
from requests_app.workflow import PermissionRefused, Unprepared, perform
from tests.requests_app.decisions import (
    CHANGED,
    EXPLANATION,
    STANDS,
    colleague,
    contested,
    the_facts,
    under_review,
    without_sources,
)
from tests.requests_app.portal import a_draft, a_refusal, a_request, acts, member, staff, the_controller

pytestmark = pytest.mark.usefixtures("storage_folder")
with_database = pytest.mark.django_db
WORKERS, DECIDERS = {"Manager", "Processor", "Reviewer"}, {"Manager", "Reviewer"}
STAGES = {
    "record": (lambda request, who: deciding.record(request.pk, the_facts(request), actor=who), WORKERS),
    "assign": (lambda request, who: deciding.assign(request.pk, colleague("rolf").pk, actor=who), WORKERS),
    "draft": (lambda request, who: deciding.draft(request.pk, STANDS, actor=who), DECIDERS),
    "carry_out": (lambda request, who: deciding.carry_out(request.pk, actor=who), WORKERS),
    "conclude": (lambda request, who: deciding.conclude(request.pk, actor=who), DECIDERS),
}


@with_database
@pytest.mark.parametrize("stage", STAGES)
def test_each_act_is_for_its_roles_alone(stage):
    request, _ = without_sources()
    act, allowed = STAGES[stage]
    before = acts(request.pk)
    for role in ("Processor", "Viewer"):
        if role not in allowed:
            with pytest.raises(PermissionRefused):
                act(request, Actor.staff(member(role)))
    for actor in (audit.SUBJECT, audit.SYSTEM, audit.STRANGER, audit.REPRESENTATIVE):
        with pytest.raises(PermissionRefused):
            act(request, actor)
    gone = colleague("gone", "Manager")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(PermissionRefused):
        act(request, Actor.staff(gone))
    assert acts(request.pk) == before


@with_database
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("status", [status for status in Status if status != Status.IN_PROGRESS])
def test_nothing_is_done_to_a_request_that_is_not_at_work(status, stage):
    reviewer = colleague("rosa", "Manager")
    request = a_request(status, right=Right.AUTOMATED_DECISION)
    DecisionReview.objects.create(request=request, reviewer=reviewer, decision="x", decided_by="x", used="x")
    with pytest.raises(IllegalReview):
        STAGES[stage][0](request, Actor.staff(reviewer))
    assert acts(request.pk) == []


@with_database
@pytest.mark.parametrize("stage", STAGES)
def test_no_decision_is_reviewed_where_something_else_is_asked_for(stage):
    request = a_request(right=Right.ERASURE)
    with pytest.raises(IllegalReview, match="something else"):
        STAGES[stage][0](request, Actor.staff(colleague("rosa", "Manager")))
    assert not DecisionReview.objects.exists()


@with_database
@pytest.mark.parametrize("outcome", ["", *Outcome])
@pytest.mark.parametrize("who", ["manager", "portal"])
def test_nobody_completes_it_by_another_door(outcome, who):
    request, reviewer = without_sources()
    deciding.draft(request.pk, STANDS, actor=reviewer)
    actor = Actor.staff(colleague("mara", "Manager")) if who == "manager" else audit.SYSTEM
    with pytest.raises(Unprepared), transaction.atomic():
        perform(request.pk, "complete", actor=actor, reason="Done.", outcome=outcome)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS


@with_database
def test_the_database_itself_refuses_a_reviewer_who_decided_and_a_conclusion_of_nobody():
    request, _ = without_sources()
    rows, rosa = DecisionReview.objects.filter(request=request), colleague("rosa")
    now = timezone.now()
    for faulty in (
        {"involved": rosa},
        {"concluded_at": now},
        {"concluded_at": now, "result": "confirmed"},
        {"concluded_at": now, "result": "changed", "explanation": EXPLANATION},
        {"concluded_at": now, "result": "confirmed", "explanation": EXPLANATION, "reviewer": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**faulty)


@with_database
def test_what_was_read_is_what_is_concluded():
    request, reviewer = without_sources()
    read = deciding.fingerprint(deciding.draft(request.pk, STANDS, actor=reviewer))
    processor = Actor.staff(colleague("petra", "Processor"))
    deciding.record(request.pk, the_facts(request, decided_by="Scoring 5", used="All."), actor=processor)
    with pytest.raises(ChangedReview, match="read it once more"):
        deciding.conclude(request.pk, actor=reviewer, seen=read)
    deciding.conclude(request.pk, actor=reviewer, seen=deciding.fingerprint(DecisionReview.objects.get()))


@with_database
def test_a_refusal_that_waits_comes_first_and_ends_the_review():
    the_controller()
    request, reviewer = without_sources()
    deciding.draft(request.pk, STANDS, actor=reviewer)
    refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    with pytest.raises(IllegalReview, match="A refusal is waiting"):
        deciding.conclude(request.pk, actor=reviewer)
    refusing.discard(Refusal.objects.get().pk, actor=Actor.staff(staff("rita")))
    a_refusal(SubjectRequest.objects.get())
    with pytest.raises(IllegalReview, match="refused; no decision"):
        deciding.conclude(request.pk, actor=reviewer)
    assert set(OutboxMail.objects.values_list("template", flat=True)) & {"refused", "decision_reviewed"} == {"refused"}


@with_database
def test_a_partial_refusal_has_to_be_taken_back_first():
    request, reviewer = without_sources()
    deciding.draft(request.pk, STANDS, actor=reviewer)
    a_refusal(request, Refusal.Extent.PART)
    with pytest.raises(Unprepared, match="partial refusal"):
        deciding.conclude(request.pk, actor=reviewer)
    assert DecisionReview.objects.get().concluded_at is None


@with_database
def test_a_withdrawn_request_is_not_concluded_any_more():
    request, reviewer = without_sources()
    deciding.draft(request.pk, STANDS, actor=reviewer)
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    with pytest.raises(IllegalReview, match="withdrawn"):
        deciding.conclude(request.pk, actor=reviewer)


@with_database
def test_an_overdue_request_is_concluded_all_the_same():
    request, reviewer = without_sources()
    SubjectRequest.objects.update(due_on=timezone.localdate() - timedelta(days=3))
    deciding.draft(request.pk, STANDS, actor=reviewer)
    deciding.conclude(request.pk, actor=reviewer)
    request.refresh_from_db()
    assert request.status == Status.COMPLETED


@with_database
def test_the_reviewer_waits_for_the_sources(tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, STANDS, actor=reviewer)
    SourceSearch.objects.update(state=Leased.State.RUNNING)
    with pytest.raises(IllegalReview, match="still being searched"):
        deciding.conclude(request.pk, actor=reviewer)
    SourceSearch.objects.update(state=Leased.State.FAILED)
    deciding.conclude(request.pk, actor=reviewer)


@with_database
def test_what_was_found_is_looked_at_and_never_released(tmp_path):
    request, reviewer = under_review(tmp_path)
    page = review.records(request.searches.get(), "customers", 0, 10, actor=reviewer)
    assert page.total == 1
    with pytest.raises(NotReady):
        review.release(request.pk, actor=Actor.staff(colleague("mara", "Manager")))
    assert not request.exports.exists()
    assert releases.redactions(request).count() == 0


def test_two_who_conclude_at_once_end_it_once(at_once, tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, STANDS, actor=reviewer)
    results = at_once(*[lambda: bool(deciding.conclude(request.pk, actor=reviewer))] * 4)
    assert results.count(True) == 1
    assert {result for result in results if result is not True} == {IllegalReview}
    assert OutboxMail.objects.filter(template="decision_reviewed").count() == 1
    assert acts(request.pk).count("decision.concluded") == 1


def test_an_involvement_recorded_at_once_with_the_assignment_leaves_no_reviewer_who_decided(at_once, tmp_path):
    request = contested(tmp_path)
    rosa, petra = colleague("rosa"), Actor.staff(colleague("petra", "Processor"))
    for _ in range(4):
        DecisionReview.objects.all().delete()
        results = at_once(
            lambda: bool(deciding.assign(request.pk, rosa.pk, actor=petra)),
            lambda: bool(deciding.record(request.pk, the_facts(request, involved_id=rosa.pk), actor=petra)),
        )
        assert sorted(map(str, results)) == sorted(["True", str(deciding.OwnDecision)])


def test_a_withdrawal_at_once_with_the_conclusion_leaves_one_end(at_once, tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    deciding.carry_out(request.pk, actor=reviewer)
    results = at_once(
        lambda: bool(deciding.conclude(request.pk, actor=reviewer)),
        lambda: perform(request.pk, "withdraw", actor=audit.SUBJECT),
    )
    assert sum(isinstance(result, type) and issubclass(result, DsrError) for result in results) == 1
    request.refresh_from_db()
    ended = {Status.COMPLETED: "decision_reviewed", Status.WITHDRAWN: "withdrawn"}[Status(request.status)]
    assert set(OutboxMail.objects.values_list("template", flat=True)) & {"decision_reviewed", "withdrawn"} == {ended}


def test_a_reviewer_replaced_at_once_with_the_conclusion_does_not_conclude_after(at_once, tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, Finding("confirmed", EXPLANATION, "All."), actor=reviewer)
    rolf = colleague("rolf")
    results = at_once(
        lambda: bool(deciding.conclude(request.pk, actor=reviewer)),
        lambda: bool(deciding.assign(request.pk, rolf.pk, actor=reviewer)),
    )
    assert results in ([True, IllegalReview], [NotReviewer, True])
