"""The people built as traps: all there at the smallest scale, and as odd as said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from requests_app.demonstration import texts
from requests_app.demonstration.writing import COMPANIES
from tests.requests_app.demonstration import PEOPLE, Written, write_company

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module", params=sorted(COMPANIES))
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_company(request.param, tmp_path_factory.mktemp("demonstration"))


def test_every_trap_names_people_and_says_what_it_is_about(written: Written) -> None:
    traps = written.truth.traps
    assert {"retry_chain", "billed_for_another"} <= set(traps) or written.company != "saas"
    assert len(traps) >= 28
    for trap in traps.values():
        assert trap.people
        assert trap.about
        assert set(trap.people) <= set(written.truth.people)


def test_people_built_as_members_have_rows_in_every_table(written: Written) -> None:
    traps = written.truth.traps
    thin = ("only_email", "only_user_id", "no_rows", "one_row", "nulls")
    absent = {key for trap in thin for key in traps[trap].people} | {"bookkeeper@example.test"}
    for key in {key for trap in traps.values() for key in trap.people} - absent:
        assert set(written.truth.people[key].rows) == set(written.truth.tables), key


@pytest.mark.parametrize(
    ("trap", "shape"),
    [
        ("look_alike_inside", lambda one, other: one in other),
        ("look_alike_tag", lambda one, other: other == one.replace("@", "+news@")),
        ("look_alike_dot", lambda one, other: other.replace(".", "") == one.replace(".", "")),
        ("look_alike_domain", lambda one, other: other.startswith(f"{one}.")),
        ("accented", lambda one, other: one.replace("é", "e") == other),
        ("sharp_s", lambda one, other: one.casefold() == other.casefold()),
    ],
)
def test_look_alike_addresses_are_different_people(
    written: Written, trap: str, shape: Callable[[str, str], bool]
) -> None:
    one, other = written.truth.traps[trap].people
    assert one != other
    assert shape(one, other)


@pytest.mark.parametrize("trap", ["like_underscore", "like_percent"])
def test_a_pattern_match_would_find_a_second_person(written: Written, trap: str) -> None:
    pattern, _ = written.truth.traps[trap].people
    assert len(written.ask(f"SELECT 1 FROM {written.user_table()} WHERE email LIKE :pattern", pattern=pattern)) > 1


def test_odd_accounts_are_stored_as_said(written: Written) -> None:
    table = written.user_table()
    spelled = dict(written.ask(f"SELECT lower(email), email FROM {table} WHERE deleted_at IS NULL"))
    assert spelled["ann@example.test"] == "Ann@Example.Test"
    assert spelled["josé@example.test"] == "José@Example.Test"
    assert written.ask(f"SELECT 1 FROM {table} WHERE previous_email = 'maria.old@example.test'")
    assert len(written.ask(f"SELECT 1 FROM {table} WHERE email = 'back.again@example.test'")) == 2
    assert len(written.truth.people["back.again@example.test"].identifiers["user_id"]) == 2
    assert written.ask(f"SELECT 1 FROM {table} WHERE email IS NULL")
    assert written.ask(f"SELECT 1 FROM {table} WHERE email = ''")


def test_people_who_are_hardly_there_are_found_as_little_as_said(written: Written) -> None:
    people = written.truth.people
    assert not people[written.only_person("no_rows")].rows
    assert {name: len(keys) for name, keys in people[written.only_person("one_row")].rows.items()} == {
        written.user_table(): 1
    }
    guest = people[written.truth.traps["only_email"].people[0]]
    assert guest.rows
    assert written.user_table() not in guest.rows
    assert not guest.identifiers["user_id"]


def test_a_ghost_is_known_by_user_id_alone(written: Written) -> None:
    ghost = written.truth.people[written.only_person("only_user_id")]
    (user_id,) = ghost.identifiers["user_id"]
    ((table, keys),) = ghost.rows.items()
    column = written.truth.tables[table].key[0]
    assert sorted(written.keys(f"SELECT {column} FROM {table} WHERE user_id = :id", id=user_id)) == sorted(keys)
    assert not written.ask(f"SELECT 1 FROM {written.user_table()} WHERE id = :id", id=user_id)
    assert not ghost.identifiers["email"]


def test_rows_left_out_by_value_are_nobodys_and_null_is_not_such_a_value(written: Written) -> None:
    tester = written.truth.people[written.only_person("left_out")]
    (user_id,) = tester.identifiers["user_id"]
    log, key = ("audit_logs", "event_id") if written.company == "saas" else ("grant_activity_log", "id")
    left_out = written.keys(f"SELECT {key} FROM {log} WHERE user_id = :id AND action = 'heartbeat'", id=user_id)
    assert left_out
    assert not set(left_out) & set(tester.rows[log])
    assert set(written.keys(f"SELECT {key} FROM {log} WHERE user_id = :id AND action IS NULL", id=user_id)) & set(
        tester.rows[log]
    )


def test_neighbours_share_an_address_and_colleagues_an_organisation(written: Written) -> None:
    shared = "postal_addresses" if written.company == "saas" else "organizations"
    one, other = (written.truth.people[key].rows[shared] for key in written.truth.traps["shared_address"].people)
    assert set(one) & set(other)


def everything_said_by(written: Written, key: str) -> str:
    (user_id,) = written.truth.people[key].identifiers["user_id"]
    column, tables = {
        "saas": ("owner_id", ["workflows"]),
        "grants": ("author_id", ["grant_comments", "task_comments"]),
    }[written.company]
    said = [written.ask(f"SELECT * FROM {table} WHERE {column} = :id", id=user_id) for table in tables]
    return "\n".join(str(value) for rows in said for row in rows for value in row)


def in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def test_texts_hold_every_script_and_every_hostile_string(written: Written) -> None:
    hostile = everything_said_by(written, written.only_person("hostile"))
    assert [text for text in texts.HOSTILE if text not in hostile and in_json(text) not in hostile] == []
    scripts = everything_said_by(written, written.only_person("scripts"))
    assert [text for text in texts.SCRIPTS if text not in scripts] == []


def test_texts_hold_names_addresses_and_numbers_of_others(written: Written) -> None:
    talker, *others = [written.truth.people[key] for key in reversed(written.truth.traps["third_parties"].people)]
    said = everything_said_by(written, talker.identifiers["email"][0])
    for other in others:
        assert other.identifiers["email"][0] in said
        assert other.identifiers["phone"][0] in said


def test_empty_and_missing_values_are_told_apart(written: Written) -> None:
    table = written.user_table()
    (blank,) = written.ask(f"SELECT * FROM {table} WHERE email = :email", email=written.only_person("nulls"))
    assert [value for value in blank if value is not None][0:2] == [blank[0], written.only_person("nulls")]
    assert len([value for value in blank if value is not None]) == 4
    name = "display_name" if written.company == "saas" else "full_name"
    (empty,) = written.keys(f"SELECT {name} FROM {table} WHERE email = :email", email="empty@example.test")
    assert empty == ""


def test_phone_numbers_belong_to_one_person_each(written: Written) -> None:
    numbers = [number for person in written.truth.people.values() for number in person.identifiers["phone"]]
    assert len(numbers) > PEOPLE / 2
    assert len(set(numbers)) == len(numbers)
    assert all(str(number).startswith(("+447700900", "+1")) for number in numbers)


def test_addresses_are_of_domains_nobody_can_own(written: Written) -> None:
    for person in written.truth.people.values():
        assert all(str(email).endswith((".test", ".example")) for email in person.identifiers["email"])
