"""An objection, from the form to its end: advertising stops by itself, all else is weighed by somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app import objecting, planning, refusing, sources, tasks, workflow
from requests_app.audit import SUBJECT, SYSTEM, Actor
from requests_app.models import (
    Approval,
    Identifier,
    Leased,
    OutboxMail,
    Refusal,
    Right,
    SourceChange,
    Status,
    SubjectRequest,
    Suppression,
)
from requests_app.objecting import NotWeighable, Weighed
from requests_app.refusals import telling
from requests_app.workflow import PermissionRefused, Unprepared
from tests.requests_app import objections as an
from tests.requests_app.changing.shops import run
from tests.requests_app.portal import ANN, a_draft, a_request, acts, member, send_mails, the_controller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
UPHELD = Weighed("We improve the shop by it.", "Your interest weighs more: the profile is detailed.", is_upheld=True)
NOT_UPHELD = Weighed("We fight fraud by it.", "Fraud would go unseen, and the data is little.", is_upheld=False)


@pytest.fixture
def shop(sqlite_url):
    an.a_shop(sqlite_url)
    return sqlite_url


def reviewer() -> Actor:
    return Actor.staff(member("Reviewer"))


def processor() -> Actor:
    return Actor.staff(member("Processor"))


def templates(request):
    return list(request.mails.order_by("pk").values_list("template", flat=True))


def test_advertising_stops_everywhere_without_anybody_deciding(shop):
    request = an.an_objection()
    assert an.scopes_of() == {"marketing"}, "the register knows before the first source"
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    request.refresh_from_db()
    assert (request.status, request.outcome) == (Status.COMPLETED, "full")
    assert not Approval.objects.exists()
    assert "objected" in templates(request)


def test_the_letter_says_what_has_stopped_and_leads_to_the_preferences(shop):
    an.an_objection()
    an.work()
    message = send_mails()[-1]
    assert "not used any more" in message.subject
    assert "advertising" in message.body
    assert "/p/" in message.body


@pytest.mark.parametrize(("language", "words"), [("de", "Werbung"), ("fr", "la publicité")])
def test_the_letter_is_written_in_the_persons_language(shop, language, words):
    an.an_objection(language=language)
    an.work()
    assert words in send_mails()[-1].body


def test_who_has_no_mailbox_gets_a_letter_without_a_link(shop):
    request = an.a_request(Status.VERIFIED, right=Right.OBJECTION, email="", postal_address="1 Main Street")
    Identifier.objects.create(request=request, kind="user_id", value="1", proof="staff", proven_at=request.submitted_at)
    planning.begin(request)
    an.work()
    letter = OutboxMail.objects.get(request=request, template="objected")
    assert letter.is_letter
    assert an.ann(shop) == an.MARKETING_OFF


def test_where_the_law_wants_no_proof_the_typed_address_counts(shop):
    request = an.an_objection(place="US-CA")
    assert request.identifiers.get().proof == Identifier.Proof.NOT_NEEDED
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    assert an.status_of(request) == Status.COMPLETED


@pytest.mark.parametrize("right", [right for right in Right if right not in {Right.OBJECTION, Right.RESTRICTION}])
def test_what_was_typed_without_proof_counts_for_nothing_that_opens_or_changes(right):
    request = a_request(Status.IN_PROGRESS, right=right)
    Identifier.objects.create(
        request=request, kind="email", value=ANN, proof=Identifier.Proof.NOT_NEEDED, proven_at=request.submitted_at
    )
    assert not planning.counted(request).exists()
    assert not request.identifiers.proven().exists()


def test_a_source_that_fails_keeps_the_objection_open_until_it_is_tried_again(shop, tmp_path):
    request = an.an_objection()
    run(shop, "ALTER TABLE customers RENAME TO hidden")
    an.give_up()
    tasks.finish_request(request.pk)
    assert an.status_of(request) == Status.IN_PROGRESS
    assert an.scopes_of() == {"marketing"}
    run(shop, "ALTER TABLE hidden RENAME TO customers")
    change = request.changes.get()
    assert change.state == Leased.State.FAILED
    SourceChange.objects.retry(change.pk)
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    assert an.status_of(request) == Status.COMPLETED


def test_statistics_go_on_until_somebody_has_weighed_the_objection(shop):
    request = an.an_objection("analytics")
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    assert an.scopes_of() == set()
    assert an.status_of(request) == Status.IN_PROGRESS


def test_what_is_upheld_takes_effect_everywhere_and_the_person_reads_why(shop):
    request = an.an_objection("analytics")
    objecting.weigh(request.pk, UPHELD, actor=reviewer())
    assert an.scopes_of() == {"analytics"}
    an.work()
    assert an.ann(shop) == an.ANALYTICS_OFF
    request.refresh_from_db()
    assert (request.status, request.decision) == (Status.COMPLETED, UPHELD.reasons)
    assert UPHELD.reasons in send_mails()[-1].body
    assert "objection.weighed" in acts(request.pk)


def test_of_an_objection_to_everything_advertising_stops_at_once(shop):
    request = an.an_objection("all")
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    assert an.status_of(request) == Status.IN_PROGRESS
    objecting.weigh(request.pk, UPHELD, actor=reviewer())
    an.work()
    assert an.ann(shop) == an.EVERYTHING_OFF
    assert an.scopes_of() == {"marketing", "analytics", "all"}
    assert an.status_of(request) == Status.COMPLETED


def test_what_is_not_upheld_is_refused_by_two_people(shop):
    the_controller()
    request = an.an_objection("analytics")
    objecting.weigh(request.pk, NOT_UPHELD, actor=reviewer())
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    with pytest.raises(Unprepared, match="not upheld"):
        workflow.perform(request.pk, "complete", actor=processor(), reason="Done.")
    draft = a_draft(request, grounds=("compelling-grounds",), facts=NOT_UPHELD.reasons)
    row = refusing.prepare(request.pk, draft, actor=processor())
    with pytest.raises(NotWeighable, match="refusal is prepared"):
        objecting.weigh(request.pk, UPHELD, actor=reviewer())
    refusing.approve(row.pk, actor=reviewer())
    assert an.status_of(request) == Status.REJECTED
    assert an.scopes_of() == set()


@pytest.mark.parametrize("slug", ["compelling-grounds", "objection-legal-claims", "objection-research"])
def test_no_ground_of_a_weighing_refuses_an_objection_to_advertising(shop, slug):
    the_controller()
    request = an.an_objection()
    assert slug not in {ground.slug for ground in telling.fitting(request)}
    with pytest.raises(refusing.IllegalRefusal):
        refusing.prepare(request.pk, a_draft(request, grounds=(slug,)), actor=processor())
    assert not Refusal.objects.exists()


def test_what_was_not_upheld_may_be_weighed_again(shop):
    request = an.an_objection("analytics")
    objecting.weigh(request.pk, NOT_UPHELD, actor=reviewer())
    objecting.weigh(request.pk, UPHELD, actor=reviewer())
    an.work()
    assert an.status_of(request) == Status.COMPLETED
    with pytest.raises(NotWeighable):
        objecting.weigh(request.pk, NOT_UPHELD, actor=reviewer())


@pytest.mark.parametrize("scope", ["analytics", "all"])
def test_nobody_completes_what_was_not_weighed(scope):
    request = an.an_objection(scope)
    with pytest.raises(Unprepared, match="not weighed"):
        workflow.perform(request.pk, "complete", actor=processor(), reason="Done.")
    tasks.finish_request(request.pk)
    assert an.status_of(request) == Status.IN_PROGRESS


@pytest.mark.parametrize("scope", ["marketing", "all"])
@pytest.mark.parametrize("outcome", ["full", "none_held"])
def test_nobody_completes_while_advertising_goes_on_somewhere(shop, scope, outcome):
    request = an.an_objection(scope)
    if scope == "all":
        objecting.weigh(request.pk, UPHELD, actor=reviewer())
    with pytest.raises(Unprepared, match="not done yet in Shop"):
        workflow.perform(request.pk, "complete", actor=processor(), reason="Done.", outcome=outcome)


@pytest.mark.parametrize(
    ("weighed", "words"),
    [
        (Weighed("", "Why", is_upheld=True), "what the data is wanted for"),
        (Weighed("What for", " ", is_upheld=True), "the reasons"),
        (Weighed("What for", "Why"), "say whether"),
        (Weighed("What for", "y" * 5001, is_upheld=False), "5,000"),
    ],
)
def test_a_weighing_without_its_words_is_not_kept(weighed, words):
    request = an.an_objection("analytics")
    with pytest.raises(NotWeighable, match=words):
        objecting.weigh(request.pk, weighed, actor=reviewer())
    assert not request.weighings.exists()


def test_nobody_weighs_who_may_not_decide(shop):
    request = an.an_objection("analytics")
    for actor in (processor(), SUBJECT, SYSTEM):
        with pytest.raises(PermissionRefused):
            objecting.weigh(request.pk, UPHELD, actor=actor)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("status", [status for status in Status if status != Status.IN_PROGRESS])
def test_nothing_is_weighed_where_a_request_stands_elsewhere(status):
    request = a_request(status, right=Right.OBJECTION, particulars={"scope": "analytics"})
    with pytest.raises(NotWeighable):
        objecting.weigh(request.pk, UPHELD, actor=reviewer())


def test_advertising_is_not_weighed_nor_another_right():
    with pytest.raises(NotWeighable, match="without anybody weighing"):
        objecting.weigh(an.an_objection().pk, UPHELD, actor=reviewer())
    with pytest.raises(NotWeighable, match="no objection"):
        objecting.weigh(a_request(right=Right.ERASURE).pk, UPHELD, actor=reviewer())


def test_an_objection_to_everything_is_never_put_into_a_source_without_an_approval(shop):
    request = an.an_objection("all")
    with pytest.raises(IntegrityError), transaction.atomic():
        planning.take_effect(request, Approval.Act.OBJECTION_ALL, None, actor=SYSTEM)


def test_who_reads_a_letter_anew_says_what_it_is_about(shop):
    request = an.an_objection("analytics")
    objecting.say_scope(request.pk, "marketing", actor=processor())
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    assert an.status_of(request) == Status.COMPLETED
    assert "objection.scoped" in acts(request.pk)


def test_what_nobody_objected_to_is_taken_back_when_a_letter_is_read_anew(shop):
    request = an.an_objection("all")
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    objecting.say_scope(request.pk, "analytics", actor=processor())
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    assert an.scopes_of() == set()


def test_an_objection_that_is_withdrawn_is_taken_back(shop):
    request = an.an_objection("all")
    an.work()
    workflow.perform(request.pk, "withdraw", actor=SUBJECT)
    an.work()
    assert an.scopes_of() == set()
    assert an.ann(shop) == an.BEFORE[0]


def test_an_objection_withdrawn_before_a_worker_came_changes_no_source(shop):
    request = an.an_objection()
    workflow.perform(request.pk, "withdraw", actor=SUBJECT)
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    assert an.scopes_of() == set()


def test_one_of_two_objections_that_is_withdrawn_leaves_the_other_in_force(shop):
    first = an.an_objection("all")
    an.work()
    second = an.a_request(Status.IN_PROGRESS, right=Right.OBJECTION, verified_at=timezone.now(), channel="phone")
    Identifier.objects.create(request=second, kind="email", value=ANN, proof="staff", proven_at=second.submitted_at)
    planning.take_effect(second, Approval.Act.OBJECTION_MARKETING, None, actor=SYSTEM)
    an.work()
    assert an.status_of(second) == Status.COMPLETED
    workflow.perform(first.pk, "withdraw", actor=SUBJECT)
    an.work()
    an.work()
    assert an.scopes_of() == {"marketing"}
    assert an.ann(shop) == an.MARKETING_OFF


def test_a_source_that_comes_later_is_marked_too(shop, tmp_path):
    request = an.an_objection()
    an.work()
    assert an.status_of(request) == Status.COMPLETED
    later = f"sqlite:///{tmp_path}/later.sqlite3"
    an.a_shop(later, "later")
    an.work()
    assert an.ann(later) == an.MARKETING_OFF


def test_an_objection_that_is_overdue_still_takes_effect_and_says_why(shop):
    request = an.an_objection("analytics")
    SubjectRequest.objects.filter(pk=request.pk).update(due_on=timezone.localdate() - timedelta(days=9))
    objecting.weigh(request.pk, UPHELD, actor=reviewer())
    an.work()
    assert an.status_of(request) == Status.COMPLETED
    assert an.ann(shop) == an.ANALYTICS_OFF


def test_what_is_refused_late_says_why_it_comes_late(shop):
    the_controller()
    request = an.an_objection("analytics")
    SubjectRequest.objects.filter(pk=request.pk).update(due_on=timezone.localdate() - timedelta(days=9))
    objecting.weigh(request.pk, NOT_UPHELD, actor=reviewer())
    request.refresh_from_db()
    with pytest.raises(refusing.IllegalRefusal, match="late"):
        refusing.prepare(request.pk, a_draft(request, grounds=("compelling-grounds",)), actor=processor())


def test_two_who_weigh_at_once_uphold_it_once(postgres_portal, at_once, tmp_path):
    an.a_shop(f"sqlite:///{tmp_path}/shop.sqlite3")
    request, actors = an.an_objection("analytics"), [reviewer(), Actor.staff(member("Manager"))]
    done = at_once(*(lambda actor=actor: objecting.weigh(request.pk, UPHELD, actor=actor).pk for actor in actors))
    assert sorted(map(str, done)).count(str(NotWeighable)) == 1
    assert request.changes.count() == 1
    assert sources.url_of(request.changes.get().source)
    assert SubjectRequest.objects.get(pk=request.pk).status == Status.IN_PROGRESS
