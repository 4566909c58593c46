"""Corrections change the fields named and nothing else, only where they are allowed and fit, and all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extractors.changes import Correction, NotRectifiable, ValueChanged
from extractors.identifiers import Identifiers
from tests.extractors.sql.changing.databases import changed, contents, engine
from tests.extractors.sql.sources import records, run, source

if TYPE_CHECKING:
    from extractors.base import Extractor

PERSON = Identifiers.of([("email", "ann@x.org")])
OPEN = {"rectify": True}
MAP: dict[str, dict[str, Any]] = {
    "people": {
        "identifiers": {"email": "email"},
        "fields": dict.fromkeys(("email", "name", "born", "score", "opt_in", "note %s", "settings", "id"), OPEN)
        | {"settings": {"json": True, **OPEN}, "secret": {"secret": True}},
    },
    "visits": {
        "table": "vi sits",
        "links": [{"column": "person", "to": "people.id"}],
        "fields": {"select": OPEN, "person": OPEN},
    },
}


@pytest.fixture
def url(database_url: str) -> str:
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, email varchar(99) UNIQUE, name varchar(9) NOT NULL, born date,"
        ' score numeric(6, 2), opt_in boolean, "note %s" text, settings text, secret text, plain text)',
        'CREATE TABLE "vi sits" (day date NOT NULL, no int NOT NULL, person int NOT NULL, "select" varchar(9),'
        " PRIMARY KEY (day, no), FOREIGN KEY (person) REFERENCES people (id))",
        "INSERT INTO people VALUES"
        " (1, 'ann@x.org', 'müller', '1980-02-03', 1.50, true, 'a''b', '{\"a\": 1}', 's', 'p'),"
        " (2, 'bob@x.org', 'Bob', NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "INSERT INTO \"vi sits\" VALUES ('2024-01-02', 1, 1, 'yes'), ('2024-01-02', 2, 1, NULL),"
        " ('2024-01-02', 3, 2, 'yes')",
    )
    return database_url


def person(field: str, old: str | None, new: str | None, key: str = "1") -> Correction:
    return Correction("people", {"id": key}, field, old, new)


def visit(field: str, old: str | None, new: str | None, no: str = "1") -> Correction:
    return Correction("visits", {"day": "2024-01-02", "no": no}, field, old, new)


def shown(extractor: Extractor, name: str, field: str) -> str | None:
    """The value of the person's record as an export writes it."""
    value = records(extractor, PERSON)["people"][0][field] if name == "people" else None
    return str(value).lower() if isinstance(value, bool) else value if value is None else str(value)


GOOD = [
    ("name", "müller", "Müller"),
    ("name", "müller", "a'b\"%s;"),
    ("born", "1980-02-03", "1981-12-31"),
    ("born", "1980-02-03", None),
    ("score", "1.50", "-12.25"),
    ("note %s", "a'b", "Zoë 🜁\n\t\\"),
    ("note %s", "a'b", ""),
    ("note %s", "a'b", None),
    ("settings", '{"a":1}', '{"b": [1.50, null]}'),
    ("email", "ann@x.org", "ann.new@x.org"),
    ("email", "ann@x.org", "ANN@x.org"),
]


@pytest.mark.parametrize(("field", "old", "new"), GOOD)
def test_one_field_of_one_record_is_changed_and_nothing_else(
    url: str, field: str, old: str | None, new: str | None
) -> None:
    if field == "score" and url.startswith("sqlite"):
        old = "1.5"
    before, extractor = contents(url), source(url, **MAP)
    extractor.rectify(PERSON, [person(field, old, new)])
    rows = changed(before, contents(url))
    assert list(rows) == ["people"]
    assert len(rows["people"]) == 2
    one, other = rows["people"]
    assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
    if field != "email":
        assert shown(extractor, "people", field) == new


