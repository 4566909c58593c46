"""The review of an automated decision in the console: who may do what of it, what is shown, what is told back."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from requests_app import deciding, summarising, tasks
from requests_app.audit import Actor
from requests_app.models import DecisionReview, DecisionSummary, Right, Status, SubjectRequest
from tests.requests_app.admin.console import url
from tests.requests_app.decisions import (
    CHANGED,
    EXPLANATION,
    LOGIC,
    STANDS,
    VIEW,
    colleague,
    contested,
    under_review,
    without_sources,
)
from tests.requests_app.portal import a_request, run_out
from tests.requests_app.summarising.models import TEXT, said, use
from tests.servers.web import Reply, running_web_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
TYPED = {"result": "confirmed", "explanation": EXPLANATION, "considered": "Everything."}


def signed_in(name, role="Reviewer"):
    client = Client()
    client.force_login(colleague(name, role))
    return client


def words(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def page(client, request):
    return words(client.get(url("requests.change", request.pk)))


def test_the_page_says_what_is_to_be_done_first(tmp_path):
    request = contested(tmp_path)
    shown = page(signed_in("petra", "Processor"), request)
    assert "Record which decision is to be reviewed" in shown
    assert "Name who reviews the decision" in shown
    assert "no reviewer yet" in shown
    assert "as the team has set itself; by law the answer is due on" in shown
    assert VIEW in shown
    assert "Release" not in shown, "nothing of what was found is given out"


def test_what_is_recorded_is_read_by_everybody_and_leads_to_the_records(tmp_path):
    request = contested(tmp_path)
    client, search = signed_in("petra", "Processor"), request.searches.get()
    form = words(client.get(url("requests.record_decision", request.pk)))
    assert "You refused me a credit." in form, "how the person called it"
    assert "customers (Web shop, 1)" in form
    typed = {
        "decision": "Refusal",
        "decided_by": "Scoring 4",
        "collections": [f"{search.pk}:customers"],
        "involved": "",
    }
    response = client.post(url("requests.record_decision", request.pk), typed, follow=True)
    shown = words(response)
    for part in ("Refusal", "Scoring 4", "customers", LOGIC):
        assert part in shown
    records = url("requests.records", request.pk, search.pk, "customers")
    assert records not in response.content.decode(), "a processor may not look at records"
    reviewer = signed_in("rosa")
    assert f'href="{records}"' in reviewer.get(url("requests.change", request.pk)).content.decode()
    assert reviewer.get(records).status_code == 200
    again = client.get(url("requests.record_decision", request.pk)).content.decode()
    assert re.search(rf'value="{search.pk}:customers"[^>]* checked', again)


def test_what_is_missing_is_said_beside_its_field(tmp_path):
    request = contested(tmp_path)
    response = signed_in("petra", "Processor").post(
        url("requests.record_decision", request.pk), {"decision": "Refusal"}
    )
    assert response.status_code == 400
    assert "Please write it down." in words(response)
    assert not DecisionReview.objects.exclude(decision="").exists()


def test_a_viewer_reads_and_does_nothing():
    request, _ = without_sources()
    client = signed_in("vera", "Viewer")
    assert "Scoring 4" in page(client, request)
    for act in ("record_decision", "review_decision", "decision_summary"):
        assert client.get(url(f"requests.{act}", request.pk)).status_code == 403
    for act in ("assign_reviewer", "carry_out_decision"):
        assert client.post(url(f"requests.{act}", request.pk), {"reviewer": "1"}).status_code == 403


def test_only_those_who_had_no_hand_in_it_are_offered():
    request, _ = without_sources()
    ines = colleague("ines")
    DecisionReview.objects.update(involved=ines)
    client = signed_in("petra", "Processor")
    offered = re.search(
        r'<select id="reviewer".*?</select>', client.get(url("requests.change", request.pk)).content.decode(), re.S
    )
    assert "rosa" in offered[0]
    assert "ines" not in offered[0]
    assert "petra" not in offered[0], "who may not decide"
    told = words(client.post(url("requests.assign_reviewer", request.pk), {"reviewer": ines.pk}, follow=True))
    assert "Whoever had a hand in the decision does not review it" in told
    for nobody in ("", "x", "9" * 40, "²"):
        told = words(client.post(url("requests.assign_reviewer", request.pk), {"reviewer": nobody}, follow=True))
        assert "Please choose a colleague who may decide" in told


def test_the_reviewer_keeps_reads_the_letter_and_concludes():
    request, _ = without_sources()
    client, address = signed_in("rosa"), url("requests.review_decision", request.pk)
    assert "What the person will read" not in words(client.get(address))
    shown = words(client.post(address, {"result": "confirmed", "explanation": "Because."}, follow=True))
    assert "at least 40 characters" in shown
    assert "What was considered: please write it down." in shown
    shown = client.post(address, TYPED, follow=True)
    assert "What the person will read" in words(shown)
    assert "The decision stands" in words(shown)
    seen = re.search(r'name="seen" value="(\w+)"', shown.content.decode())[1]
    told = words(client.post(address, {"conclude": "1", "seen": seen}, follow=True))
    assert "Concluded. The letter is on its way to the person." in told
    assert SubjectRequest.objects.get().status == Status.COMPLETED
    assert "What the person was told" in told
    assert "To do" not in told


def test_a_letter_that_nobody_read_is_not_sent():
    request, reviewer = without_sources()
    client, address = signed_in("rosa"), url("requests.review_decision", request.pk)
    deciding.draft(request.pk, STANDS, actor=reviewer)
    for seen in ("", "0" * 64):
        told = words(client.post(address, {"conclude": "1", "seen": seen}, follow=True))
        assert "Please read it once more" in told
    assert SubjectRequest.objects.get().status == Status.IN_PROGRESS


def test_somebody_else_does_not_review_it():
    request, _ = without_sources()
    client = signed_in("rolf")
    address = url("requests.review_decision", request.pk)
    for answer in (client.get(address, follow=True), client.post(address, TYPED, follow=True)):
        assert "Only whoever is named to review this decision does so" in words(answer)
    assert DecisionReview.objects.get().result == ""
    assert address not in client.get(url("requests.change", request.pk)).content.decode()


def test_what_is_changed_waits_for_its_act():
    request, reviewer = without_sources()
    deciding.draft(request.pk, CHANGED, actor=reviewer)
    client = signed_in("petra", "Processor")
    assert "Carry the new decision out, and tick it" in page(client, request)
    assert "not carried out yet" in words(signed_in("rosa").get(url("requests.review_decision", request.pk)))
    told = words(client.post(url("requests.carry_out_decision", request.pk), follow=True))
    assert "Noted: the new decision is carried out." in told
    assert "the reviewer may conclude" in told
    assert "What the person will read" in words(signed_in("rosa").get(url("requests.review_decision", request.pk)))


def test_a_review_that_is_late_is_said_to_be(settings):
    request, _ = without_sources()
    settings.DSR_DECISION_REVIEW_DAYS = 1
    SubjectRequest.objects.update(verified_at="2026-01-01T10:00Z")
    assert "Review the decision, which is late already: rosa" in page(signed_in("rosa"), request)


def test_other_requests_have_no_such_panel():
    request = a_request(right=Right.ERASURE)
    client = signed_in("mara", "Manager")
    assert "Review of the decision" not in page(client, request)
    told = words(client.get(url("requests.record_decision", request.pk), follow=True))
    assert "No decision is reviewed now" in told


def test_the_complete_button_says_who_ends_it():
    request, _ = without_sources()
    address = url("requests.transition", request.pk, "complete")
    told = words(signed_in("mara", "Manager").post(address, {"reason": "Done.", "outcome": "full"}))
    assert "Nobody has reviewed the decision yet" in told


@pytest.fixture
def server(settings):
    with running_web_server() as started:
        started.replies = [said("<b>bold</b> " + TEXT)]
        use(settings, started)
        yield started


def written():
    for _ in range(2):
        tasks.summarise_decision(DecisionSummary.objects.first().pk)
        run_out(DecisionSummary.objects.first())


def test_a_summary_says_first_where_the_data_goes_and_then_who_wrote_it(server, tmp_path):
    request, _ = under_review(tmp_path)
    client, address = signed_in("rosa"), url("requests.decision_summary", request.pk)
    shown = words(client.get(address))
    assert f"What is sent to {server.url} , outside this portal" in shown
    assert "up to 25 records each of: customers" in shown
    assert server.received == [], "looking sends nothing"
    assert "It takes a minute or two." in words(client.post(address, follow=True))
    tasks.summarise_decision(DecisionSummary.objects.get().pk)
    shown = client.get(address)
    assert "&lt;b&gt;bold&lt;/b&gt;" in shown.content.decode()
    assert "machine-made, not a decision" in words(shown)
    assert f"Written by tiny-1 at {server.url}" in words(shown)
    assert "The person never sees it." in words(shown)


def test_a_summary_that_failed_says_why_and_that_nothing_depends_on_it(server):
    request, _ = without_sources()
    server.replies = [Reply(401)]
    client, address = signed_in("rosa"), url("requests.decision_summary", request.pk)
    client.post(address)
    written()
    shown = words(client.get(address))
    assert "DSR_SUMMARY_KEY may be wrong" in shown
    assert "Nothing depends on it" in shown
    assert "Send it, and have it summarised" in shown


def test_without_a_model_nobody_hears_of_summaries():
    request, _ = without_sources()
    assert not summarising.is_offered()
    client = signed_in("rosa")
    assert "Summary by a machine" not in words(client.get(url("requests.review_decision", request.pk)))
    told = words(client.get(url("requests.decision_summary", request.pk), follow=True))
    assert "where a language model is set up" in told


def test_a_summary_is_the_reviewers_alone(server):
    request, reviewer = without_sources()
    summary = summarising.ask(request.pk, actor=reviewer)
    tasks.summarise_decision(summary.pk)
    for name, role in (("rolf", "Reviewer"), ("mara", "Manager")):
        client = signed_in(name, role)
        assert TEXT not in words(client.get(url("requests.decision_summary", request.pk), follow=True))
        assert TEXT not in page(client, request)
    deciding.draft(request.pk, STANDS, actor=reviewer)
    deciding.conclude(request.pk, actor=Actor.staff(colleague("rosa")))
    assert TEXT in words(signed_in("rosa").get(url("requests.decision_summary", request.pk)))
