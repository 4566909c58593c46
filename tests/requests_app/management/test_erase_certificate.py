"""`dsr_erase --certificate`: proof of an erasure without a portal."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from io import BytesIO

import pikepdf
import pytest

from tests.requests_app.certificates.steps import embedded, record_of, words
from tests.requests_app.changing.shops import MAP, fill, rows, run
from tests.requests_app.management.test_commands import MANAGE, problem
from tests.requests_app.management.test_commands import run as manage

ANN = ("--email", "ANN@example.test")


@pytest.fixture
def shop(database_url, tmp_path):
    fill(database_url)
    (tmp_path / "map.yaml").write_text(MAP)
    return ["--url", database_url, "--map", str(tmp_path / "map.yaml")]


@pytest.fixture
def sqlite_shop(sqlite_url, tmp_path):
    fill(sqlite_url)
    (tmp_path / "map.yaml").write_text(MAP)
    return ["--url", sqlite_url, "--map", str(tmp_path / "map.yaml")]


def test_an_erasure_is_certified_as_it_was_done(shop, database_url, tmp_path):
    path = tmp_path / "certificate.pdf"
    finished = manage("dsr_erase", *shop, *ANN, "--apply", "--certificate", str(path))
    assert (finished.returncode, finished.stderr) == (0, "")
    pdf = path.read_bytes()
    assert finished.stdout.splitlines()[-1].endswith(f"SHA-256 {hashlib.sha256(pdf).hexdigest()}.")
    assert path.stat().st_mode & 0o077 == 0
    record = record_of(pdf)
    assert (record["number"], record["public_page"], record["audit"]) == (None, None, None)
    assert record["issuer"]["name"] == "DSR Portal"
    (source,) = record["erasure"]["sources"]
    assert (source["source"], source["is_proven"], source["decision"]) == ("shop", True, None)
    assert source["map_sha256"] == hashlib.sha256((tmp_path / "map.yaml").read_bytes()).hexdigest()
    found = {item["name"]: item for item in source["collections"]}
    assert {name: (item["before"], item["kept"], item["left"]) for name, item in found.items()} == {
        "customers": (1, 0, 0),
        "orders": (2, 2, 0),
        "carts": (2, 0, 0),
    }
    assert found["orders"]["retained"] == {
        "ground": "17(3)(b): tax records",
        "rows": 2,
        "years": 10,
        "first_on": "2030-05-04",
        "last_on": "2034-02-28",
    }
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.open_metadata()["pdfaid:part"] == "3"
    said = words(pdf) + embedded(pdf).decode()
    assert "28 February 2034, the first of" in said
    assert "ann@example" not in said.lower()
    assert len(rows(database_url, "carts")) == 2


def test_with_json_the_output_stays_json(sqlite_shop, tmp_path):
    path = tmp_path / "certificate.pdf"
    finished = manage("dsr_erase", *sqlite_shop, *ANN, "--apply", "--json", "--certificate", str(path))
    assert finished.stdout.startswith("{")
    assert finished.stdout.count("\n") == 1
    assert path.exists()


def test_a_certificate_of_a_dry_run_is_refused(sqlite_shop, tmp_path):
    path = tmp_path / "certificate.pdf"
    finished = manage("dsr_erase", *sqlite_shop, *ANN, "--dry-run", "--certificate", str(path))
    assert finished.returncode == 2
    assert finished.stderr.splitlines()[-1].startswith("A certificate is of what was erased")
    assert not path.exists()


@pytest.mark.parametrize("where", ["nowhere/certificate.pdf", ".", "there.pdf"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_erased(sqlite_shop, sqlite_url, tmp_path, where):
    (tmp_path / "there.pdf").write_bytes(b"the proof of another erasure")
    finished = manage("dsr_erase", *sqlite_shop, *ANN, "--apply", "--certificate", str(tmp_path / where))
    assert problem(finished)
    assert len(rows(sqlite_url, "carts")) == 4
    assert (tmp_path / "there.pdf").read_bytes() == b"the proof of another erasure"


def test_where_nothing_can_be_printed_nothing_is_erased(sqlite_shop, sqlite_url, tmp_path):
    # As on a host without Pango: the printing process finds no WeasyPrint.
    (tmp_path / "weasyprint.py").write_text("raise OSError('no pango')")
    arguments = [*sqlite_shop, *ANN, "--apply", "--certificate", str(tmp_path / "certificate.pdf")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    finished = subprocess.run(
        [sys.executable, MANAGE, "dsr_erase", *arguments], capture_output=True, text=True, env=environment, check=False
    )
    assert "is Pango installed?" in problem(finished)
    assert len(rows(sqlite_url, "carts")) == 4
    assert not (tmp_path / "certificate.pdf").exists()


def test_what_is_not_proven_gets_no_certificate(sqlite_shop, sqlite_url, tmp_path):
    run(
        sqlite_url,
        "CREATE TRIGGER back AFTER DELETE ON carts WHEN old.id = 20 "
        "BEGIN INSERT INTO carts VALUES (99, old.customer_id, 'Back'); END",
    )
    text = MAP.replace('{action: anonymise, fields: {email: {mask: email}, phone: null, name: "[erased]"}}', "KEEP")
    (tmp_path / "map.yaml").write_text(text.replace("KEEP", "{action: keep, ground: contract}"))
    path = tmp_path / "certificate.pdf"
    finished = manage("dsr_erase", *sqlite_shop, *ANN, "--apply", "--certificate", str(path))
    assert problem(finished) == "Erased, but a search afterwards still finds 1 row of carts."
    assert not path.exists()


def test_an_erasure_refused_leaves_no_certificate(sqlite_shop, sqlite_url, tmp_path):
    (tmp_path / "map.yaml").write_text(MAP.replace("    erase: {action: delete}\n", ""))
    path = tmp_path / "certificate.pdf"
    finished = manage("dsr_erase", *sqlite_shop, *ANN, "--apply", "--certificate", str(path))
    assert problem(finished).startswith("The data map does not say what erasing does to carts")
    assert [item.name for item in tmp_path.iterdir() if item.suffix == ".pdf"] == []
    assert len(rows(sqlite_url, "carts")) == 4