def test_a_boolean_is_corrected_by_its_word(url: str) -> None:
    extractor = source(url, **MAP)
    old, new = ("1", "0") if url.startswith("mariadb") else ("true", "false")
    extractor.rectify(PERSON, [person("opt_in", old, new)])
    assert shown(extractor, "people", "opt_in") == new
    with pytest.raises(NotRectifiable, match=r"people\.opt_in holds"):
        extractor.rectify(PERSON, [person("opt_in", new, "maybe")])


def test_records_with_composite_keys_and_odd_names_are_corrected_together(url: str) -> None:
    before, extractor = contents(url), source(url, **MAP)
    extractor.rectify(
        PERSON, [visit("select", "yes", None), visit("select", None, "no", "2"), person("name", "müller", "Ann")]
    )
    assert {name: len(rows) for name, rows in changed(before, contents(url)).items()} == {"people": 2, "vi sits": 4}
    values = [row["select"] for row in records(extractor, PERSON)["visits"]]
    assert sorted(values, key=str) == [None, "no"]


STALE = [
    person("name", "Müller", "x"),
    person("name", "müller ", "x"),
    person("name", None, "x"),
    person("name", "", "x"),
    person("note %s", None, "x"),
    person("born", "1980-02-04", None),
    person("name", "Bob", "x", key="2"),
    person("name", "müller", "x", key="3"),
    person("name", "müller", "x", key="one"),
    visit("select", "yes", "no", "3"),
    visit("select", "", "no", "2"),
]


@pytest.mark.parametrize("correction", STALE)
def test_what_is_not_as_it_was_shown_or_not_the_persons_is_refused(url: str, correction: Correction) -> None:
    before = contents(url)
    with pytest.raises(ValueChanged, match=rf"{correction.collection}\.{correction.field}") as raised:
        source(url, **MAP).rectify(PERSON, [visit("select", "yes", "ok"), correction])
    assert "Bob" not in str(raised.value)
    assert contents(url) == before


BAD = [
    (person("plain", "p", "x"), "may not be corrected"),
    (person("secret", "s", "x"), "may not be corrected"),
    (person("nothing", "s", "x"), "may not be corrected"),
    (Correction("nobody", {"id": "1"}, "name", "a", "Zack"), "may not be corrected"),
    (Correction("people", {"no": "1"}, "name", "müller", "Zack"), "told apart by other fields"),
    (person("id", "1", "9"), "tells records apart"),
    (person("name", "müller", None), "cannot be empty"),
    (person("name", "müller", "x" * 10), "at most 9 characters"),
    (person("name", "müller", "a\x00b"), "NUL"),
    (person("email", "ann@x.org", "bob@x.org"), "another record has the new value"),
    (person("born", "1980-02-03", "3.2.1980"), "a date"),
    (person("born", "1980-02-03", "1980-02-30"), "a date"),
    (person("score", "1.50", "much"), "a number"),
    (person("score", "1.50", "1.239"), "2 decimals"),
    (person("settings", '{"a": 1}', "{a: 1}"), "JSON"),
    (visit("person", "1", "99"), "none with the new value"),
]


@pytest.mark.parametrize(("correction", "said"), BAD)
def test_what_may_not_be_or_does_not_fit_is_refused_by_name(url: str, correction: Correction, said: str) -> None:
    if correction.field == "score" and url.startswith("sqlite"):
        correction = person("score", "1.5", correction.new)
    before = contents(url)
    if correction.field == "born" and url.startswith("sqlite") and correction.new == "1980-02-30":
        pytest.skip("SQLite keeps dates as the application writes them")
    with pytest.raises(NotRectifiable, match=said) as raised:
        source(url, **MAP).rectify(PERSON, [visit("select", "yes", "ok"), correction])
    assert f"{correction.collection}.{correction.field}" in str(raised.value) or "told apart" in said
    assert str(correction.new) not in str(raised.value)
    assert raised.value.__cause__ is None
    assert contents(url) == before


