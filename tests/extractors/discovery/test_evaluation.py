"""Maps proposed by discovery alone find each person's rows and no stranger's; see `benchmarks/discovering.py`.

On every database with DSR_TEST_ALL=1; else on some, each in SQLite, and the people in turn.
"""

import importlib
import json
import os
import pkgutil
from pathlib import Path

import psycopg
import pytest

from extractors.datamap import load
from extractors.discovery.discovering import discover
from extractors.discovery.model import Sampling
from extractors.discovery.writing import write_map
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from tests.extractors.discovery import databases
from tests.extractors.discovery.databases.demonstrations import write_translated
from tests.extractors.discovery.evaluating import measure, truth_of

ALL = os.environ.get("DSR_TEST_ALL") == "1"
ORACLE = Path(__file__).parents[2] / "oracles" / "postgres_example"
HELPERS = {"world", "demonstrations"}
NAMES = sorted(module.name for module in pkgutil.iter_modules(databases.__path__) if module.name not in HELPERS)
COMPANIES = {"Vendor"}  # without people of their own, yet by themselves
KINDS = ["sqlite", "postgresql", "mariadb"] if ALL else ["sqlite"]
DEMONSTRATIONS = [("saas", "de", False), ("grants", "pl", False), ("grants", "de", True)]
if ALL:
    DEMONSTRATIONS += [("saas", None, False), ("grants", None, False), ("saas", "fr", False), ("saas", "de", True)]


@pytest.fixture(params=KINDS)
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'source.sqlite3'}"
    server = "postgres" if request.param == "postgresql" else "mariadb"
    return request.getfixturevalue(f"{server}_database")("discovered")


def made(name):
    return importlib.import_module(f"tests.extractors.discovery.databases.{name}").build()


@pytest.mark.parametrize("name", NAMES if ALL else NAMES[::2])
def test_everybodys_rows_are_found_and_nobody_elses(name, url):
    world = made(name)
    world.write(url)
    truth = truth_of(world)
    text = write_map(discover(url, name))
    figures = measure(url, text, truth, truth.people if ALL else truth.people[::4])
    assert figures.strangers == []
    assert figures.below == []
    assert erased_though_shared(load(text), world) == []


def erased_though_shared(data_map, world):
    """The collections with an erase rule though rows of theirs are several people's, or all are nobody's."""
    people = {key: len(set(map(id, owners))) for key, owners in world.owners.items()}
    somebodys = {table for table, _ in people}
    shared = {table for (table, _), count in people.items() if count > 2}
    return [
        name
        for name, part in data_map.collections.items()
        if part.erase and part.erase.action != "keep"
        if (part.table or name) in shared or ((part.table or name) not in somebodys | COMPANIES)
    ]


@pytest.mark.parametrize(("company", "language", "columns"), DEMONSTRATIONS)
def test_the_demonstrations_are_understood_without_foreign_keys_and_by_other_names(company, language, columns, url):
    if url.startswith(("mysql", "mariadb")):
        pytest.skip("the demonstrations are written for SQLite and PostgreSQL")
    truth = write_translated(company, url, language, columns=columns)
    people = [person for person in truth.people if person.rows]
    figures = measure(url, write_map(discover(url, company)), truth, people if ALL else people[::6])
    assert figures.strangers == []
    assert figures.below == []


def test_the_public_example_is_understood_as_its_manifest_has_it(postgres_database):
    url = postgres_database("oracle")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((ORACLE / "data.sql").read_text())
    source = open_source(url, load(write_map(discover(url, "oracle"))))
    for person, expected in json.loads((ORACLE / "expected_rows.json").read_text()).items():
        counts = {name.split(":")[1]: len(rows) for name, rows in expected.items()}
        found = source.search(Identifiers.of([("email", person)]))
        assert {name: found[name] for name in counts} == counts
        assert {name for name, count in found.items() if count} - counts.keys() <= {"composite_pk_test"}  # not mapped


def test_a_proposed_map_is_the_same_whenever_it_is_proposed(sqlite_url):
    made("forum").write(sqlite_url)
    assert len({write_map(discover(sqlite_url, "forum")) for _ in range(2)}) == 1


def test_secrets_are_proposed_as_such(sqlite_url):
    world = made("forum")
    world.write(sqlite_url)
    collections = load(write_map(discover(sqlite_url, "forum"))).collections
    assert collections["users"].secrets == {"password_hash"}
    assert collections["user_settings"].secrets == {"api_key"}
    assert collections["sessions"].secrets == {"token"}


def test_staff_get_the_rows_they_handled_but_not_what_hangs_below_them(sqlite_url):
    made("clinic_de").write(sqlite_url)
    collections = load(write_map(discover(sqlite_url, "clinic"))).collections
    assert {link.to for link in collections["termine"].links} == {("patienten.id",)}
    assert {link.to for link in collections["termine_mitarbeiter"].links} == {("mitarbeiter.id",)}
    assert {link.to for link in collections["befunde"].links} == {("termine.id",)}


def test_nothing_of_a_sample_stands_in_a_map(sqlite_url):
    world = made("shop_fr")
    world.write(sqlite_url)
    text = write_map(discover(sqlite_url, "shop")).lower()
    assert [subject.email for subject in world.people if subject.email and subject.email.lower() in text] == []


def test_with_no_time_to_sample_a_valid_map_is_proposed_from_names_alone(sqlite_url):
    made("chinook").write(sqlite_url)
    proposal = discover(sqlite_url, "chinook", Sampling(seconds=1e-9))
    assert proposal.inventory.notes
    data_map = load(write_map(proposal))
    open_source(sqlite_url, data_map).check()
    assert data_map.collections["Customer"].identifiers["email"] == ("Email",)
