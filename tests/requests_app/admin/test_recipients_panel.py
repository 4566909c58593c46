"""The recipients on the page of a request: told with proof, given up with a reason, never behind anybody's back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from requests_app.models import RecipientNotice, Right, Status
from tests.requests_app.admin.console import references, signed_in, url, words
from tests.requests_app.portal import a_request
from tests.requests_app.recipients.told import a_waiting_recipient

pytestmark = pytest.mark.django_db
HEADING = "Recipients to be told"


def page_of(request, role="Processor"):
    return signed_in(role).get(url("requests.change", request.pk))


def test_who_waits_is_a_step_until_told_also_after_the_end():
    notice = a_waiting_recipient(status=Status.COMPLETED)
    a_waiting_recipient("Payment provider", request=notice.request)
    page = words(page_of(notice.request))
    assert "Tell 2 recipients what was done" in page
    assert f"{HEADING} 2 waiting" in page
    assert "Web shop: Customers" in page
    RecipientNotice.objects.update(settled_at=timezone.now(), impossible_because="Nobody answers.")
    page = words(page_of(notice.request))
    assert "what was done" not in page
    assert f"{HEADING} done" in page


def test_a_recipient_is_told_by_the_letter_and_the_proof_is_kept():
    notice, client = a_waiting_recipient(), signed_in("Processor")
    address = url("requests.tell_recipient", notice.request_id, notice.pk)
    asked = client.get(address)
    assert f"To: {notice.label}" in words(asked, "textarea")
    assert notice.request.reference in words(asked, "textarea")
    wrong = client.post(address, {"told": "yes", "told_on": "tomorrow", "way": ""})
    assert wrong.status_code == 400
    assert "Please give a day like" in words(wrong)
    assert "Please say how they were told." in words(wrong)
    today = timezone.localdate()
    late = client.post(address, {"told": "yes", "told_on": today.replace(year=today.year + 1), "way": "By mail"})
    assert "still to come" in words(late)
    proof = SimpleUploadedFile("mail.txt", b"Please erase")
    sent = client.post(address, {"told": "yes", "told_on": today, "way": "By mail", "proof": proof})
    assert sent.status_code == 302
    page = client.get(sent.url)
    assert "told" in words(page)
    assert "By mail" in words(page)
    notice.refresh_from_db()
    link = url("requests.file", notice.request_id, notice.evidence_id)
    assert link in page.content.decode()
    given = client.get(link)
    assert b"".join(given.streaming_content) == b"Please erase"
    assert client.get(address).status_code == 302  # there is nothing to tell any more


def test_a_recipient_is_given_up_with_a_reason_and_taken_back():
    notice, client = a_waiting_recipient(), signed_in("Processor")
    address = url("requests.tell_recipient", notice.request_id, notice.pk)
    assert "Please say why." in words(client.post(address, {"give_up": "yes", "because": " "}))
    assert client.post(address, {"give_up": "yes", "because": "Dissolved in 2019."}).status_code == 302
    page = words(page_of(notice.request))
    assert "cannot be told" in page
    assert "Dissolved in 2019." in page
    client.post(url("requests.reopen_recipient", notice.request_id, notice.pk))
    assert "to be told" in words(page_of(notice.request))
    assert not RecipientNotice.objects.get().is_settled


def test_a_recipient_is_added_by_hand_and_taken_off():
    request, client = a_request(right=Right.RESTRICTION), signed_in("Processor")
    assert "Nobody yet." in words(page_of(request))
    client.post(url("requests.add_recipient", request.pk), {"label": "Print shop"})
    assert "added by processor" in words(page_of(request))
    again = client.post(url("requests.add_recipient", request.pk), {"label": "print shop"}, follow=True)
    assert "listed already" in again.content.decode()
    client.post(url("requests.remove_recipient", request.pk, RecipientNotice.objects.get().pk))
    assert not RecipientNotice.objects.exists()


def test_whoever_only_looks_on_sees_who_was_told_and_can_change_nothing():
    notice = a_waiting_recipient()
    page = page_of(notice.request, "Viewer")
    assert "Carrier to be told" in words(page)
    assert "/recipients/" not in page.content.decode()


def test_a_recipient_of_another_request_is_not_found():
    notice, client, other = a_waiting_recipient(), signed_in("Processor"), a_request()
    for act in ("tell_recipient", "reopen_recipient", "remove_recipient"):
        assert client.post(url(f"requests.{act}", other.pk, notice.pk)).status_code == 404


@pytest.mark.parametrize("right", [Right.ACCESS, Right.PORTABILITY, Right.OBJECTION, Right.AUTOMATED_DECISION])
def test_a_right_that_tells_nobody_has_no_such_panel(right):
    assert HEADING not in words(page_of(a_request(right=right)))
    assert HEADING not in words(page_of(a_request(Status.SUBMITTED, right=Right.ERASURE)))


def test_the_overview_counts_those_that_wait_and_leads_to_them():
    client, notice = signed_in("Viewer"), a_waiting_recipient(status=Status.ARCHIVED)
    other = a_request(right=Right.ERASURE)
    assert HEADING in words(client.get("/console/"))
    found = references(client.get(f"{url('requests')}?work=recipients&status=all"))
    assert (found, other.reference in found) == ([notice.request.reference], False)
    RecipientNotice.objects.update(settled_at=timezone.now(), impossible_because="So.")
    assert HEADING not in words(client.get("/console/"))
