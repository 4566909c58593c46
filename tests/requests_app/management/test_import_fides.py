"""`dsr_import_fides` as an operator runs it."""

import json
from pathlib import Path

import psycopg
import pytest

from extractors.datamap import load
from tests.requests_app.management.test_commands import problem, run

ORACLE = Path(__file__).parents[2] / "oracles" / "postgres_example"
TWO = """
dataset:
- fides_key: shop
  collections:
  - name: orders
    fields: [{name: ref, fides_meta: {references: [{dataset: crm, field: contact.id, direction: from}]}}]
- fides_key: crm
  collections:
  - name: contact
    fields: [{name: id, fides_meta: {length: 9}}, {name: mail, fides_meta: {identity: email}}]
"""


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "dataset.yml"
    path.write_text(TWO)
    return str(path)


def test_the_imported_map_answers_what_the_manifest_means(tmp_path, postgres_database):
    url, out = postgres_database("imported"), tmp_path / "map.yaml"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((ORACLE / "data.sql").read_text())
    done = run("dsr_import_fides", str(ORACLE / "fides_dataset.yml"), "--out", str(out))
    assert done.returncode == 0
    assert done.stdout == f"{out}: the source postgres_example_test_dataset, 3 remarks; see them in its first lines\n"
    assert done.stderr.splitlines()[1] == (
        "line 47, postgres_example_test_dataset.customer.name.length: not carried: the database's own length counts"
    )
    found = run("dsr_search", "--url", url, "--map", str(out), "--email", "customer-1@example.com", "--json")
    expected = json.loads((ORACLE / "expected_rows.json").read_text())["customer-1@example.com"]
    counts = {name.split(":")[1]: len(rows) for name, rows in expected.items()}
    assert json.loads(found.stdout)["collections"] == counts


def test_one_dataset_is_printed_and_several_want_a_folder(manifest, tmp_path):
    refused = run("dsr_import_fides", manifest)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "several datasets (shop, crm)" in refused.stderr

    printed = run("dsr_import_fides", manifest, "--dataset", "crm")
    assert load(printed.stdout).source == "crm"
    assert "crm.contact.id.length" in printed.stderr

    assert run("dsr_import_fides", manifest, "--out", str(tmp_path / "maps")).returncode == 0
    maps = [load((tmp_path / "maps" / f"{name}.yaml").read_text()) for name in ("shop", "crm")]
    assert [list(data_map.foreign_links()) for data_map in maps] == [
        [("orders", "collections.orders.links[0].to", ("crm", ("contact", ("id",))))],
        [],
    ]


def test_machines_are_told_what_was_written_and_what_not(manifest, tmp_path):
    done = run("dsr_import_fides", manifest, "--out", str(tmp_path), "--json")
    shop, crm = json.loads(done.stdout)["maps"]
    assert (shop["source"], crm["file"]) == ("shop", str(tmp_path / "crm.yaml"))
    assert {remark["path"]: remark["line"] for remark in crm["remarks"]} == {
        "crm.collections": 8,
        "crm.contact.id.length": 10,
    }
    assert done.stderr == ""
    (alone,) = json.loads(run("dsr_import_fides", manifest, "--dataset", "crm", "--json").stdout)["maps"]
    assert alone["map"] == (tmp_path / "crm.yaml").read_text()


def test_what_goes_wrong_is_one_line(manifest, tmp_path):
    assert "cannot be read" in problem(run("dsr_import_fides", str(tmp_path / "nowhere.yml")))
    assert "no dataset crn; it has shop, crm" in problem(run("dsr_import_fides", manifest, "--dataset", "crn"))
    assert "cannot be made" in problem(run("dsr_import_fides", manifest, "--out", str(tmp_path / "a" / "b")))
    Path(manifest).write_text("dataset: [{fides_key: a}]")
    assert "line 1, dataset[0].collections: missing" in problem(run("dsr_import_fides", manifest))
