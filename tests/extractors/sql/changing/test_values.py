"""What columns are erased to fits their types and stays unique; what cannot fit is told before anything is read."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from extractors.errors import DsrError, FaultyDataMap, SourceUnavailable
from tests.extractors.sql.changing.databases import contents, engine
from tests.extractors.sql.sources import ANN, run, source

if TYPE_CHECKING:
    from extractors.base import Extractor

KEY = b"a key that is longer than sixty-four bytes, which is the size of a block of SHA-256"
ROWS = 40


def anonymised(url: str, fields: dict[str, Any], **more: Any) -> Extractor:
    part = {"identifiers": {"user_id": "owner"}, "erase": {"action": "anonymise", "fields": fields}, **more}
    return source(url, things=part)


def column(url: str, name: str) -> list[Any]:
    with engine(url).connect() as connection:
        return list(connection.exec_driver_sql(f"SELECT {name} FROM things WHERE owner = 1 ORDER BY id").scalars())


def made(url: str, columns: str, values: str, *more: str) -> None:
    """Make a table of forty rows, `{0}` in the values standing for the row's number."""
    rows = ", ".join(f"({number}, 1, {values.format(number)})" for number in range(ROWS))
    run(
        url,
        f"CREATE TABLE things (id int PRIMARY KEY, owner int, {columns})",
        f"INSERT INTO things VALUES {rows}",
        *more,
    )


def test_masked_addresses_are_addresses_and_stay_unique(database_url: str) -> None:
    made(
        database_url,
        "email varchar(60) UNIQUE, short varchar(23) UNIQUE, none varchar(60)",
        "'Ann{0}@x.org', 'ann{0}@x.org', NULL",
    )
    mask = {"mask": "email"}
    things = anonymised(database_url, {"email": mask, "short": mask, "none": mask})
    assert things.erase(ANN, apply=True).is_proven
    for name, longest in (("email", 60), ("short", 23)):
        emails = column(database_url, name)
        assert len(set(emails)) == ROWS
        for email in emails:
            local, domain = email.split("@")
            assert domain == "erased.invalid"
            assert local
            assert "ann" not in local.replace("erased-", "")
            assert len(email) <= longest
    assert set(column(database_url, "none")) == {None}


@pytest.mark.parametrize(
    "index", ["CREATE UNIQUE INDEX one ON things (lower(name))", "CREATE UNIQUE INDEX one ON things (kind, name)"]
)
def test_constants_stay_unique_within_the_columns_length(database_url: str, index: str) -> None:
    if database_url.startswith("mariadb"):
        index = index.replace("lower(name)", "name")
    made(database_url, "name varchar(20), kind int, plain varchar(20)", "'Ann {0}', 7, 'x'", index)
    things = anonymised(database_url, {"name": "[erased by request]", "plain": "[erased]", "kind": 0})
    assert things.erase(ANN, apply=True).is_proven
    names = column(database_url, "name")
    assert len(set(names)) == ROWS
    assert all(name.startswith("[erased-") and len(name) == 20 for name in names)
    assert set(column(database_url, "plain")) == {"[erased]"}


def test_keyed_hashes_are_the_same_everywhere_and_known_to_who_has_the_key(database_url: str) -> None:
    made(database_url, "name varchar(80), cut varchar(20), none varchar(80)", "'Zoë 🎈 {0}', 'same', NULL")
    hashed = {"hash": "sha256"}
    things = anonymised(database_url, {"name": hashed, "cut": hashed, "none": hashed})
    assert things.erase(ANN, apply=True, hash_key=KEY).is_proven
    texts = [f"Zoë 🎈 {number}" for number in range(ROWS)]
    assert column(database_url, "name") == [hmac.digest(KEY, text.encode(), hashlib.sha256).hex() for text in texts]
    assert set(column(database_url, "cut")) == {hmac.digest(KEY, b"same", hashlib.sha256).hex()[:20]}
    assert set(column(database_url, "none")) == {None}


