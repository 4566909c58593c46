"""A letter on the pages: what was asked for besides, the order, doing without the copy, and nobody else's links."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import combining, links, mandates
from requests_app.models import Case, Export, OutboxMail, Recipient, Right, SecureLink, Status, SubjectRequest
from requests_app.workflow import perform
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.cases.letters import proven, sent
from tests.requests_app.cases.test_combining import fresh, joined, one_person
from tests.requests_app.cases.test_representatives import proven as claimed
from tests.requests_app.intake.records import processor
from tests.requests_app.mandates.people import a_decision, a_paper
from tests.requests_app.pages.words import TYPED, text_of
from tests.requests_app.portal import BOB, a_request, an_export, send_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
CONFIRM, STATUS = SecureLink.Purpose.CONFIRM, SecureLink.Purpose.STATUS
R = Right


def link_to(request, purpose=STATUS, **known) -> str:
    return links.mint(request, purpose, lifetime=timedelta(days=1), **known)


def status(client, request):
    return client.get(f"/r/{link_to(request)}")


def test_the_form_takes_several_rights_and_asks_of_each_what_it_has_to(client):
    typed = TYPED | {"also": ["erasure", "objection"], "erasure_ground": "child", "objection_scope": "analytics"}
    assert client.post("/", typed | {"formats": ["pdf"]}).url == "/sent"
    known = {each.right: each for each in SubjectRequest.objects.all()}
    assert {right: each.particulars for right, each in known.items()} == {
        "access": {},
        "erasure": {"ground": "child"},
        "objection": {"scope": "analytics"},
    }
    assert known["access"].formats == ["pdf"]
    assert len({each.case_id for each in known.values()} - {None}) == 1


def test_a_form_that_comes_back_keeps_what_else_was_chosen(client):
    page = client.post("/", TYPED | {"email": "", "also": ["erasure"]}).content.decode()
    assert re.search(r'<details class="also" open>', page)
    assert re.search(r'name="also" value="erasure"[^>]*checked', page)


def test_what_is_none_of_the_rights_is_refused_by_name(client):
    page = client.post("/", TYPED | {"also": ["everything"]})
    assert page.status_code == 400
    assert 'href="#id_also_0"' in page.content.decode()


def test_the_page_to_confirm_lists_all_that_one_button_confirms(client):
    access, erasure = sent(details="All of it")
    words_ = text_of(client.get(f"/c/{link_to(access, CONFIRM)}"))
    for part in ("Request 1 of 2", "Request 2 of 2", access.reference, erasure.reference, "begin with both requests"):
        assert part in words_
    assert client.post(f"/c/{link_to(access, CONFIRM)}").status_code == 302
    assert [fresh(each).status for each in (access, erasure)] == [Status.IN_PROGRESS] * 2


def test_each_page_shows_the_others_and_leads_there(client):
    access, erasure = proven()
    path = f"/r/{link_to(access)}"
    page = client.get(path)
    assert "Part of the same letter" in text_of(page)
    assert erasure.reference in text_of(page)
    there = client.post(f"{path}/letter/{erasure.pk}")
    assert there.status_code == 302
    assert erasure.reference in text_of(client.get(there.url.removeprefix("https://privacy.example.test")))


def test_a_request_alone_speaks_of_no_letter(client):
    (access,) = proven(R.ACCESS)
    assert "same letter" not in text_of(status(client, access))


def test_nobody_is_led_to_a_request_of_somebody_else(client):
    access, _ = proven()
    (bob,) = proven(R.ERASURE, email=BOB)
    one_person(access, bob)
    SubjectRequest.objects.filter(pk=bob.pk).update(case=access.case_id)
    before = SecureLink.objects.filter(request=bob).count()
    path = f"/r/{link_to(access)}"
    for number in (bob.pk, a_request().pk, 10**9):
        assert client.post(f"{path}/letter/{number}").url == path
    assert SecureLink.objects.filter(request=bob).count() == before
    assert bob.reference not in text_of(client.get(path))


def test_what_nobody_has_confirmed_is_shown_to_nobody(client):
    access, erasure = proven()
    unconfirmed = a_request(Status.SUBMITTED, right="portability", email=access.email, case=access.case)
    path = f"/r/{link_to(erasure)}"
    assert unconfirmed.reference not in text_of(client.get(path))
    assert client.post(f"{path}/letter/{unconfirmed.pk}").url == path


def test_the_person_does_without_the_copy_by_a_button(client):
    access, erasure = proven()
    path = f"/r/{link_to(erasure)}"
    assert "I do without the copy" in text_of(client.get(path))
    assert client.post(f"{path}/waive-copy").url == path
    assert Case.objects.get().copy_waived_at
    assert "You said that you do without the copy" in text_of(client.get(path))
    assert "may be erased before you have a copy" in text_of(status(client, access))


def test_the_button_is_not_there_where_no_copy_comes_first(client):
    requests = proven(R.ERASURE, R.RECTIFICATION)
    path = f"/r/{link_to(requests[1])}"
    assert "do without the copy" not in text_of(client.get(path))
    assert client.post(f"{path}/waive-copy").url == path
    assert Case.objects.get().copy_waived_at is None


@pytest.mark.parametrize(("typed", "left"), [({}, 1), ({"whole_letter": "on"}, 0)], ids=["one", "whole"])
def test_one_or_all_of_a_letter_is_withdrawn(client, typed, left):
    access, erasure = proven()
    path = f"/r/{link_to(access)}/withdraw"
    assert erasure.reference in text_of(client.get(path))
    client.post(path, typed)
    assert SubjectRequest.objects.filter(status=Status.IN_PROGRESS).count() == left


def test_a_representative_sees_and_opens_what_else_they_asked_for(client):
    access, erasure = claimed("lawyer", files=(a_paper(),))
    mandates.accept(access.pk, a_decision(rights=("access", "erasure")), actor=processor())
    path = f"/r/{link_to(access, recipient=Recipient.REPRESENTATIVE)}"
    assert erasure.reference in text_of(client.get(path))
    there = client.post(f"{path}/letter/{erasure.pk}").url
    token = there.rstrip("/").rsplit("/", 1)[1]
    assert links.is_for_representative(token)


def panel(request, role="Processor") -> str:
    return words(signed_in(role).get(url("requests.change", request.pk)))


def test_the_console_shows_all_parts_with_state_due_day_and_order():
    access, erasure, objection = proven(R.ACCESS, R.ERASURE, R.OBJECTION)
    text = panel(erasure)
    listed = text[text.index("Part of the same letter") :]
    order = [listed.index(each.reference) for each in (objection, access, erasure)]
    assert order == sorted(order)
    assert f"nothing is erased before {access.reference} is answered" in text


def test_the_team_notes_that_somebody_does_without_the_copy():
    _, erasure = proven()
    client = signed_in("Processor")
    client.post(url("requests.waive_copy", erasure.pk), {"reason": ""})
    assert Case.objects.get().copy_waived_at is None
    client.post(url("requests.waive_copy", erasure.pk), {"reason": "By letter of 3 May."})
    text = panel(erasure, "Viewer")
    assert "noted by processor: By letter of 3 May." in text
    assert "copy first" not in text


def test_the_team_joins_and_splits_by_a_button():
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE)
    assert "Answer them together" in panel(access)
    assert "Answer them together" not in panel(access, "Viewer")
    client = signed_in("Processor")
    client.post(url("requests.join", access.pk, erasure.pk))
    assert fresh(access).case_id == fresh(erasure).case_id is not None
    assert "Answer it apart again" in panel(erasure)
    client.post(url("requests.split", erasure.pk))
    assert fresh(erasure).case_id is None


def test_a_copy_that_nobody_fetched_is_told_and_blocks_nothing():
    access, erasure = joined()
    export = an_export(b"x", expires_at=timezone.now() + timedelta(days=3))
    Export.objects.filter(pk=export.pk).update(request=access)
    perform(access.pk, "withdraw", actor=processor())
    text = panel(erasure)
    assert f"The copy of {access.reference} was not downloaded yet" in text
    assert combining.copies_before_erasure([fresh(access), fresh(erasure)]) == []


@pytest.mark.parametrize("act", ["spam", "withdraw"])
def test_the_team_means_one_or_the_whole_letter(act):
    access, erasure, objection = proven(R.ACCESS, R.ERASURE, R.OBJECTION)
    address = {
        "spam": lambda each: url("requests.spam", each.pk),
        "withdraw": lambda each: url("requests.transition", each.pk, "withdraw"),
    }[act]
    client = signed_in("Processor")
    assert objection.reference in words(client.get(address(access)))
    client.post(address(access), {"reason": "So."})
    assert [fresh(each).is_open for each in (access, erasure)] == [False, True]
    client.post(address(erasure), {"reason": "So.", "whole_letter": "on"})
    assert not fresh(objection).is_open
    assert not fresh(erasure).is_open


def test_the_mails_of_a_letter_are_few(client):
    proven(R.ACCESS, R.ERASURE, R.RESTRICTION)
    send_mails()
    assert OutboxMail.objects.filter(template="confirm").count() == 1
    assert OutboxMail.objects.filter(template="received").count() == 3


def test_nobody_asks_whether_the_parts_of_one_letter_are_of_one_person(client):
    access, erasure = proven()
    assert "perhaps the same person" not in panel(erasure)
    assert "Your other requests" not in text_of(status(client, access))
