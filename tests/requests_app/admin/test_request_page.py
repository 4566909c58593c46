from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from requests_app import tasks
from requests_app.models import (
    AuditEntry,
    Download,
    Export,
    Leased,
    Message,
    OutboxMail,
    Outcome,
    Right,
    SourceSearch,
    Status,
)
from tests.requests_app.admin.console import signed_in, url, with_a_failed_source, words
from tests.requests_app.portal import (
    ANN,
    a_request,
    a_source,
    collected,
    confirmed,
    released,
    send_mails,
    submitted,
)

pytestmark = pytest.mark.django_db


def shown(client, request, part="main"):
    return words(client.get(url("requests.change", request.pk)), part)


def test_the_page_tells_who_asks_for_what_and_how_far_it_is(tmp_path):
    a_source(tmp_path)
    request = collected()
    text = shown(signed_in("Reviewer"), request)
    for said in ("Access to my data", "Ann Example", ANN, "mailbox confirmed", "searched", "2 collections"):
        assert said in text, said
    assert "The person confirmed the request" in text
    assert "Ready for review" in text


def test_an_address_that_is_not_proven_is_marked_so():
    text = shown(signed_in("Viewer"), submitted())
    assert "not proven" in text
    assert "Nothing is searched before the person has confirmed the mailbox." in text


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("Viewer", []),
        ("Processor", ["Complete", "Refuse", "Record a withdrawal"]),
        ("Reviewer", ["Refuse"]),
        ("Manager", ["Complete", "Refuse", "Record a withdrawal"]),
    ],
)
def test_only_what_somebody_may_do_is_offered(role, offered):
    request = a_request(right=Right.ERASURE)
    head = shown(signed_in(role), request).split("Right")[0]
    assert [
        label for label in ("Complete", "Refuse", "Record a withdrawal", "Begin", "Archive") if label in head
    ] == offered


def test_what_became_impossible_meanwhile_is_told_with_the_words_kept():
    request = a_request(Status.WITHDRAWN)
    response = signed_in("Processor").post(url("requests.transition", request.pk, "complete"), {"reason": "Kept words"})
    assert "impossible" in words(response)
    assert ">Kept words</textarea>" in response.content.decode()


@pytest.mark.parametrize(
    ("chosen", "kept"), [("none_held", Outcome.NONE_HELD), ("refused", Outcome.FULL), ("", Outcome.FULL)]
)
def test_what_was_done_by_hand_is_completed_with_an_outcome_and_words(chosen, kept):
    request = a_request(right=Right.ERASURE)
    path = url("requests.transition", request.pk, "complete")
    signed_in("Processor").post(path, {"reason": "Erased in both shops.", "outcome": chosen})
    request.refresh_from_db()
    assert (request.status, request.outcome, request.decision) == (Status.COMPLETED, kept, "Erased in both shops.")


def test_a_withdrawal_is_asked_for_first_as_the_person_is_told():
    request = a_request()
    client = signed_in("Processor")
    assert "The person is told by mail." in words(client.get(url("requests.transition", request.pk, "withdraw")))
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS


def test_a_reviewer_releases_the_formats_chosen(tmp_path):
    a_source(tmp_path)
    request = collected()
    client = signed_in("Reviewer")
    assert "Web shop : 3 records" in shown(client, request)
    response = client.post(url("requests.release", request.pk), {"formats": ["json", "nonsense"]}, follow=True)
    assert "Released." in words(response)
    export = Export.objects.get()
    assert (export.formats, export.approval.approved_by.username) == (["json"], "reviewer")


def test_a_release_without_a_format_is_refused_in_words(tmp_path):
    a_source(tmp_path)
    request = collected()
    response = signed_in("Reviewer").post(url("requests.release", request.pk), follow=True)
    assert "Please choose at least one format." in words(response)
    assert not Export.objects.exists()


