"""Names and values that try to be SQL, patterns or parameters stay names and values."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from extractors.base import Scope
from extractors.datamap import DataMap
from extractors.errors import FaultyDataMap
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from tests.extractors.sql.sources import records, run, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from extractors.base import Extractor

BOMB = "'; DROP TABLE canary; --"
NAMES = (
    'a"b', "a'b", "a`b", "[a]", BOMB, '"; DROP TABLE canary; --', "%s", "%(x)s", "%%", "100%", ":p", "$1", "?", "{x}",
    "select", "current_user", "日本", "😀", " sp ace ", "x.y", ".", "n" * 63, "Mixed", "mIXED" * 2, "back\\slash",
    "line\nbreak", "--", "/*", "c0", "anon_1", "v0", "a,b", "(", "param_1", "é", "e\u0301",
)  # fmt: skip
CANARY = ("CREATE TABLE canary (alive int)", "INSERT INTO canary VALUES (1)")


def names_of(url: str) -> list[str]:
    """The names a database can have; MariaDB's are of the basic plane and end in no space."""
    return [n for n in NAMES if not url.startswith("mariadb") or (max(n) < "\U00010000" and not n.endswith(" "))]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def assert_alive(url: str) -> None:
    part = {"canary": {"identifiers": {"user_id": "alive"}}}
    assert source(url, **part).search(Identifiers.of([("user_id", "1")])) == {"canary": 1}


@pytest.fixture
def hostile_url(database_url: str) -> str:
    """A database with a parent and a child table of each name, whose columns and values have that name too."""
    statements = list(CANARY)
    for name in names_of(database_url):
        table, child, column = quoted(name), quoted(f"{name}+"[-63:]), quoted(name)
        more = quoted(f"{name}-")[:1] + f"{name}-"[-63:].replace('"', '""') + '"'
        statements += [
            f"CREATE TABLE {table} ({column} text, {more} int, moment text)",
            f"INSERT INTO {table} VALUES ({text(name)}, 1, NULL), ('other', 1, NULL), (NULL, 2, 'x')",
            f"CREATE TABLE {child} ({column} text)",
            f"INSERT INTO {child} VALUES ({text(name)}), ('other')",
        ]
    run(database_url, *statements)
    return database_url


def collections(name: str) -> dict[str, Any]:
    collection, more = name.replace("\n", " "), f"{name}-"[-63:]
    return {
        collection: {
            "table": name,
            "key": name,
            "identifiers": {"user_id": name, "email": name},
            "where": {more: 1, name: [name, BOMB]},
            "exclude": {name: ["' OR '1'='1", '"', None]},
            "order_by": [f"-{name}", more],
            "limit": 5,
            "deleted": {"column": name, "equals": ["x' OR '1'='1"]},
        },
        f"child of {collection}": {
            "table": f"{name}+"[-63:],
            "links": [{"column": name, "to": f"{collection}.{name}"}],
        },
    }


def test_hostile_names_and_values_are_only_names_and_values(hostile_url: str) -> None:
    names = [name for name in names_of(hostile_url) if "." not in name]
    extractor = source(hostile_url, **{key: part for name in names for key, part in collections(name).items()})
    person = Identifiers({"user_id": NAMES, "email": (BOMB,)})
    found = iter(records(extractor, person, Scope.SELF_SERVICE).items())
    for name, (collection, rows), (child, of_child) in zip(names, found, found, strict=True):
        assert [row[name] for row in rows] == [row[name] for row in of_child] == [name], (collection, child)
    assert set(extractor.search(person).values()) == {1}
    assert_alive(hostile_url)


def test_tables_of_names_with_dots_are_found(hostile_url: str) -> None:
    for name in ("x.y", "."):
        extractor = source(hostile_url, dotted={"table": name, "identifiers": {"user_id": name}})
        assert extractor.search(Identifiers({"user_id": (name,)})) == {"dotted": 1}


