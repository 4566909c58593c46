"""The register and the tokens of other systems in the console."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Identifier, ServiceToken, SubjectRequest, Suppression
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import ANN, BOB, a_request, acts

pytestmark = pytest.mark.django_db


def register(name: str, *arguments: object) -> str:
    return reverse(f"admin:requests_app_suppression_{name}", args=arguments)


def tokens(name: str, *arguments: object) -> str:
    return reverse(f"admin:requests_app_servicetoken_{name}", args=arguments)


@pytest.fixture
def person() -> SubjectRequest:
    request = a_request()
    Identifier.objects.create(request=request, kind="email", value=ANN, proof="mailbox", proven_at=timezone.now())
    return request


def test_somebody_is_entered_from_their_request_found_and_lifted(person):
    processor, reviewer = signed_in("Processor"), signed_in("Reviewer")
    page = url("requests.change", person.pk)
    assert register("enter", person.pk) in processor.get(page).content.decode()
    assert processor.post(register("enter", person.pk), {"scope": "marketing"}).url.startswith(page)
    assert "Direct marketing (GDPR Art. 21(3)) stands" in words(processor.get(page))
    found = reviewer.post(register("look_up"), {"kind": "email", "value": ANN.upper()})
    assert "The data must not be used" in words(found)
    assert person.reference in words(found)
    assert ANN not in found.request["QUERY_STRING"]
    (entry,) = Suppression.objects.all()
    lifting = register("lift", entry.pk)
    assert lifting in found.content.decode()
    assert "1 identifier of the person is lifted together" in words(reviewer.get(lifting))
    assert reviewer.post(lifting, {"reason": ""}).status_code == 400
    reviewer.post(lifting, {"reason": "They agreed again."})
    assert "Nothing stands any more" in words(reviewer.post(register("look_up"), {"kind": "email", "value": ANN}))
    assert "They agreed again." in words(reviewer.get(page))


def test_whoever_may_only_look_is_offered_nothing_else(person):
    viewer = signed_in("Viewer")
    Suppression.objects.create(scope="all", hash="0" * 64, key=person.key, request=person)
    assert "/enter/" not in viewer.get(url("requests.change", person.pk)).content.decode()
    assert "/lift/" not in viewer.get(register("changelist")).content.decode()


def test_the_list_is_narrowed_by_scope_and_state_and_counts_by_scope(person):
    viewer = signed_in("Viewer")
    assert "Nobody stands in the register" in words(viewer.get(register("changelist")))
    known = {"key": person.key, "request": person}
    Suppression.objects.create(scope="all", hash="1" * 64, **known)
    Suppression.objects.create(scope="marketing", hash="2" * 64, lifted_at=timezone.now(), **known)
    page = words(viewer.get(register("changelist")))
    assert "All 1 0" in page
    assert "Marketing 0 1" in page
    for query, shown in {"": 1, "?state=all": 2, "?state=lifted": 1, "?scope=marketing": 0}.items():
        text = viewer.get(register("changelist") + query).content.decode()
        assert text.count('data-label="Since"') == shown, query


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [("email", "", "Please type"), ("email", "nobody", "not an e-mail address"), ("phone", "040 1", "international")],
    ids=["nothing", "mailbox", "phone"],
)
def test_what_cannot_be_looked_up_says_why(kind, value, told):
    response = signed_in("Viewer").post(register("look_up"), {"kind": kind, "value": value})
    assert response.status_code == 400
    assert told in words(response)


def test_of_somebody_who_was_never_entered_it_says_so():
    response = signed_in("Viewer").post(register("look_up"), {"kind": "email", "value": BOB})
    assert "Nothing was ever entered" in words(response)
    assert "no-store" in response["Cache-Control"]


def asked(token: str):
    body = json.dumps({"identifiers": [{"kind": "email", "value": ANN}]})
    headers = {"Authorization": f"Bearer {token}"}
    return Client(headers=headers).post("/api/v1/suppressions/check", body, content_type="application/json")


def test_a_token_is_shown_once_works_and_is_ended():
    manager = signed_in("Manager")
    assert "No system has a token yet" in words(manager.get(tokens("changelist")))
    made = manager.post(tokens("add"), {"name": " Newsletter ", "ability": "suppressions"})
    assert "no-store" in made["Cache-Control"]
    token = re.search(r'id="token" readonly value="(dsr_[\w-]+)"', made.content.decode())[1]
    page = words(manager.get(tokens("changelist")))
    assert "Newsletter ask whose data must not be used works never" in page
    assert token not in manager.get(tokens("changelist")).content.decode()
    assert asked(token).status_code == 200
    assert f"works {timezone.localdate():%-d %b %Y}" in words(manager.get(tokens("changelist")))
    manager.post(tokens("end", ServiceToken.objects.get().pk))
    assert asked(token).status_code == 401
    assert "ended" in words(manager.get(tokens("changelist")))
    assert acts() == ["token.made", "token.revoked", "token.refused"]


@pytest.mark.parametrize("name", ["", "Newsletter", "x" * 121], ids=["none", "taken", "long"])
def test_a_token_needs_a_name_of_its_own(name):
    manager = signed_in("Manager")
    manager.post(tokens("add"), {"name": "Newsletter", "ability": "suppressions"})
    refused = manager.post(tokens("add"), {"name": name, "ability": "suppressions"})
    assert (refused.status_code, ServiceToken.objects.count()) == (400, 1)


def test_tokens_are_found_among_the_settings_by_managers_alone():
    assert tokens("changelist") in signed_in("Manager").get(reverse("admin:settings")).content.decode()
    for role in ("Viewer", "Processor", "Reviewer"):
        assert signed_in(role).get(tokens("changelist")).status_code == 403
