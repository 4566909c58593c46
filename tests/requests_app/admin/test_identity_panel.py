from __future__ import annotations

import re

import pytest

from requests_app import identity
from requests_app.models import AuditEntry, IdentityCheck, PersonWait, Status, Upload
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.identity.asked import a_picture, asking_for, half_way, with_texts
from tests.requests_app.portal import acts, confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def panel(client, request) -> str:
    page = words(client.get(url("requests.change", request.pk)))
    return page[page.index("Identity ") :]


def handed_in(request):
    identity.answer(request, identity.current(request).pk, identity.Given({}, [a_picture()]))
    return identity.current(request)


@pytest.fixture
def asked(storage_folder):
    asking_for("mailbox", "document")
    return half_way()


def test_the_panel_tells_what_was_shown_and_what_is_to_come(asked):
    told = panel(signed_in("Processor"), asked)
    assert re.match(r"Identity .*A mail that they open shown 1 mail sent; passed \d", told)
    assert "A document that the team looks at waiting for the person" in told


def test_a_document_is_looked_at_on_record_and_gone_with_the_decision(asked):
    check, client = handed_in(asked), signed_in("Processor")
    assert "to be looked at" in panel(client, asked)
    upload = Upload.objects.get()
    look = client.post(url("requests.look_identity", asked.pk, upload.pk))
    assert (look["Content-Disposition"].split(";")[0], b"".join(look.streaming_content)[:4]) == (
        "attachment",
        b"\x89PNG",
    )
    assert AuditEntry.objects.filter(action="file.downloaded", target=f"upload {upload.pk}").exists()
    client.post(url("requests.accept_identity", asked.pk, check.pk))
    upload.refresh_from_db()
    assert (upload.file, upload.removed_at is not None) == ("", True)
    asked.refresh_from_db()
    assert asked.status == Status.IN_PROGRESS


def test_a_refusal_needs_a_reason(asked):
    check, client = handed_in(asked), signed_in("Processor")
    path = url("requests.refuse_identity", asked.pk, check.pk)
    assert "please write" in words(client.post(path, {"reason": " "})).lower()
    assert Upload.objects.get().removed_at is None
    client.post(path, {"reason": "The name cannot be read."})
    assert Upload.objects.get().removed_at is not None
    assert "The name cannot be read." in panel(client, asked)


def test_a_check_is_passed_by_hand_with_a_reason(asked):
    check, client = identity.current(asked), signed_in("Processor")
    path = url("requests.pass_identity", asked.pk, check.pk)
    client.post(path, {"reason": ""})
    assert not identity.is_proven(asked)
    client.post(path, {"reason": "Called back on the number of the contract."})
    check.refresh_from_db()
    assert (check.decided_by.username, check.reason) == ("processor", "Called back on the number of the contract.")
    asked.refresh_from_db()
    assert asked.status == Status.IN_PROGRESS
    assert "Called back" not in str(list(AuditEntry.objects.values()))


def test_asking_for_more_stops_the_clock_and_the_release(tmp_path):
    request = confirmed()
    client = signed_in("Processor")
    client.post(url("requests.ask_identity", request.pk), {"kind": "document", "why": "Your name is another."})
    wait = request.waits.get()
    assert (wait.kind, wait.question) == (PersonWait.Kind.IDENTITY, "Your name is another.")
    assert not identity.is_proven(request)
    assert acts(request.pk).count("identity.asked") == 1
    page = words(client.get(url("requests.ask_identity", request.pk)))
    assert "A document that the team looks at" not in page


def test_nothing_is_asked_for_without_a_reason():
    request = confirmed()
    client = signed_in("Processor")
    client.post(url("requests.ask_identity", request.pk), {"kind": "document", "why": " "})
    client.post(url("requests.ask_identity", request.pk), {"kind": "blood", "why": "So."})
    assert identity.is_proven(request)
    assert not request.waits.exists()


def test_a_number_is_recorded_on_the_page(settings, tmp_path):
    with_texts(settings, tmp_path)
    asking_for("mailbox", "sms")
    request, client = half_way(), signed_in("Processor")
    check = identity.current(request)
    assert "for the team to do" in panel(client, request)
    path = url("requests.number_identity", request.pk, check.pk)
    assert "no telephone number" in words(client.post(path, {"number": "12"}, follow=True))
    client.post(path, {"number": "+49 170 1234567"})
    check.refresh_from_db()
    assert check.identifier.value == "+491701234567"


def test_whoever_only_looks_on_sees_no_documents(asked):
    handed_in(asked)
    told = panel(signed_in("Viewer"), asked)
    assert "Look at it: card" not in told
    assert "Shown otherwise" not in told


def test_new_attempts_are_given_once_they_are_used_up(asked):
    check = identity.current(asked)
    client = signed_in("Processor")
    path = url("requests.renew_identity", asked.pk, check.pk)
    assert "attempts left" in words(client.post(path, follow=True))
    IdentityCheck.objects.filter(pk=check.pk).update(attempts=3, failed_at=asked.submitted_at)
    assert "attempts exhausted" in panel(client, asked)
    client.post(path)
    check.refresh_from_db()
    assert (check.attempts, check.failed_at) == (0, None)
