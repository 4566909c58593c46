"""A decision made by a machine, reviewed by somebody who had no hand in it."""

from __future__ import annotations

import pytest
from django.core import mail as outbox

from requests_app import deciding
from requests_app.audit import Actor
from requests_app.controller import controller
from requests_app.deciding import Finding, IllegalReview, NotReviewer, OwnDecision
from requests_app.letters import contexts, writing
from requests_app.models import AuditEntry, DecisionReview, OutboxMail, Outcome, Status, SubjectRequest
from requests_app.rights.automated_decision import review_by
from tests.requests_app.decisions import (
    CHANGED,
    EXPLANATION,
    LOGIC,
    STANDS,
    VIEW,
    colleague,
    contested,
    the_facts,
    under_review,
)
from tests.requests_app.portal import acts, send_mails, the_controller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def test_a_decision_that_stands_ends_the_request_with_its_explanation(tmp_path):
    the_controller()
    request, reviewer = under_review(tmp_path)
    send_mails()
    deciding.draft(request.pk, STANDS, actor=reviewer)
    deciding.conclude(request.pk, actor=reviewer)
    request.refresh_from_db()
    assert (request.status, request.outcome, request.decision) == (Status.COMPLETED, Outcome.FULL, EXPLANATION)
    assert request.decision_review.concluded_at
    assert acts(request.pk)[-3:] == ["decision.drafted", "decision.concluded", "request.completed"]
    send_mails()
    (told,) = [message for message in outbox.outbox if "reviewed the decision" in message.subject]
    assert told.to == [request.email]
    for words in ("The decision stands.", EXPLANATION, "Your account since 2024.", "authority", "/r/"):
        assert words in told.body
    assert "What is done because of it" not in told.body


