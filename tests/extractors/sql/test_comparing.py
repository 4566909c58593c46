"""Values of different types, spellings and declarations meet where they are the same, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.errors import FaultyDataMap
from extractors.identifiers import Identifiers
from tests.extractors.sql.sources import ANN, records, run, source

SNOWFLAKE = 9223372036854775807
UPPER = "0A0B0C0D-0000-4000-8000-00000000000A"


def linked(url: str, mine: str, theirs: str, mine_type: str, theirs_type: str) -> list[dict[str, Any]]:
    """The rows of a child linked by `mine` to the person's parents with the values `theirs`."""
    run(
        url,
        f"CREATE TABLE parent (u int DEFAULT 1, value {theirs_type})",
        f"CREATE TABLE child (value {mine_type})",
        f"INSERT INTO parent (value) VALUES {theirs}",
        f"INSERT INTO child VALUES {mine}",
    )
    links = [{"column": "value", "to": "parent.value"}]
    return records(source(url, parent={"identifiers": {"user_id": "u"}}, child={"links": links}))["child"]


@pytest.mark.parametrize(
    ("mine_type", "theirs_type"),
    [("bigint", "text"), ("text", "bigint"), ("numeric(20)", "text"), ("text", "varchar(30)")],
)
def test_a_number_is_the_same_in_a_text(database_url: str, mine_type: str, theirs_type: str) -> None:
    rows = linked(database_url, f"('{SNOWFLAKE}'), ('-5'), ('8')", f"('{SNOWFLAKE}'), ('-5')", mine_type, theirs_type)
    assert [str(row["value"]) for row in rows] == [str(SNOWFLAKE), "-5"]


def test_a_text_that_is_no_number_of_the_column_matches_none(database_url: str) -> None:
    odd = ("9223372036854775808", "99999999999999999999", "1.5", "", "0x1", "NaN", "a")
    assert linked(database_url, "(1), (0)", ", ".join(f"('{text}')" for text in odd), "bigint", "text") == []


def test_a_row_that_several_spellings_of_a_value_reach_comes_once(database_url: str) -> None:
    odd = "('1'), ('01'), ('1.0'), (' 1')" if database_url.startswith("sqlite") else f"('{UPPER}'), ('{UPPER.lower()}')"
    value = "1" if database_url.startswith("sqlite") else f"'{UPPER}'"
    type_ = "integer" if database_url.startswith("sqlite") else "uuid"
    assert len(linked(database_url, f"({value}), ({value})", odd, type_, "text")) == 2


def test_rows_of_a_view_that_several_spellings_reach_come_once_each(postgres_database: Any) -> None:
    url = postgres_database("view")
    run(
        url,
        "CREATE TABLE parent (u int, value text)",
        "CREATE TABLE child (value uuid)",
        "CREATE VIEW seen AS SELECT * FROM child",
        f"INSERT INTO parent VALUES (1, '{UPPER}'), (1, '{UPPER.lower()}')",
        f"INSERT INTO child VALUES ('{UPPER}'), ('{UPPER}')",
    )
    link = {"links": [{"column": "value", "to": "parent.value"}]}
    extractor = source(url, parent={"identifiers": {"user_id": "u"}}, seen=link)
    assert extractor.search(ANN) == {"parent": 2, "seen": 2}


def test_values_of_two_enumerations_are_compared_by_their_names(postgres_database: Any) -> None:
    url = postgres_database("enums")
    run(url, "CREATE TYPE a AS ENUM ('x', 'y')", "CREATE TYPE b AS ENUM ('y', 'x')")
    assert linked(url, "('x'), ('y')", "('x'::b)", "a", "b") == [{"value": "x"}]


@pytest.mark.parametrize("type_", ["name", 'text COLLATE "C"', "char(5)", "varchar(5)", "date", "inet", "real"])
def test_a_circle_through_columns_of_any_type_is_walked(postgres_database: Any, type_: str) -> None:
    url = postgres_database("circle")
    value = {"date": "date '2020-01-0%s'", "inet": "inet '10.0.0.%s'", "real": "1.%s"}.get(type_, "'v%s'")
    rows = ", ".join(f"({n}, {value % n}, {value % (n + 1)})" for n in range(1, 5))
    run(url, f"CREATE TABLE t (u int, here {type_}, there {type_})", f"INSERT INTO t VALUES {rows}")
    extractor = source(url, t={"identifiers": {"user_id": "u"}, "links": [{"column": "here", "to": "t.there"}]})
    assert extractor.search(ANN) == {"t": 4}


def test_columns_sqlite_has_no_type_for_hold_texts_and_numbers(sqlite_url: str) -> None:
    run(sqlite_url, "CREATE TABLE t (a STRING, b, c UUID, d INTEGER)")
    run(sqlite_url, "INSERT INTO t VALUES ('x7', 7, 'x7', 'x7'), ('7', '7', '7', '7')")
    for column in "acd":
        extractor = source(sqlite_url, t={"identifiers": {"user_id": column}, "where": {column: ["x7"]}})
        assert extractor.search(Identifiers.of([("user_id", "x7")])) == {"t": 1}
    seven = Identifiers.of([("user_id", "7")])
    assert source(sqlite_url, t={"identifiers": {"user_id": "b"}, "where": {"b": [7]}}).search(seven) == {"t": 2}


