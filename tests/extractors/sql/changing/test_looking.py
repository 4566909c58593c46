"""What stands in a field now, and what is known not to fit, on databases of each kind; neither changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extractors.changes import Correction, NotRectifiable, RefusedCorrection, Standing, ValueChanged
from extractors.identifiers import Identifiers
from tests.extractors.sql.changing.databases import contents
from tests.extractors.sql.sources import run, source

if TYPE_CHECKING:
    from collections.abc import Callable

PERSON = Identifiers.of([("email", "ann@x.org")])
OPEN = {"rectify": True}
MAP: dict[str, dict[str, Any]] = {
    "people": {
        "identifiers": {"email": "email"},
        "fields": dict.fromkeys(("email", "name", "born", "score", "seen_at", "plain", "id"), OPEN),
    },
}


@pytest.fixture
def url(database_url: str) -> str:
    moment = "datetime" if database_url.startswith("mariadb") else "timestamp"
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, email varchar(99) UNIQUE, name varchar(9) NOT NULL, born date,"
        f" score numeric(6, 2), seen_at {moment}, plain text)",
        "INSERT INTO people VALUES (1, 'ann@x.org', 'Ann', '1980-02-03', 12.5, '2024-01-02 03:04:05', NULL),"
        " (2, 'bob@x.org', 'Bob', NULL, NULL, NULL, NULL)",
    )
    return database_url


def person(field: str, old: str | None, new: str | None, key: str = "1") -> Correction:
    return Correction("people", {"id": key}, field, old, new)


def test_it_is_told_whether_the_old_value_stands_or_the_new_one(url: str) -> None:
    asked = [
        person("name", "Ann", "Anna"),
        person("name", "An", "Ann"),
        person("born", "1999-01-01", "1980-02-03"),
        person("plain", None, "x"),
        person("name", "An", "Anna"),
    ]
    told = source(url, **MAP).standing(PERSON, asked)
    assert [(item.is_there, item.value, item.is_old, item.is_new) for item in told] == [
        (True, "Ann", True, False),
        (True, "Ann", False, True),
        (True, "1980-02-03", False, True),
        (True, None, True, False),
        (True, "Ann", False, False),
    ]
    assert "Ann" not in repr(told)


@pytest.mark.parametrize(
    ("field", "new"),
    [("score", "12.50"), ("score", "12.5"), ("seen_at", "2024-01-02T03:04:05"), ("seen_at", "2024-01-02T03:04:05.000")],
)
def test_a_new_value_stands_however_the_source_writes_it(url: str, field: str, new: str) -> None:
    if field == "seen_at" and url.startswith("sqlite"):
        pytest.skip("SQLite keeps moments as the application writes them")
    (told,) = source(url, **MAP).standing(PERSON, [person(field, None, new)])
    assert told.is_new


@pytest.mark.parametrize("key", ["2", "3", "one"])
def test_a_record_that_is_not_the_persons_is_not_there(url: str, key: str) -> None:
    assert source(url, **MAP).standing(PERSON, [person("name", "Bob", "Rob", key)]) == [Standing(is_there=False)]


def test_a_field_that_is_none_is_refused_by_its_name(url: str) -> None:
    wrong = person("nothing", "a", "b")
    with pytest.raises(NotRectifiable, match=r"people\.nothing") as raised:
        source(url, **MAP).standing(PERSON, [person("name", "Ann", "x"), wrong])
    assert raised.value.corrections == (wrong,)


def test_what_does_not_fit_is_known_before_and_nobody_elses_values_are_told(url: str) -> None:
    asked = [
        person("name", "Ann", "x" * 10),
        person("name", "Ann", None),
        person("born", None, "3.2.1980"),
        person("id", "1", "2"),
        person("email", "ann@x.org", "bob@x.org"),
        person("name", "Ann", "Anna"),
    ]
    before = contents(url)
    told = source(url, **MAP).unfit(asked, seconds=5)
    assert sorted(told) == [0, 1, 2, 3]
    assert told[0] == "This field takes at most 9 characters."
    assert told[1] == "This field cannot be empty."
    assert contents(url) == before


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: person("name", "Annie", "x"), ValueChanged),
        (lambda: person("name", "Ann", "x" * 10), NotRectifiable),
        (lambda: person("email", "ann@x.org", "bob@x.org"), NotRectifiable),
        (lambda: person("other", "Ann", "x"), NotRectifiable),
    ],
    ids=["changed", "too long", "taken", "no field"],
)
def test_a_refusal_says_which_correction_it_is_about(
    url: str, make: Callable[[], Correction], kind: type[RefusedCorrection]
) -> None:
    wrong = make()
    with pytest.raises(kind) as raised:
        source(url, **MAP).rectify(PERSON, [person("born", "1980-02-03", None), wrong])
    assert wrong in raised.value.corrections
