from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from exporters.package import MANIFEST, write_package
from exporters.registry import find
from tests.exporters.factories import written
from tests.read_back.hostile import CASES
from tests.read_back.programs import run

FORMATS = ("json", "csv", "xml", "xlsx", "html")
PASSPHRASE = "correct horse battery staple"

# What WinZip's format prescribes.
pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")


def package(case: str, file: Path, passphrase: str | None = None) -> Path:
    out = io.BytesIO()
    write_package(CASES[case](), [find(slug) for slug in FORMATS], out, passphrase=passphrase)
    file.write_bytes(out.getvalue())
    return file


def expected(case: str) -> dict[str, bytes]:
    """What the formats give by themselves, by their paths in the package."""
    return {
        f"{slug}/{path}": content for slug in FORMATS for path, content in written(find(slug), CASES[case]()).items()
    }


@pytest.mark.parametrize("case", CASES)
def test_unzip_seven_zip_and_python_find_every_file_whole(case: str, tmp_path: Path):
    file = package(case, tmp_path / "package.zip")
    assert b"No errors detected" in run("unzip", "-t", file)
    assert b"Everything is Ok" in run("7zz", "t", file)
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(set(names)) == len(names)
        assert {info.compress_type for info in archive.infolist()} == {ZIP_DEFLATED}
        found = {name: archive.read(name) for name in names}
    assert listed_by_manifest(found) == {name: digest(content) for name, content in found.items() if name != MANIFEST}
    assert {name: found.get(name) for name in expected(case)} == expected(case)


def digest(content: bytes) -> tuple[int, str]:
    return len(content), hashlib.sha256(content).hexdigest()


def listed_by_manifest(found: dict[str, bytes]) -> dict[str, tuple[int, str]]:
    return {file["path"]: (file["bytes"], file["sha256"]) for file in json.loads(found[MANIFEST])["files"]}


@pytest.mark.parametrize("program", ["unzip", "7zz"])
def test_extracted_the_files_have_their_names_and_contents(program: str, tmp_path: Path):
    file, folder = package("names", tmp_path / "package.zip"), tmp_path / "out"
    command = ["unzip", "-q", file, "-d", folder] if program == "unzip" else ["7zz", "x", file, f"-o{folder}"]
    run(*command)
    extracted = {found.relative_to(folder).as_posix(): found for found in folder.rglob("*") if found.is_file()}
    assert {name: extracted[name].read_bytes() for name in expected("names")} == expected("names")
    assert all(found.is_relative_to(folder) and not found.is_symlink() for found in folder.rglob("*"))


@pytest.mark.parametrize("case", ["ordinary values", "names", "no data at all"])
def test_seven_zip_opens_a_protected_package_by_its_passphrase_alone(case: str, tmp_path: Path):
    file, folder = package(case, tmp_path / "package.zip", PASSPHRASE), tmp_path / "out"
    methods = re.findall("Method = (.*)", run("7zz", "l", "-slt", file).decode())
    assert methods
    assert all("AES-256" in method for method in methods)
    run("7zz", "x", file, f"-o{folder}", f"-p{PASSPHRASE}")
    assert {name: (folder / name).read_bytes() for name in expected(case)} == expected(case)
    wrong = subprocess.run(["7zz", "t", file, "-pwrong"], capture_output=True, check=False)
    assert wrong.returncode == 2
    assert b"Wrong password" in wrong.stdout + wrong.stderr
    shutil.rmtree(folder)


def test_a_damaged_package_is_told_by_every_program(tmp_path: Path):
    file = package("formulas", tmp_path / "package.zip")
    content = bytearray(file.read_bytes())
    content[200] ^= 0xFF
    file.write_bytes(content)
    for command in (["unzip", "-t", file], ["7zz", "t", file]):
        with pytest.raises(AssertionError, match="ended with"):
            run(*command)
