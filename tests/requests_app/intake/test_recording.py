"""What the team records: kept as it came, by who may, with the day it came."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from requests_app import intake, uploads
from requests_app.audit import Actor
from requests_app.intake import FaultyRecord, FutureReceipt, Proof
from requests_app.models import AuditEntry, Channel, Identifier, OutboxMail, Right, Status, SubjectRequest, Upload
from requests_app.workflow import PermissionRefused
from tests.requests_app.intake.records import ADDRESS, a_letter, known_customer, processor, recorded
from tests.requests_app.portal import ANN, a_source, acts, member, send_mails, submitted, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)


def a_scan(name="letter.png"):
    return SimpleUploadedFile(name, PNG, "image/png")


def test_a_letter_is_kept_as_it_came():
    came = timezone.now() - timedelta(days=3)
    request = recorded(received_at=came, details=" All \r\nof it. ", language="de", name="  Lena \n Letter ")
    assert (request.channel, request.status, request.email) == (Channel.LETTER, Status.SUBMITTED, "")
    assert (request.name, request.details, request.language) == ("Lena Letter", "All \nof it.", "de")
    assert (request.postal_address, request.place) == (ADDRESS, "DE")
    assert request.submitted_at == came < request.recorded_at
    assert request.recorded_by.username == "processor"
    assert acts(request.pk)[:2] == ["request.recorded", "deadline.computed"]
    assert not OutboxMail.objects.exists()


def test_the_clock_runs_from_the_day_it_came():
    request = recorded(received_at=timezone.now() - timedelta(days=60))
    assert request.due_on < timezone.localdate()
    assert request.deadlines.get().received_on == timezone.localdate() - timedelta(days=60)


def test_nothing_is_recorded_that_is_still_to_come():
    with pytest.raises(FutureReceipt):
        recorded(received_at=timezone.now() + timedelta(minutes=1))
    assert not SubjectRequest.objects.exists()


@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_who_may_not_work_on_requests_records_none(role):
    with pytest.raises(PermissionRefused):
        intake.record(a_letter(), actor=Actor.staff(member(role)))
    assert not SubjectRequest.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("channel", {"channel": Channel.FORM}),
        ("name", {"name": " \n "}),
        ("name", {"name": "x" * 201}),
        ("email", {"email": "not an address"}),
        ("phone", {"phone": "call me"}),
        ("place", {"place": "XX"}),
        ("postal_address", {"postal_address": ""}),
        ("proof", {"proof": Proof.CHECKS}),
        ("proof_reason", {"proof": Proof.TEAM}),
        ("numbers", {"proof": Proof.TEAM, "proof_reason": "Called back."}),
        ("numbers", {"numbers": tuple(map(str, range(11)))}),
        ("details", {"details": "x" * 5001}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_is_missing_or_wrong_is_named_by_its_field(field, typed):
    with pytest.raises(FaultyRecord) as refusal:
        recorded(**typed)
    assert refusal.value.field == field
    assert not SubjectRequest.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "place", "kept"),
    [
        ("030 1234567", "DE-BE", "+49 30 1234567"),
        ("+33 1 42 68 53 00", "DE", "+33 1 42 68 53 00"),
        ("(415) 555-2671", "US-CA", "+1 415-555-2671"),
    ],
)
def test_a_number_without_a_country_code_is_of_where_the_person_lives(typed, place, kept):
    request = recorded(phone=typed, place=place)
    assert request.phone == kept
    assert request.identifiers.get().value == "+" + "".join(filter(str.isdecimal, kept))


def test_an_address_is_written_as_mail_is_sent_to_it_and_asked_by_mail():
    request = recorded(email=" Ann@Example.TEST ", proof=Proof.CHECKS)
    (message,) = send_mails()
    assert message.to == [request.email]
    assert token_in(message, "c")
    assert request.identifiers.get().proof == ""


def test_nobody_of_the_team_is_held_up_by_what_was_recorded_before():
    for _ in range(3):
        recorded(email=ANN, proof=Proof.CHECKS)
    submitted()
    assert SubjectRequest.objects.filter(email=ANN, status=Status.SUBMITTED).count() == 4


def test_typing_into_the_form_changes_nothing_that_the_team_recorded():
    kept = recorded(email=ANN, proof=Proof.CHECKS, details="By letter.")
    submitted(details="By a stranger.")
    kept.refresh_from_db()
    assert kept.details == "By letter."


def test_what_the_team_made_sure_of_is_searched_by_at_once(tmp_path):
    a_source(tmp_path)
    request = known_customer(phone="+49 30 1234567", email=ANN)
    assert request.status == Status.IN_PROGRESS
    assert request.searches.count() == 1
    known = request.identifiers.values_list("kind", "value", "proof")
    assert set(known) == {("email", ANN, "staff"), ("phone", "+49301234567", "staff"), ("user_id", "C-4711", "staff")}
    check = request.identity_checks.get()
    assert (check.kind, check.reason, check.decided_by) == (
        "team",
        "Called back at the number we hold.",
        request.recorded_by,
    )


def test_who_has_still_to_show_who_they_are_waits():
    request = recorded(numbers=("C-4711",))
    assert request.status == Status.SUBMITTED
    assert request.identity_checks.get().passed_at is None
    assert request.identifiers.get().proof == Identifier.Proof.NONE


def test_evidence_is_kept_with_the_request_and_encrypted(storage_folder):
    request = recorded(files=(a_scan(), a_scan("envelope.png")))
    files = request.uploads.all()
    assert [(file.kind, file.name) for file in files] == [("evidence", "letter.png"), ("evidence", "envelope.png")]
    assert {file.handed_in_by for file in files} == {request.recorded_by}
    with uploads.opened(files[0]) as reader:
        assert b"".join(reader.chunks()) == PNG
    assert all(PNG not in path.read_bytes() for path in storage_folder.rglob("*") if path.is_file())


def test_a_file_that_cannot_be_taken_leaves_nothing_behind():
    with pytest.raises(uploads.UnusableFile):
        recorded(files=(a_scan(), SimpleUploadedFile("run.exe", b"MZ\x90\x00")))
    assert not SubjectRequest.objects.exists()
    assert not Upload.objects.exists()


def test_only_rights_with_files_have_formats():
    assert recorded(right=Right.ERASURE, formats=("csv",)).formats == []
    assert recorded(formats=("csv", "nonsense")).formats == ["csv"]
    assert recorded().formats


def test_nothing_that_a_person_said_is_put_on_record():
    recorded(numbers=("C-4711",), phone="+49 30 1234567", details="Zanzibar")
    told = str(list(AuditEntry.objects.values()))
    assert not [text for text in ("Lena", "Elm", "4711", "1234567", "Zanzibar") if text in told]


def test_what_is_recorded_does_not_show_what_was_typed():
    assert "Lena" not in repr(a_letter())
    assert processor().user_id