def test_what_is_changed_is_carried_out_before_the_person_is_told(tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    with pytest.raises(IllegalReview, match="not carried out yet"):
        deciding.conclude(request.pk, actor=reviewer)
    deciding.carry_out(request.pk, actor=Actor.staff(colleague("petra", "Processor")))
    deciding.conclude(request.pk, actor=reviewer)
    send_mails()
    told = outbox.outbox[-1].body
    assert "The decision is changed." in told
    assert "Your credit is granted from today." in told


def test_other_measures_have_to_be_carried_out_anew(tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    deciding.carry_out(request.pk, actor=reviewer)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    assert DecisionReview.objects.get().carried_out_at, "the same once more changes nothing"
    other = Finding("changed", EXPLANATION, "Your account.", "Your credit is granted from May.")
    deciding.draft(request.pk, other, actor=reviewer)
    assert DecisionReview.objects.get().carried_out_at is None
    with pytest.raises(IllegalReview, match="not carried out yet"):
        deciding.conclude(request.pk, actor=reviewer)


def test_the_decision_stands_says_of_no_measures(tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    review = deciding.draft(request.pk, Finding("confirmed", EXPLANATION, "All.", "left over"), actor=reviewer)
    assert review.measures == ""
    with pytest.raises(IllegalReview, match="has not said yet what"):
        deciding.carry_out(request.pk, actor=reviewer)


@pytest.mark.parametrize(
    ("finding", "missing"),
    [
        (Finding("confirmed", "Because.", "All."), "at least 40 characters"),
        (Finding("confirmed", "", "All."), "at least 40 characters"),
        (Finding("confirmed", EXPLANATION, " "), "What was considered"),
        (Finding("", EXPLANATION, "All."), "stands or is changed"),
        (Finding("changed", EXPLANATION, "All."), "what is done"),
    ],
    ids=["a word", "no explanation", "nothing considered", "no result", "no measures"],
)
def test_nothing_unfinished_is_concluded(tmp_path, finding, missing):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, finding, actor=reviewer)
    with pytest.raises(IllegalReview, match=missing):
        deciding.conclude(request.pk, actor=reviewer)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
    assert not OutboxMail.objects.filter(template="decision_reviewed").exists()


def test_a_result_that_is_none_is_refused(tmp_path):
    request, reviewer = under_review(tmp_path)
    with pytest.raises(IllegalReview, match="stands or is changed"):
        deciding.draft(request.pk, Finding("maybe", EXPLANATION, "All."), actor=reviewer)
    with pytest.raises(IllegalReview, match="at most 5,000"):
        deciding.draft(request.pk, Finding("confirmed", "x" * 5001, "All."), actor=reviewer)


def test_nothing_is_concluded_before_it_is_said_what_was_decided_and_from_what(tmp_path):
    request = contested(tmp_path)
    reviewer = colleague("rosa")
    actor = Actor.staff(reviewer)
    deciding.assign(request.pk, reviewer.pk, actor=actor)
    deciding.draft(request.pk, STANDS, actor=actor)
    with pytest.raises(IllegalReview, match=r"Which decision it is.*what the decision used"):
        deciding.conclude(request.pk, actor=actor)
    with pytest.raises(IllegalReview, match="What or who made it"):
        deciding.record(request.pk, the_facts(request, decided_by=" "), actor=actor)
    deciding.record(request.pk, the_facts(request, collections=(), used="A call to the bank."), actor=actor)
    deciding.conclude(request.pk, actor=actor)


def test_whoever_had_a_hand_in_it_does_not_review_it(tmp_path):
    request = contested(tmp_path)
    involved, other = colleague("ines"), colleague("rosa")
    deciding.record(request.pk, the_facts(request, involved_id=involved.pk), actor=Actor.staff(involved))
    with pytest.raises(OwnDecision, match="does not review it"):
        deciding.assign(request.pk, involved.pk, actor=Actor.staff(other))
    with pytest.raises(OwnDecision, match="only a colleague"):
        deciding.record(request.pk, the_facts(request), actor=Actor.staff(involved))
    assert involved not in deciding.candidates(DecisionReview.objects.get())
    deciding.assign(request.pk, other.pk, actor=Actor.staff(involved))
    with pytest.raises(NotReviewer):
        deciding.draft(request.pk, STANDS, actor=Actor.staff(involved))
    with pytest.raises(OwnDecision, match="let somebody else review it"):
        deciding.record(request.pk, the_facts(request, involved_id=other.pk), actor=Actor.staff(other))


def test_another_reviewer_decides_anew(tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    deciding.carry_out(request.pk, actor=reviewer)
    other = colleague("rolf")
    review = deciding.assign(request.pk, other.pk, actor=reviewer)
    assert (review.result, review.carried_out_at, review.explanation) == ("", None, EXPLANATION)
    with pytest.raises(NotReviewer):
        deciding.conclude(request.pk, actor=reviewer)


def test_only_who_may_decide_reviews(tmp_path):
    request = contested(tmp_path)
    petra = colleague("petra", "Processor")
    with pytest.raises(IllegalReview, match="who may decide"):
        deciding.assign(request.pk, petra.pk, actor=Actor.staff(petra))
    with pytest.raises(IllegalReview, match="who may decide"):
        deciding.assign(request.pk, 0, actor=Actor.staff(petra))


def test_what_the_decision_used_is_kept_with_its_counts_and_the_logic_of_its_map(tmp_path):
    request, _ = under_review(tmp_path)
    review = request.decision_review
    search = request.searches.get()
    kept = {
        "search": search.pk,
        "collection": "customers",
        "label": "customers",
        "source": "Web shop",
        "count": 1,
        "logic": LOGIC,
    }
    assert review.collections == [kept]
    assert review.reasoning == [LOGIC]
    review.logic = "A person has a look below 60 points."
    assert review.reasoning == ["A person has a look below 60 points.", LOGIC]


def test_what_was_not_found_was_not_used(tmp_path):
    request = contested(tmp_path)
    actor = Actor.staff(colleague("petra", "Processor"))
    for place in ((request.searches.get().pk, "invoices"), (0, "customers")):
        with pytest.raises(IllegalReview, match="mark again"):
            deciding.record(request.pk, the_facts(request, collections=(place,)), actor=actor)


def test_whoever_has_no_page_reads_on_paper_what_the_decision_used(tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, STANDS, actor=reviewer)
    deciding.conclude(request.pk, actor=reviewer)
    mail = OutboxMail.objects.get(template="decision_reviewed")
    told = {"by mail": request, "by post": SubjectRequest.objects.get(pk=request.pk)}
    told["by post"].email = ""
    texts = {
        way: writing.mail_text("decision_reviewed", contexts.to_person(controller(), who)) for way, who in told.items()
    }
    assert LOGIC in texts["by post"]
    assert "customers (Web shop)" in texts["by post"]
    assert "is on the page of your request" not in texts["by post"]
    assert LOGIC not in texts["by mail"]
    assert "is on the page of your request" in texts["by mail"]
    assert not mail.is_letter


def test_nothing_personal_is_in_the_audit_trail(tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    deciding.carry_out(request.pk, actor=reviewer)
    deciding.conclude(request.pk, actor=reviewer)
    written = str(list(AuditEntry.objects.filter(request_id=request.pk).values_list("details", "target")))
    for words in (EXPLANATION, VIEW, "Scoring", "Refusal of a credit", "granted"):
        assert words not in written


def test_a_question_before_the_work_begins_is_refused_plainly(tmp_path):
    request = contested(tmp_path)
    SubjectRequest.objects.filter(pk=request.pk).update(status=Status.VERIFIED)
    with pytest.raises(IllegalReview, match="confirmed; no decision is reviewed now"):
        deciding.record(request.pk, the_facts(request), actor=Actor.staff(colleague("rosa")))


def test_the_own_day_never_comes_after_the_laws(tmp_path, settings):
    request = contested(tmp_path)
    settings.DSR_DECISION_REVIEW_DAYS = 14
    assert (review_by(request) - request.verified_at.date()).days == 14
    settings.DSR_DECISION_REVIEW_DAYS = 90
    assert review_by(request) == request.due_on
