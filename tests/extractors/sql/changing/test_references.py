"""Foreign keys of any table hold what they lead to; circles are erased whole; no cascade reaches a row not fixed."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.changes import Erasure, Fate, UnchangeableSource
from extractors.errors import SourceUnavailable
from extractors.sql.changing.cases import HELD
from tests.extractors.sql.changing.databases import contents
from tests.extractors.sql.changing.test_erasing import erase
from tests.extractors.sql.sources import ANN, run, source

PEOPLE: dict[str, Any] = {"identifiers": {"user_id": "id"}, "erase": {"action": "delete"}}
DELETE = {"erase": {"action": "delete"}}


def fates(result: Erasure) -> dict[str, dict[Fate, int]]:
    return {name: dict(item.fates) for name, item in result.collections.items()}


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_a_table_no_map_names_holds_a_row_against_any_cascade(database_url: str, action: str) -> None:
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, name varchar(9))",
        f"CREATE TABLE secret (person int, FOREIGN KEY (person) REFERENCES people (id) ON DELETE {action})",
        "INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob')",
        "INSERT INTO secret VALUES (1), (2)",
    )
    before = contents(database_url)
    people = source(database_url, people=PEOPLE)
    result = erase(people)
    assert fates(result) == {"people": {Fate.REFERENCED: 1}}
    assert result.collections["people"].reasons == ("1 record: referenced by secret.person", HELD)
    assert contents(database_url) == before


def test_a_table_of_another_schema_holds_a_row(postgres_database: Any) -> None:
    url = postgres_database("schemas")
    run(
        url,
        'CREATE SCHEMA "o%s ""x"',
        "CREATE TABLE people (id int, kind int, PRIMARY KEY (id, kind))",
        'CREATE TABLE "o%s ""x".people (id int PRIMARY KEY, "a:b" int, "%(c)s" int,'
        ' FOREIGN KEY ("%(c)s", "a:b") REFERENCES public.people (kind, id) ON DELETE CASCADE)',
        "INSERT INTO people VALUES (1, 5), (1, 6), (2, 5)",
        'INSERT INTO "o%s ""x".people VALUES (1, 1, 5)',
    )
    result = erase(source(url, people=PEOPLE))
    assert fates(result) == {"people": {Fate.REFERENCED: 1, Fate.DELETED: 1}}
    assert "people.%(c)s, a:b" in result.collections["people"].reasons[0]
    assert sorted(contents(url)["people"]) == [(1, 5), (2, 5)]


def test_circles_of_foreign_keys_are_erased_whole(database_url: str) -> None:
    run(
        database_url,
        "CREATE TABLE teams (id int PRIMARY KEY, lead_id int NOT NULL)",
        "CREATE TABLE people (id int PRIMARY KEY, team_id int NOT NULL, owner int, boss_id int,"
        " FOREIGN KEY (boss_id) REFERENCES people (id))",
        "INSERT INTO teams VALUES (1, 1), (2, 3), (3, 5)",
        "INSERT INTO people VALUES (1, 1, 1, NULL), (2, 2, 1, 1), (3, 2, 1, 3), (5, 3, 2, 1), (6, 3, 2, NULL)",
        "UPDATE people SET boss_id = 2 WHERE id = 1",
    )
    if not database_url.startswith("sqlite"):
        run(
            database_url,
            "ALTER TABLE teams ADD FOREIGN KEY (lead_id) REFERENCES people (id)",
            "ALTER TABLE people ADD FOREIGN KEY (team_id) REFERENCES teams (id)",
        )
    people = {"identifiers": {"user_id": "owner"}, **DELETE}
    teams = {"links": [{"column": "lead_id", "to": "people.id"}, {"column": "id", "to": "people.team_id"}], **DELETE}
    result = erase(source(database_url, people=people, teams=teams))
    assert result.collections["people"].reasons[0] == "1 record: referenced by people.boss_id"
    assert sorted(row[0] for row in contents(database_url)["people"]) == [1, 2, 3, 5, 6]
    run(database_url, "UPDATE people SET boss_id = NULL WHERE id = 5")
    result = erase(source(database_url, people=people, teams=teams))
    assert fates(result) == {"people": {Fate.DELETED: 3}, "teams": {Fate.DELETED: 2}}
    assert sorted(row[0] for row in contents(database_url)["people"]) == [5, 6]
    assert sorted(row[0] for row in contents(database_url)["teams"]) == [3]


def test_a_row_deep_below_that_stays_holds_its_ancestors_and_no_others(database_url: str) -> None:
    depth = 12
    chain = ", ".join(f"({number}, 1, {number - 1 or 'NULL'})" for number in range(1, depth))
    run(
        database_url,
        "CREATE TABLE nodes (id int PRIMARY KEY, owner int, parent_id int,"
        " FOREIGN KEY (parent_id) REFERENCES nodes (id))",
        f"INSERT INTO nodes VALUES {chain}",
        f"INSERT INTO nodes VALUES (100, 2, {depth // 2}), (101, 1, 100)",
    )
    result = erase(source(database_url, nodes={"identifiers": {"user_id": "owner"}, **DELETE}))
    assert fates(result) == {"nodes": {Fate.REFERENCED: depth // 2, Fate.DELETED: depth - depth // 2}}
    assert sorted(row[0] for row in contents(database_url)["nodes"]) == [*range(1, depth // 2 + 1), 100]


def test_a_link_without_a_foreign_key_holds_too(database_url: str) -> None:
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, code varchar(9))",
        "CREATE TABLE notes (id int PRIMARY KEY, about varchar(9), kind int)",
        "INSERT INTO people VALUES (1, 'A'), (2, 'B')",
        "INSERT INTO notes VALUES (1, 'A', 1), (2, 'A', 2), (3, 'B', 1)",
    )
    notes = {
        "links": [{"column": "about", "to": "people.code"}],
        "where": {"kind": 1},
        "erase": {"action": "keep", "ground": "tax"},
    }
    shop = source(database_url, people=PEOPLE, notes=notes)
    assert erase(shop).collections["people"].reasons == ("1 record: referenced by notes.about", HELD)
    shop = source(database_url, people=PEOPLE, notes={**notes, **DELETE})
    assert fates(erase(shop)) == {"people": {Fate.DELETED: 1}, "notes": {Fate.DELETED: 1}}


def test_what_a_context_collection_is_looked_up_by_does_not_hold(database_url: str) -> None:
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, country varchar(9))",
        "CREATE TABLE countries (code varchar(9), label varchar(9))",
        "INSERT INTO people VALUES (1, 'DE')",
        "INSERT INTO countries VALUES ('DE', 'x')",
    )
    countries = {"links": [{"column": "code", "to": "people.country"}], "context": True}
    result = erase(source(database_url, people=PEOPLE, countries=countries))
    assert fates(result) == {"people": {Fate.DELETED: 1}, "countries": {Fate.KEPT: 1}}


def test_a_column_that_foreign_keys_lead_to_is_not_set(database_url: str) -> None:
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, email varchar(60) UNIQUE)",
        "CREATE TABLE logs (email varchar(60), FOREIGN KEY (email) REFERENCES people (email) ON UPDATE CASCADE)",
        "INSERT INTO people VALUES (1, 'ann@x.org')",
        "INSERT INTO logs VALUES ('ann@x.org')",
    )
    anonymise = {"erase": {"action": "anonymise", "fields": {"email": {"mask": "email"}}}}
    people = source(database_url, people={"identifiers": {"user_id": "id"}, **anonymise})
    with pytest.raises(UnchangeableSource, match=r"people.email .* logs.email"):
        people.erase(ANN, apply=False)


def test_hostile_names_are_quoted_everywhere(database_url: str) -> None:
    quote = (
        (lambda name: "`" + name.replace("`", "``") + "`")
        if database_url.startswith("mariadb")
        else (lambda name: '"' + name.replace('"', '""') + '"')
    )
    table, key, value = 'se"lect `%s', "o'r der :x", "%(gro)s up"
    child, parent = "Tab le", 'pär"ent'
    run(
        database_url,
        f"CREATE TABLE {quote(table)} ({quote(key)} varchar(9) PRIMARY KEY, {quote(value)} varchar(40) UNIQUE)",
        f"CREATE TABLE {quote(child)} ({quote(parent)} varchar(9), id int PRIMARY KEY,"
        f" FOREIGN KEY ({quote(parent)}) REFERENCES {quote(table)} ({quote(key)}))",
        f"INSERT INTO {quote(table)} VALUES ('1', 'x'';--'), ('2', 'y')",
        f"INSERT INTO {quote(child)} VALUES ('1', 1), ('1', 2), ('2', 3)",
    )
    people = {
        "table": table,
        "identifiers": {"user_id": key},
        "erase": {"action": "anonymise", "fields": {value: "%s ' \" \\ ` :x %(y)s 🎈"}},
    }
    shop = source(
        database_url,
        people=people,
        children={"table": child, "links": [{"column": parent, "to": f"people.{key}"}], **DELETE},
    )
    assert fates(erase(shop)) == {"people": {Fate.ANONYMISED: 1}, "children": {Fate.DELETED: 2}}
    (mine,) = (row[1] for row in contents(database_url)[table] if row[0] == "1")
    assert mine.startswith("%s ' \" \\ ` :x %(y)s 🎈-")


def test_rows_that_a_policy_hides_are_not_cascaded_to(postgres_database: Any) -> None:
    url = postgres_database("hidden")
    run(
        url,
        "CREATE TABLE people (id int PRIMARY KEY)",
        "CREATE TABLE secret (person int REFERENCES people ON DELETE CASCADE)",
        "INSERT INTO people VALUES (1)",
        "INSERT INTO secret VALUES (1)",
        "ALTER TABLE secret ENABLE ROW LEVEL SECURITY",
        "DROP ROLE IF EXISTS limited",
        "CREATE ROLE limited LOGIN",
        "GRANT SELECT, UPDATE, DELETE ON people TO limited",
        "GRANT SELECT ON secret TO limited",
    )
    with pytest.raises(SourceUnavailable):
        source(url.replace("postgres@", "limited@"), people=PEOPLE).erase(ANN, apply=True)
    assert contents(url)["secret"].total() == 1
    run(url, "DROP OWNED BY limited", "DROP ROLE limited")
