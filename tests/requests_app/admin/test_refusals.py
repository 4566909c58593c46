"""Refusing in the console: grounds that fit, the letter read before, a second person, and no other way."""

from __future__ import annotations

import pytest

from requests_app import audit, refusing, review
from requests_app.audit import Actor
from requests_app.models import ControllerProfile, OutboxMail, Outcome, Refusal, Right, Status
from requests_app.timekeeping import clock
from tests.requests_app.admin.console import references, signed_in, url, words
from tests.requests_app.portal import a_draft, a_refusal, a_request, a_source, collected, member, staff, the_controller

pytestmark = pytest.mark.django_db
PART = Refusal.Extent.PART
TYPED = {"extent": "whole", "grounds": ["legal-claims"], "facts": "You have sued us over this order."}


def asked(place="DE", right=Right.ERASURE, status=Status.IN_PROGRESS):
    the_controller()
    request = a_request(status, right=right, place=place)
    clock.open_clock(request, actor=audit.SYSTEM)
    return request


def test_a_refusal_goes_from_its_grounds_over_its_letter_to_its_approval():
    request = asked()
    path = url("requests.reject", request.pk)
    processor, reviewer = signed_in("Processor"), signed_in("Reviewer")
    form = words(processor.get(path))
    assert "Legal claims GDPR Art. 17(3)(e)" in form
    assert "UK:" not in form
    assert "Why it comes late" not in form
    preview = words(processor.post(path, TYPED))
    assert "You have sued us over this order." in preview
    assert "Bayerisches Landesamt" in preview
    assert not Refusal.objects.exists()
    processor.post(path, TYPED | {"prepare": "1"})
    row = Refusal.objects.get()
    page = url("requests.refusal", request.pk, row.pk)
    assert "waiting for approval" in words(processor.get(url("requests.change", request.pk)))
    assert "Approve" not in words(processor.get(page))
    shown = reviewer.get(page)
    assert "Changed since" not in words(shown)
    reviewer.post(page, {"approve": "1", "seen": shown.context["seen"]})
    request.refresh_from_db()
    assert (request.status, request.outcome) == (Status.REJECTED, Outcome.REFUSED)
    assert OutboxMail.objects.get().template == "refused"
    assert "approved" in words(reviewer.get(page))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"grounds": []}, "choose a ground"),
        ({"facts": " "}, "in this very case"),
        ({"grounds": ["uk-privilege"]}, "no ground of the law"),
        ({"extent": "part"}, "by category"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(typed, said):
    request = asked()
    for step in ({}, {"prepare": "1"}):
        answer = signed_in_once("Processor").post(url("requests.reject", request.pk), TYPED | typed | step)
        assert answer.status_code == 400
        assert said in words(answer)
        if "facts" not in typed:
            assert "You have sued us over this order." in answer.content.decode()
    assert not Refusal.objects.exists()


def signed_in_once(role, known={}):  # noqa: B006 - one client a role and test
    from django.contrib.auth.models import User

    if not User.objects.filter(username=role.lower()).exists():
        known[role] = signed_in(role)
    return known[role]


def test_what_changed_since_it_was_prepared_stands_out_and_is_what_is_approved():
    request = asked()
    row = refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    reviewer, page = signed_in("Reviewer"), url("requests.refusal", request.pk, row.pk)
    seen = reviewer.get(page).context["seen"]
    the_controller(country="DE-BE")
    stale = reviewer.post(page, {"approve": "1", "seen": seen})
    assert "has changed since you read it" in stale.content.decode()
    assert "<del>" in stale.content.decode()
    assert "Berliner" in words(stale)
    assert "has changed since you read it" in reviewer.post(page, {"approve": "1"}).content.decode()
    reviewer.post(page, {"approve": "1", "seen": stale.context["seen"]})
    row.refresh_from_db()
    assert row.told["authority"]["place"] == "DE-BE"


def test_what_cannot_go_out_has_no_button_and_says_why():
    request = asked("GB")
    row = refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    ControllerProfile.objects.update(email="", address="")
    reviewer, page = signed_in("Reviewer"), url("requests.refusal", request.pk, row.pk)
    shown = words(reviewer.get(page))
    assert "own address is not filled in" in shown
    assert "Approve and refuse" not in shown
    reviewer.post(page, {"approve": "1", "seen": "-"})
    reviewer.post(page, {"discard": "1"})
    row.refresh_from_db()
    assert row.approved_at is None
    assert row.discarded_at is not None


def test_the_old_ways_lead_nowhere():
    request = asked()
    manager = signed_in("Manager")
    path = url("requests.transition", request.pk, "reject")
    assert manager.get(path).status_code == 404
    assert manager.post(path, {"reason": "No."}).status_code == 404
    manager.post(url("requests.transition", request.pk, "complete"), {"reason": "Half.", "outcome": "partial"})
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
    assert "Answered in part" not in words(manager.get(url("requests.transition", request.pk, "complete")))


def test_by_hand_a_request_is_completed_in_part_with_what_two_people_refused():
    request = asked()
    a_refusal(request, PART)
    processor, path = signed_in("Processor"), url("requests.transition", request.pk, "complete")
    form = words(processor.get(path))
    assert "Answered in part" in form
    assert "Answered in full" not in form
    processor.post(path, {"reason": "Your account is erased.", "outcome": "partial"})
    request.refresh_from_db()
    assert (request.outcome, request.decision) == (Outcome.PARTIAL, "Your account is erased.")
    assert OutboxMail.objects.get().template == "partial"


def test_what_a_review_withholds_is_offered_as_the_draft_and_needed_for_the_release(tmp_path):
    a_source(tmp_path)
    the_controller()
    request = collected()
    search = request.searches.get()
    reviewer = signed_in("Reviewer")
    actor = Actor.staff(staff("mia"))
    review.redact(search, "orders", ordinal=1, field="product", ground="Trade secret", actor=actor)
    page = words(reviewer.get(url("requests.change", request.pk)))
    assert "Something is withheld from this answer" in page
    assert "Release the answer" not in page
    reviewer.post(url("requests.release", request.pk), {"formats": ["json"]})
    assert not request.exports.exists()
    form = reviewer.get(url("requests.reject", request.pk)).content.decode()
    assert "Orders: Product" in form
    assert "Trade secret" in form
    typed = {"extent": "part", "grounds": ["rights-of-others"], "facts": "Of Bob.", "withheld": "Orders: product"}
    reviewer.post(url("requests.reject", request.pk), typed | {"prepare": "1"})
    row = Refusal.objects.get()
    assert "waiting to be approved" in words(reviewer.get(url("requests.change", request.pk)))
    refusing.approve(row.pk, actor=actor)
    assert "Release the answer" not in reviewer.get(url("requests.change", request.pk)).content.decode()
    other = signed_in("Manager").get(url("requests.change", request.pk)).content.decode()
    assert "Release the answer" in other
    review.redact(search, "orders", ordinal=0, field="product", ground="Trade secret", actor=actor)
    assert "has changed since the partial refusal" in words(reviewer.get(url("requests.change", request.pk)))


def test_what_waits_for_a_second_person_is_counted_and_listed():
    waiting, other = asked(), asked(right=Right.ACCESS)
    refusing.prepare(waiting.pk, a_draft(waiting), actor=Actor.staff(staff("otto")))
    viewer = signed_in("Viewer")
    assert references(viewer.get(url("requests") + "?work=approval")) == [waiting.reference]
    assert other.reference not in str(references(viewer.get(url("requests") + "?work=approval")))
    tiles = {tile.label: tile.count for tile in viewer.get("/console/").context["tiles"]}
    assert tiles["Waiting for approval"] == 1


@pytest.mark.parametrize("role", ["Viewer"])
def test_who_only_looks_reads_the_letter_and_does_nothing(role):
    request = asked()
    row = refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    viewer = signed_in(role)
    page = url("requests.refusal", request.pk, row.pk)
    assert "What the person will read" in words(viewer.get(page))
    assert viewer.get(url("requests.reject", request.pk)).status_code == 403
    for act in ("approve", "discard"):
        assert viewer.post(page, {act: "1", "seen": viewer.get(page).context["seen"]}).status_code == 403
    row.refresh_from_db()
    assert (row.approved_at, row.discarded_at) == (None, None)


def test_the_letter_is_printed_before_anybody_approves_it():
    request = asked()
    row = refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(member("Manager")))
    answer = signed_in("Reviewer").get(url("requests.refusal_letter", request.pk, row.pk))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_request_that_has_ended_or_waits_is_not_refused_again():
    request = asked()
    refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    processor = signed_in("Processor")
    assert processor.get(url("requests.reject", request.pk)).status_code == 302
    ended = a_request(Status.WITHDRAWN)
    assert processor.get(url("requests.reject", ended.pk)).status_code == 302
    assert "Refuse" not in words(processor.get(url("requests.change", ended.pk)))
