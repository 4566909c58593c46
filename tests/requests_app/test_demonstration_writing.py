"""Writing a demonstration company: whole or not at all, refusals, the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from extractors.errors import SourceUnavailable, UnwritableOutput
from requests_app.demonstration.writing import COMPANIES, write_demonstration
from tests.requests_app.demonstration import PEOPLE, ROWS

ROOT = Path(__file__).parents[2]


def test_a_database_with_a_table_of_that_name_is_refused_and_left_alone(portal_database_url: str) -> None:
    write_demonstration("saas", portal_database_url, ROWS, PEOPLE)
    with pytest.raises(UnwritableOutput, match="already has a table audit_logs"):
        write_demonstration("saas", portal_database_url, ROWS, PEOPLE, seed=2)
    write_demonstration("grants", portal_database_url, ROWS, PEOPLE)


def test_breaking_off_leaves_nothing_behind(portal_database_url: str, tmp_path: Path) -> None:
    def break_off(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_demonstration("saas", portal_database_url, ROWS, PEOPLE, progress=break_off)
    assert list(tmp_path.iterdir()) == []
    write_demonstration("saas", portal_database_url, ROWS, PEOPLE)


def test_progress_adds_up_to_all_rows(sqlite_url: str) -> None:
    told: list[int] = []
    write_demonstration("grants", sqlite_url, ROWS, PEOPLE, progress=told.append)
    assert sum(told) == ROWS


@pytest.mark.parametrize(("rows", "people"), [(ROWS, 40), (1_000, PEOPLE), (0, PEOPLE)])
@pytest.mark.parametrize("company", sorted(COMPANIES))
def test_a_scale_too_small_for_the_traps_is_refused(company: str, rows: int, people: int, sqlite_url: str) -> None:
    with pytest.raises(ValueError, match="At least"):
        write_demonstration(company, sqlite_url, rows, people)


@pytest.mark.parametrize("url", ["nonsense", "mysql://somewhere/shop", "nosuch://somewhere/shop"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        write_demonstration("saas", url, ROWS, PEOPLE)


@pytest.mark.parametrize("url", ["postgresql://nobody:hidden@localhost:1/shop", "sqlite:////no/such/folder/shop.db"])
def test_a_database_out_of_reach_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        write_demonstration("saas", url, ROWS, PEOPLE)
    assert "hidden" not in str(caught.value)


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "dsr_demonstration", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_writes_company_and_truth_once(sqlite_url: str, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    scale = ("--company", "saas", "--url", sqlite_url, "--rows", str(ROWS), "--people", str(PEOPLE))
    done = run_command(*scale, "--truth", str(truth))
    assert (done.returncode, done.stdout) == (0, "saas: 120 people, 5,000 rows, 9 tables\n")
    assert json.loads(truth.read_text(encoding="utf-8"))["people"]["ann@example.test"]["rows"]["users"] == [1002]
    again = run_command(*scale)
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1] == "The database already has a table audit_logs; nothing was written"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("--rows", "10"), 2), (("--company", "nobody"), 2), (("--truth", "/no/such/folder/truth.json"), 1)],
)
def test_the_command_says_in_one_line_what_is_wrong(
    arguments: tuple[str, ...], status: int, sqlite_url: str, tmp_path: Path
) -> None:
    done = run_command("--company", "saas", "--url", sqlite_url, *arguments)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert list(tmp_path.iterdir()) == []
