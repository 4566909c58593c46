"""The engine against the demonstration companies: nothing of the person missing, nothing of anyone else, no secret."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from extractors.base import Scope
from extractors.datamap import load
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from requests_app.demonstration import writing
from requests_app.demonstration.writing import write_demonstration

DATA_MAPS = Path(writing.__file__).parent / "datamaps"
SCALES = {"small": (5_000, 120)}
if os.environ.get("DSR_TEST_ALL") == "1":
    SCALES["full"] = (220_000, 2_100)
PEOPLE = 50
# The whole of it takes minutes; every run samples it, differently for each company and scale.
SHARE = 1 if os.environ.get("DSR_TEST_ALL") == "1" else 6


@pytest.fixture(scope="module", params=SCALES)
def scale(request):
    return SCALES[request.param]


@pytest.fixture(scope="module", params=["saas", "grants"])
def company(request):
    return request.param


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demonstration(request, company, scale, tmp_path_factory):
    rows, people = scale
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('demonstration') / 'source.sqlite3'}"
        yield open_source(url, data_map(company)), write_demonstration(company, url, rows, people)
        return
    server = request.getfixturevalue("postgres_server")
    url = server.create_database(company)
    yield open_source(url, data_map(company)), write_demonstration(company, url, rows, people)
    server.drop_database(url)


def data_map(company):
    return load((DATA_MAPS / f"{company}.yaml").read_text(encoding="utf-8"))


def chosen(truth):
    """Every person a trap is built around, and others up to fifty; or a share of them."""
    trapped = sorted({person for trap in truth.traps.values() for person in trap.people})
    others = sorted(truth.people.keys() - set(trapped))
    people = trapped + random.Random(truth.company).sample(others, max(0, PEOPLE - len(trapped)))
    assert len(people) >= PEOPLE
    return people[len(others) % SHARE :: SHARE]


def identifiers(person):
    return Identifiers.of((kind, str(value)) for kind, values in person.identifiers.items() for value in values)


def plain(key):
    return tuple(key) if isinstance(key, list | tuple) else (key,)


def keys_found(extract, table):
    batches = list(extract.batches)
    for batch in batches:
        assert not any(holds_secret(column) for column in batch.rows.columns)
    columns = ([value for batch in batches for value in batch.rows.column(name).to_pylist()] for name in table.key)
    return sorted(zip(*columns, strict=True))


def holds_secret(column):
    is_text = pa.types.is_string(column.type) or pa.types.is_binary(column.type)
    return is_text and pc.any(pc.match_substring(column, "SECRET-")).as_py()


def expected(person, name, scope):
    missing = set()
    if scope is Scope.SELF_SERVICE:
        missing = {plain(key) for key in (*person.deleted.get(name, ()), *person.beyond_limit.get(name, ()))}
    return sorted(plain(key) for key in person.rows.get(name, ()) if plain(key) not in missing)


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.SELF_SERVICE])
def test_fifty_people_get_their_rows_and_no_others(demonstration, scope):
    extractor, truth = demonstration
    for key in chosen(truth):
        person = truth.people[key]
        for extract in extractor.extract(identifiers(person), scope):
            name = extract.collection.name
            assert keys_found(extract, truth.tables[name]) == expected(person, name, scope), f"{key}: {name}"


def test_the_search_counts_what_the_truth_holds(demonstration):
    extractor, truth = demonstration
    for key in chosen(truth):
        person = truth.people[key]
        counts = {name: len(person.rows.get(name, ())) for name in extractor.data_map.collections}
        assert extractor.search(identifiers(person)) == counts, key


def test_every_address_of_a_person_finds_all_their_rows(demonstration):
    extractor, truth = demonstration
    people = truth.people.values()
    several = [person for person in people if len(person.identifiers["email"]) > 1][:3]
    assert several
    for person in several:
        found = [extractor.search(Identifiers.of([("email", email)])) for email in person.identifiers["email"]]
        assert all(counts == found[0] for counts in found)
