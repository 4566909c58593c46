"""Answers are compared inside the source: in every usual spelling, all of them or none, and nothing comes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from extractors.base import Extractor
from extractors.changes import UnchangeableSource
from extractors.datamap import DataMap
from extractors.errors import FaultyDataMap, SourceUnavailable
from extractors.identifiers import Identifiers
from extractors.sql.challenging import dates_of, numbers_of, texts_of
from tests.extractors.sql.sources import run, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.base import Question

ANN, EVE, NOBODY = (Identifiers.of([("email", f"{name}@example.test")]) for name in ("ann", "eve", "nobody"))
ASKED = {"challenge": True}
TABLES = (
    "CREATE TABLE customers (id int PRIMARY KEY, email varchar(100), name varchar(100), born date, seen timestamp, "
    "zip varchar(20), number int, total numeric(10, 2), birthday varchar(20))",
    "INSERT INTO customers VALUES (1, 'ann@example.test', 'Anne-Marie O''Brien Müller', '1980-03-05', "
    "'2024-02-01 10:20:30', ' 1234 AB', 471100, 1234.50, '05.03.1980')",
    "INSERT INTO customers VALUES "
    "(2, 'bob@example.test', 'Bob', '1990-01-01', '2020-01-01 00:00:00', '99999', 1, 1, '')",
    "INSERT INTO customers VALUES (3, 'eve@example.test', '  ', NULL, NULL, NULL, NULL, NULL, NULL)",
    "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, city varchar(40))",
    "INSERT INTO orders VALUES (1, 1, 'Oslo'), (2, 1, 'Straße'), (3, 2, 'Bergen')",
    "CREATE INDEX by_customer ON orders (customer_id)",
)
FIELDS = ("name", "born", "seen", "zip", "number", "total", "birthday")
MAP: dict[str, Any] = {
    "customers": {"identifiers": {"email": "email"}, "fields": dict.fromkeys(FIELDS, ASKED)},
    "orders": {"links": [{"column": "customer_id", "to": "customers.id"}], "fields": {"city": ASKED}},
}


@pytest.fixture
def shop(database_url: str) -> Extractor:
    run(database_url, *TABLES)
    return source(database_url, **MAP)


def right(shop: Extractor, person: Identifiers = ANN, **typed: str) -> bool:
    """Answer: `city` is of the orders, everything else of the customers."""
    answers: Mapping[Question, str] = {
        ("orders" if name == "city" else "customers", name): text for name, text in typed.items()
    }
    return shop.are_right(person, answers, seconds=10)


RIGHT = [
    *(
        ("name", text)
        for text in ("Anne-Marie O'Brien Müller", "anne marie o’brien müller", " ANNEMARIE OBRIEN MÜLLER ")
    ),
    ("name", "Anne-Marie O'Brien Mu\u0308ller"),
    *(
        ("born", text)
        for text in ("1980-03-05", "5.3.1980", "05/03/1980", "3/5/1980", "5 March 1980", "March 5th, 1980")
    ),
    *(("seen", text) for text in ("2024-02-01", "1.2.2024")),
    *(("zip", text) for text in ("1234AB", "1234 ab", "1234-AB")),
    *(("number", text) for text in ("471100", "471.100", "471 100", "0471100")),
    *(("total", text) for text in ("1234.5", "1.234,50", "1,234.50 EUR", "€ 1234,50", "1234.500")),
    *(("birthday", text) for text in ("5.3.1980", "1980-03-05", "05.03.1980")),
    *(("city", text) for text in ("oslo", "Straße")),
]
WRONG = [
    *(
        ("name", text)
        for text in ("Bob", "Anne", "%", "_nne-Marie", "Anne-Marie O'Brien Müller2", "", "   ", "--", "\u200b")
    ),
    *(("born", text) for text in ("1980-03-06", "1990-01-01", "1980", "", "0", "32.13.1980", "NULL")),
    *(("number", text) for text in ("1", "47110", "-471100", "471100.5", "9" * 40, "1e9", "NaN", "Infinity")),
    *(("total", text) for text in ("1234", "1234.51", "")),
    *(("city", text) for text in ("Bergen", "Osl", "OsloStraße")),
    *(
        ("name", text)
        for text in ("' OR 1=1 --", "x') OR ('1'='1", '" OR ""="', "\\' OR 1=1 #", "1; DROP TABLE customers")
    ),
    ("name", "x" * 10_000),
    ("name", "a\x00b"),
    ("name", "\ud800"),
    ("name", "\u202eBob"),
]


def test_usual_spellings_of_the_right_answer_are_right(shop: Extractor) -> None:
    assert [(name, text) for name, text in RIGHT if not right(shop, **{name: text})] == []


def test_anything_else_is_wrong_and_does_nothing(shop: Extractor) -> None:
    assert [(name, text) for name, text in WRONG if right(shop, **{name: text})] == []
    assert right(shop, name="Anne-Marie O'Brien Müller")


def test_all_answers_have_to_be_right(shop: Extractor) -> None:
    assert right(shop, born="5.3.1980", zip="1234AB", city="Oslo")
    assert not right(shop, born="5.3.1980", zip="1234AB", city="Bergen")
    assert not right(shop, born="6.3.1980", zip="1234AB", city="Oslo")
    assert not right(shop, born="5.3.1980", zip="")
    assert not right(shop)


def test_the_answers_of_somebody_else_are_wrong(shop: Extractor) -> None:
    assert not right(shop, EVE, zip="1234AB")
    assert not right(shop, NOBODY, zip="1234AB")
    assert right(shop, Identifiers.of([("email", "bob@example.test")]), zip="99999")


def test_only_what_is_held_can_be_asked_for(shop: Extractor) -> None:
    questions = [*(("customers", name) for name in FIELDS), ("orders", "city")]
    assert shop.answerable(ANN, seconds=10) == questions
    assert shop.answerable(EVE, seconds=10) == []
    assert shop.answerable(NOBODY, seconds=10) == []
    assert ("customers", "birthday") not in shop.answerable(Identifiers.of([("email", "bob@example.test")]), seconds=10)


def test_what_the_map_does_not_ask_for_cannot_be_asked_out_of_it(shop: Extractor) -> None:
    assert not right(shop, email="ann@example.test")
    assert not right(shop, id="1")
    assert not shop.are_right(ANN, {("elsewhere", "name"): "x"}, seconds=10)


def test_one_number_comes_out_and_no_value_stands_in_the_statement(shop: Extractor) -> None:
    told: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        told.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        right(shop, born="5.3.1980", name="Zanzibar-Marzipan")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    statement = told[-1][0]
    assert "marzipan" not in " ".join(text for text, _ in told).lower()
    assert "example.test" not in statement
    assert statement.lower().startswith("select case when")


def test_it_goes_by_the_indexes_and_is_quick(shop: Extractor) -> None:
    if not shop.url.startswith("sqlite"):
        pytest.skip("the plans of the others are looked at with the traversal's own")
    plans: list[str] = []

    def note(connection: sa.Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT CASE"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(str(row[3]) for row in cursor.fetchall())

    run(shop.url, "CREATE INDEX by_email ON customers (lower(email))")
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        right(shop, city="Oslo")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert any("by_email" in plan for plan in plans)
    assert any("by_customer" in plan for plan in plans)
    assert not any(plan.startswith(("SCAN customers", "SCAN orders")) for plan in plans)


def test_it_takes_no_longer_than_it_may(database_url: str) -> None:
    endless = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT i AS u FROM n"
    )
    run(database_url, f"CREATE VIEW endless AS {endless}")
    slow = source(database_url, endless={"identifiers": {"user_id": "u"}, "fields": {"u": ASKED}})
    begun_at = monotonic()
    with pytest.raises(SourceUnavailable):
        slow.are_right(Identifiers.of([("user_id", "-5")]), {("endless", "u"): "-5"}, seconds=0.5)
    assert monotonic() - begun_at < 10


def test_a_kind_that_cannot_compare_asks_nothing() -> None:
    class Plain(Extractor):
        slug, schemes = "plain", ()

        def check(self) -> list[Any]:
            return []

        def search(self, identifiers: Identifiers) -> dict[str, int]:
            return {}

        def extract(self, *_: object, **__: object) -> Any:
            yield from ()

    plain = Plain("", DataMap.model_validate({"version": 1, "source": "shop", "collections": MAP}))
    assert plain.answerable(ANN, seconds=1) == []
    with pytest.raises(UnchangeableSource, match="cannot be asked"):
        plain.are_right(ANN, {}, seconds=1)


@pytest.mark.parametrize("beside", ["secret", "third_party", "json"])
def test_secrets_and_what_is_about_others_are_never_asked_for(beside: str) -> None:
    fields = {"name": {**ASKED, beside: True}}
    with pytest.raises(ValidationError, match="never asked for"):
        DataMap.model_validate({"version": 1, "source": "shop", "collections": {"customers": {"fields": fields}}})


def test_a_column_of_yes_and_no_is_a_fault(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (u int, flag boolean)")
    flagged = source(database_url, t={"identifiers": {"user_id": "u"}, "fields": {"flag": ASKED}})
    if database_url.startswith("mariadb"):
        pytest.skip("its boolean is a small number")
    with pytest.raises(FaultyDataMap, match="nobody can be asked"):
        flagged.check()


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("1980-03-05", [date(1980, 3, 5)]),
        ("5.3.1980", [date(1980, 3, 5), date(1980, 5, 3)]),
        ("25.3.1980", [date(1980, 3, 25)]),
        ("5th of March 1980", [date(1980, 3, 5)]),
        ("March 5, 1980", [date(1980, 3, 5)]),
        ("٥.٣.١٩٨٠", [date(1980, 3, 5), date(1980, 5, 3)]),
        ("30.2.1980", []),
        ("5.3.80", []),
        ("", []),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, days: list[date]) -> None:
    assert list(dates_of(typed)) == days


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("12", ["12"]),
        ("1.234", ["1.234", "1234"]),
        ("1.234,50", ["1234.50"]),
        ("1,234.50", ["1234.50"]),
        ("1.234.567", ["1234567"]),
        ("-5", ["-5"]),
        ("12,5 EUR", ["12.5"]),
        ("1e5", []),
        ("abc", []),
        ("", []),
        ("1.", []),
    ],
)
def test_numbers_are_read_with_point_and_comma(typed: str, numbers: list[str]) -> None:
    assert list(numbers_of(typed)) == [Decimal(text) for text in numbers]


def test_texts_are_spelled_without_what_is_written_as_one_likes() -> None:
    assert "mariastraße1a" in texts_of("Maria-Straße 1 a")
    assert texts_of(" -.,' ") == ()
