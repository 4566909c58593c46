"""What every source kind keeps to, over the registry: a new kind needs one way to make a source here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extractors import registry
from extractors.base import Extractor, Scope
from extractors.batches import Kind
from extractors.datamap import DataMap
from extractors.errors import FaultyDataMap, SourceUnavailable
from extractors.identifiers import Identifiers
from extractors.registry import UnusableUrl, open_source
from tests.extractors.sql.sources import ANN, records, run, source

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = registry._kinds()
SERVERS = ("sqlite", "postgresql", "mariadb")
ARROW = {
    Kind.INTEGER: {"int16", "int32", "int64", "uint64"},
    Kind.FLOAT: {"float", "double"},
    Kind.BOOLEAN: {"bool"},
    Kind.BINARY: {"binary"},
}
COLLECTIONS = {
    "people": {"identifiers": {"user_id": "id", "email": "email"}, "provided": True, "basis": "contract"},
    "notes": {"links": [{"column": "person_id", "to": "people.id"}], "provided": True, "basis": "consent"},
    "empty": {"identifiers": {"phone": "number"}, "provided": True, "basis": "contract"},
}
NOBODY = Identifiers.of([("user_id", "404")])


@pytest.fixture(params=[*sorted(KINDS.keys() - {"other_sql"}), *(f"other_sql {server}" for server in SERVERS)])
def extractor(request: pytest.FixtureRequest) -> Extractor:
    """A source of each kind that holds two people, of whom the first has two notes."""
    slug, _, server = request.param.partition(" ")
    url = request.getfixturevalue("new_url")(server or slug, "contract")
    run(
        url,
        "CREATE TABLE people (id int PRIMARY KEY, email text, weight real)",
        "CREATE TABLE notes (person_id int, body text)",
        "CREATE TABLE empty (number text)",
        "INSERT INTO people VALUES (1, 'ann@x.org', 1.5), (2, 'bob@x.org', NULL)",
        "INSERT INTO notes VALUES (1, 'same'), (1, 'same'), (2, 'other'), (NULL, 'lost')",
    )
    return again(KINDS[slug], url, **COLLECTIONS)


@pytest.fixture
def new_url(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """Make databases: `new_url("mariadb", "shop")` is the URL of a new one."""
    makers: dict[str, Callable[[str], str]] = {
        "sqlite": lambda _: str(request.getfixturevalue("sqlite_url")),
        "postgresql": lambda name: str(request.getfixturevalue("postgres_database")(name)),
        "mariadb": lambda name: str(request.getfixturevalue("mariadb_database")(name)),
    }
    return lambda server, name: makers[server](name)


def again(kind: type[Extractor], url: str, **collections: dict[str, Any]) -> Extractor:
    """A source of this very kind, though the registry would give another one for such URLs."""
    if kind.slug == "other_sql":
        url = url.replace("postgresql://", "postgresql+psycopg://").replace("mariadb://", "mariadb+pymysql://")
    return kind(url, source("sqlite://", **collections).data_map)


def test_the_kind_is_found_by_its_schemes(extractor: Extractor) -> None:
    kind = type(extractor)
    assert KINDS[kind.slug] is kind
    for scheme in kind.schemes:
        assert type(open_source(f"{scheme}://host/database", extractor.data_map)) is kind


def test_the_search_counts_every_collection_in_the_maps_order(extractor: Extractor) -> None:
    assert list(extractor.search(ANN).items()) == [("people", 1), ("notes", 2), ("empty", 0)]
    assert list(extractor.search(NOBODY).items()) == [("people", 0), ("notes", 0), ("empty", 0)]


def test_an_estimate_is_what_the_search_counts_or_nothing_also_while_an_extract_runs(extractor: Extractor) -> None:
    for person in (ANN, NOBODY):
        extract = extractor.extract(person, Scope.ALL)
        next(extract)
        estimated = extractor.estimate(person, Scope.ALL, seconds=5)
        extract.close()
        assert estimated == ({} if extractor.slug == "other_sql" else extractor.search(person))


@pytest.mark.parametrize("scope", list(Scope))
def test_the_extract_holds_what_the_search_counts(extractor: Extractor, scope: Scope) -> None:
    for person in (ANN, NOBODY):
        found = records(extractor, person, scope)
        assert {name: len(rows) for name, rows in found.items()} == extractor.search(person)
        assert list(found) == list(COLLECTIONS)


def test_batches_have_the_collections_fields_in_their_order_and_types(extractor: Extractor) -> None:
    for extract in extractor.extract(ANN, Scope.ALL):
        names = [field.name for field in extract.collection.fields]
        for batch in extract.batches:
            assert batch.collection is extract.collection
            assert batch.rows.schema.names == names
            assert batch.rows.num_rows > 0
            for field, column in zip(extract.collection.fields, batch.rows.columns, strict=True):
                assert str(column.type) in ARROW.get(field.kind, {"string"})


def test_extracting_is_lazy_and_repeatable_and_changes_nothing(extractor: Extractor) -> None:
    first = records(extractor)
    extractor.extract(ANN, Scope.ALL)
    abandoned = extractor.extract(ANN, Scope.ALL)
    next(next(abandoned).batches)
    abandoned.close()  # type: ignore[attr-defined]
    assert records(extractor) == first


def test_a_map_that_does_not_fit_is_refused_with_every_fault_before_anything_is_read(extractor: Extractor) -> None:
    faulty = again(
        type(extractor),
        extractor.url,
        people={"identifiers": {"user_id": "idd"}, "where": {"nope": 1}, "fields": {"emial": {"secret": True}}},
        gone={"table": "peple", "links": [{"column": "x", "to": "people.nope"}]},
    )
    for read in (lambda: faulty.check(), lambda: faulty.search(ANN), lambda: next(faulty.extract(ANN, Scope.ALL))):
        with pytest.raises(FaultyDataMap) as raised:
            read()
        paths = {fault.path for fault in raised.value.faults}
        assert {"collections.people.identifiers.user_id[0]", "collections.people.where.nope"} < paths
        assert {"collections.people.fields.emial", "collections.gone.table"} < paths


def test_a_source_that_is_not_there_is_unavailable_and_its_url_not_repeated(extractor: Extractor) -> None:
    scheme = next(iter(type(extractor).schemes), "postgresql")
    absent = again(type(extractor), f"{scheme}://ann:s3cret@/absent?host=/nowhere", **COLLECTIONS)
    for read in (lambda: absent.check(), lambda: absent.search(ANN), lambda: next(absent.extract(ANN, Scope.ALL))):
        with pytest.raises(SourceUnavailable) as raised:
            read()
        assert "s3cret" not in str(raised.value)
        assert raised.value.__cause__ is None


def test_other_urls_are_read_in_the_common_way_or_what_is_missing_is_named() -> None:
    data_map = DataMap.model_validate({"version": 1, "source": "s", "collections": {"t": {}}})
    with pytest.raises(UnusableUrl, match="need the Python package oracledb, which is not installed"):
        open_source("oracle+oracledb://ann:s3cret@host/x", data_map)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_kinds", lambda: {slug: KINDS[slug] for slug in ("other_sql", "postgresql")})
        assert open_source("sqlite:///x", data_map).slug == "other_sql"


@pytest.mark.parametrize("url", ["", "nonsense", "gopher://u:s3cret@host/x", "postgresql://u:s3cret@host:port/x"])
def test_a_url_nothing_reads_is_refused_without_repeating_it(url: str) -> None:
    data_map = DataMap.model_validate({"version": 1, "source": "s", "collections": {"t": {}}})
    with pytest.raises(UnusableUrl) as raised:
        open_source(url, data_map)
    assert "s3cret" not in str(raised.value)
