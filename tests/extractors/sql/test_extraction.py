"""What of a person's rows is given, in which order, and what is said to be left out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from extractors.base import Scope
from tests.extractors.sql.sources import ANN, omissions, records, run, source

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers import PostgresServer

USER = {"identifiers": {"user_id": "u"}}


def ids(url: str, scope: Scope, **part: Any) -> list[int]:
    return [row["id"] for row in records(source(url, t={**USER, **part}), ANN, scope)["t"]]


@pytest.fixture
def dated_url(database_url: str) -> str:
    """Six rows: `at` with an equal pair and a NULL, and the ways a row is told to be deleted."""
    run(
        database_url,
        "CREATE TABLE t (id int PRIMARY KEY, u int, at text, gone_at timestamp, is_gone boolean, flag int, state text)",
        """INSERT INTO t VALUES
           (5, 1, '2020-01-02', NULL, NULL, NULL, NULL), (2, 1, '2020-01-03', '2020-01-01 00:00:00', true, 1, 'gone'),
           (4, 1, '2020-01-02', NULL, false, 0, 'here'), (1, 1, NULL, '2020-01-01 00:00:00', true, 2, 'purged'),
           (3, 1, '2020-01-01', NULL, false, 0, 'here'), (6, 2, '2020-01-09', NULL, false, 0, 'here')""",
    )
    return database_url


def test_rows_come_newest_first_with_empty_values_last_and_ties_by_key(dated_url: str) -> None:
    assert ids(dated_url, Scope.ALL, order_by="-at") == [2, 4, 5, 3, 1]
    assert ids(dated_url, Scope.ALL, order_by="at") == [3, 4, 5, 2, 1]
    assert ids(dated_url, Scope.ALL, order_by=["at", "-id"]) == [3, 5, 4, 2, 1]


WAYS_TO_BE_DELETED: tuple[dict[str, Any], ...] = (
    {"column": "gone_at"},
    {"column": "is_gone"},
    {"column": "flag"},
    {"column": "flag", "equals": [1, 2]},
    {"column": "state", "equals": ["gone", "purged"]},
    {"column": "is_gone", "equals": True},
)


def test_deleted_rows_are_left_out_of_self_service_only_and_counted(dated_url: str) -> None:
    for deleted in WAYS_TO_BE_DELETED:
        part = {"deleted": deleted, "order_by": "id"}
        assert ids(dated_url, Scope.SELF_SERVICE, **part) == [3, 4, 5]
        assert omissions(source(dated_url, t={**USER, **part}), Scope.SELF_SERVICE) == ["2 deleted records left out"]
    for scope in (Scope.SELF_SERVICE_WITH_DELETED, Scope.ALL):
        assert ids(dated_url, scope, **part) == [1, 2, 3, 4, 5]
        assert omissions(source(dated_url, t={**USER, **part}), scope) == []


def test_deleted_may_mean_empty(dated_url: str) -> None:
    assert ids(dated_url, Scope.SELF_SERVICE, deleted={"column": "at", "equals": [None]}, order_by="id") == [2, 3, 4, 5]


def test_a_limit_cuts_self_service_only_and_counts_what_is_not_deleted(dated_url: str) -> None:
    part = {"order_by": "-at", "limit": 2, "deleted": {"column": "gone_at"}}
    assert ids(dated_url, Scope.SELF_SERVICE, **part) == [4, 5]
    assert ids(dated_url, Scope.SELF_SERVICE_WITH_DELETED, **part) == [2, 4]
    assert len(ids(dated_url, Scope.ALL, **part)) == 5
    extractor = source(dated_url, t={**USER, **part})
    told = ["2 deleted records left out", "only the newest 2 of 3 records"]
    assert omissions(extractor, Scope.SELF_SERVICE) == told
    assert omissions(extractor, Scope.SELF_SERVICE_WITH_DELETED) == ["only the newest 2 of 5 records"]
    assert omissions(source(dated_url, t={**USER, **part, "limit": 3}), Scope.SELF_SERVICE) == told[:1]


def test_limits_and_deletion_narrow_neither_links_nor_counts(database_url: str) -> None:
    run(database_url, "CREATE TABLE p (id int PRIMARY KEY, u int, gone int)", "CREATE TABLE c (p_id int)")
    run(database_url, "INSERT INTO p VALUES (1, 1, 1), (2, 1, 0), (3, 1, 0)", "INSERT INTO c VALUES (1), (2), (3)")
    parent = {**USER, "deleted": {"column": "gone"}, "order_by": "id", "limit": 1}
    extractor = source(database_url, p=parent, c={"links": [{"column": "p_id", "to": "p.id"}]})
    assert {name: len(rows) for name, rows in records(extractor, ANN, Scope.SELF_SERVICE).items()} == {"p": 1, "c": 3}
    assert extractor.search(ANN) == {"p": 3, "c": 3}


def test_a_missing_row_makes_an_answer_incomplete_and_a_withheld_secret_does_not(dated_url: str) -> None:
    part = {**USER, "order_by": "id", "limit": 1, "fields": {"state": {"secret": True}}}
    (extract,) = source(dated_url, t=part).extract(ANN, Scope.SELF_SERVICE)
    assert [(omission.reason, omission.cut) for omission in extract.omissions] == [
        ("secret, never leaves the source: state", False),
        ("only the newest 1 of 5 records", True),
    ]


def test_a_collection_is_described_as_the_map_says(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (id int PRIMARY KEY, u int, by_whom text)")
    fields = {"by_whom": {"third_party": True, "label": "Who", "help": "h", "category": "c", "codes": {"a": "b"}}}
    part = {**USER, "label": "Things", "context": True, "fields": fields, "information": {"purposes": "P"}}
    (extract,) = source(database_url, t=part).extract(ANN, Scope.ALL)
    collection, field = extract.collection, extract.collection.fields[2]
    assert (collection.name, collection.label, collection.key, collection.context) == ("t", "Things", ("id",), True)
    assert [each.name for each in collection.fields] == ["id", "u", "by_whom"]
    assert (field.third_party, field.label, field.help) == (True, "Who", "h")
    assert (field.category, field.codes) == ("c", {"a": "b"})
    assert (collection.information.purposes, collection.information.categories) == (("P",), ("c",))


def test_a_key_that_is_secret_is_no_key_outside(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (token varchar(9) PRIMARY KEY, u int)", "INSERT INTO t VALUES ('s3cret', 1)")
    extractor = source(database_url, t={**USER, "fields": {"token": {"secret": True}}})
    (extract,) = extractor.extract(ANN, Scope.ALL)
    assert extract.collection.key == ()
    assert records(extractor) == {"t": [{"u": 1}]}


def test_where_all_columns_are_secret_the_reason_is_all_that_is_given(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (u int)", "INSERT INTO t VALUES (1)")
    extractor = source(database_url, t={**USER, "fields": {"u": {"secret": True}}})
    assert records(extractor) == {"t": []}
    assert omissions(extractor, Scope.ALL) == ["secret, never leaves the source: u"]


SECRET = '"s3cret"'
DROPPED = {
    "settings": {"json": True, "drop": ["$.token", "$.list[0]", "$.list[1]", '$["a b"].token', "$.deep[1].token"]}
}
HOLDING = [
    f'{{"token": {SECRET}, "kept": 1.50}}',
    f'{{"token": {{"x": [{SECRET}]}}}}',
    f'{{"list": [{SECRET}, {SECRET}, "kept"], "a b": {{"token": {SECRET}, "kept": 2}}}}',
    f'{{"deep": [1, {{"token": {SECRET}}}]}}',
    f'{{"token": {SECRET}, "token": {SECRET}}}',
    f'{{"a b": {{"token": {SECRET}}}, "a b": {{"token": {SECRET}}}}}',
    f'{{"\\u0074oken": {SECRET}}}',
    f'{{"token": 1, "\\u0074oken": {SECRET}}}',
    f'{{"list": [1], "list": [{SECRET}]}}',
    f'{{"a\\u0020b": {{"token": {SECRET}}}}}',
    json.dumps(f'{{"token": {SECRET}}}'),
    f'{{"token": {SECRET}, "x": "\\u0000"}}',
    f'{{"token": {SECRET}, "x": "\\ud800"}}',
]
HARMLESS = ["[1, 2]", "7", "null", '{"deep": 5}', '{"deep": [[1], 2]}', '{"list": {"x": 1}}', '{"a b": [1]}', "{}"]


@pytest.mark.parametrize("type_", ["text", "json", "jsonb"])
def test_parts_of_json_never_leave_the_source_however_they_are_written(database_url: str, type_: str) -> None:
    if database_url.startswith("mariadb") and type_ == "jsonb":
        pytest.skip("MariaDB has one JSON type")
    is_checked = type_ == "jsonb" or (type_ == "json" and database_url.startswith("mariadb"))
    documents = HOLDING[:-2] + HARMLESS if is_checked else HOLDING + HARMLESS
    broken = ["{not json", f"{{token: {SECRET}"] if type_ == "text" else []
    rows = ", ".join(f"({index}, 1, '{text}')" for index, text in enumerate(documents + broken))
    run(database_url, f"CREATE TABLE t (id int PRIMARY KEY, u int, settings {type_})", f"INSERT INTO t VALUES {rows}")
    extractor = source(database_url, t={**USER, "fields": DROPPED, "order_by": "id"})
    given = [row["settings"] for row in records(extractor)["t"]]
    assert "s3cret" not in str(given)
    assert json.loads(given[0]) == {"kept": 1.5}
    assert json.loads(given[2]) == {"list": ["kept"], "a b": {"kept": 2}}
    assert json.loads(given[3]) == {"deep": [1, {}]}
    harmless = given[len(documents) - len(HARMLESS) : len(documents)]
    assert [json.loads(text) for text in harmless] == [json.loads(text) for text in HARMLESS]
    assert given[len(documents) :] == [None] * len(broken)
    assert omissions(extractor, Scope.ALL) == [
        f"parts withheld inside settings ({', '.join(DROPPED['settings']['drop'])})"
    ]


@pytest.mark.parametrize("stored", ["x'7b7d'", "5", "2.5", "'plain \" text'", "'a' || char(0) || 'b'"])
def test_what_is_no_json_is_a_string_or_a_number_in_json(sqlite_url: str, stored: str) -> None:
    run(sqlite_url, "CREATE TABLE t (u int, settings)", f"INSERT INTO t VALUES (1, {stored})")
    (row,) = records(source(sqlite_url, t={**USER, "fields": {"settings": {"json": True}}}))["t"]
    assert json.loads(row["settings"]) in ("7B7D", 5, 2.5, 'plain " text', "a\x00b")


def test_a_column_the_user_may_not_read_can_be_a_secret(
    postgres_server: PostgresServer, postgres_database: Callable[[str], str]
) -> None:
    url = postgres_database("secrets")
    run(
        url,
        "CREATE TABLE t (id int PRIMARY KEY, u int, hash text, twin text)",
        "CREATE TABLE bare (u int, hash text)",
        "INSERT INTO t VALUES (1, 1, 's3cret', 'a'), (2, 1, 's3cret', NULL)",
        "INSERT INTO bare VALUES (1, 's3cret'), (1, 's3cret')",
        "DROP ROLE IF EXISTS blind",
        "CREATE ROLE blind LOGIN",
        "GRANT SELECT (id, u, twin) ON t TO blind",
        "GRANT SELECT (u) ON bare TO blind",
    )
    secret = {"fields": {"hash": {"secret": True}}}
    twice = {"identifiers": {"user_id": ["u"], "email": ["twin"]}, **secret}
    extractor = source(
        url.replace("postgres@", "blind@"), t={**twice, "order_by": "-id", "limit": 1}, bare={**USER, **secret}
    )
    assert records(extractor) == {
        "t": [{"id": 2, "u": 1, "twin": None}, {"id": 1, "u": 1, "twin": "a"}],
        "bare": [{"u": 1}] * 2,
    }
    assert records(extractor, ANN, Scope.SELF_SERVICE)["t"] == [{"id": 2, "u": 1, "twin": None}]
    assert extractor.search(ANN) == {"t": 2, "bare": 2}
    assert extractor.check()


def test_no_statement_names_a_secret(postgres_server: PostgresServer, postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("logged")
    run(url, "CREATE TABLE t (u int, wonderful_hash text)", "INSERT INTO t VALUES (1, 's3cret')")
    run(url, f"ALTER DATABASE {url.split('/')[3].split('?')[0]} SET log_statement = 'all'")
    extractor = source(url, t={**USER, "fields": {"wonderful_hash": {"secret": True}}})
    assert records(extractor)["t"] == [{"u": 1}]
    extractor.search(ANN)
    log = (postgres_server.folder / "log").read_text()
    assert "COPY" in log
    assert "wonderful_hash" not in log.split("ALTER DATABASE")[-1]


def test_a_secret_serves_as_a_way_in_without_leaving(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (id int, u int, ssn text)", "CREATE TABLE c (ssn text, x int)")
    run(database_url, "INSERT INTO t VALUES (7, 1, 's3cret')", "INSERT INTO c VALUES ('s3cret', 5), ('other', 6)")
    secret = {"fields": {"ssn": {"secret": True}}}
    child = {"links": [{"column": "ssn", "to": "t.ssn"}], **secret}
    assert records(source(database_url, t={**USER, **secret}, c=child)) == {"t": [{"id": 7, "u": 1}], "c": [{"x": 5}]}
