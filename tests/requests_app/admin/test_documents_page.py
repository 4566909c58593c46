"""The certificates on the page of a request."""

from __future__ import annotations

import hashlib

import pytest
from django.urls import reverse

from requests_app.models import Certificate, Message
from tests.requests_app.admin.console import signed_in
from tests.requests_app.certificates.steps import ERASURE, HANDLING
from tests.requests_app.changing.shops import a_shop, an_erasure, erased
from tests.requests_app.portal import a_request, acts, released

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def address(name, *arguments):
    return reverse(f"admin:requests_app_subjectrequest_{name}", args=arguments)


def shown(client, request):
    return client.get(address("change", request.pk)).content.decode()


@pytest.fixture
def request_done(sqlite_url):
    a_shop(sqlite_url)
    request = an_erasure()
    erased(request)
    return request


def test_an_erasure_is_certified_downloaded_and_withdrawn_by_the_team(request_done):
    pk, client = request_done.pk, signed_in("Manager")
    assert "Certify the erasure" in shown(client, request_done)
    assert "Certify the handling" not in shown(client, request_done)
    answer = client.post(address("issue_certificate", pk, ERASURE), follow=True)
    assert "The certificate is issued." in answer.content.decode()
    certificate = Certificate.objects.get()
    assert certificate.number in shown(client, request_done)
    assert f"/certificates/{certificate.number}" in shown(client, request_done)
    viewer = signed_in("Viewer")
    file = viewer.post(address("download_certificate", pk, certificate.pk))
    assert (file.status_code, file.headers["Content-Type"]) == (200, "application/pdf")
    assert file.headers["Content-Disposition"] == f'attachment; filename="certificate-{certificate.number}.pdf"'
    assert "no-store" in file.headers["Cache-Control"]
    assert hashlib.sha256(file.content).hexdigest() == certificate.sha256
    asked = client.get(address("withdraw_certificate", pk, certificate.pk)).content.decode()
    assert "This cannot be undone" in asked
    client.post(address("withdraw_certificate", pk, certificate.pk), {"reason": "A wrong address"})
    certificate.refresh_from_db()
    assert certificate.withdrawn_at is not None
    assert Message.objects.get().text == f"Withdrew certificate {certificate.number}: A wrong address"
    assert acts(pk)[-4:] == ["certificate.issued", "certificate.downloaded", "note.added", "certificate.withdrawn"]
    assert "withdrew a certificate" in shown(client, request_done)


def test_a_withdrawal_needs_a_reason(request_done):
    client = signed_in("Manager")
    client.post(address("issue_certificate", request_done.pk, ERASURE))
    certificate = Certificate.objects.get()
    client.post(address("withdraw_certificate", request_done.pk, certificate.pk), {"reason": " "})
    certificate.refresh_from_db()
    assert certificate.withdrawn_at is None


def test_a_refusal_is_shown_in_plain_words(request_done, settings, tmp_path):
    settings.DSR_SIGNING_FILE = tmp_path / "nowhere.p12"
    client = signed_in("Manager")
    answer = client.post(address("issue_certificate", request_done.pk, ERASURE), follow=True)
    assert "DSR_SIGNING_FILE cannot be read" in answer.content.decode()
    answer = client.post(address("issue_certificate", request_done.pk, HANDLING), follow=True)
    assert "The request has not ended yet." in answer.content.decode()
    assert not Certificate.objects.exists()


def test_a_kind_that_is_none_issues_nothing(request_done):
    assert signed_in("Manager").post(address("issue_certificate", request_done.pk, "love")).status_code == 302
    assert not Certificate.objects.exists()


def test_the_person_is_named_where_that_is_ticked():
    request = released().request
    client = signed_in("Manager")
    assert "Name the person on it" in shown(client, request)
    client.post(address("issue_certificate", request.pk, HANDLING))
    client.post(address("issue_certificate", request.pk, HANDLING), {"names_person": "on"})
    second, first = Certificate.objects.all()
    assert (first.replaced_by, second.withdrawn_at) == (second, None)
    assert "replaced" in shown(client, request)


def test_a_certificate_is_only_had_by_its_own_request(request_done):
    client = signed_in("Manager")
    client.post(address("issue_certificate", request_done.pk, ERASURE))
    other, certificate = a_request(), Certificate.objects.get()
    assert client.post(address("download_certificate", other.pk, certificate.pk)).status_code == 404
    assert client.post(address("withdraw_certificate", other.pk, certificate.pk)).status_code == 404


def test_whoever_only_looks_is_offered_no_buttons_and_an_open_request_nothing(request_done):
    page = shown(signed_in("Viewer"), request_done)
    assert "Certify the erasure" not in page
    assert "No certificate was issued." in page
    assert "Documents" not in shown(signed_in("Manager"), a_request())
