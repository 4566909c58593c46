from __future__ import annotations

import io
import random
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import DamagedArtefact
from requests_app.packed import UnknownMember, open_member
from requests_app.storage.sealed import CHUNK_BYTES
from tests.requests_app.packages import FILES, zip_of
from tests.requests_app.sealed import DataKey, reader, sealed


def read_back(package: bytes):
    key = DataKey.generate()
    return reader(sealed(package, key), key)


@pytest.fixture(scope="module")
def package():
    return read_back(zip_of(FILES))


@pytest.mark.parametrize("path", FILES)
def test_a_file_comes_out_as_it_went_in(path, package):
    member = open_member(package, path)
    assert b"".join(member.chunks) == FILES[path]
    assert member.size_bytes == len(FILES[path])


def test_a_large_file_comes_in_small_pieces(package):
    sizes = [len(chunk) for chunk in open_member(package, "json/export.json").chunks]
    assert len(sizes) > 2
    assert max(sizes) <= CHUNK_BYTES


@pytest.mark.parametrize(
    "path", ["", "json", "json/", "JSON/export.json", "../json/export.json", "\0", "manifest.json"]
)
def test_what_is_not_there_is_refused(path, package):
    with pytest.raises(UnknownMember):
        open_member(package, path)


@pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")
def test_what_a_passphrase_protects_is_refused():
    with pytest.raises(UnknownMember):
        open_member(read_back(zip_of(FILES, "correct horse battery")), "json/export.json")


def test_a_folder_is_no_file():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.mkdir("json")
    with pytest.raises(UnknownMember):
        open_member(read_back(buffer.getvalue()), "json/")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK", bytes(100)])
def test_what_is_no_zip_is_damaged(content):
    with pytest.raises(DamagedArtefact):
        open_member(read_back(content), "json/export.json")


def test_a_file_that_is_not_what_its_checksum_says_is_noticed():
    content = random.Random(3).randbytes(100)
    wrong = zip_of({"a.json": content}).replace(
        zlib.crc32(content).to_bytes(4, "little"), zlib.crc32(b"").to_bytes(4, "little")
    )
    with pytest.raises(DamagedArtefact, match="checksum"):
        b"".join(open_member(read_back(wrong), "a.json").chunks)


def test_a_file_of_another_packer_is_read_too():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", b"a" * (CHUNK_BYTES + 1))
        with archive.open("b.txt", "w", force_zip64=True) as member:
            member.write(b"b")
        archive.comment = b"comment" * 100
    found = read_back(buffer.getvalue())
    assert b"".join(open_member(found, "a.txt").chunks) == b"a" * (CHUNK_BYTES + 1)
    assert b"".join(open_member(found, "b.txt").chunks) == b"b"


@given(st.dictionaries(st.from_regex(r"[a-zA-Z0-9ü ._-]{1,40}", fullmatch=True), st.binary(max_size=5000), min_size=1))
def test_any_files_come_out_as_they_went_in(files):
    found = read_back(zip_of(files))
    assert {path: b"".join(open_member(found, path).chunks) for path in files} == files