def test_without_a_key_hashes_tell_nothing_but_equality(database_url: str) -> None:
    made(database_url, "name varchar(80)", "'same'")
    things = anonymised(database_url, {"name": {"hash": "sha256"}})
    things.erase(ANN, apply=True)
    (first,) = set(column(database_url, "name"))
    things.erase(ANN, apply=True)
    (second,) = set(column(database_url, "name"))
    assert first not in (second, hashlib.sha256(b"same").hexdigest())


def test_the_year_alone_is_kept_of_dates_timestamps_and_text(database_url: str) -> None:
    made(
        database_url,
        "born date, seen timestamp NULL, early timestamp NULL, written varchar(30), junk varchar(30),"
        " needed varchar(30) NOT NULL",
        "'1980-05-17', '2021-12-31 23:59:59', '1970-05-17 10:00:00', '1980-05-17T10:00:00Z', 'May 1980', 'May 1980'",
    )
    year = {"year_only": True}
    things = anonymised(database_url, dict.fromkeys(("born", "seen", "early", "written", "junk", "needed"), year))
    assert things.erase(ANN, apply=True).is_proven
    assert {str(value) for value in column(database_url, "born")} == {"1980-01-01"}
    assert {str(value)[:10] for value in column(database_url, "seen")} == {"2021-01-01"}
    assert {str(value)[:10] for value in column(database_url, "early")} == {"1970-01-01"}
    assert set(column(database_url, "written")) == {"1980-01-01"}
    assert set(column(database_url, "junk")) == {None}
    assert set(column(database_url, "needed")) == {""}


def test_constants_take_the_type_of_their_column(database_url: str) -> None:
    made(
        database_url,
        "flag boolean, amount numeric(8, 2), day date, data json, text varchar(9), many json,"
        " parent int REFERENCES things (id)",
        "true, 1.5, '2020-01-01', '[1]', 'x', '[1]', {0}",
    )
    things = anonymised(
        database_url,
        {"flag": False, "amount": 0.25, "day": "2000-01-01", "data": "{}", "many": "gone", "text": 5, "parent": None},
    )
    assert things.erase(ANN, apply=True).is_proven
    assert set(column(database_url, "flag")) == {False}
    assert {float(value) for value in column(database_url, "amount")} == {0.25}
    assert {str(value) for value in column(database_url, "day")} == {"2000-01-01"}
    texts = [(value if isinstance(value, str) else json.dumps(value)) for value in column(database_url, "data")]
    assert set(texts) == {"{}"}
    assert {str(value).strip('"') for value in column(database_url, "many")} == {"gone"}
    assert set(column(database_url, "text")) == {"5"}
    assert set(column(database_url, "parent")) == {None}


def test_numbers_that_the_column_rounds_are_what_was_asked_for(database_url: str) -> None:
    single = "float" if database_url.startswith("mariadb") else "real"
    made(database_url, f"height {single}, amount numeric(8, 2), many int", "1.7, 2.5, 3")
    assert anonymised(database_url, {"height": 0.1, "amount": 0.125, "many": 7}).erase(ANN, apply=True).is_proven
    assert {round(float(value), 2) for value in column(database_url, "amount")} <= {0.12, 0.13}


def test_a_constant_that_leads_nowhere_is_refused(database_url: str) -> None:
    made(database_url, "parent int REFERENCES things (id)", "{0}")
    before = contents(database_url)
    with pytest.raises(DsrError):
        anonymised(database_url, {"parent": 987}).erase(ANN, apply=True)
    assert contents(database_url) == before
    assert anonymised(database_url, {"parent": 1}).erase(ANN, apply=True).is_proven


FAULTS: dict[str, tuple[str, Any]] = {
    "name": ("takes 10 characters, not 11", "[erased it]"),
    "mail": ("a masked address at least", {"mask": "email"}),
    "code": ("a hash at least", {"hash": "sha256"}),
    "amount": ("holds no text", {"hash": "sha256"}),
    "number": ("the same constant cannot stand in two rows", 0),
    "twice": ("the database computes this column", "x"),
    "id": ("part of the primary key", 0),
    "needed": ("NOT NULL", None),
    "tiny": ("unique and takes only", "x"),
    "checked": ("takes 4 characters, not 5", "12345"),
}


