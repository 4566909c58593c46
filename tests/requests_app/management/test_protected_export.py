"""`dsr_export` with a passphrase."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile

import pytest

from tests.requests_app.management.test_commands import run, shop  # noqa: F401  # a fixture

PASSPHRASE = "Correct horse 4711"


def exported(shop, tmp_path, text):  # noqa: F811
    (tmp_path / "passphrase").write_text(text, encoding="utf-8")
    options = ["--email", "ann@example.test", "--out", str(tmp_path / "ann.zip")]
    return run("dsr_export", *shop, *options, "--passphrase-file", str(tmp_path / "passphrase"))


def test_an_export_is_opened_by_the_passphrase_of_a_file(shop, tmp_path):  # noqa: F811
    finished = exported(shop, tmp_path, f"{PASSPHRASE}\nwhat follows is of no matter\n")
    assert finished.returncode == 0, finished.stderr
    assert PASSPHRASE not in finished.stdout + finished.stderr
    with zipfile.ZipFile(tmp_path / "ann.zip") as package, pytest.raises(RuntimeError, match="encrypted"):
        package.read("manifest.json")
    seven = shutil.which("7zz") or shutil.which("7z")
    command = [seven, "x", f"-o{tmp_path / 'out'}", f"-p{PASSPHRASE}", str(tmp_path / "ann.zip")]
    assert subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "START-HERE.html" in [file["path"] for file in manifest["files"]]


@pytest.mark.parametrize(("text", "said"), [("short", "12 to 64"), ("", "12 to 64"), ("Grüße aus Köln", "unaccented")])
def test_a_useless_passphrase_is_refused_before_anything_is_read(shop, tmp_path, text, said):  # noqa: F811
    finished = exported(shop, tmp_path, text)
    assert finished.returncode == 2
    assert said in finished.stderr
    assert not text or text not in finished.stderr
    assert not (tmp_path / "ann.zip").exists()


def test_a_file_that_is_not_there_is_named(shop, tmp_path):  # noqa: F811
    options = ["--email", "ann@example.test", "--out", str(tmp_path / "ann.zip")]
    finished = run("dsr_export", *shop, *options, "--passphrase-file", str(tmp_path / "nowhere"))
    assert finished.returncode == 1
    assert "nowhere cannot be read" in finished.stderr
