"""Letters that the team posts, and files that it hands over, in the console."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from requests_app import tasks
from requests_app.models import HandOver, OutboxMail, SourceSearch, Status, SubjectRequest
from requests_app.notifications import queue_mail
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.intake.records import known_customer
from tests.requests_app.portal import a_request, a_source, acts, released, send_mails

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def a_letter(**fields):
    request = a_request(**{"email": "", "postal_address": "Elm Street 4\n12345 Springfield"} | fields)
    return queue_mail(request.pk, "received")


def posted(client, letter, day, **fields):
    return client.post(url("requests.posted", letter.request_id, letter.pk), {"day": str(day), **fields}, follow=True)


def test_the_letters_to_post_are_counted_on_the_overview_and_listed():
    letter = a_letter()
    queue_mail(a_request().pk, "received")
    client = signed_in("Processor")
    assert "1 Letters to post" in words(client.get("/console/"))
    text = words(client.get(url("requests.letters")))
    assert letter.request.reference in text
    assert text.count("Print :") == text.count("Posted :") == 1
    assert send_mails()[0].to == ["ann@example.test"]


def test_a_letter_is_printed_with_the_postal_address():
    letter = a_letter()
    response = signed_in("Viewer").get(url("requests.mail_letter", letter.request_id, letter.pk))
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_what_was_posted_is_on_record_and_listed_no_more():
    letter = a_letter()
    client = signed_in("Processor")
    text = words(posted(client, letter, TODAY(), next=url("requests.letters")))
    assert "No letter waits to be posted." in text
    letter.refresh_from_db()
    assert (letter.posted_on, letter.posted_by.username) == (TODAY(), "processor")
    assert letter.sent_at
    assert acts(letter.request_id) == ["letter.posted"]
    page = words(client.get(url("requests.change", letter.request_id)))
    assert "posted " in page
    assert "Letters to the person" in page


@pytest.mark.parametrize("days", [1, -1], ids=["tomorrow", "before it was written"])
def test_a_day_that_cannot_be_is_refused(days):
    letter = a_letter()
    text = words(posted(signed_in("Processor"), letter, TODAY() + timedelta(days=days)))
    assert "Day: " in text
    letter.refresh_from_db()
    assert letter.is_to_post


def test_a_letter_is_posted_once_and_a_mail_never():
    letter, mail = a_letter(), queue_mail(a_request().pk, "received")
    client = signed_in("Processor")
    posted(client, letter, TODAY())
    assert "posted, or left unposted, before" in words(posted(client, letter, TODAY()))
    assert "sends it by itself" in words(posted(client, mail, TODAY()))
    assert acts(letter.request_id) == ["letter.posted"]


def test_a_letter_that_nobody_needs_is_left_unposted():
    letter = a_letter()
    client = signed_in("Processor")
    client.post(url("requests.leave_letter", letter.request_id, letter.pk))
    assert "No letter waits" in words(client.get(url("requests.letters")))
    assert "left unposted" in words(client.get(url("requests.change", letter.request_id)))
    assert acts(letter.request_id) == ["letter.dropped"]


def test_only_who_works_on_requests_posts():
    letter = a_letter()
    viewer = signed_in("Viewer")
    assert posted(viewer, letter, TODAY()).status_code == 403
    assert "Posted" not in words(viewer.get(url("requests.letters")))


def test_an_answer_without_a_mailbox_is_handed_over_on_record(tmp_path):
    a_source(tmp_path)
    request = known_customer(email="")
    tasks.collect_source(SourceSearch.objects.get().pk)
    signed_in("Reviewer").post(url("requests.release", request.pk), {"formats": ["json"]})
    export = request.exports.get()
    tasks.render_export(export.pk)
    assert SubjectRequest.objects.get().status == Status.COMPLETED
    client = Client()
    client.force_login(User.objects.get(username="processor"))
    assert "To be handed over" in words(client.get(url("requests.change", request.pk)))
    assert OutboxMail.objects.filter(is_letter=True).count() == OutboxMail.objects.count() == 2
    assert not request.links.exists()
    address = url("requests.hand_over", request.pk, export.pk)
    assert "say how they got them" in words(client.post(address, {"day": str(TODAY())}))
    client.post(address, {"day": str(TODAY()), "way": "in_person"})
    row = HandOver.objects.get()
    assert (row.export, row.way, row.given_on) == (export, "in_person", TODAY())
    assert "Handed over in person" in words(client.get(url("requests.change", request.pk)))
    assert "export.handed_over" in acts(request.pk)


def test_who_has_a_mailbox_is_handed_nothing():
    export = released()
    text = words(signed_in("Processor").get(url("requests.change", export.request_id)))
    assert "To be handed over" not in text
