"""`dsr_erase` as an operator runs it: a process, its output, its exit status; on each kind of database."""

from __future__ import annotations

import json

import pytest

from tests.requests_app.changing.shops import MAP, UNTOUCHED, fill, rows, run
from tests.requests_app.management.test_commands import problem
from tests.requests_app.management.test_commands import run as manage

ANN = ("--email", "ANN@example.test")
DRY = {
    "customers": {"found": 1, "changed": 1, "kept": 0, "left": None},
    "orders": {"found": 2, "changed": 0, "kept": 2, "left": None},
    "carts": {"found": 2, "changed": 2, "kept": 0, "left": None},
}


@pytest.fixture
def shop(database_url, tmp_path):
    fill(database_url)
    (tmp_path / "map.yaml").write_text(MAP)
    return ["--url", database_url, "--map", str(tmp_path / "map.yaml")]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(shop, database_url):
    finished = manage("dsr_erase", *shop, *ANN, "--dry-run")
    assert finished.returncode == 0, finished.stderr
    head, customers, *others = finished.stdout.splitlines()
    assert head.split() == ["found", "changed", "kept", "left"]
    assert customers.split() == ["customers", "1", "1", "0", "-"]
    assert any("17(3)(b): tax records" in line for line in others)
    assert others[-1].split() == ["total", "5", "3", "2", "-"]
    assert len(rows(database_url, "carts")) == 4


def test_an_erasure_has_the_numbers_of_its_dry_run_and_finds_nothing_afterwards(shop, database_url):
    tried = json.loads(manage("dsr_erase", *shop, *ANN, "--dry-run", "--json").stdout)
    assert (tried["source"], tried["total"], tried["applied"], tried["proven"]) == ("shop", 5, False, None)
    assert tried["collections"] == DRY
    finished = manage("dsr_erase", *shop, *ANN, "--apply", "--json")
    done = json.loads(finished.stdout)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert done["collections"] == {name: numbers | {"left": 0} for name, numbers in DRY.items()}
    assert (done["applied"], done["proven"], list(done["reasons"])) == (True, True, ["orders"])
    assert rows(database_url, "carts") == UNTOUCHED["carts"]
    assert rows(database_url, "customers")[1:] == UNTOUCHED["customers"]
    assert json.loads(manage("dsr_search", *shop, *ANN, "--json").stdout)["total"] == 0
    again = json.loads(manage("dsr_erase", *shop, *ANN, "--apply", "--json").stdout)
    assert again["total"] == 0


def test_nobody_else_is_touched_when_nobody_is_found(shop, database_url):
    before = {name: rows(database_url, name) for name in DRY}
    finished = manage("dsr_erase", *shop, "--email", "nobody@example.test", "--apply", "--json")
    assert json.loads(finished.stdout)["total"] == 0
    assert {name: rows(database_url, name) for name in DRY} == before


@pytest.mark.parametrize("choice", ["--dry-run", "--apply"])
def test_what_nobody_decided_about_is_a_problem_that_names_it(shop, database_url, tmp_path, choice):
    (tmp_path / "map.yaml").write_text(MAP.replace("    erase: {action: delete}\n", ""))
    finished = manage("dsr_erase", *shop, *ANN, choice)
    assert problem(finished).startswith("The data map does not say what erasing does to carts")
    assert len(rows(database_url, "carts")) == 4


@pytest.mark.parametrize("wrong", [(), ("--dry-run", "--apply")])
def test_trying_or_doing_has_to_be_said_and_one_of_them(sqlite_url, tmp_path, wrong):
    fill(sqlite_url)
    (tmp_path / "map.yaml").write_text(MAP)
    finished = manage("dsr_erase", "--url", sqlite_url, "--map", str(tmp_path / "map.yaml"), *ANN, *wrong)
    assert finished.returncode == 2
    assert len(rows(sqlite_url, "carts")) == 4


def test_somebody_has_to_be_meant(sqlite_url, tmp_path):
    (tmp_path / "map.yaml").write_text(MAP)
    finished = manage("dsr_erase", "--url", sqlite_url, "--map", str(tmp_path / "map.yaml"), "--apply")
    assert finished.returncode == 2
    assert finished.stderr.splitlines()[-1] == "Say who is meant: --email, --phone or --user-id."


def test_what_is_left_is_a_problem_that_names_it(sqlite_url, tmp_path):
    fill(sqlite_url)
    run(
        sqlite_url,
        "CREATE TRIGGER back AFTER DELETE ON carts WHEN old.id = 20 "
        "BEGIN INSERT INTO carts VALUES (99, old.customer_id, 'Back'); END",
    )
    text = MAP.replace('{action: anonymise, fields: {email: {mask: email}, phone: null, name: "[erased]"}}', "KEEP")
    (tmp_path / "map.yaml").write_text(text.replace("KEEP", "{action: keep, ground: contract}"))
    finished = manage("dsr_erase", "--url", sqlite_url, "--map", str(tmp_path / "map.yaml"), *ANN, "--apply", "--json")
    assert problem(finished) == "Erased, but a search afterwards still finds 1 row of carts."
    done = json.loads(finished.stdout)
    assert (done["proven"], done["collections"]["carts"]["left"]) == (False, 1)


def test_a_source_that_is_not_there_is_a_problem_in_one_line(tmp_path):
    (tmp_path / "map.yaml").write_text(MAP)
    gone = f"sqlite:///{tmp_path / 'gone.sqlite3'}"
    assert problem(manage("dsr_erase", "--url", gone, "--map", str(tmp_path / "map.yaml"), *ANN, "--apply"))
    assert not (tmp_path / "gone.sqlite3").exists()