def test_schemas_of_hostile_names_are_found(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("schemas")
    for name in NAMES:
        table = f"{quoted(name)}.{quoted(name)}"
        run(url, f"CREATE SCHEMA {quoted(name)}; CREATE TABLE {table} (u int); INSERT INTO {table} VALUES (1)")
    parts = {f"c{i}": {"table": f"{name}.{name}", "identifiers": {"user_id": "u"}} for i, name in enumerate(NAMES)}
    assert set(source(url, **parts).search(Identifiers({"user_id": ("1",)})).values()) == {1}


def test_databases_of_hostile_names_beside_ones_own_are_found(mariadb_database: Callable[[str], str]) -> None:
    url = mariadb_database("schemas")
    names = [name for name in names_of(url) if len(name) < 60]
    try:
        for name in names:
            table = f"{quoted(name)}.{quoted(name)}"
            run(url, f"CREATE DATABASE {quoted(name)}; CREATE TABLE {table} (u int); INSERT INTO {table} VALUES (1)")
        parts = {f"c{i}": {"table": f"{name}.{name}", "identifiers": {"user_id": "u"}} for i, name in enumerate(names)}
        assert set(source(url, **parts).search(Identifiers({"user_id": ("1",)})).values()) == {1}
    finally:
        run(url, *(f"DROP DATABASE IF EXISTS {quoted(name)}" for name in names))


def test_names_that_differ_by_case_only_are_different(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("cases")
    run(url, 'CREATE TABLE users ("U" int, u int)', 'CREATE TABLE "Users" (u int)')
    run(url, "INSERT INTO users VALUES (1, 2), (2, 1)", 'INSERT INTO "Users" VALUES (1), (1), (1)')
    parts = {"users": {"identifiers": {"user_id": "U"}}, "Users": {"identifiers": {"user_id": "u"}}}
    assert source(url, **parts).search(Identifiers({"user_id": ("1",)})) == {"users": 1, "Users": 3}


def test_identifiers_are_never_patterns(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (e text)", "INSERT INTO t VALUES ('ann@x.org'), ('joann@x.org'), ('')")
    extractor = source(database_url, t={"identifiers": {"email": "e", "user_id": "e"}})
    typed = ("%", "_nn@x.org", "ann@x.or_", "%@%", "ann@x.org' OR '1'='1", "[a]nn@x.org", "^ann.*")
    assert extractor.search(Identifiers({"email": typed, "user_id": typed})) == {"t": 0}


WHOLE_MAP: dict[str, Any] = {
    "version": 1,
    "source": "shop",
    "label": "Shop",
    "information": {"purposes": ["Orders"], "retention": "Years"},
    "collections": {
        "people": {
            "label": "People",
            "table": "people",
            "key": ["id"],
            "identifiers": {"email": ["email"], "user_id": ["id"]},
            "fields": {
                "email": {"category": "contact", "label": "Mail", "help": "Yours", "codes": {"A": "regular"}},
                "settings": {"json": True, "drop": ["$.token", '$["a b"].c', "$.list[0]"]},
                "hash": {"secret": True},
            },
            "order_by": ["-born"],
            "limit": 3,
            "deleted": {"column": "gone", "equals": ["yes"]},
            "where": {"tenant": [7, "8"], "born": ["2020-01-01", None]},
            "exclude": {"kind": ["nonce"], "flag": [True]},
        },
        "orders": {"links": [{"column": ["people_id"], "to": ["people.id"]}]},
    },
}


def bombed(value: Any) -> Iterator[Any]:
    """The value with each of its strings and keys replaced in turn."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {BOMB if name == key else name: part for name, part in value.items()}
            yield from ({**value, key: other} for other in bombed(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in bombed(inner))
    else:
        yield BOMB


def test_every_string_of_a_map_is_refused_or_harmless(database_url: str) -> None:
    columns = "id int PRIMARY KEY, email text, settings text, hash text, born date, gone text, tenant int, kind text"
    run(database_url, *CANARY, f"CREATE TABLE people ({columns}, flag boolean)", "CREATE TABLE orders (people_id int)")
    run(
        database_url,
        "INSERT INTO people VALUES (1, 'ann@x.org', '{\"token\": 1}', 'h', NULL, 'no', 7, 'a', false)",
        "INSERT INTO orders VALUES (1)",
    )
    person, harmless = Identifiers.of([("email", "ann@x.org")]), 0
    assert open_source(database_url, DataMap.model_validate(WHOLE_MAP)).search(person) == {"people": 1, "orders": 1}
    for document in bombed(copy.deepcopy(WHOLE_MAP)):
        with suppress(ValueError):  # a fault of the document (pydantic's) or one against the source (FaultyDataMap)
            read(open_source(database_url, DataMap.model_validate(document)), person)
            harmless += 1
    assert harmless > 10
    assert_alive(database_url)


def read(extractor: Extractor, person: Identifiers) -> None:
    extractor.check()
    extractor.search(person)
    records(extractor, person, Scope.SELF_SERVICE)


def test_a_table_that_is_not_there_is_a_fault(database_url: str) -> None:
    run(database_url, *CANARY)
    with pytest.raises(FaultyDataMap, match=r"collections\.x\.table: there is no table"):
        source(database_url, x={"table": BOMB, "identifiers": {"user_id": "u"}}).check()
