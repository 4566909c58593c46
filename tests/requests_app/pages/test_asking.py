from __future__ import annotations

import re

import pytest
from django.test import Client

from requests_app.intake.submitting import MOST_FROM_ADDRESS_AN_HOUR
from requests_app.models import OutboxMail, Right, SubjectRequest
from tests.requests_app.pages.words import TYPED, text_of
from tests.requests_app.portal import ANN, confirmed, submitted

pytestmark = pytest.mark.django_db


def test_the_form_explains_all_seven_rights(client):
    response = client.get("/")
    words = text_of(response)
    assert response.status_code == 200
    assert [right.label for right in Right if right.label not in words] == []
    assert words.count("You get ") >= len(Right)
    assert words.count("Usually within a few days") + words.count("Usually within one month") == len(Right)


def test_only_name_address_right_and_terms_are_needed(client):
    response = client.post("/", TYPED)
    assert (response.status_code, response.url) == (302, "/sent")
    request = SubjectRequest.objects.get()
    assert (request.right, request.name, request.email) == (Right.ACCESS, "Ann Example", ANN)
    assert request.formats == ["pdf", "html"]


@pytest.mark.parametrize("field", ["right", "name", "email", "terms"])
def test_what_is_missing_is_named_and_linked_to(client, field):
    page = client.post("/", {name: value for name, value in TYPED.items() if name != field})
    assert page.status_code == 400
    assert not SubjectRequest.objects.exists()
    html = page.content.decode()
    (target,) = re.findall(r'role="alert".*?href="#([^"]+)".*?</div>', html, re.DOTALL)
    (widget,) = re.findall(rf'<(?:input|textarea)[^>]*id="{target}"[^>]*>', html)
    assert 'aria-invalid="true"' in widget
    assert f'id="id_{field}_error"' in html
    described = re.search(r'aria-describedby="([^"]+)"', html.split("<fieldset")[1] if field == "right" else widget)
    assert f"id_{field}_error" in described[1].split()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("right", "everything"),
        ("name", "   "),
        ("name", "A" * 201),
        ("name", "Ann\x00Example"),
        ("email", "ann@"),
        ("email", "a" * 250 + "@example.test"),
        ("details", "x" * 5001),
        ("formats", "exe"),
        ("portable_formats", "pdf"),
        ("place", "XX"),
    ],
)
def test_wrong_input_is_refused_at_its_field(client, field, value):
    page = client.post("/", {**TYPED, field: value})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]
    assert not SubjectRequest.objects.exists()


def test_nothing_typed_is_lost_when_something_is_wrong(client):
    typed = {"right": "portability", "name": "Ann <i>E</i>", "email": "ann@", "details": "two\nlines & more"}
    html = client.post("/", {**typed, "portable_formats": ["csv"], "terms": "on"}).content.decode()
    assert 'value="Ann &lt;i&gt;E&lt;/i&gt;"' in html
    assert 'value="ann@"' in html
    assert "two\nlines &amp; more</textarea>" in html
    checked = re.findall(r"<input[^>]*value=\"(\w+)\"[^>]*checked", html)
    assert sorted(checked) == ["csv", "portability"]
    assert re.search(r'name="terms"[^>]*checked', html)


def test_details_are_counted_as_the_browser_counts_them(client):
    client.post("/", {**TYPED, "details": "x\r\n" * 2500})
    assert len(SubjectRequest.objects.get().details) == 4999


def test_a_name_is_one_line(client):
    client.post("/", {**TYPED, "name": " Ann\r\nBcc:  eve "})
    assert SubjectRequest.objects.get().name == "Ann Bcc: eve"


def test_formats_are_kept_only_where_files_are_made(client):
    both = {"formats": ["xlsx", "pdf"], "portable_formats": ["csv"]}
    for right in ("erasure", "portability", "access"):
        client.post("/", {**TYPED, **both, "right": right})
    assert [request.formats for request in SubjectRequest.objects.order_by("pk")] == [[], ["csv"], ["xlsx", "pdf"]]


def test_whoever_takes_data_elsewhere_and_chooses_nothing_gets_what_programs_read(client):
    client.post("/", {**TYPED, "right": "portability"})
    assert SubjectRequest.objects.get().formats == ["json", "csv"]


def test_formats_are_offered_by_what_they_are_good_for(client):
    html = client.get("/").content.decode()
    offered = {name: re.findall(rf'name="{name}" value="(\w+)"', html) for name in ("formats", "portable_formats")}
    assert offered == {
        "formats": ["pdf", "html", "xlsx", "csv", "json", "xml"],
        "portable_formats": ["json", "csv", "xml", "xlsx"],
    }
    checked = re.findall(r'name="\w*formats" value="(\w+)"[^>]*checked', html)
    assert checked == ["pdf", "html", "json", "csv"]
    assert "Of long lists it shows the beginning" in text_of(client.get("/"))


