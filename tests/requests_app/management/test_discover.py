"""`dsr_discover` as an operator runs it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.extractors.discovery.databases import booking_it

MANAGE = Path(__file__).parents[3] / "manage.py"


@pytest.fixture
def hotel(sqlite_url):
    booking_it.build().write(sqlite_url)
    return sqlite_url


def run(command, *arguments):
    return subprocess.run([sys.executable, MANAGE, command, *arguments], capture_output=True, text=True, check=False)


def test_the_map_goes_to_the_output_and_what_was_found_in_short_to_stderr(hotel):
    done = run("dsr_discover", "--url", hotel, "--source", "hotel")
    assert done.returncode == 0
    assert done.stdout.startswith("# Proposed by dsr_discover")
    assert "\nsource: hotel\n" in done.stdout
    assert "Accounts: ospiti." in done.stderr.splitlines()
    assert "somebody has to decide" in done.stderr


def test_a_written_map_checks_and_searches_unedited(hotel, tmp_path):
    out = tmp_path / "map.yaml"
    done = run("dsr_discover", "--url", hotel, "--out", str(out))
    assert (done.returncode, done.stdout) == (0, "")
    assert run("dsr_check", "--url", hotel, "--map", str(out)).returncode == 0
    found = run("dsr_search", "--url", hotel, "--map", str(out), "--email", "ann@example.test", "--json")
    assert json.loads(found.stdout)["collections"]["ospiti"] == 1


def test_machines_get_the_proposal_with_its_reasons(hotel):
    told = json.loads(run("dsr_discover", "--url", hotel, "--json").stdout)
    assert "ospiti" in told["map"]["collections"]
    assert {reason["path"] for reason in told["reasons"]} >= {
        "collections.ospiti",
        "collections.ospiti.identifiers.email",
    }


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--url", "sqlite:////nowhere/at/all.db"], 1, "no database file"),
        (["--url", "gopher://x"], 1, "No source kind reads such URLs"),
        (["--url", "sqlite:///x.db", "--rows", "0"], 2, "more than 0"),
        ([], 2, "--url"),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(arguments, status, said):
    done = run("dsr_discover", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


def test_a_source_without_people_gives_no_map(sqlite_url, tmp_path):
    from sqlalchemy import create_engine, text

    with create_engine(sqlite_url).begin() as connection:
        connection.execute(text("CREATE TABLE plans (code text PRIMARY KEY, price numeric)"))
    done = run("dsr_discover", "--url", sqlite_url, "--out", str(tmp_path / "map.yaml"))
    assert done.returncode == 1
    assert "none holds people" in done.stderr
    assert not (tmp_path / "map.yaml").exists()


def test_a_map_is_held_against_what_is_there_now(hotel, tmp_path):
    out = tmp_path / "map.yaml"
    assert run("dsr_discover", "--url", hotel, "--out", str(out)).returncode == 0
    fits = run("dsr_discover", "--url", hotel, "--against", str(out))
    assert (fits.returncode, fits.stdout) == (0, "The map still fits.\n")
    translated = re.sub("(?m)^label: .*$", "label: {en: Hotel, it: Albergo}", out.read_text())
    out.write_text(translated)
    assert run("dsr_discover", "--url", hotel, "--against", str(out)).stdout == "The map still fits.\n"
    assert out.read_text() == translated
    lines = [line for line in out.read_text().splitlines() if "password: {secret: true}" not in line]
    out.write_text("\n".join(lines).replace("[telefono]", "[telefon]"))
    broken = run("dsr_discover", "--url", hotel, "--against", str(out), "--json")
    assert broken.returncode == 1
    told = {(change["severity"], change["where"]) for change in json.loads(broken.stdout)["changes"]}
    assert {("danger", "utenti.password"), ("broken", "ospiti.telefon")} <= told


def test_a_table_of_people_that_a_map_leaves_out_is_named(hotel, tmp_path):
    small = tmp_path / "map.yaml"
    small.write_text("version: 1\nsource: hotel\ncollections:\n  ospiti:\n    identifiers: {email: email}\n")
    done = run("dsr_discover", "--url", hotel, "--against", str(small))
    assert done.returncode == 0
    assert "The map has no collection for recensioni, which seems to hold people's rows." in done.stdout
    assert "camere" not in done.stdout
