"""A row is known outside by its key written as text: exactly that row, whatever its key is made of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from extractors.changes import Fate
from extractors.identifiers import Identifiers
from extractors.sql.changing.ended import _last_start
from extractors.sql.changing.showing import _end
from tests.extractors.sql.changing.databases import contents
from tests.extractors.sql.changing.test_erasing import Seen
from tests.extractors.sql.sources import ANN, run, source

BINARY = {"sqlite": ("BLOB", "x'{}'"), "postgresql": ("bytea", r"'\x{}'"), "mariadb": ("BINARY(8)", "x'{}'")}
FLOAT = {"sqlite": "real", "postgresql": "double precision", "mariadb": "double"}
SINGLE = {"sqlite": "real", "postgresql": "real", "mariadb": "float"}
FOLDED = {
    "sqlite": "varchar(20) COLLATE NOCASE",
    "postgresql": "varchar(20)",
    "mariadb": "varchar(20) COLLATE utf8mb4_general_ci",
}
BYTES = ("ff00fe80c1f5aaaa", "ff00fe80c1f5cccc", "ff00fe80c1f55555")
KEPT: dict[str, Any] = {
    "identifiers": {"user_id": "person"},
    "erase": {"action": "keep", "ground": "tax", "years": 1, "from": "placed"},
}


def kind(url: str) -> str:
    return url.split("://")[0]


def types_of_keys(url: str) -> list[tuple[str, tuple[str, ...]]]:
    """Types of keys and three keys of each, as they are written in SQL."""
    type_, literal = BINARY[kind(url)]
    return [
        (type_, tuple(literal.format(key) for key in BYTES)),
        (FLOAT[kind(url)], ("0.1", "0.30000000000000004", "0.3")),
        (SINGLE[kind(url)], ("0.1", "16777215", "16777214")),
        (FOLDED[kind(url)], ("'a'", "'B'", "'c'")),
    ]


@pytest.mark.parametrize("number", range(4))
def test_kept_rows_are_found_again_by_any_key_and_no_other_row(database_url: str, number: int) -> None:
    type_, (one, two, other) = types_of_keys(database_url)[number]
    run(
        database_url,
        f"CREATE TABLE visits (id {type_} NOT NULL PRIMARY KEY, person int, placed varchar(10))",
        f"INSERT INTO visits VALUES ({one}, 1, '2020-01-01'), ({two}, 1, '2020-01-01'), ({other}, 2, '2020-01-01')",
    )
    shop, seen = source(database_url, visits=KEPT), Seen()
    shop.erase(ANN, apply=True, witness=seen)
    keys = [row["id"] for row in seen.rows["visits", Fate.KEPT]]
    assert len(set(keys)) == 2
    result = shop.erase_kept("visits", [pa.RecordBatch.from_pydict({"id": keys})], apply=True)
    assert result.collections["visits"].fates == {Fate.DELETED: 2}
    assert [row[1:] for row in contents(database_url)["visits"]] == [(2, "2020-01-01")]


def test_a_key_that_only_a_collation_takes_for_the_same_is_another(database_url: str) -> None:
    run(
        database_url,
        f"CREATE TABLE visits (id {FOLDED[kind(database_url)]} NOT NULL PRIMARY KEY, person int, placed varchar(10))",
        "INSERT INTO visits VALUES ('A', 2, '2020-01-01'), ('b', 1, '2020-01-01')",
    )
    keys = pa.RecordBatch.from_pydict({"id": ["a", "b"]})
    result = source(database_url, visits=KEPT).erase_kept("visits", [keys], apply=True)
    assert result.collections["visits"].fates == {Fate.DELETED: 1}
    assert list(contents(database_url)["visits"]) == [("A", 2, "2020-01-01")]


def test_rows_with_keys_of_bytes_get_masks_of_their_own(database_url: str) -> None:
    type_, literal = BINARY[kind(database_url)]
    one, two, other = map(literal.format, BYTES)
    run(
        database_url,
        f"CREATE TABLE people (id {type_} NOT NULL PRIMARY KEY, email varchar(60) UNIQUE, nick varchar(40) UNIQUE)",
        f"INSERT INTO people VALUES ({one}, 'ann@x.org', 'a'), ({two}, 'ann@y.org', 'b'), ({other}, 'bob@x.org', 'c')",
    )
    fields = {"email": {"mask": "email"}, "nick": "[erased]"}
    people = {"identifiers": {"email": "email"}, "erase": {"action": "anonymise", "fields": fields}}
    person = Identifiers.of([("email", "ann@x.org"), ("email", "ann@y.org")])
    assert source(database_url, people=people).erase(person, apply=True).is_proven
    assert sorted(str(row[1])[:7] for row in contents(database_url)["people"]) == ["bob@x.o", "erased-", "erased-"]


@pytest.mark.parametrize("years", [1, 4, 10, 100])
def test_what_is_over_on_a_day_is_what_was_said_to_end_by_then(years: int) -> None:
    for number in range(4 * 366):
        today = date(2023, 12, 31) + timedelta(days=number)
        last = _last_start(today, years)
        assert str(_end(last.isoformat(), years)) <= today.isoformat()
        assert str(_end((last + timedelta(days=1)).isoformat(), years)) > today.isoformat()