def test_a_second_release_changes_nothing(tmp_path):
    a_source(tmp_path)
    request = collected()
    client = signed_in("Reviewer")
    for _ in range(2):
        response = client.post(url("requests.release", request.pk), {"formats": "json"}, follow=True)
    assert "released already" in words(response)
    assert Export.objects.count() == 1


def test_a_viewer_sees_no_way_to_release(tmp_path):
    a_source(tmp_path)
    text = shown(signed_in("Viewer"), collected())
    assert "A reviewer releases it." in text
    assert "Release the answer" not in text


def test_a_source_that_failed_shows_why_and_is_tried_again(tmp_path):
    request = with_a_failed_source(tmp_path)
    search = SourceSearch.objects.get()
    client = signed_in("Processor")
    text = shown(client, request)
    assert search.last_error in text
    assert "Web shop" in text
    client.post(url("requests.retry_search", request.pk, search.pk))
    search.refresh_from_db()
    assert search.state == Leased.State.WAITING


def test_answering_without_a_source_asks_why_and_keeps_it_as_a_note(tmp_path):
    request = with_a_failed_source(tmp_path)
    search = SourceSearch.objects.get()
    client, path = signed_in("Reviewer"), url("requests.leave_out", request.pk, search.pk)
    assert "Answer without Web shop" in words(client.get(path), "h1")
    client.post(path, {"reason": ""})
    search.refresh_from_db()
    assert (search.is_left_out, Message.objects.count()) == (False, 0)
    client.post(path, {"reason": "Switched off since May."})
    search.refresh_from_db()
    assert search.is_left_out
    assert Message.objects.get().text == "Answered without Web shop: Switched off since May."
    assert "left out; the answer says that it could not be searched" in shown(client, request)


def test_the_files_are_listed_and_handed_to_the_team_on_record(tmp_path):
    a_source(tmp_path)
    export = released()
    client = signed_in("Reviewer")
    assert "Not downloaded yet." in shown(client, export.request)
    response = client.post(
        url("requests.download", export.request_id, export.pk), headers={"User-Agent": "Firefox 4711"}
    )
    assert len(b"".join(response.streaming_content)) == export.size_bytes
    assert response.headers["Content-Disposition"] == f'attachment; filename="{export.request.reference}.zip"'
    download = Download.objects.get()
    assert (download.user.username, download.address) == ("reviewer", "127.0.0.1")
    text = shown(client, export.request)
    assert "1 download" in text
    assert "Firefox 4711" in text
    assert "from 127.0.0.1" in text


def test_expired_files_are_refused_though_nothing_cleaned_up(tmp_path):
    a_source(tmp_path)
    export = released()
    Export.objects.update(expires_at=timezone.now())
    client = signed_in("Reviewer")
    response = client.post(url("requests.download", export.request_id, export.pk), follow=True)
    assert "have expired" in words(response)
    assert "expired" in shown(client, export.request)
    assert not Download.objects.exists()


def test_files_that_failed_are_prepared_again(tmp_path):
    a_source(tmp_path)
    export = released()
    Export.objects.update(state=Leased.State.FAILED, last_error="The storage is full.")
    client = signed_in("Processor")
    assert "The storage is full." in shown(client, export.request)
    client.post(url("requests.retry_export", export.request_id, export.pk))
    export.refresh_from_db()
    assert export.state == Leased.State.WAITING


def test_a_mail_that_came_back_is_marked_and_sent_again():
    request = submitted()
    send_mails()
    OutboxMail.objects.update(delivery="bounced")
    client = signed_in("Processor")
    response = client.get(url("requests.change", request.pk))
    assert '<span class="pill bad">returned</span>' in response.content.decode()
    mail = OutboxMail.objects.get()
    client.post(url("requests.retry_mail", request.pk, mail.pk))
    assert [message.to for message in send_mails()] == [[ANN]]
    assert OutboxMail.objects.count() == 2
    assert AuditEntry.objects.filter(action="mail.repeated").exists()