def test_what_cannot_fit_is_told_at_once(database_url: str) -> None:
    made(
        database_url,
        "name varchar(10), mail varchar(22), code varchar(15), amount numeric(8, 2), number int UNIQUE,"
        " twice varchar(30) GENERATED ALWAYS AS (name) STORED, needed varchar(9) NOT NULL, tiny varchar(10) UNIQUE,"
        " checked varchar(9) CHECK (length(checked) < 5)",
        "'x', 'x', 'x', 1, {0}, DEFAULT, 'x', '{0}', 'x'",
    ) if not database_url.startswith("sqlite") else run(
        database_url,
        "CREATE TABLE things (id int PRIMARY KEY, owner int, name varchar(10), mail varchar(22), code varchar(15),"
        " amount numeric(8, 2), number int UNIQUE, twice varchar(30) GENERATED ALWAYS AS (name) STORED,"
        " needed varchar(9) NOT NULL, tiny varchar(10) UNIQUE, checked varchar(9) CHECK (length(checked) < 5))",
    )
    things = anonymised(database_url, {name: value for name, (_, value) in FAULTS.items()})
    for use in (things.check, lambda: things.erase(ANN, apply=False)):
        with pytest.raises(FaultyDataMap) as raised:
            use()
        told = {
            fault.path.removeprefix("collections.things.erase.fields."): fault.message for fault in raised.value.faults
        }
        assert told.keys() == FAULTS.keys()
        assert all(FAULTS[name][0] in message for name, message in told.items()), told


def test_years_need_a_key_and_archiving_a_mark(database_url: str) -> None:
    run(database_url, "CREATE TABLE things (owner int, born date, blob_ numeric(3, 1))")
    identified: dict[str, Any] = {"identifiers": {"user_id": "owner"}}
    kept = {"erase": {"action": "keep", "ground": "tax", "years": 3, "from": "born"}}
    with pytest.raises(FaultyDataMap, match="no primary key"):
        source(database_url, things={**identified, **kept}).check()
    source(database_url, things={**identified, **kept, "key": "owner"}).check()
    archived = {"deleted": {"column": "blob_"}, "erase": {"action": "archive"}}
    with pytest.raises(FaultyDataMap, match="equals"):
        source(database_url, things={**identified, **archived}).check()


def test_a_rule_that_only_the_database_knows_leaves_everything_as_it_was(database_url: str) -> None:
    made(database_url, "name varchar(20), CHECK (name LIKE 'Ann%')", "'Ann {0}'")
    before = contents(database_url)
    with pytest.raises(SourceUnavailable) as raised:
        anonymised(database_url, {"name": "[erased]"}).erase(ANN, apply=True)
    assert raised.value.permanent or database_url.startswith("sqlite")
    assert "Ann 1" not in str(raised.value)
    assert contents(database_url) == before


def test_identifiers_that_stay_are_warned_of(database_url: str) -> None:
    run(database_url, "CREATE TABLE things (id int PRIMARY KEY, owner int, email varchar(60))")
    part = {"identifiers": {"user_id": ["id", "owner"], "email": "email"}}
    things = source(database_url, things={**part, "erase": {"action": "anonymise", "fields": {"email": None}}})
    told = [str(fault) for fault in things.check() if "erasing leaves" in fault.message]
    assert told == [
        "collections.things.identifiers.user_id[1]: erasing leaves owner as it is:"
        " whoever was erased can be found by it"
    ]  # fmt: skip


def test_what_was_erased_is_not_left_in_the_file(sqlite_url: str) -> None:
    made(sqlite_url, "name varchar(60)", "'Zebedee {0}'")
    anonymised(sqlite_url, {"name": None}).erase(ANN, apply=True)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert b"Zebedee" not in path.read_bytes()
