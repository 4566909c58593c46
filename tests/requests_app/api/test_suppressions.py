"""The register as the organisation's systems ask it."""

from __future__ import annotations

import pytest

from requests_app import audit
from requests_app.api import authentication
from requests_app.models import AuditEntry, ServiceToken, Suppression
from requests_app.suppression import tokens
from requests_app.suppression.register import enter
from requests_app.suppression.tokens import UnnamedToken
from tests.requests_app.portal import ANN, BOB, a_request

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/suppressions/check"


@pytest.fixture
def token():
    return tokens.mint("Mailing system", ServiceToken.Ability.SUPPRESSIONS, actor=audit.SYSTEM)


@pytest.fixture
def ann_objected():
    enter(a_request(), [("email", ANN)], Suppression.Scope.MARKETING, actor=audit.SYSTEM)


def ask(client, token, body):
    headers = {"authorization": f"Bearer {token}"}
    return client.post(ADDRESS, body, content_type="application/json", headers=headers)


def identifiers(*emails):
    return {"identifiers": [{"kind": "email", "value": email} for email in emails]}


@pytest.mark.usefixtures("ann_objected")
def test_many_are_answered_in_their_order(client, token):
    answer = ask(client, token, identifiers(BOB, ANN.upper(), "nonsense"))
    assert answer.status_code == 200
    told = answer.json()["results"]
    assert [item["suppressed"] for item in told] == [False, True, False]
    assert list(told[1]["scopes"]) == ["marketing"]
    assert told[1]["scopes"]["marketing"].endswith("Z")


@pytest.mark.usefixtures("ann_objected")
def test_one_is_answered_by_get(client, token):
    headers = {"authorization": f"Bearer {token}"}
    assert client.get(ADDRESS, {"email": ANN}, headers=headers).json()["suppressed"] is True
    assert client.get(ADDRESS, {"user_id": "7"}, headers=headers).json() == {"suppressed": False, "scopes": {}}
    for query in ({}, {"email": ANN, "phone": "+491234567"}, {"name": "Ann"}):
        assert client.get(ADDRESS, query, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "identifiers"),
        ([], "identifiers"),
        ({"identifiers": "ann"}, "identifiers"),
        ({"identifiers": [{"kind": "name", "value": "Ann"}]}, "identifiers[0].kind"),
        ({"identifiers": [{"kind": "email", "value": 7}]}, "identifiers[0].value"),
        ({"identifiers": [{"kind": "email", "value": ANN}, "ann"]}, "identifiers[1].kind"),
        ({"identifiers": [{"kind": "email", "value": ANN}] * 1001}, "identifiers"),
    ],
)
def test_bad_input_names_its_field(client, token, body, field):
    answer = ask(client, token, body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == [field]
    assert ANN not in answer.content.decode()


def test_what_is_no_json_is_a_problem_too(client, token):
    headers = {"authorization": f"Bearer {token}"}
    answer = client.post(ADDRESS, "{", content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer dsr_wrong", "Basic YW5uOmI=", "Bearer \xff"])
def test_without_a_token_nothing_is_said(client, authorization):
    headers = {"authorization": authorization} if authorization else {}
    answer = client.post(ADDRESS, identifiers(ANN), content_type="application/json", headers=headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_that_was_ended_opens_nothing_and_is_on_record(client, token):
    row = ServiceToken.objects.get()
    assert tokens.revoke(row.pk, actor=audit.SYSTEM)
    assert not tokens.revoke(row.pk, actor=audit.SYSTEM)
    assert ask(client, token, identifiers(ANN)).status_code == 401
    assert AuditEntry.objects.filter(action="token.refused").count() == 1


def test_guessing_is_limited(client, monkeypatch):
    monkeypatch.setattr(authentication, "MOST_WRONG_AN_HOUR", 2)
    statuses = [ask(client, f"dsr_{number}", identifiers(ANN)).status_code for number in range(4)]
    assert statuses == [401, 401, 429, 429]


def test_a_token_is_kept_as_a_hash_and_noted_when_used(client, token):
    row = ServiceToken.objects.get()
    assert token not in str(row.__dict__)
    assert row.used_on is None
    ask(client, token, identifiers(ANN))
    row.refresh_from_db()
    assert row.used_on is not None


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "Mailing system"])
@pytest.mark.usefixtures("token")
def test_a_token_has_a_name_of_its_own(name):
    with pytest.raises(UnnamedToken):
        tokens.mint(name, ServiceToken.Ability.SUPPRESSIONS, actor=audit.SYSTEM)
