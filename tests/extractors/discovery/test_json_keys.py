"""Secrets inside JSON are found by what their keys are called, and no value or key that is a value is kept."""

import json

import pytest

from extractors.base import Scope
from extractors.datamap import load
from extractors.discovery.discovering import discover
from extractors.discovery.json_keys import secret_paths
from extractors.discovery.writing import write_map
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from tests.extractors.discovery.databases.world import World

SCHEMA = """
users: id int pk, email text, name text
integrations: id int pk, user_id int, config json, raw text
"""


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"token": "abc"}, ("$.token",)),
        ({"theme": "dark", "auth": {"apiKey": "x", "scope": "all"}}, ("$.auth.apiKey",)),
        ({"passwort": "x", "mot_de_passe": "y", "contrasena": "z"}, ("$.contrasena", "$.mot_de_passe", "$.passwort")),
        ({"deep": {"er": {"still": {"client_secret": "x"}}}}, ("$.deep.er.still.client_secret",)),
        ({"value": "ghp_" + "a1B2" * 9}, ("$.value",)),
        ({"credentials": {"user": "x", "pass": "y"}}, ("$.credentials",)),
        ({"hooks": [{"url": "u", "secret": "x"}]}, ("$.hooks",)),
        ([{"secret": "x"}], ("$",)),
        ({"has_password": True, "tokens_used": 12, "token": None, "password_changed_at": 1.5}, ()),
        ({"theme": "dark", "note": "the password is on the door"}, ()),
    ],
)
def test_keys_called_like_secrets_are_named_by_their_paths(value, paths):
    assert secret_paths([value] * 3) == paths
    assert secret_paths([json.dumps(value)] * 3) == paths


def test_a_secret_is_found_in_json_that_was_cut_off():
    text = json.dumps({"a": {"token": "x", "list": [1, 2]}, "said": 'He said "{" \\', "long": "x" * 500})
    for length in range(20, len(text)):
        assert secret_paths([text[:length]] * 3) == ("$.a.token",)


def test_keys_that_differ_from_row_to_row_are_not_named():
    values = [{"devices": {f"person{number}@example.test": {"token": "x"}}} for number in range(30)]
    assert secret_paths(values) == ("$.devices",)
    names = ("anna", "ben", "carla", "dirk", "eva", "fritz", "gerd")
    assert secret_paths([{name: {"token": "x"}} for name in names]) == ("$",)


def test_what_is_no_json_has_no_secrets():
    assert secret_paths(["{", "{not json", "token", "", None, 5, b"{}", "[]", "[1,", '{"token"']) == ()


def test_a_secret_in_json_does_not_leave_by_a_proposed_map(database_url):
    world = World("integrations", SCHEMA)
    for number, one in enumerate(world.cast("en", 30), 1):
        world.add("users", id=number, email=one.email, name=one.name)
        config = {"theme": "dark", "padding": "x" * 400, "auth": {"apiKey": f"sesame{number}", "scope": "all"}}
        world.add("integrations", id=number, user_id=number, config=config, raw=json.dumps(config))
    world.write(database_url)
    text = write_map(discover(database_url, "integrations"))
    assert "sesame" not in text
    data_map = load(text)
    assert data_map.collections["integrations"].fields["config"].drop == ("$.auth.apiKey",)
    assert data_map.collections["integrations"].fields["raw"].drop == ("$.auth.apiKey",)
    source = open_source(database_url, data_map)
    given = "".join(
        str(batch.rows.to_pylist())
        for extract in source.extract(Identifiers.of([("email", world.people[4].email)]), Scope.ALL)
        for batch in extract.batches
    )
    assert "scope" in given
    assert "sesame" not in given
