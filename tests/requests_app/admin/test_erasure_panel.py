"""An erasure in the console: what each member of the team sees of it, and may do."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app import planning, retention
from requests_app.audit import Actor
from requests_app.models import AuditEntry, Message, SourceChange, SubjectRequest
from tests.requests_app.admin.console import signed_in
from tests.requests_app.changing.shops import (
    ERASURE,
    MAP,
    UNTOUCHED,
    a_shop,
    a_source,
    an_erasure,
    exhausted,
    rows,
    worked,
)
from tests.requests_app.portal import acts, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def request_(sqlite_url):
    """An erasure that was looked at in the shop."""
    a_shop(sqlite_url)
    request = an_erasure()
    SubjectRequest.objects.filter(pk=request.pk).update(particulars={"ground": "withdrawn"}, verified_at=timezone.now())
    looked_at(request)
    return request


def looked_at(request):
    return [worked(change) for change in planning.plan_previews(request, ERASURE)]


def address(name, *arguments):
    return reverse(f"admin:requests_app_subjectrequest_{name}", args=arguments)


def panel(client, request):
    """Read the panel as text."""
    page = client.get(address("change", request.pk)).content.decode()
    (part,) = re.findall(r'<section class="panel erasure".*?</section>', page, re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def done(client, name, request, *arguments, **data):
    response = client.post(address(name, request.pk, *arguments), data, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def test_the_panel_says_what_goes_what_stays_why_and_until_when(request_):
    text = panel(signed_in("Processor"), request_)
    for words in (
        "I take back my consent. I agreed to it once, and do not any more. Art. 17(1)(b)",
        "3 would go 2 stay",
        "orders 0 0 0 2 2 kept: 17(3)(b): tax records; erased between 4 May 2030 and 28 Feb 2034",
        "customers 0 1 0 0 none stay",
    ):
        assert words in text


def test_one_asks_another_approves_and_nobody_does_both(request_, settings, sqlite_url):
    settings.DSR_ERASURE_UNDO_HOURS = 24
    processor, reviewer = signed_in("Processor"), signed_in("Reviewer")
    manager = signed_in("Manager")
    assert "Ask for its approval" not in panel(reviewer, request_)
    assert "Nobody has asked" in done(reviewer, "erasure_approve", request_)
    assert processor.post(address("erasure_approve", request_.pk)).status_code == 403
    assert "Asked." in done(manager, "erasure_ask", request_)
    assert "Approve the erasure" not in panel(manager, request_)
    assert manager.post(address("erasure_approve", request_.pk)).status_code == 403
    assert "asked for already" in done(processor, "erasure_ask", request_)
    assert "3 rows of 1 source will be erased, 2 rows will stay. It begins in 24 hours" in (
        reviewer.get(address("erasure_approve", request_.pk)).content.decode().replace("\n", " ")
    )
    assert "Approved." in done(reviewer, "erasure_approve", request_)
    assert "approved, can be called off" in panel(processor, request_)
    assert "Call it off" not in panel(processor, request_)
    assert "Called off" in done(reviewer, "erasure_call_off", request_)
    assert "It was called off before it began." in panel(reviewer, request_)
    assert rows(sqlite_url, "carts") != UNTOUCHED["carts"]


def test_some_rows_are_shown_by_their_keys_to_who_may_look_and_it_is_on_record(request_):
    change = request_.changes.get()
    path = address("erasure_rows", request_.pk, change.pk, "carts")
    assert signed_in("Processor").get(path).status_code == 403
    page = signed_in("Reviewer").get(path).content.decode()
    assert "<code>20</code>" in page
    assert "<code>22</code>" not in page
    assert "Lamp" not in page
    entry = AuditEntry.objects.get(action="records.viewed")
    assert (entry.target, entry.details) == (f"change {change.pk}", {"collection": "carts", "rows": 2})
    kept = signed_in("Reviewer").get(address("erasure_rows", request_.pk, change.pk, "orders")).content.decode()
    assert "2030-05-04" in kept
    assert "no rows" not in kept


def test_a_source_that_stopped_is_tried_again_or_left_out_with_a_note(sqlite_url, postgres_database):
    a_shop(sqlite_url)
    a_source(postgres_database("crm"), slug="crm")
    request = an_erasure()
    crm = next(exhausted(change) for change in looked_at(request) if change.source.slug == "crm")
    processor, reviewer = signed_in("Processor"), signed_in("Reviewer")
    assert "Try again : Crm" in panel(processor, request)
    assert "Erase without it" not in panel(processor, request)
    assert "Erase without it : Crm" in panel(reviewer, request)
    assert "say why" in done(reviewer, "erasure_leave_out", request, crm.pk, reason=" ")
    assert not Message.objects.filter(text__startswith="Erased without").exists()
    assert "Left out" in done(reviewer, "erasure_leave_out", request, crm.pk, reason="It is being rebuilt.")
    assert Message.objects.filter(text="Erased without Crm: It is being rebuilt.").exists()
    assert "left out" in panel(processor, request)
    assert acts(request.pk).count("change.left_out") == 1


def test_what_is_held_says_so_and_is_not_offered(request_):
    done(signed_in("Processor"), "erasure_ask", request_)
    retention.hold(request_.pk, "A lawsuit.", actor=Actor.staff(staff("keeper")))
    text = panel(signed_in("Reviewer"), request_)
    assert f"A legal hold stands on {request_.reference}: nothing may be erased until it is lifted." in text
    assert "Approve the erasure" not in text
    assert "A legal hold stands" in done(signed_in("Reviewer"), "erasure_approve", request_)


def test_what_the_map_does_not_decide_is_named(sqlite_url):
    a_shop(sqlite_url, text=MAP.replace("    erase: {action: delete}\n", ""))
    request = an_erasure()
    looked_at(request)
    text = panel(signed_in("Manager"), request)
    assert "2 undecided: the data map does not say what erasing does to them" in text
    assert "Ask for its approval" not in text


def test_looking_again_takes_back_that_somebody_asked(request_):
    done(signed_in("Processor"), "erasure_ask", request_)
    assert "looked at anew" in done(signed_in("Processor"), "erasure_look", request_)
    assert "being looked at" in panel(signed_in("Reviewer"), request_)
    assert SourceChange.objects.get().prepared_by is None


def test_without_a_source_the_team_is_told_to_erase_by_hand(db):
    request = an_erasure()
    assert "No source was looked at" in panel(signed_in("Processor"), request)
