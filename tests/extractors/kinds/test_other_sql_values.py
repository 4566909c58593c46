"""What the generic kind reads through any dialect: one stable kind per column, exact, or refused."""

from __future__ import annotations

import base64
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from extractors.base import Scope
from extractors.batches import Kind
from extractors.errors import SourceUnavailable
from extractors.kinds.other_sql import OtherSqlExtractor
from tests.extractors.sql.sources import ANN, exported, kinds_of, records, run, source

if TYPE_CHECKING:
    from extractors.base import Extractor

COLUMNS: dict[str, tuple[str, str, Kind, str]] = {
    "small": ("smallint", "-32768", Kind.INTEGER, "-32768"),
    "big": ("bigint", "-9223372036854775808", Kind.INTEGER, "-9223372036854775808"),
    "exact": ("decimal(20, 3)", "12345678901234567.125", Kind.DECIMAL, "12345678901234567.125"),
    "words": ("varchar(99)", "'ä😀 \"%s\" \\'", Kind.TEXT, 'ä😀 "%s" \\'),
    "day": ("date", "'2020-02-29'", Kind.DATE, "2020-02-29"),
    "moment": ("timestamp", "'2020-02-29 23:59:59'", Kind.TIMESTAMP, "2020-02-29T23:59:59"),
}


def generic(url: str, **collections: dict[str, Any]) -> Extractor:
    url = url.replace("postgresql://", "postgresql+psycopg://").replace("mariadb://", "mariadb+pymysql://")
    return OtherSqlExtractor(url, source("sqlite://", **collections).data_map)


def filled(url: str) -> Extractor:
    declared = ", ".join(f"{name} {type_} NULL" for name, (type_, *_) in COLUMNS.items())
    declared = declared.replace("timestamp", "datetime") if url.startswith("mariadb") else declared  # no instant
    values = ", ".join(value for _, value, *_ in COLUMNS.values())
    nulls = ", ".join("NULL" for _ in COLUMNS)
    run(url, f"CREATE TABLE t (id int PRIMARY KEY, u int, {declared})")
    run(url, f"INSERT INTO t VALUES (1, 1, {nulls}), (2, 1, {values}), (3, 2, {values})")
    return generic(url, t={"identifiers": {"user_id": "u"}, "order_by": "id"})


def test_values_come_back_as_they_are(database_url: str) -> None:
    # SQLite holds such a decimal as a number of double precision, and dates as text.
    if database_url.startswith("sqlite"):
        pytest.skip("has no types to be exact in")
    extractor = filled(database_url)
    from_json, from_csv = exported(extractor)
    assert {name: kinds_of(extractor)[name] for name in COLUMNS} == {
        name: kind for name, (_, _, kind, _) in COLUMNS.items()
    }
    empty, row = from_json["t"]
    assert all(empty[name] is None for name in COLUMNS)
    assert {name: str(row[name]) for name in COLUMNS} == {name: shown for name, (*_, shown) in COLUMNS.items()}
    assert {name: from_csv["t"][1][name] for name in COLUMNS} == {name: shown for name, (*_, shown) in COLUMNS.items()}


def test_octets_truth_and_fractions_come_back(postgres_database: Any) -> None:
    url = postgres_database("generic")
    run(url, "CREATE TABLE t (u int, o bytea, f double precision, b boolean, j jsonb, z timestamptz, a int[], p point)")
    run(url, "INSERT INTO t VALUES (1, '\\x00ff', 0.1, true, '{\"a\": 1}', '2020-01-01 00:00+01', '{1,2}', '(1,2)')")
    (row,) = exported(generic(url, t={"identifiers": {"user_id": "u"}}))[0]["t"]
    assert row["o"] == base64.b64encode(b"\x00\xff").decode()
    assert (row["f"], row["b"], row["j"]) == ("0.1", True, [("a", "1")])
    assert (row["z"], row["p"]) == ("2019-12-31T23:00:00Z", "(1,2)")


def test_what_is_not_of_its_columns_type_is_refused_by_the_columns_name(sqlite_url: str) -> None:
    run(sqlite_url, "CREATE TABLE t (u int, amount integer)", "INSERT INTO t VALUES (1, 'secret value')")
    # Closed here: left to the garbage collector, it might be closed by a thread the driver does not know.
    with closing(generic(sqlite_url, t={"identifiers": {"user_id": "u"}}).extract(ANN, Scope.ALL)) as extracts:
        batches = next(extracts).batches
        with pytest.raises(SourceUnavailable, match="column amount") as raised:
            next(batches)
    assert "secret value" not in str(raised.value)


def test_json_of_which_parts_are_withheld_is_withheld_whole(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (u int, j text)", "INSERT INTO t VALUES (1, '{\"token\": 1}')")
    part = {"identifiers": {"user_id": "u"}, "fields": {"j": {"json": True, "drop": ["$.token"]}}}
    assert records(generic(database_url, t=part)) == {"t": [{"u": 1, "j": None}]}
