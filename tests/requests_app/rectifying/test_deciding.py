"""Who decides on corrections, on what, and how a request ends by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import corrections, finishing, proofs, rectifying, refusing, retention, tasks, workflow
from requests_app.audit import SUBJECT, SYSTEM, Actor
from requests_app.controller import controller
from requests_app.letters import writing
from requests_app.letters.contexts import Given
from requests_app.models import Approval, OutboxMail, Outcome, Status
from requests_app.notifications import context_of
from requests_app.rectifying import Kind, OwnProposal, UndecidableCorrection, Verdict
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import a_draft, member, send_mails, staff, the_controller
from tests.requests_app.rectifying.shops import (
    a_rectification,
    decided,
    proposed,
    reviewer,
    states,
    the_place,
    written,
)

pytestmark = pytest.mark.django_db
APPROVE, REJECT, STATE = Kind


def test_deciding_needs_the_permission(shop):
    request = a_rectification()
    (row,) = proposed(request, city="Oslo")
    for actor in (Actor.staff(member("Processor")), Actor.staff(member("Viewer")), SUBJECT, SYSTEM):
        with pytest.raises(PermissionRefused):
            rectifying.decide(request.pk, [Verdict(row.pk, APPROVE)], actor=actor)
        with pytest.raises(PermissionRefused):
            rectifying.call_off(1, actor=actor)
    for actor in (Actor.staff(member("Processor")), Actor.staff(member("Viewer"))):
        with pytest.raises(PermissionRefused):
            rectifying.reviewed(request, actor=actor)
    assert states(request) == {"city": "proposed"}


def test_nobody_decides_on_what_they_wrote_down_themselves(shop):
    request, manager = a_rectification(), Actor.staff(member("Manager"))
    (row,) = rectifying.propose(request.pk, the_place(request), {"city": "Oslo"}, actor=manager)
    for kind in Kind:
        with pytest.raises(OwnProposal):
            rectifying.decide(request.pk, [Verdict(row.pk, kind, "Because")], actor=manager)
    decided(request, city="approve")
    approval = Approval.objects.get()
    assert (approval.prepared_by.username, approval.approved_by.username) == ("manager", "reviewer")


def test_another_requests_corrections_are_not_decided_on_here(shop):
    request, other = a_rectification(), a_rectification("bob@example.test")
    (mine,), (theirs,) = proposed(request, city="Oslo"), proposed(other, city="Oslo")
    with pytest.raises(UndecidableCorrection):
        rectifying.decide(request.pk, [Verdict(mine.pk, APPROVE), Verdict(theirs.pk, APPROVE)], actor=reviewer())
    assert (states(request), states(other)) == ({"city": "proposed"}, {"city": "proposed"})


def test_a_proposal_that_changed_since_it_was_looked_at_is_looked_at_again(shop):
    request = a_rectification()
    (row,) = proposed(request, city="Oslo")
    seen = corrections.fingerprint([row])
    proposed(request, city="Bergen")
    with pytest.raises(UndecidableCorrection, match="changed since"):
        rectifying.decide(request.pk, [Verdict(row.pk, APPROVE, seen=seen)], actor=reviewer())


@pytest.mark.parametrize(
    ("kind", "words"), [(REJECT, " "), (REJECT, "x" * 1001), (STATE, ""), (STATE, "x" * 5001)], ids=str
)
def test_what_the_person_is_to_read_has_to_be_written(shop, kind, words):
    request = a_rectification()
    (row,) = proposed(request, city="Oslo")
    with pytest.raises(UndecidableCorrection, match=r"customers\.city"):
        rectifying.decide(request.pk, [Verdict(row.pk, kind, words)], actor=reviewer())


def test_a_decision_is_made_once(shop):
    request = a_rectification()
    (row,) = proposed(request, city="Oslo")
    decided(request, city="approve")
    with pytest.raises(UndecidableCorrection):
        rectifying.decide(request.pk, [Verdict(row.pk, REJECT, "No.")], actor=reviewer())
    with pytest.raises(UndecidableCorrection):
        rectifying.decide(request.pk, [], actor=reviewer())


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.WITHDRAWN])
def test_nothing_is_decided_on_a_request_that_has_ended(shop, status):
    request = a_rectification()
    (row,) = proposed(request, city="Oslo")
    type(request).objects.filter(pk=request.pk).update(status=status, outcome="full")
    with pytest.raises(UndecidableCorrection):
        rectifying.decide(request.pk, [Verdict(row.pk, APPROVE)], actor=reviewer())


def test_nothing_is_decided_while_it_is_in_doubt_who_asks(shop):
    request = a_rectification()
    (row,) = proposed(request, city="Oslo")
    request.identity_checks.create(kind="team", sent=0, purpose="begin")
    with pytest.raises(proofs.UnprovenIdentity):
        rectifying.decide(request.pk, [Verdict(row.pk, APPROVE)], actor=reviewer())


def test_a_statement_is_sealed_shown_and_an_answer_in_full(shop):
    request = a_rectification()
    proposed(request, city="Oslo")
    decided(request, city=("state", "She lives in Trondheim-4711."))
    row = request.corrections.get()
    assert "4711" not in str(type(row).objects.values())
    assert [line.statement for line in corrections.lines(request, [row])] == ["She lives in Trondheim-4711."]
    written(request)
    assert (request.status, request.outcome) == (Status.COMPLETED, Outcome.FULL)


def test_where_all_is_rejected_two_people_refuse_the_request(shop):
    the_controller()
    request = a_rectification()
    proposed(request, city="Oslo")
    decided(request, city=("reject", "Your contract says Olso."))
    written(request)
    assert request.status == Status.IN_PROGRESS
    manager = Actor.staff(member("Manager"))
    for outcome in (Outcome.FULL, Outcome.PARTIAL):
        with pytest.raises(workflow.Unprepared, match="second person"):
            workflow.perform(request.pk, "complete", actor=manager, reason="No.", outcome=outcome)
    prepared = refusing.prepare(request.pk, a_draft(request), actor=manager)
    with pytest.raises(refusing.OwnRefusal):
        refusing.approve(prepared.pk, actor=manager)
    refusing.approve(prepared.pk, actor=reviewer())
    request.refresh_from_db()
    assert (request.status, request.outcome) == (Status.REJECTED, Outcome.REFUSED)


def test_what_was_rejected_in_part_cannot_be_called_an_answer_in_full(shop):
    request = a_rectification()
    proposed(request, city="Oslo", name="Ann")
    decided(request, city=("state", "So she says."), name=("reject", "No."))
    manager = Actor.staff(member("Manager"))
    with pytest.raises(workflow.Unprepared, match="in part"):
        workflow.perform(request.pk, "complete", actor=manager, reason="Done.", outcome=Outcome.FULL)
    workflow.perform(request.pk, "complete", actor=manager, reason="Done.", outcome=Outcome.PARTIAL)


def test_a_request_whose_last_task_was_lost_is_ended_by_the_sweep(shop):
    request, open_still = a_rectification(), a_rectification("bob@example.test")
    proposed(request, city="Oslo")
    proposed(open_still, city="Oslo", name="Rob")
    decided(request, city=("state", "So she says."))
    decided(open_still, city=("state", "So he says."))
    assert list(finishing.overdue()) == [request.pk]
    tasks.finish_request(request.pk)
    assert list(finishing.overdue()) == []


def test_nobody_completes_what_is_not_decided(shop):
    request = a_rectification()
    proposed(request, city="Oslo")
    with pytest.raises(workflow.Unprepared, match="decided on"):
        workflow.perform(request.pk, "complete", actor=Actor.staff(staff()), reason="Done.")


def test_a_request_that_is_overdue_is_answered_all_the_same(shop):
    request = a_rectification()
    proposed(request, city="Oslo")
    type(request).objects.filter(pk=request.pk).update(due_on=timezone.localdate() - timedelta(days=3))
    decided(request, city="approve")
    written(request)
    assert request.status == Status.COMPLETED


def test_the_mail_says_how_many_and_holds_no_value(shop, mailoutbox):
    request = a_rectification()
    proposed(request, city="Trondheim-4711", name="Ann")
    decided(request, city="approve", name=("reject", "Your passport-4711 says Anne."))
    written(request)
    told = next(mail for mail in send_mails() if "corrected" in mail.subject)
    assert "1 value was corrected." in told.body
    assert "1 value was not corrected" in told.body
    assert "complaint" in told.body
    assert "4711" not in str(told.message())


def test_who_has_no_mailbox_reads_on_paper_what_was_corrected(shop):
    request = a_rectification("")
    proposed(request, city="Oslo", name="Ann")
    decided(request, city="approve", name=("reject", "Your passport says Anne."))
    written(request)
    mail = OutboxMail.objects.get(request=request, template="rectified")
    assert mail.is_letter
    text = _paper(mail)
    for words in ("Olso", "Oslo", "Your passport says Anne.", "City"):
        assert words in text


def _paper(mail):
    return writing.letter_html("rectified", context_of(mail, controller(), Given()), controller())


def test_values_go_with_what_was_collected_and_that_they_were_corrected_stays(shop, settings):
    request = a_rectification()
    proposed(request, city="Oslo", name="Ann")
    decided(request, city="approve", name=("reject", "No."))
    written(request)
    later = timezone.now() + timedelta(days=settings.DSR_DOSSIER_DAYS + 1)
    retention.clean_up(later)
    assert [line.is_kept for line in corrections.lines(request, corrections.of_request(request))] == [False, False]
    assert states(request) == {"city": "written", "name": "rejected"}
    assert set(request.corrections.values_list("old", "new", "reason", "record_key")) == {("", "", "", "")}
    assert corrections.counts(request).corrected == 1
