"""Erasing people of the demonstration companies, those around every trap among them, changes no row of anyone else."""

from __future__ import annotations

import pytest

from extractors.changes import Fate
from extractors.registry import open_source
from requests_app.demonstration.writing import write_demonstration
from tests.extractors.sql.changing.databases import engine, plain
from tests.requests_app.test_demonstration_search import data_map, identifiers
from tests.requests_app.test_demonstration_search import plain as as_key

ROWS, PEOPLE, ERASED = 5_000, 100, 5


@pytest.fixture(params=["saas", "grants"])
def company(request):
    return request.param


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    kind = request.param
    return request.getfixturevalue("sqlite_url") if kind == "sqlite" else request.getfixturevalue("postgres_database")()


def tables(url, truth):
    """Every row of every table, by its key."""
    with engine(url).connect() as connection:
        return {
            name: {
                tuple(plain(row[column]) for column in table.key): tuple(map(plain, row.values()))
                for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()
            }
            for name, table in truth.tables.items()
        }


def changed(before, after):
    return {
        (name, key)
        for name in before
        for key in before[name].keys() | after[name].keys()
        if before[name].get(key) != after[name].get(key)
    }


def rows_of(person):
    return {(name, tuple(map(plain, as_key(key)))) for name, keys in person.rows.items() for key in keys}


def trapped(truth):
    """One person of each trap, as far as there is time for."""
    people = dict.fromkeys(trap.people[0] for trap in truth.traps.values() if trap.people)
    return [truth.people[key] for key in list(people)[:ERASED] if key in truth.people]


def test_erasing_the_trapped_leaves_everybody_else_alone(company, url):
    truth = write_demonstration(company, url, ROWS, PEOPLE)
    source = open_source(url, data_map(company))
    people = trapped(truth)
    assert len(people) == ERASED
    before = tables(url, truth)
    for person in people:
        preview = source.erase(identifiers(person), apply=False)
        assert tables(url, truth) == before
        result = source.erase(identifiers(person), apply=True)
        assert {name: item.fates for name, item in result.collections.items()} == {
            name: item.fates for name, item in preview.collections.items()
        }
        assert result.is_proven
        after = tables(url, truth)
        assert changed(before, after) <= rows_of(person)
        assert len(changed(before, after)) >= sum(
            item.fates.get(Fate.DELETED, 0) for item in result.collections.values()
        )
        before = after