def test_a_mail_that_was_never_taken_is_tried_again_itself():
    request = submitted()
    OutboxMail.objects.update(state=Leased.State.FAILED, last_error="The mail server cannot be reached.")
    client = signed_in("Processor")
    assert "The mail server cannot be reached." in shown(client, request)
    client.post(url("requests.retry_mail", request.pk, OutboxMail.objects.get().pk))
    assert OutboxMail.objects.get().state == Leased.State.WAITING


def test_a_note_is_kept_with_who_wrote_it_and_shown_as_text():
    request = a_request()
    client = signed_in("Processor")
    client.post(url("requests.note", request.pk), {"text": "<b>Called</b> & waiting"})
    assert Message.objects.get().author.username == "processor"
    assert "<b>Called</b> & waiting" in shown(client, request)
    assert "<b>Called</b>" not in client.get(url("requests.change", request.pk)).content.decode()


@pytest.mark.parametrize(("text", "said"), [("  ", "Please write the note first."), ("x" * 5001, "keep it to 5,000")])
def test_a_note_without_words_or_with_too_many_is_refused(text, said):
    request = a_request()
    response = signed_in("Processor").post(url("requests.note", request.pk), {"text": text}, follow=True)
    assert said in words(response)
    assert not Message.objects.exists()


def test_a_request_is_assigned_to_somebody_of_the_team_and_taken_back():
    request, client = a_request(), signed_in("Processor")
    me = User.objects.get(username="processor")
    client.post(url("requests.assign", request.pk), {"assignee": me.pk})
    request.refresh_from_db()
    assert request.assignee == me
    assert "processor assigned the request" in shown(client, request)
    client.post(url("requests.assign", request.pk), {"assignee": ""})
    request.refresh_from_db()
    assert request.assignee is None


def test_a_request_is_not_assigned_to_somebody_outside_the_team():
    request = a_request()
    outsider = User.objects.create_user("outsider")
    response = signed_in("Processor").post(url("requests.assign", request.pk), {"assignee": outsider.pk}, follow=True)
    assert "Please choose somebody of the team." in words(response)
    request.refresh_from_db()
    assert request.assignee is None


def test_other_requests_of_the_mailbox_are_named():
    request = a_request(email="Ann@example.test")
    same, other_right = a_request(email=ANN), a_request(Status.COMPLETED, right=Right.ERASURE)
    a_request(email="bob@example.test")
    text = shown(signed_in("Viewer"), request).split("Other requests")[1].split("Timeline")[0]
    assert same.reference in text
    assert other_right.reference in text
    assert text.count("the same mailbox") == 2
    assert text.count("DSR-") == 2


def test_the_live_part_is_what_the_page_itself_shows(tmp_path):
    a_source(tmp_path)
    request = confirmed()
    client = signed_in("Reviewer")
    live = client.get(url("requests.live", request.pk)).json()
    assert (live["is_live"], live["status"]) == (True, Status.IN_PROGRESS)
    assert "Collecting your data: 0 of 1 systems done" in live["html"]
    assert "data-is-live" in client.get(url("requests.change", request.pk)).content.decode()
    tasks.collect_source(SourceSearch.objects.get().pk)
    live = client.get(url("requests.live", request.pk)).json()
    assert not live["is_live"]
    assert "Ready for review" in live["html"]


def test_an_open_page_costs_a_bounded_number_of_queries(tmp_path, django_assert_max_num_queries):
    a_source(tmp_path)
    export = released()
    client = signed_in("Manager")
    for _ in range(20):
        Message.objects.create(request=export.request, text="note", author=User.objects.first())
        Download.objects.create(export=export, user=User.objects.first())
        OutboxMail.objects.create(request=export.request, template="ready", export=export)
    with django_assert_max_num_queries(75):
        client.get(url("requests.change", export.request_id))
