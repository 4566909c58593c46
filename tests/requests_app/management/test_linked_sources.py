"""The commands where links of a map lead to other sources."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest

from tests.requests_app.management.test_commands import DATA_MAP, TABLES, problem, run

CRM_TABLES = "CREATE TABLE contacts (mail text, shop_id text); INSERT INTO contacts VALUES ('ann@example.test', '2')"
CRM_MAP = "{version: 1, source: crm, collections: {contacts: {identifiers: {email: mail}}}}"


@pytest.fixture
def crm(tmp_path):
    with closing(sqlite3.connect(tmp_path / "crm.sqlite3")) as database:
        database.executescript(CRM_TABLES)
    (tmp_path / "crm.yaml").write_text(CRM_MAP)
    return f"{tmp_path / 'crm.yaml'}=sqlite:///{tmp_path / 'crm.sqlite3'}"


@pytest.fixture
def linked_shop(sqlite_url, tmp_path):
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.executescript(TABLES)
    link = "    links: [{column: id, to: crm.contacts.shop_id}]\n    deleted:"
    (tmp_path / "map.yaml").write_text(DATA_MAP.replace("    deleted:", link))
    return ["--url", sqlite_url, "--map", str(tmp_path / "map.yaml")]


def test_a_link_to_another_source_is_followed_where_it_is_given(linked_shop, crm, tmp_path):
    options = ["--linked", crm, "--email", "ann@example.test"]
    found = run("dsr_search", *linked_shop, *options, "--json")
    assert json.loads(found.stdout)["collections"] == {"customers": 3, "orders": 4}
    archive = tmp_path / "export.zip"
    assert run("dsr_export", *linked_shop, *options, "--all", "--out", str(archive)).returncode == 0
    with zipfile.ZipFile(archive) as package:
        assert package.read("csv/orders.csv").decode().count("\n") == 5
    checked = run("dsr_check", *linked_shop, "--linked", crm)
    assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "The data map fits: 2 collections, no fault.")


@pytest.mark.parametrize("command", ["dsr_search", "dsr_check"])
def test_a_link_to_a_source_that_is_not_given_is_refused(linked_shop, command):
    person = ["--email", "ann@example.test"] if command == "dsr_search" else []
    told = problem(run(command, *linked_shop, *person))
    assert "collections.customers.links[0].to: leads to another source, crm, which is not at hand" in told
    assert "--linked MAP.yaml=URL" in told


def test_a_link_to_what_the_other_source_lacks_is_a_fault(linked_shop, crm, tmp_path):
    (tmp_path / "crm.yaml").write_text(CRM_MAP.replace("contacts: {", "people: {table: contacts, "))
    told = problem(run("dsr_check", *linked_shop, "--linked", crm))
    assert "another source links to this collection, which the data map does not have" in told


def test_a_linked_source_without_a_url_is_wrong_usage(linked_shop):
    finished = run("dsr_check", *linked_shop, "--linked", "crm.yaml")
    assert (finished.returncode, "MAP.yaml=URL" in finished.stderr) == (2, True)
