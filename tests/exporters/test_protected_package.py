from __future__ import annotations

import io
import json
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from exporters.base import Answer
from exporters.package import listed, write_package
from exporters.passphrase import UnusablePassphrase, check_passphrase, suggested_passphrase
from exporters.registry import find
from extractors.batches import Kind
from tests.exporters.factories import a_collection_answer, an_answer

PASSPHRASE = 'Seven "quoted" & $igns; 100%'
MARKER = "Zanzibar-Marzipan-4711"
AES_256, AE_2 = 3, 2

# Both are what WinZip's format prescribes.
pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")


@pytest.fixture
def answer() -> Answer:
    columns = {"id": (Kind.INTEGER, range(3000)), "text": (Kind.TEXT, [f"{MARKER} {row}" for row in range(3000)])}
    return an_answer(a_collection_answer(columns), a_collection_answer({"id": (Kind.INTEGER, [])}, name="Bücher"))


def packed(answer: Answer, *formats: str, **options: object) -> bytes:
    out = io.BytesIO()
    write_package(answer, [find(slug) for slug in formats or ("json", "csv")], out, **options)
    return out.getvalue()


def opened_by_7zz(path: Path, passphrase: str, folder: Path) -> subprocess.CompletedProcess[str]:
    seven = shutil.which("7zz") or shutil.which("7z")
    if seven is None:
        pytest.fail("7zz is missing; install the package 7zip", pytrace=False)
    command = [seven, "x", f"-o{folder}", f"-p{passphrase}", "-y", "--", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize(
    "passphrase", [PASSPHRASE, pytest.param(suggested_passphrase(), id="suggested"), "x" * 58 + "abcdef"]
)
def test_7zip_opens_what_a_passphrase_protects(answer, tmp_path, passphrase):
    path = tmp_path / "export.zip"
    path.write_bytes(packed(answer, passphrase=passphrase))
    ran = opened_by_7zz(path, passphrase, tmp_path / "out")
    assert ran.returncode == 0, ran.stdout
    plain = zipfile.ZipFile(io.BytesIO(packed(answer)))
    found = {str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*") if file.is_file()}
    assert found == set(plain.namelist())
    for name in found:
        assert (tmp_path / "out" / name).read_bytes() == plain.read(name)


@pytest.mark.parametrize("wrong", ["Seven quoted & $igns; 100%", PASSPHRASE.lower(), "x"])
def test_7zip_gives_nothing_for_a_wrong_passphrase(answer, tmp_path, wrong):
    path = tmp_path / "export.zip"
    path.write_bytes(packed(answer, passphrase=PASSPHRASE))
    ran = opened_by_7zz(path, wrong, tmp_path / "out")
    assert ran.returncode != 0
    assert "Wrong password" in ran.stdout + ran.stderr
    assert not any(MARKER.encode() in file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())


def test_every_file_is_protected_by_aes_256_also_those_that_say_what_is_inside(answer):
    data = packed(answer, passphrase=PASSPHRASE)
    infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
    assert [info.filename for info in infos][-2:] == ["START-HERE.html", "manifest.json"]
    for info in infos:
        assert info.flag_bits & 1
        assert info.compress_type == 99
        extra = info.extra[info.extra.index(b"\x01\x99\x07\x00") + 4 :]
        assert (extra[:2], extra[2:4], extra[4]) == (AE_2.to_bytes(2, "little"), b"AE", AES_256)
    for clear in (MARKER, "dsr-package-1", answer.reference, "What is in this package"):
        assert clear.encode() not in data


def test_two_packages_of_one_answer_and_passphrase_share_no_salt(answer):
    assert packed(answer, passphrase=PASSPHRASE) != packed(answer, passphrase=PASSPHRASE)


def test_the_same_answer_gives_the_same_bytes_also_where_pdfs_are_inside(answer):
    first = packed(answer, "pdf", "xlsx", is_printed=True)
    time.sleep(1.1)  # what a printer dates by the clock would differ now
    assert packed(answer, "pdf", "xlsx", is_printed=True) == first
    assert "START-HERE.pdf" in zipfile.ZipFile(io.BytesIO(first)).namelist()


def test_what_was_packed_is_told_as_the_manifest_lists_it(answer):
    out = io.BytesIO()
    files = write_package(answer, [find("xml")], out, is_printed=True)
    manifest = json.loads(zipfile.ZipFile(out).read("manifest.json"))
    assert [listed(file) for file in files] == manifest["files"]
    assert files[-1].path == "START-HERE.pdf"
    assert files[-1].media_type == "application/pdf"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("elevenchars", "12 to 64"),
        ("x" * 56 + "abcdefghi", "12 to 64"),
        ("Grüße aus Köln", "unaccented"),
        ("twelve\tletters", "unaccented"),
        ("twelve letters\n", "unaccented"),
        (" twelve letters", "a space"),
        ("twelve letters ", "a space"),
        ("aAaAaAaAaAaAbc", "different"),
        ("", "12 to 64"),
    ],
)
def test_what_programs_read_differently_or_guess_is_refused(text, said):
    with pytest.raises(UnusablePassphrase, match=said) as caught:
        check_passphrase(text)
    assert not text or text not in str(caught.value)


def test_a_suggestion_is_usable_and_never_given_twice():
    suggestions = {suggested_passphrase() for _ in range(500)}
    assert len(suggestions) == 500
    for suggestion in suggestions:
        check_passphrase(suggestion)
