from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exporters.passphrase import UnusablePassphrase
from requests_app import audit, passphrases, retention
from requests_app.keys.stored import destroy_key
from requests_app.models import AuditEntry, Status, SubjectRequest
from requests_app.workflow import perform
from tests.requests_app.portal import a_request, acts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

PASSPHRASE = "Correct horse 4711"


def with_passphrase(status=Status.IN_PROGRESS, **fields):
    request = a_request(status, **fields)
    passphrases.set_passphrase(request, PASSPHRASE, audit.SUBJECT)
    return request


def test_it_is_kept_sealed_and_given_back_to_who_prepares_the_files():
    request = with_passphrase()
    stored = SubjectRequest.objects.get()
    assert PASSPHRASE not in stored.passphrase
    assert passphrases.passphrase_of(request) == passphrases.passphrase_of(stored) == PASSPHRASE


def test_where_none_was_set_there_is_none():
    assert passphrases.passphrase_of(a_request()) is None


def test_a_new_one_replaces_the_old():
    request = with_passphrase()
    passphrases.set_passphrase(request, "Another horse 4712", audit.SUBJECT)
    assert passphrases.passphrase_of(SubjectRequest.objects.get()) == "Another horse 4712"


def test_it_opens_by_the_key_of_its_own_request_alone():
    request, other = with_passphrase(), a_request()
    SubjectRequest.objects.filter(pk=other.pk).update(passphrase=request.passphrase)
    with pytest.raises(Exception, match="does not open"):
        passphrases.passphrase_of(SubjectRequest.objects.get(pk=other.pk))
    destroy_key(request.key_id)
    with pytest.raises(Exception, match="was destroyed"):
        passphrases.passphrase_of(request)


def test_setting_it_is_on_record_without_what_it_is():
    request = with_passphrase()
    entry = AuditEntry.objects.get(action="passphrase.set")
    assert (entry.request_id, entry.actor_kind, entry.details) == (request.pk, "subject", {})


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.test 4711",
        "my mail is ANN@example.test!",
        "Ann Example and 4711",
        "4711-ANN-EXAMPLE-4711",
        "too short",
        "Grüße aus Köln 4711",
    ],
)
def test_what_others_would_try_first_is_refused(text):
    request = a_request()
    with pytest.raises(UnusablePassphrase) as caught:
        passphrases.set_passphrase(request, text, audit.SUBJECT)
    assert text not in str(caught.value)
    assert SubjectRequest.objects.get().passphrase == ""
    assert acts(request.pk) == []


def test_the_reference_is_refused_however_it_is_written():
    request = a_request()
    with pytest.raises(UnusablePassphrase, match="reference"):
        passphrases.set_passphrase(request, f"x {request.reference.replace('-', ' ').lower()} x", audit.SUBJECT)


def test_a_short_name_may_stand_in_it_by_chance():
    request = a_request(name="Li")
    passphrases.set_passphrase(request, "Believe me 4711", audit.SUBJECT)


def test_it_is_forgotten_with_what_was_collected(settings):
    closed = timezone.now() - timedelta(days=settings.DSR_DOSSIER_DAYS - 1)
    request = with_passphrase(Status.COMPLETED, closed_at=closed)
    retention.clean_up()
    assert SubjectRequest.objects.get(pk=request.pk).passphrase
    retention.clean_up(timezone.now() + timedelta(days=2))
    assert SubjectRequest.objects.get(pk=request.pk).passphrase == ""


def test_it_is_forgotten_when_the_request_is_withdrawn():
    request, other = with_passphrase(), with_passphrase()
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    retention.clean_up()
    assert SubjectRequest.objects.get(pk=request.pk).passphrase == ""
    assert SubjectRequest.objects.get(pk=other.pk).passphrase
