"""Spam, links and duplicates in the console."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.models import OutboxMail, Outcome, RequestLink, Status, SubjectRequest
from tests.requests_app.admin.console import references, signed_in, url, words
from tests.requests_app.portal import a_request, acts

pytestmark = pytest.mark.django_db


def test_spam_is_marked_with_a_reason_and_taken_back():
    request = a_request(Status.VERIFIED)
    client = signed_in("Processor")
    page = url("requests.spam", request.pk)
    assert "Reason" in words(client.get(page))
    assert "please give the reason" in words(client.post(page, {"reason": " "}))
    client.post(page, {"reason": "An advertisement."})
    assert SubjectRequest.objects.get().outcome == Outcome.SPAM
    text = words(client.get(url("requests.change", request.pk)))
    assert "Not spam" in text
    assert "Spam: An advertisement." in text
    assert "What the person was told" not in text
    client.post(url("requests.restore", request.pk))
    assert SubjectRequest.objects.get().status == Status.VERIFIED
    assert not OutboxMail.objects.exists()


def test_the_general_page_of_transitions_takes_none_that_has_its_own():
    request = a_request(Status.VERIFIED)
    client = signed_in("Manager")
    for name in ("spam", "restore", "duplicate"):
        assert client.post(url("requests.transition", request.pk, name), {"reason": "So."}).status_code == 404
    assert not acts(request.pk)


def test_spam_is_listed_by_itself():
    spam = a_request(Status.REJECTED, outcome=Outcome.SPAM)
    refused = a_request(Status.REJECTED)
    client = signed_in("Viewer")
    assert references(client.get(url("requests") + "?status=spam")) == [spam.reference]
    assert references(client.get(url("requests") + "?status=rejected")) == [refused.reference]
    assert references(client.get(url("requests") + "?status=ended")) == [refused.reference]


def test_several_are_marked_as_spam_at_once():
    requests = [a_request(Status.VERIFIED) for _ in range(2)]
    client = signed_in("Processor")
    chosen = {"action": "mark_spam", "index": "0", "_selected_action": [request.pk for request in requests]}
    text = words(client.post(url("requests"), chosen))
    assert all(request.reference in text for request in requests)
    assert not SubjectRequest.objects.filter(outcome=Outcome.SPAM).exists()
    answer = client.post(url("requests") + "?status=all", {**chosen, "reason": "Robots."}, follow=True)
    assert "2 requests are set aside as spam." in words(answer)
    assert SubjectRequest.objects.filter(outcome=Outcome.SPAM).count() == 2


def test_a_viewer_is_offered_no_spam():
    request = a_request(Status.VERIFIED)
    client = signed_in("Viewer")
    assert "Mark as spam" not in words(client.get(url("requests.change", request.pk)))
    chosen = {"action": "mark_spam", "index": "0", "_selected_action": [request.pk], "reason": "So."}
    client.post(url("requests"), chosen)
    assert not acts(request.pk)


def test_a_proposal_is_decided_changed_and_closed():
    first = a_request(submitted_at=timezone.now() - timedelta(days=3))
    second = a_request()
    client = signed_in("Processor")
    page = url("requests.change", second.pk)
    assert "perhaps the same person" in words(client.get(page))
    client.post(url("requests.link", second.pk), {"other": first.pk, "kind": "same_person"})
    assert "Close as a duplicate" not in words(client.get(page))
    client.post(url("requests.link", second.pk), {"other": first.reference.lower(), "kind": "duplicate"})
    assert RequestLink.objects.get().kind == "duplicate"
    assert "Close as a duplicate" in words(client.get(page))
    address = url("requests.duplicate", second.pk, first.pk)
    assert f"{first.reference} (Ann Example" in words(client.get(address))
    assert "answered with" in words(client.post(address, follow=True))
    second.refresh_from_db()
    assert (second.outcome, second.answered_with) == (Outcome.DUPLICATE, first)


def test_nothing_is_linked_that_is_not_there():
    request = a_request()
    client = signed_in("Processor")
    for typed in ({"other": "DSR-2026-NOTHERE"}, {"other": request.pk, "kind": "same_person"}, {"kind": "other"}):
        client.post(url("requests.link", request.pk), typed)
    assert not RequestLink.objects.exists()