def test_a_number_written_otherwise_is_another_identifier(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (u int, v numeric)", "INSERT INTO t VALUES (1, 1)")
    extractor = source(database_url, t={"identifiers": {"user_id": ["u", "v"]}})
    typed = ("01", "1.0", "1e0", "+1", " 1", "0x1", "１")
    assert extractor.search(Identifiers({"user_id": typed})) == {"t": 0}
    assert extractor.search(Identifiers({"user_id": ("1",)})) == {"t": 1}


@pytest.mark.parametrize(
    ("type_", "value", "constant"),
    [
        ("boolean", "true", True),
        ("text", "'true'", True),
        ("integer", "1", True),
        ("real", "2.5", 2.5),
        ("numeric(9, 2)", "2.50", 2.5),
        ("text", "'1'", 1),
        ("date", "'2020-12-31'", "2020-12-31"),
        ("timestamp", "'2020-12-31 23:59:59'", "2020-12-31 23:59:59"),
    ],
)
def test_constants_meet_values_of_the_columns_type(database_url: str, type_: str, value: str, constant: Any) -> None:
    run(database_url, f"CREATE TABLE t (u int, v {type_})", f"INSERT INTO t VALUES (1, {value}), (1, NULL)")
    part = {"identifiers": {"user_id": "u"}}
    assert source(database_url, t=part | {"where": {"v": constant}}).search(ANN) == {"t": 1}
    assert source(database_url, t=part | {"exclude": {"v": constant}}).search(ANN) == {"t": 1}
    assert source(database_url, t=part | {"exclude": {"v": [constant, None]}}).search(ANN) == {"t": 0}


UNFIT = {
    "integer": ("x", "1_0", "١", "", "NaN", "1e9999"),
    "boolean": ("yes", 2),
    "date": ("2020-13-01", "x", "2020-W01-1", "20200101"),
    "timestamp": ("2020-01-01 25:00",),
    "uuid": ("x",),
    "mood": ("angry",),
}


def test_a_constant_a_column_cannot_hold_is_a_fault(postgres_database: Any) -> None:
    url = postgres_database("constants")
    columns = ", ".join(f"v_{type_} {type_}" for type_ in UNFIT)
    run(url, "CREATE TYPE mood AS ENUM ('glad')", f"CREATE TABLE t (u int, {columns})")
    for type_, constants in UNFIT.items():
        for constant in constants:
            for key in ("where", "exclude"):
                with pytest.raises(FaultyDataMap, match=rf"collections\.t\.{key}\.v_{type_}: the column holds"):
                    source(url, t={"identifiers": {"user_id": "u"}, key: {f"v_{type_}": constant}}).search(ANN)


def test_no_constant_makes_postgresql_fail(postgres_database: Any) -> None:
    url = postgres_database("constants")
    types = ("inet", "interval", "bytea", "json", "int[]", "numeric", "time", "timetz", "point", "int4range")
    run(url, f"CREATE TABLE t (u int, {', '.join(f'v{index} {type_}' for index, type_ in enumerate(types))})")
    run(url, "INSERT INTO t VALUES (1)")
    for index in range(len(types)):
        for constant in ("'; DROP TABLE t; --", 12345678901234567890, None):
            extractor = source(url, t={"identifiers": {"user_id": "u"}, "where": {f"v{index}": constant}})
            try:
                assert extractor.search(ANN) == {"t": 0 if constant else 1}
            except FaultyDataMap:
                assert types[index] == "numeric"


def test_an_email_is_found_in_any_case_and_in_any_of_its_columns(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (a text, b text)")
    run(database_url, "INSERT INTO t VALUES ('aNN@X.org', NULL), (NULL, 'ann@x.org'), ('joann@x.org', 'ann+1@x.org')")
    extractor = source(database_url, t={"identifiers": {"email": ["a", "b"]}})
    assert extractor.search(Identifiers.of([("email", "Ann@x.ORG")])) == {"t": 2}


def test_an_untyped_column_of_sqlite_is_linked_by_what_it_holds(sqlite_url: str) -> None:
    assert linked(sqlite_url, "('2'), ('x')", "(2), ('x')", "text", "") == [{"value": "2"}, {"value": "x"}]


def test_filters_hold_for_every_row_of_a_circle(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (id int, parent int, kind text)")
    run(database_url, "INSERT INTO t VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'a'), (4, 1, NULL), (5, 4, 'a')")
    part = {"identifiers": {"user_id": "id"}, "links": [{"column": "parent", "to": "t.id"}]}
    assert source(database_url, t=part).search(ANN) == {"t": 5}
    assert source(database_url, t={**part, "exclude": {"kind": "b"}}).search(ANN) == {"t": 3}
    assert source(database_url, t={**part, "where": {"kind": "a"}}).search(ANN) == {"t": 1}
