"""An objection on the page of its request: what stopped where, the weighing, and what is left to do."""

from __future__ import annotations

import pytest
from django.urls import reverse

from requests_app import objecting, preferences
from requests_app.admin.failed_work import list_failed_work
from requests_app.audit import Actor
from requests_app.models import Status, SubjectRequest, Suppression
from requests_app.objecting import Weighed
from tests.requests_app import objections as an
from tests.requests_app.admin.console import signed_in
from tests.requests_app.changing.shops import run
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import a_request, acts, member, the_controller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
TYPED = {"interests": "Fraud is found by it.", "reasons": "Little data, much harm.", "decision": "upheld"}


@pytest.fixture
def shop(sqlite_url):
    an.a_shop(sqlite_url)
    return sqlite_url


def address(act, *ids):
    return reverse(f"admin:requests_app_subjectrequest_{act}", args=ids)


def page(request, role="Reviewer"):
    return text_of(signed_in(role).get(address("change", request.pk)))


def test_what_stopped_is_shown_with_its_counts(shop):
    request = an.an_objection()
    an.work()
    words = page(request)
    assert "The person objects to: Advertising" in words
    assert "stopped" in words
    assert "Customers 1" in words or "customers 1" in words
    assert "Weigh it" not in words


def test_a_source_that_failed_is_to_be_seen_to_and_can_be_tried_again_or_left_out(shop):
    request = an.an_objection()
    run(shop, "ALTER TABLE customers RENAME TO hidden")
    an.give_up()
    words = page(request, "Manager")
    assert "See to a source that could not be marked" in words
    assert "Try again" in words
    change = request.changes.get()
    client = signed_in("Manager")
    asked = client.get(address("leave_out_objection", request.pk, change.pk))
    assert "whoever runs that system has to stop it" in text_of(asked)
    client.post(address("leave_out_objection", request.pk, change.pk), {"reason": ""})
    change.refresh_from_db()
    assert not change.is_left_out
    client.post(address("leave_out_objection", request.pk, change.pk), {"reason": "Told its owner by telephone."})
    an.work()
    assert an.status_of(request) == Status.COMPLETED
    assert "Told its owner by telephone." in request.messages.notes().first().text


def test_what_cannot_be_restored_is_listed_though_its_request_has_ended(shop):
    request = an.an_objection()
    an.work()
    preferences.switch_on(preferences.person_of(request), preferences.MARKETING, way=Suppression.LiftedWay.PREFERENCE)
    run(shop, "ALTER TABLE customers RENAME TO hidden")
    an.give_up()
    (work,) = list_failed_work()
    assert (work.request, work.what) == (request, "Restoring Shop")
    run(shop, "ALTER TABLE hidden RENAME TO customers")
    signed_in("Processor").post(work.retry_url)
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    assert not list_failed_work()


def test_a_reviewer_weighs_and_what_is_upheld_stops_by_itself(shop):
    request = an.an_objection("analytics")
    assert "Weigh the objection" in page(request)
    assert "Weigh it …" not in page(request, "Processor")
    response = signed_in("Reviewer").post(address("weigh_objection", request.pk), TYPED)
    assert response.url.endswith("#objection")
    an.work()
    assert an.ann(shop) == an.ANALYTICS_OFF
    words = page(request)
    assert "Upheld by reviewer" in words
    assert "Little data, much harm." in words


@pytest.mark.parametrize("missing", ["interests", "reasons", "decision"])
def test_nothing_is_decided_while_something_is_missing(missing):
    request = an.an_objection("analytics")
    response = signed_in("Reviewer").post(address("weigh_objection", request.pk), TYPED | {missing: ""})
    assert response.status_code == 400
    assert not request.weighings.exists()


def test_the_refusal_of_what_was_not_upheld_begins_with_what_was_weighed():
    the_controller()
    request = an.an_objection("all", place="DE")
    weighed = Weighed("Fraud is found by it.", "Little data, much harm.", is_upheld=False)
    objecting.weigh(request.pk, weighed, actor=Actor.staff(member("Reviewer")))
    assert "Prepare the refusal of what was not upheld" in page(request)
    html = signed_in("Processor").get(address("reject", request.pk)).content.decode()
    assert "Fraud is found by it." in html
    assert "We do not use your data for advertising any more." in html
    assert 'value="compelling-grounds" checked' in html
    assert 'value="part" checked' in html


def test_a_letter_that_was_read_otherwise_is_noted(shop):
    request = an.an_objection("analytics")
    assert signed_in("Viewer").post(address("scope_objection", request.pk), {"scope": "marketing"}).status_code == 403
    signed_in("Processor").post(address("scope_objection", request.pk), {"scope": "marketing"})
    assert SubjectRequest.objects.get(pk=request.pk).particulars["scope"] == "marketing"
    assert "objection.scoped" in acts(request.pk)


def test_other_requests_have_no_such_panel_and_nothing_to_weigh():
    request = a_request()
    assert "objects to" not in page(request)
    client = signed_in("Reviewer")
    assert client.get(address("weigh_objection", request.pk)).status_code == 302
    assert client.post(address("weigh_objection", request.pk), TYPED).status_code == 302
    assert not request.weighings.exists()
