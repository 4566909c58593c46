"""A public example database with the rows each person must get, worked out by another program.

Read by a map written by hand, and by the one that its Fides manifest is turned into.
"""

import json
from pathlib import Path

import psycopg
import pytest

from extractors.base import Scope
from extractors.datamap import load
from extractors.fides import import_manifest
from extractors.identifiers import Identifiers
from extractors.registry import open_source

ORACLE = Path(__file__).parent.parent / "oracles" / "postgres_example"
EXPECTED = json.loads((ORACLE / "expected_rows.json").read_text())


@pytest.fixture(scope="module")
def oracle_url(postgres_server):
    url = postgres_server.create_database("oracle")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((ORACLE / "data.sql").read_text())
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="module", params=["datamap.yaml", "fides_dataset.yml"])
def extractor(request, oracle_url):
    text = (ORACLE / request.param).read_text()
    if request.param == "fides_dataset.yml":
        (imported,) = import_manifest(text)
        text = imported.text
    return open_source(oracle_url, load(text))


def expected_rows(person):
    return {name.split(":")[1]: rows for name, rows in EXPECTED[person].items()}


def plain(value):
    """The oracle writes dates as midnights and times without the T."""
    text = str(value).replace("T", " ")
    return text + " 00:00:00" if len(text) == len("2021-01-01") and text.count("-") == 2 else text


def shared_part(row, expected):
    return {name: plain(row[name]) for name in expected}


def test_the_maps_fit_the_database(extractor):
    assert all("slow: an index on" in str(warning) for warning in extractor.check())


@pytest.mark.parametrize("person", EXPECTED)
def test_the_search_counts_what_is_the_persons(extractor, person):
    counts = {name: len(rows) for name, rows in expected_rows(person).items()}
    assert extractor.search(Identifiers.of([("email", person)])) == counts


@pytest.mark.parametrize("person", EXPECTED)
def test_the_extract_holds_just_those_rows(extractor, person):
    expected = expected_rows(person)
    for extract in extractor.extract(Identifiers.of([("email", person.upper())]), Scope.ALL):
        wanted = expected.pop(extract.collection.name)
        rows = [row for batch in extract.batches for row in batch.rows.to_pylist()]
        compared = [shared_part(row, wanted[0]) for row in rows] if wanted else rows
        assert sorted(map(repr, compared)) == sorted(repr(shared_part(row, wanted[0])) for row in wanted)
    assert not expected


def third_parties(extractor, person):
    """The values marked as somebody else's, by collection and field, and the rows marked whole."""
    found = set()
    for extract in extractor.extract(Identifiers.of([("email", person)]), Scope.ALL, is_reviewed=True):
        for batch in extract.batches:
            for mark in batch.marks.to_pylist() if batch.marks else []:
                value = batch.rows.column(mark["field"])[mark["row"]].as_py() if mark["field"] else None
                found.add((extract.collection.name, mark["field"], value, mark["concern"]))
    return found


@pytest.mark.parametrize("person", EXPECTED)
def test_other_peoples_addresses_are_marked_and_nothing_else(extractor, person):
    own = {person, "customer-1@example.com", "customer-1-alt@example.com"} if "customer-1" in person else {person}
    expected = {
        (name, field, row[field], "email")
        for name, rows in expected_rows(person).items()
        for row in rows
        for field in ("email", "alt_email")
        if row.get(field) and row[field] not in own
    }
    if person == "customer-1-alt@example.com":
        # The only row they are found in stands beside an address that leads to a customer, whom nothing proves them.
        expected.add(("service_request", "email", "customer-1@example.com", "email"))
    assert third_parties(extractor, person) == expected
    assert bool(expected) is person.startswith(("employee", "customer-1-alt"))


GIVEN = {
    "customer": {"provided": True, "basis": "contract", "fields": {"created": {"provided": False}}},
    "payment_card": {"provided": True, "basis": "legal obligation", "fields": {"name": {"basis": "contract"}}},
    "service_request": {"fields": {"email": {"provided": True, "basis": "consent"}}},
}


def rows_of(extractor, person, scope):
    """The rows of each collection, and all the columns that there are."""
    return {
        extract.collection.name: [row for batch in extract.batches for row in batch.rows.to_pylist()]
        for extract in extractor.extract(Identifiers.of([("email", person)]), scope)
    }


@pytest.mark.parametrize("person", EXPECTED)
def test_what_is_taken_elsewhere_is_what_was_given_of_just_those_rows(oracle_url, person):
    plain_map = load((ORACLE / "datamap.yaml").read_text())
    document = plain_map.model_dump(by_alias=True, exclude_unset=True)
    for name, said in GIVEN.items():
        document["collections"][name] |= said
    extractor = open_source(oracle_url, type(plain_map).model_validate(document))
    whole, taken = rows_of(extractor, person, Scope.ALL), rows_of(extractor, person, Scope.PORTABILITY)
    columns = {
        "customer": {name for row in whole["customer"] for name in row} - {"created"},
        "payment_card": {"name"},
        "service_request": {"email"},
    }
    for name, rows in whole.items():
        kept = [{column: row[column] for column in row if column in columns.get(name, ())} for row in rows]
        expected = kept if name in columns else []
        assert sorted(map(repr, taken[name])) == sorted(map(repr, expected)), name
