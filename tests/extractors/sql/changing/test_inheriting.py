"""PostgreSQL reads the rows of tables that inherit with those of their parent, whose key they may repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from extractors.changes import Fate, Marked, Purpose, UnchangeableSource
from extractors.errors import FaultyDataMap
from tests.extractors.sql.changing.databases import changed, contents
from tests.extractors.sql.changing.test_erasing import erase
from tests.extractors.sql.sources import ANN, records, run, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEOPLE: dict[str, Any] = {"identifiers": {"user_id": "person"}}
DELETE = {"erase": {"action": "delete"}}
KEEP = {"erase": {"action": "keep", "ground": "tax", "years": 1, "from": "placed"}}


class Remembered:
    """Keeps marks in memory."""

    def __init__(self) -> None:
        self.marked: list[Marked] = []

    def keep(self, marked: Marked) -> None:
        self.marked.append(marked)

    def all_kept(self) -> None:
        """Keep nothing more."""

    def kept(self) -> Iterator[Marked]:
        yield from self.marked


@pytest.fixture
def url(postgres_database: Callable[[str], str]) -> str:
    """Row 1 of the parent and row 2 of the child are the person's, the others are not."""
    created = postgres_database("inheriting")
    run(
        created,
        "CREATE TABLE people (id int PRIMARY KEY, person int, nick varchar(30) UNIQUE, placed date, held boolean)",
        "CREATE TABLE staff (pay int) INHERITS (people)",
        "INSERT INTO people VALUES (1, 1, 'ann', '2020-01-01', false), (2, 2, 'bob', '2020-01-01', false)",
        "INSERT INTO staff VALUES (1, 2, 'rob', '2020-01-01', false, 5), (2, 1, 'nan', '2020-01-01', false, 6)",
    )
    return created


def strangers(url: str) -> set[str]:
    return {row[2] for row in contents(url)["people"] if row[1] == 2}


def test_rows_that_share_a_key_with_the_persons_stay(url: str) -> None:
    shop = source(url, people={**PEOPLE, "erase": {"action": "anonymise", "fields": {"nick": "gone"}}})
    assert [row["nick"] for row in records(shop)["people"]] == ["ann", "nan"]
    assert erase(shop).collections["people"].fates == {Fate.ANONYMISED: 2}
    assert erase(source(url, people={**PEOPLE, **DELETE})).collections["people"].fates == {Fate.DELETED: 2}
    assert strangers(url) == {"bob", "rob"}
    assert sum(contents(url)["people"].values()) == 2


def test_a_restriction_marks_nobody_elses_rows(url: str) -> None:
    shop = source(url, people={**PEOPLE, "key": ["id", "nick"], "restrict": {"set": {"held": True}}})
    before, marks = contents(url), Remembered()
    assert shop.mark(ANN, Purpose.RESTRICTION, marks) == {"people": 2}
    assert {row[2] for row in changed(before, contents(url))["people"]} == {"ann", "nan"}
    assert shop.unmark(Purpose.RESTRICTION, marks) == {"people": 2}
    assert contents(url) == before


def test_rows_that_could_not_be_told_apart_later_are_not_marked(url: str) -> None:
    shop = source(url, people={**PEOPLE, "key": "id", "restrict": {"set": {"held": True}}})
    with pytest.raises(UnchangeableSource, match="same key"):
        shop.mark(ANN, Purpose.RESTRICTION, Remembered())


def test_years_need_a_key_and_one_of_two_rows_names_none(url: str) -> None:
    with pytest.raises(FaultyDataMap, match="no primary key"):
        source(url, people={**PEOPLE, **KEEP}).erase(ANN, apply=False)
    shop = source(url, people={**PEOPLE, **KEEP, "key": "id"})
    result = shop.erase_kept("people", [pa.RecordBatch.from_pydict({"id": ["1"]})], apply=True)
    assert result.collections["people"].found == 0
