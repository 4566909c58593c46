"""The pages on which a person says what is wrong: what they show, keep, refuse, and never show."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from requests_app import links, tasks
from requests_app.models import (
    DownloadCode,
    IdentityRule,
    Message,
    Recipient,
    Representative,
    SecureLink,
    SourceSearch,
    Status,
    Upload,
)
from requests_app.proofs import known_rules
from tests.requests_app.changing.shops import run
from tests.requests_app.portal import a_request, send_mails
from tests.requests_app.rectifying.shops import a_rectification, a_shop, decided, proposed, states, the_place, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def shop(sqlite_url):
    a_shop(sqlite_url)
    return sqlite_url


def token_of(request, **fields):
    return links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(hours=1), **fields)


def page(request, route="corrections", *arguments, client=None, token=""):
    return (client or Client()).get(reverse(route, args=[token or token_of(request), *arguments]))


def record_address(request, token, collection="customers", ordinal=0):
    place = the_place(request, collection, ordinal)
    return reverse("corrections-record", args=[token, place.search_id, place.number, place.ordinal])


def fields_of(form_page):
    """Give what the form on a page would send unchanged."""
    form = form_page.context["form"]
    return {bound.html_name: bound.value() or "" for bound in form if bound.name != "evidence"}


def test_the_page_of_the_request_leads_there_once_the_sources_are_read(shop):
    request = a_rectification(is_read=False)
    assert b"say what is wrong" not in page(request, "status").content
    assert b"still looking up" in page(request).content
    tasks.collect_source(SourceSearch.objects.get().pk)
    assert b"You can now say what is wrong" in page(request, "status").content
    text = page(request).content.decode()
    assert "Your account" in text
    assert "2 records" in text
    assert "Lamp" not in text


def test_values_are_typed_beside_what_stands_there_and_sent_with_evidence(shop):
    request = a_rectification()
    token, client = token_of(request), Client()
    address = record_address(request, token)
    form = client.get(address)
    sent = fields_of(form)
    assert (sent["field-0"], sent["field-1"], sent["field-2"]) == ("Anne", "Olso", "a")
    assert "Carl" not in form.content.decode()
    sent |= {"field-1": "Oslo", "field-2": "b", "reason": "A slip.", "evidence": SimpleUploadedFile("id.txt", b"Ann")}
    assert client.post(address, sent).status_code == 302
    assert states(request) == {"city": "proposed", "level": "proposed"}
    assert Upload.objects.get(kind="evidence").corrections.count() == 2
    text = client.get(reverse("corrections", args=[token])).content.decode()
    for words in ("Olso", "Oslo", "Regular", "New", "A slip.", "id.txt"):
        assert words in text


def test_what_does_not_fit_is_named_and_nothing_typed_is_lost(shop):
    request = a_rectification()
    token, client = token_of(request), Client()
    address = record_address(request, token)
    sent = fields_of(client.get(address)) | {"field-0": "x" * 30, "field-1": "Oslo-4711", "reason": "A slip."}
    again = client.post(address, sent)
    assert again.status_code == 400
    text = again.content.decode()
    assert "takes at most 20 characters" in text
    assert "Oslo-4711" in text
    assert "A slip." in text
    assert states(request) == {}


def test_an_unchanged_form_proposes_nothing_whatever_stands_there(shop):
    run(shop, "UPDATE customers SET city = ' two  spaces ', name = '' WHERE id = 1")
    request = a_rectification()
    token, client = token_of(request), Client()
    address = record_address(request, token)
    assert client.post(address, fields_of(client.get(address))).status_code == 302
    assert states(request) == {}


def test_a_proposal_is_taken_back_on_the_page_and_those_of_others_are_not(shop):
    request, other = a_rectification(), a_rectification("bob@example.test")
    (mine,), (theirs,) = proposed(request, city="Oslo"), proposed(other, city="Oslo")
    token, client = token_of(request), Client()
    assert client.post(reverse("corrections-take-back", args=[token, theirs.pk])).status_code == 400
    assert client.post(reverse("corrections-take-back", args=[token, mine.pk])).status_code == 302
    assert (states(request), states(other)) == ({}, {"city": "proposed"})


def test_a_record_that_is_not_theirs_has_no_page(shop):
    request = a_rectification()
    theirs = the_place(a_rectification("bob@example.test"))
    token = token_of(request)
    for place in ((theirs.search_id, theirs.number, 0), (10**6, 0, 0), (theirs.search_id, 10**8, 10**8)):
        answer = Client().get(reverse("corrections-record", args=[token, *place]))
        assert (answer.status_code, answer.url) == (302, reverse("corrections", args=[token]))
        answer = Client().post(reverse("corrections-record", args=[token, *place]), {"field-0": "x"})
        assert answer.status_code == 302
    assert states(request) == {}


def test_many_records_have_pages(shop):
    run(shop, *(f"INSERT INTO orders VALUES ({100 + number}, 1, 7, 'Street {number}')" for number in range(25)))
    request = a_rectification()
    place, token = the_place(request, "orders"), token_of(request)
    address = reverse("corrections-collection", args=[token, place.search_id, place.number])
    first, last = Client().get(address).content.decode(), Client().get(f"{address}?page=3").content.decode()
    assert "page 1 of 3" in first
    assert "Record 27" in last
    assert Client().get(f"{address}?page=99").status_code == 200
    assert Client().get(f"{address}?page=nonsense").status_code == 200


def test_what_fits_into_no_field_is_a_message_to_the_team(shop):
    request = a_rectification()
    token, client = token_of(request), Client()
    address = reverse("corrections-write", args=[token])
    assert client.post(address, {"text": ""}).status_code == 400
    assert client.post(address, {"text": "My sister's name stands in a note."}).status_code == 302
    assert Message.objects.get(kind="from_person").text == "My sister's name stands in a note."


def test_where_a_code_is_asked_for_before_downloads_it_is_asked_for_here(shop, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    request = a_rectification()
    proposed(request, city="Oslo-4711")
    token, client = token_of(request), Client()
    routes = {
        "corrections": client.get(reverse("corrections", args=[token])),
        "record": client.get(record_address(request, token)),
        "propose": client.post(record_address(request, token), {"field-1": "x"}),
        "write": client.post(reverse("corrections-write", args=[token]), {"text": "x"}),
    }
    assert {name: answer.status_code for name, answer in routes.items()} == {
        "corrections": 200,
        "record": 200,
        "propose": 403,
        "write": 403,
    }
    for answer in routes.values():
        assert "Olso" not in answer.content.decode()
        assert "4711" not in answer.content.decode()
    assert client.post(reverse("corrections-code", args=[token]), {"code": "AAAA-AAAA"}).status_code == 400
    client.post(reverse("corrections-code-send", args=[token]))
    code = next(line for mail in send_mails() for line in mail.body.split() if len(line) == 9 and line[4] == "-")
    entered = client.post(reverse("corrections-code", args=[token]), {"code": code})
    assert entered.status_code == 302
    cookie = entered.cookies["corrections"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/r/{token}/corrections", True, "Strict")
    assert "Olso" in client.get(reverse("corrections", args=[token])).content.decode()
    other = token_of(request)
    assert "Olso" not in client.get(reverse("corrections", args=[other])).content.decode()


def test_the_table_of_proofs_may_ask_for_the_code_too(shop):
    known_rules()
    line = {"checks": ["mailbox"], "download_checks": ["mailbox"], "why": "Much is lost by a mistake here."}
    IdentityRule.objects.update_or_create(right="", place="", defaults=line)
    request = a_rectification()
    assert "One more step" in page(request).content.decode()
    assert DownloadCode.objects.count() == 0


def test_once_it_is_answered_the_page_shows_what_stood_there_and_what_does_now(shop):
    request = a_rectification()
    proposed(request, city="Oslo", name="Ann")
    decided(request, city="approve", name=("reject", "Your passport says Anne."))
    written(request)
    text = page(request).content.decode()
    for words in ("Olso", "Oslo", "Corrected on", "Not corrected", "Your passport says Anne.", "print the page"):
        assert words in text
    assert "Take it back" not in text
    assert "See what stood there" in page(request, "status").content.decode()


def test_another_right_and_who_is_not_proven_any_more_see_nothing(shop):
    other = a_request(Status.IN_PROGRESS)
    assert page(other).status_code == 302
    request = a_rectification()
    request.identity_checks.create(kind="team", sent=0, purpose="begin")
    assert page(request).status_code == 302
    assert Client().get(record_address(request, token_of(request))).status_code == 302


@pytest.mark.parametrize(("receives", "status"), [(True, 200), (False, 410)])
def test_who_stands_for_the_person_sees_the_data_where_the_answer_is_theirs(shop, receives, status):
    request = a_rectification()
    Representative.objects.create(
        request=request,
        kind="lawyer",
        name="Lena",
        email="lena@example.test",
        state="accepted",
        decided_at=request.submitted_at,
        rights=["rectification"],
        receives_answer=receives,
    )
    assert page(request, token=token_of(request, recipient=Recipient.REPRESENTATIVE)).status_code == status
