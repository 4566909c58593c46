"""What a person sees of the review of a decision: who looks at it, what it used, what came of it; never too early."""

from __future__ import annotations

from datetime import timedelta

import pytest

from requests_app import audit, deciding, links, planning, summarising, tasks
from requests_app.models import DecisionReview, SecureLink, Status, SubjectRequest
from requests_app.workflow import perform
from tests.requests_app.decisions import (
    CHANGED,
    EXPLANATION,
    LOGIC,
    STANDS,
    colleague,
    contested,
    the_facts,
    under_review,
    without_sources,
)
from tests.requests_app.pages.words import text_of
from tests.requests_app.summarising.models import TEXT, said, use
from tests.servers.web import running_web_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def page_path(request) -> str:
    return f"/r/{links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=7))}"


def page_of(client, request) -> str:
    return text_of(client.get(page_path(request)))


def test_while_it_is_reviewed_the_page_says_by_whom_and_what_the_decision_used(client, tmp_path):
    request, reviewer = under_review(tmp_path)
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    page = page_of(client, request)
    assert "Somebody of our team who had no part in the decision, and may change it, looks at it now" in page
    for words in ("What the decision used", "customers", "Web shop", LOGIC, "Ask for a copy of it"):
        assert words in page
    assert "/?right=access" in client.get(page_path(request)).content.decode()
    for words in (EXPLANATION, "rosa", CHANGED.measures, "it is changed"):
        assert words not in page, "nothing is told before it is concluded"


def test_the_way_never_goes_back_once_the_sources_are_read(client, tmp_path):
    request = contested(tmp_path)
    assert planning.progress(request).percent == planning.COLLECTED_PERCENT
    assert "Our team is working on it" in page_of(client, request)


def test_before_anybody_is_named_somebody_will_look_at_it(client, tmp_path):
    request = contested(tmp_path)
    page = page_of(client, request)
    assert "will look at it" in page
    assert "What the decision used" not in page


def test_the_result_stands_with_its_explanation_and_what_was_considered(client):
    request, reviewer = without_sources()
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    deciding.carry_out(request.pk, actor=reviewer)
    deciding.conclude(request.pk, actor=reviewer)
    page = page_of(client, request)
    for words in (
        "A person has reviewed the decision: it is changed",
        EXPLANATION,
        CHANGED.considered,
        CHANGED.measures,
        "Scoring 4",
        "You still disagree?",
    ):
        assert words in page
    assert "rosa" not in page


def test_the_reviewer_is_named_where_the_organisation_wants_it(client, settings):
    request, _ = without_sources()
    settings.DSR_DECISION_REVIEWER_NAMED = True
    assert "Somebody of our team" in page_of(client, request), "a sign-in name is no name"
    rosa = colleague("rosa")
    rosa.first_name, rosa.last_name = "Rosa", "Reviewer"
    rosa.save()
    assert "Rosa Reviewer, who had no part in the decision" in page_of(client, request)


def test_markup_in_what_the_team_wrote_is_text(client):
    request, reviewer = without_sources()
    hostile = "<script>alert(1)</script> " + EXPLANATION
    deciding.record(request.pk, the_facts(request, logic=hostile, used=hostile), actor=reviewer)
    finding = deciding.Finding("confirmed", hostile, hostile)
    deciding.draft(request.pk, finding, actor=reviewer)
    deciding.conclude(request.pk, actor=reviewer)
    written = client.get(page_path(request)).content.decode()
    assert "<script>alert" not in written
    assert written.count("&lt;script&gt;alert(1)") == 4


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.VERIFIED, Status.WITHDRAWN, Status.REJECTED])
def test_there_is_nothing_to_see_elsewhere_than_at_work(client, status):
    request, _ = without_sources()
    SubjectRequest.objects.filter(pk=request.pk).update(
        status=status, outcome="refused" if status == Status.REJECTED else ""
    )
    page = page_of(client, SubjectRequest.objects.get())
    assert "What the decision used" not in page
    assert "Somebody of our team" not in page


def test_a_withdrawn_review_tells_nothing_of_its_draft(client):
    request, reviewer = without_sources()
    deciding.draft(request.pk, STANDS, actor=reviewer)
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    page = page_of(client, SubjectRequest.objects.get())
    assert EXPLANATION not in page
    assert "This request was withdrawn" in page


def test_what_a_machine_wrote_is_never_the_persons_to_read(client, settings):
    request, reviewer = without_sources()
    with running_web_server() as server:
        server.replies = [said()]
        use(settings, server)
        summary = summarising.ask(request.pk, actor=reviewer)
        tasks.summarise_decision(summary.pk)
    assert summarising.text_of(summarising.latest(request)) == TEXT
    assert TEXT not in page_of(client, request)
    deciding.draft(request.pk, STANDS, actor=reviewer)
    deciding.conclude(request.pk, actor=reviewer)
    assert TEXT not in page_of(client, request)
    assert DecisionReview.objects.get().concluded_at
