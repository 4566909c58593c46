"""Recording a request in the console: nothing typed is lost, and what is wrong is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from requests_app.models import Channel, OutboxMail, RequestLink, Right, Status, SubjectRequest
from tests.requests_app.admin.console import references, signed_in, url, words
from tests.requests_app.intake.records import recorded
from tests.requests_app.intake.test_recording import PNG
from tests.requests_app.portal import ANN, a_request, acts, send_mails

pytestmark = pytest.mark.django_db

LETTER = {
    "channel": "letter",
    "received_at": "10:15",
    "name": "Lena Letter",
    "postal_address": "Elm Street 4\n12345 Springfield",
    "place": "DE",
    "language": "en",
    "right": "access",
    "details": "Everything you hold.",
    "formats": ["pdf", "csv"],
    "proof": "later",
}


def typed(days=3, **fields):
    day = timezone.localdate() - timedelta(days=days)
    return {**LETTER, "received_on": day.isoformat(), **fields}


def sent(client, **fields):
    return client.post(url("requests.record"), typed(**fields))


def test_a_letter_is_recorded_with_its_scans_and_shown():
    client = signed_in("Processor")
    scan = SimpleUploadedFile("letter.png", PNG, "image/png")
    response = client.post(url("requests.record"), {**typed(numbers="C-1\nC-2"), "scans": [scan]}, follow=True)
    request = SubjectRequest.objects.get()
    assert (request.channel, request.language, request.formats) == (Channel.LETTER, "en", ["pdf", "csv"])
    assert timezone.localtime(request.submitted_at).strftime("%H:%M") == "10:15"
    assert request.identifiers.count() == 2
    text = words(response)
    for part in (f"Recorded as {request.reference}.", "By letter, recorded by processor", "letter.png", "Elm Street 4"):
        assert part in text
    scan = request.uploads.get()
    answer = signed_in("Viewer").post(url("requests.evidence", request.pk, scan.pk))
    assert b"".join(answer.streaming_content) == PNG
    assert "file.downloaded" in acts(request.pk)


def test_a_short_or_ended_period_is_said_at_once():
    client = signed_in("Processor")
    assert "the period is over already" in words(client.get(sent(client, days=70).url))
    assert "which is soon" in words(client.get(sent(client, days=28, name="Other", postal_address="Far 1").url))


@pytest.mark.parametrize(
    ("field", "fields", "told"),
    [
        ("received_on", {"days": -1}, "still to come"),
        ("received_on", {"received_on": "yesterday"}, "a day like 2026-06-01"),
        ("received_at", {"received_at": "noon"}, "a time like 14:30"),
        ("name", {"name": " "}, "give the person"),
        ("email", {"email": "Ann at home"}, "whole e-mail address"),
        ("phone", {"phone": "at work"}, "country code"),
        ("postal_address", {"postal_address": ""}, "to answer to"),
        ("channel", {"channel": "form"}, "form is not one of"),
        ("right", {"right": ""}, "what they ask for"),
        ("proof", {"proof": "checks"}, "no e-mail address to write to"),
        ("proof_reason", {"proof": "team"}, "how you made sure"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(field, fields, told):
    response = sent(signed_in("Processor"), **fields)
    text = response.content.decode()
    assert response.status_code == 200
    assert told in text.split(f'id="id_{field}_error"')[1].split("</div>")[0]
    assert "Everything you hold." in text
    assert "Nothing was saved." in text
    assert not SubjectRequest.objects.exists()


def test_whoever_may_not_work_on_requests_cannot_record_any():
    for role in ("Viewer", "Reviewer"):
        client = signed_in(role)
        assert sent(client).status_code == 403
        assert "Record a request" not in words(client.get(url("requests")))
    assert not SubjectRequest.objects.exists()


def test_an_earlier_request_of_the_same_person_is_proposed_once_before_anything_is_saved():
    earlier = recorded()
    client = signed_in("Processor")
    text = words(sent(client))
    assert "Perhaps the same person" in text
    assert f"{earlier.reference}" in text
    assert "the same name and postal address, the same name, in the same place" in text
    assert SubjectRequest.objects.count() == 1
    chosen = {f"link-{earlier.pk}": "duplicate"}
    assert sent(client, seen=str(earlier.pk), **chosen).status_code == 302
    link = RequestLink.objects.get()
    assert (link.first, link.kind, link.decided_by.username) == (earlier, "duplicate", "processor")


def test_a_proposal_holds_nobody_up():
    earlier = recorded()
    sent(signed_in("Processor"), seen=str(earlier.pk))
    assert SubjectRequest.objects.count() == 2
    assert not RequestLink.objects.exists()


def test_the_script_is_told_what_is_wrong_before_any_file_is_sent():
    client = signed_in("Processor")
    wrong = client.post(url("requests.check_record"), typed(name="")).json()
    assert not wrong["is_ready"]
    assert "Nothing was saved." in wrong["html"]
    assert client.post(url("requests.check_record"), typed()).json() == {"is_ready": True, "html": ""}
    assert not SubjectRequest.objects.exists()


def test_who_has_a_mailbox_is_asked_to_confirm():
    sent(signed_in("Processor"), email=ANN, proof="checks", channel="mail")
    assert [message.to for message in send_mails()] == [[ANN]]


def test_further_scans_are_added_later_and_only_given_out_with_their_own_request():
    request, other = recorded(), recorded()
    client = signed_in("Processor")
    scan = SimpleUploadedFile("more.png", PNG, "image/png")
    assert "The file is kept" in words(
        client.post(url("requests.add_evidence", request.pk), {"file": scan}, follow=True)
    )
    upload = request.uploads.get()
    assert client.post(url("requests.evidence", other.pk, upload.pk)).status_code == 404
    bad = SimpleUploadedFile("run.exe", b"MZ\x90")
    text = words(client.post(url("requests.add_evidence", request.pk), {"file": bad}, follow=True))
    assert request.uploads.count() == 1
    assert "The file is kept" not in text


def test_what_waits_for_its_identity_is_listed_with_its_day():
    waiting = recorded()
    a_request(Status.SUBMITTED)
    client = signed_in("Viewer")
    assert references(client.get(url("requests") + "?work=identity")) == [waiting.reference]
    assert references(client.get(url("requests") + "?channel=letter")) == [waiting.reference]
    assert "identity to be shown" in words(client.get(url("requests")))
    assert "Identity to be shown" in words(client.get("/console/"))


def test_other_rights_have_no_formats():
    sent(signed_in("Processor"), right="erasure")
    request = SubjectRequest.objects.get()
    assert (request.right, request.formats) == (Right.ERASURE, [])
    assert not OutboxMail.objects.exists()


def test_one_letter_for_several_rights_is_recorded_as_a_request_for_each():
    page = sent(signed_in("Processor"), right=["access", "erasure"], erasure_ground="withdrawn", objection_scope="all")
    access, erasure = SubjectRequest.objects.order_by("pk")
    assert page.url.endswith(f"/{access.pk}/change/")
    assert access.case_id == erasure.case_id is not None
    assert (access.particulars, erasure.particulars) == ({}, {"ground": "withdrawn"})
    assert (access.formats, erasure.formats) == (["pdf", "csv"], [])
    text = words(signed_in("Viewer").get(url("requests.change", access.pk)))
    assert "Part of the same letter" in text
    assert erasure.reference in text


def test_the_team_makes_sure_once_of_whoever_wrote_one_letter():
    proof = {"proof": "team", "proof_reason": "We called back.", "numbers": "C-1", "email": ANN}
    sent(signed_in("Processor"), right=["access", "erasure", "objection"], **proof)
    assert {each.verified_at is not None for each in SubjectRequest.objects.all()} == {True}
    assert not OutboxMail.objects.filter(template="confirm").exists()


def test_whoever_wrote_one_letter_is_asked_once_to_confirm_it():
    sent(signed_in("Processor"), right=["access", "erasure"], proof="checks", email=ANN)
    assert OutboxMail.objects.filter(template="confirm").count() == 1


def test_a_wrong_answer_to_what_a_right_asks_stands_beside_its_question():
    page = sent(signed_in("Processor"), right=["erasure"], erasure_ground="because")
    assert "please choose one of the answers offered" in page.content.decode()
    assert 'id="id_erasure_ground_error"' in page.content.decode()
    assert not SubjectRequest.objects.exists()


def test_scans_of_one_letter_are_kept_with_each_of_its_requests():
    scan = SimpleUploadedFile("letter.png", PNG, "image/png")
    signed_in("Processor").post(url("requests.record"), {**typed(right=["access", "erasure"]), "scans": [scan]})
    assert [each.uploads.count() for each in SubjectRequest.objects.all()] == [1, 1]