@pytest.mark.parametrize(("asked", "chosen"), [("erasure", ["erasure"]), ("nonsense", []), ("", [])])
def test_a_link_to_the_form_chooses_the_right(client, asked, chosen):
    html = client.get("/", {"right": asked}).content.decode()
    assert re.findall(r'<input[^>]*name="right"\s+value="(\w+)"[^>]*checked', html) == chosen


def test_too_many_requests_are_refused_with_everything_kept(client):
    for number in range(MOST_FROM_ADDRESS_AN_HOUR):
        assert client.post("/", {**TYPED, "email": f"p{number}@example.test"}).status_code == 302
    refused = client.post("/", {**TYPED, "details": "please hurry"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert "please hurry</textarea>" in refused.content.decode()
    assert "try again in" in text_of(refused)
    assert not SubjectRequest.objects.filter(email=ANN).exists()


def test_the_answer_is_the_same_whatever_is_known(client):
    unknown = client.post("/", TYPED)
    again = client.post("/", TYPED)
    confirmed("bob@example.test")
    known = client.post("/", {**TYPED, "email": "bob@example.test"})
    answers = {(answer.status_code, answer.url, answer.content) for answer in (unknown, again, known)}
    assert len(answers) == 1


def test_a_form_without_its_token_is_refused_in_plain_words():
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post("/", TYPED)
    assert refused.status_code == 403
    assert "allow cookies" in text_of(refused)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', strict.get("/").content.decode())[1]
    assert strict.post("/", {**TYPED, "csrfmiddlewaretoken": token}).status_code == 302


def test_the_mail_is_sent_again_and_nobody_learns_whether_there_was_one(client):
    submitted()
    known = client.post("/resend", {"email": ANN.upper()})
    assert OutboxMail.objects.filter(template="confirm").count() == 2
    unknown = client.post("/resend", {"email": "nobody@example.test"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, "/sent?again")
    assert "If a request from this mailbox" in text_of(client.get(known.url))


def test_a_wrong_address_for_the_mail_is_named_and_kept(client):
    page = client.post("/resend", {"email": "ann@"})
    assert page.status_code == 400
    assert "whole e-mail address" in text_of(page)
    assert 'value="ann@"' in page.content.decode()


def test_asking_for_the_mail_too_often_is_refused(client):
    answers = [client.post("/resend", {"email": ANN}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "/", "GET, HEAD, POST"),
        ("delete", "/", "GET, HEAD, POST"),
        ("get", "/resend", "POST"),
        ("post", "/sent", "GET, HEAD"),
    ],
)
def test_other_methods_are_refused(client, method, path, allowed):
    response = getattr(client, method)(path)
    assert (response.status_code, response.headers["Allow"]) == (405, allowed)


def test_the_privacy_policy_is_linked_to_where_there_is_one(client, settings):
    settings.DSR_PRIVACY_URL = ""
    assert "privacy policy" not in client.get("/").content.decode().lower()
    settings.DSR_PRIVACY_URL = "https://example.test/privacy"
    assert client.get("/").content.decode().count("https://example.test/privacy") == 2


def test_the_place_chosen_is_kept(client):
    client.post("/", TYPED | {"place": "DE-BY"})
    assert SubjectRequest.objects.get().place == "DE-BY"


def test_the_browsers_language_proposes_the_place_and_nobody_has_to_tell_it(client):
    page = client.get("/", headers={"accept-language": "de-AT,de;q=0.9"}).content.decode()
    assert '<option value="AT" selected>' in page
    assert '<option value="" selected>' in client.get("/", headers={"accept-language": "en-US"}).content.decode()
    client.post("/", TYPED)
    assert SubjectRequest.objects.get().place == ""


def test_who_asks_for_somebody_else_is_written_to_in_the_language_they_chose(client):
    other = {"for_whom": "other", "person_name": "Ben Example", "kind": "relative", "language": "de", "place": "AT"}
    assert client.post("/", TYPED | other).status_code == 302
    asked = SubjectRequest.objects.get()
    assert (asked.name, asked.email, asked.language, asked.place) == ("Ben Example", "", "de", "AT")


def test_the_place_asked_for_is_that_of_whom_the_request_is_about(client):
    assert "If you ask for somebody else, choose where they live." in client.get("/").content.decode()