def test_the_same_field_twice_is_refused(url: str) -> None:
    with pytest.raises(NotRectifiable, match="twice"):
        source(url, **MAP).rectify(PERSON, [person("name", "müller", "A"), person("name", "A", "B")])


def test_nothing_to_correct_is_no_fault(url: str) -> None:
    before = contents(url)
    source(url, **MAP).rectify(PERSON, [])
    assert contents(url) == before


def test_a_value_changed_between_the_search_and_the_correction_is_refused(url: str) -> None:
    extractor = source(url, **MAP)
    old = shown(extractor, "people", "name")
    run(url, "UPDATE people SET name = 'Mueller' WHERE id = 1")
    with pytest.raises(ValueChanged, match=r"people\.name"):
        extractor.rectify(PERSON, [person("name", old, "Müller")])


def test_who_writes_at_the_same_moment_waits_or_is_heard(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the record is locked nobody changes it any more; what is read then is what is changed."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    from extractors.sql.changing.rectifying import Rectifying

    fix, refused = Rectifying.fix, []

    def fix_and_try(self: Rectifying) -> None:
        fix(self)
        limit = "SET lock_timeout = '200ms'" if url.startswith("postgresql") else "SET innodb_lock_wait_timeout = 1"
        with engine(url).connect() as other:
            other.exec_driver_sql(limit)
            try:
                other.exec_driver_sql("UPDATE people SET name = 'Eve' WHERE id = 1")
                other.commit()
            except Exception as error:  # noqa: BLE001  # whichever the driver raises
                refused.append(error)

    monkeypatch.setattr(Rectifying, "fix", fix_and_try)
    extractor = source(url, **MAP)
    extractor.rectify(PERSON, [person("name", "müller", "Müller")])
    assert refused
    assert shown(extractor, "people", "name") == "Müller"


def test_a_column_that_others_refer_to_and_a_computed_one_are_left_alone(url: str) -> None:
    run(
        url,
        "CREATE TABLE codes (id int PRIMARY KEY, person int, code varchar(9) UNIQUE,"
        " twice int GENERATED ALWAYS AS (person * 2) STORED)",
        "CREATE TABLE uses (id int PRIMARY KEY, code varchar(9), FOREIGN KEY (code) REFERENCES codes (code))",
        "INSERT INTO codes (id, person, code) VALUES (1, 1, 'x')",
        "INSERT INTO uses VALUES (1, 'x')",
    )
    part = {"links": [{"column": "person", "to": "people.id"}], "fields": {"code": OPEN, "twice": OPEN}}
    extractor, before = source(url, **MAP, codes=part), contents(url)
    for field, old, new, said in (("code", "x", "y", "uses refers to it"), ("twice", "2", "3", "computed")):
        with pytest.raises(NotRectifiable, match=said):
            extractor.rectify(PERSON, [Correction("codes", {"id": "1"}, field, old, new)])
    assert contents(url) == before


TYPED = {
    "postgresql": [
        ("timestamptz", "'2024-01-02 03:04:05.5+05'", "2024-01-01T22:04:05.5Z", "2024-01-01T22:04:06Z", "2024-01-01"),
        ("timestamp", "'2024-01-02 03:04:05'", "2024-01-02T03:04:05", "2024-01-02T03:04:06.25", "2024-01-02T03:04:06Z"),
        ("time", "'03:04:05'", "03:04:05", "23:59:59", "25:00"),
        ("double precision", "0.1", "0.1", "1e-30", "x"),
        ("real", "0.1", "0.1", "0.25", "x"),
        ("bigint", "5", "5", "-9223372036854775808", "9223372036854775808"),
        ("smallint", "5", "5", "7", "32768"),
        ("uuid", "'0a0b0c0d-0000-4000-8000-00000000000a'", "0a0b0c0d-0000-4000-8000-00000000000a",
         "ffffffff-ffff-4fff-bfff-ffffffffffff", "ffff"),
        ("jsonb", "'{\"a\": 1}'", '{"a":1}', '{"a": [1.5]}', "{"),
        ("mood", "'glad'", "glad", "it's so", "angry"),
        ("inet", "'10.0.0.1'", "10.0.0.1/32", "10.0.0.2/32", "10.0.0.999"),
        ("varchar(5) CHECK (v <> 'never')", "'a'", "a", "b", "never"),
        ("integer_domain", "5", "5", "6", "-6"),
        ("boolean", "true", "true", "false", "yes"),
    ],
    "mariadb": [
        ("datetime(6)", "'2024-01-02 03:04'", "2024-01-02T03:04:00", "2024-01-02T03:04:06.5", "2024-01-02T03:04:06Z"),
        ("timestamp NULL", "'2024-01-02 05:45'", "2024-01-02T05:45:00Z", "2024-01-02T03:04:06Z", "2024-01-02T03:04:06"),
        ("double", "0.1", "0.1", "1e-30", "x"),
        ("float", "0.1", "0.1", "0.25", "x"),
        ("bigint unsigned", "5", "5", "18446744073709551615", "-1"),
        ("tinyint", "5", "5", "7", "128"),
        ("bit(1)", "b'1'", "true", "false", "2"),
        ("enum('glad', 'it''s so')", "'glad'", "glad", "it's so", "angry"),
        ("json", "'{\"a\":1}'", '{"a":1}', '{"a": [1.5]}', "{"),
        ("varchar(5) CHARACTER SET latin1", "'a'", "a", "ä", "Ł"),
        ("varchar(6) COLLATE utf8mb4_general_ci", "'straße'", "straße", "STRASE", "toolong"),
    ],
    "sqlite": [
        ("", "5", "5", "6", "x"),
        ("", "'5'", "5", "x", "a\x00b"),
        ("REAL", "0.1", "0.1", "0.25", "x"),
        ("BOOLEAN", "1", "true", "false", "2"),
        ("DATETIME", "'2024-01-02 03:04:05'", "2024-01-02 03:04:05", "2024-01-02 03:04:06", "tomorrow"),
        ("VARCHAR(5)", "'a'", "a", "äöüßé", "toolong"),
        ("TEXT CHECK (v <> 'never')", "'a'", "a", "b", "never"),
        ("INTEGER", "9007199254740993", "9007199254740993", "9007199254740995", "9.5"),
    ],
}  # fmt: skip


def test_every_type_takes_what_fits_and_refuses_what_does_not(database_url: str) -> None:
    kind = database_url.partition(":")[0]
    if kind == "postgresql":
        run(
            database_url,
            "CREATE TYPE mood AS ENUM ('glad', 'it''s so')",
            "CREATE DOMAIN integer_domain AS int CHECK (VALUE > 0)",
        )
    for number, (type_, value, old, new, unfit) in enumerate(TYPED[kind]):
        run(
            database_url,
            f"CREATE TABLE t{number} (id int PRIMARY KEY, person int, v {type_})",
            f"INSERT INTO t{number} VALUES (1, 1, {value}), (2, 2, {value})",
        )
        name = f"t{number}"
        extractor = source(database_url, **{name: {"identifiers": {"user_id": "person"}, "fields": {"v": OPEN}}})
        who = Identifiers.of([("user_id", "1")])
        with pytest.raises(NotRectifiable, match=rf"{name}\.v"):
            extractor.rectify(who, [Correction(name, {"id": "1"}, "v", old, unfit)])
        before = contents(database_url)
        extractor.rectify(who, [Correction(name, {"id": "1"}, "v", old, new)])
        rows = changed(before, contents(database_url))
        assert {table: len(found) for table, found in rows.items()} == {name: 2}, type_
        # What was written is what is read: it can be corrected back by it.
        extractor.rectify(who, [Correction(name, {"id": "1"}, "v", new, old)])
        assert contents(database_url) == before, type_
