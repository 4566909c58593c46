from __future__ import annotations

import io
import resource
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.package import write_package
from exporters.registry import find
from extractors.batches import Kind
from extractors.errors import DamagedArtefact, UnwritableOutput
from requests_app import storage
from requests_app.keys.envelope import DataKey
from requests_app.keys.frames import HEADER_BYTES, TAG_BYTES, Trailer
from requests_app.storage import SealedReader, SealedWriter
from requests_app.storage.sealed import CHUNK_BYTES
from tests.exporters.factories import a_collection_answer, an_answer
from tests.requests_app.sealed import FRAME_BYTES, MOST_BYTES, noise, reader, sealed, three_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

near_a_border = st.builds(lambda chunk, away: max(0, chunk * CHUNK_BYTES + away), st.integers(0, 3), st.integers(-2, 2))
sizes = near_a_border | st.integers(0, MOST_BYTES)


@given(sizes, st.lists(sizes, max_size=4))
def test_what_is_written_in_any_pieces_comes_back_exactly(size, cuts):
    key, file = DataKey.generate(), io.BytesIO()
    borders = [0, *sorted(min(cut, size) for cut in cuts), size]
    writer = SealedWriter(file, key)
    for begin, end in pairwise(borders):
        assert writer.write(noise()[begin:end]) == end - begin
    writer.finish()

    opened = SealedReader(file, key)

    assert opened.size_bytes == writer.size_bytes == size
    assert b"".join(opened.chunks()) == noise()[:size]
    assert all(0 < len(chunk) <= CHUNK_BYTES for chunk in opened.chunks())


@pytest.mark.parametrize("away", [-1, 0, 1])
@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_contents_and_writes_that_end_around_the_border_of_a_chunk_come_back(chunks, away):
    key, file = DataKey.generate(), io.BytesIO()
    size = chunks * CHUNK_BYTES + away
    writer = SealedWriter(file, key)
    writer.write(noise()[: size - 1])
    writer.write(noise()[size - 1 : size])
    writer.finish()
    opened = SealedReader(file, key)

    assert opened.size_bytes == size
    assert b"".join(opened.chunks()) == noise()[:size]
    assert b"".join(opened.chunks(size - 2, size + 5)) == noise()[size - 2 : size]


@given(sizes, sizes, sizes)
def test_any_range_holds_exactly_the_bytes_from_first_to_last(size, first, last):
    key = DataKey.generate()
    opened = reader(sealed(noise()[:size], key), key)

    assert b"".join(opened.chunks(first, last)) == noise()[:size][first : last + 1]
    assert b"".join(opened.chunks(first)) == noise()[:size][first:]


def test_a_negative_number_is_no_range():
    content, key, _ = three_chunks()

    with pytest.raises(ValueError, match="counted from 0"):
        reader(content, key).chunks(-1)
    with pytest.raises(ValueError, match="counted from 0"):
        reader(content, key).chunks(0, -1)


def test_an_empty_file_works():
    key = DataKey.generate()
    content = sealed(b"", key)

    assert reader(content, key).size_bytes == 0
    assert list(reader(content, key).chunks()) == []
    assert len(content) == HEADER_BYTES + TAG_BYTES + Trailer.SIZE_BYTES


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_writer_takes_every_kind_of_bytes(kind):
    key = DataKey.generate()

    assert b"".join(reader(sealed(kind(b"content"), key), key).chunks()) == b"content"


def test_the_writer_counts_the_bytes_of_a_view_on_larger_items():
    key, file = DataKey.generate(), io.BytesIO()
    writer = SealedWriter(file, key)

    assert writer.write(memoryview(b"12345678").cast("I")) == 8
    writer.finish()
    assert b"".join(SealedReader(file, key).chunks()) == b"12345678"


def test_what_was_written_may_be_changed_afterwards():
    key, file = DataKey.generate(), io.BytesIO()
    writer, content = SealedWriter(file, key), bytearray(b"before")
    writer.write(content)
    content[:] = b"after!"
    writer.finish()

    assert b"".join(SealedReader(file, key).chunks()) == b"before"


def test_the_writer_holds_no_more_than_a_chunk():
    file = io.BytesIO()
    writer = SealedWriter(file, DataKey.generate())
    for number in range(1, 4):
        writer.write(noise()[:CHUNK_BYTES])
        assert len(file.getvalue()) == HEADER_BYTES + number * FRAME_BYTES


def test_only_the_chunks_that_hold_the_range_are_decrypted():
    content, key, plain = three_chunks()
    damaged = bytearray(content)
    damaged[HEADER_BYTES + FRAME_BYTES + 5] ^= 1
    opened = reader(bytes(damaged), key)

    before = b"".join(opened.chunks(1, CHUNK_BYTES - 1))
    after = b"".join(opened.chunks(2 * CHUNK_BYTES))

    assert before == plain[1:CHUNK_BYTES]
    assert after == plain[2 * CHUNK_BYTES :]
    for first, last in [(0, CHUNK_BYTES), (2 * CHUNK_BYTES - 1, None)]:
        with pytest.raises(DamagedArtefact, match="frame 1"):
            list(opened.chunks(first, last))


def test_a_file_that_takes_a_little_at_a_time_is_written_whole():
    class Reluctant(io.BytesIO):
        def write(self, content: bytes) -> int:
            return super().write(content[:99_991])

    key, file = DataKey.generate(), Reluctant()
    writer = SealedWriter(file, key)
    writer.write(noise())
    writer.finish()

    assert b"".join(SealedReader(file, key).chunks()) == noise()


def test_several_threads_may_read_at_once(tmp_path):
    content, key, plain = three_chunks()
    (tmp_path / "sealed").write_bytes(content)
    firsts = range(0, len(plain), 99_991)

    with (tmp_path / "sealed").open("rb", buffering=0) as file, ThreadPoolExecutor(8) as threads:
        opened = SealedReader(file, key)
        parts = list(threads.map(lambda first: b"".join(opened.chunks(first, first + CHUNK_BYTES)), firsts))

    assert parts == [plain[first : first + CHUNK_BYTES + 1] for first in firsts]


def test_nothing_can_be_written_to_a_finished_file():
    key, file = DataKey.generate(), io.BytesIO()
    writer = SealedWriter(file, key)
    writer.finish()

    with pytest.raises(ValueError, match="finished"):
        writer.write(b"x")
    with pytest.raises(ValueError, match="finished"):
        writer.finish()
    assert SealedReader(file, key).size_bytes == 0


def test_nothing_of_the_content_is_legible_in_the_file_or_the_errors():
    key = DataKey.generate()
    content = sealed(b"Marker 7f3a" * 100_000, key)

    assert b"Marker" not in content
    with pytest.raises(DamagedArtefact) as refusal:
        reader(content[:-1], key)
    assert "Marker" not in repr(refusal.value)
    assert repr(key.secret) not in f"{reader(content, key)!r}"


def test_the_same_content_is_sealed_differently_each_time():
    key = DataKey.generate()

    assert sealed(b"content", key) != sealed(b"content", key)


@pytest.fixture
def _storage(settings, tmp_path) -> None:
    settings.DSR_STORAGE_DIR = tmp_path / "storage"


@pytest.mark.usefixtures("_storage")
def test_a_file_of_the_storage_is_sealed_and_read_again():
    key = DataKey.generate()
    with storage.create("export-5-1.zip") as file:
        writer = SealedWriter(file, key)
        writer.write(noise())
        writer.finish()

    with storage.open("export-5-1.zip") as file:
        assert b"".join(SealedReader(file, key).chunks()) == noise()
    assert storage.size("export-5-1.zip") > len(noise())


def test_a_package_is_the_same_sealed_and_in_the_clear():
    answer = an_answer(a_collection_answer({"id": (Kind.INTEGER, range(1000))}))
    key, file, clear = DataKey.generate(), io.BytesIO(), io.BytesIO()
    writer = SealedWriter(file, key)

    write_package(answer, [find("json"), find("csv")], writer)
    writer.finish()
    write_package(answer, [find("json"), find("csv")], clear)

    content = b"".join(SealedReader(file, key).chunks())
    assert content == clear.getvalue()
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


NO_PLACE = r"^export-5-1\.zip cannot be written: File too large\.$"


@pytest.mark.usefixtures("_storage")
def test_a_file_that_finds_no_place_is_named_and_refused_ever_after():
    key = DataKey.generate()
    with files_of_at_most(CHUNK_BYTES * 3 // 2), storage.create("export-5-1.zip") as file:
        writer = SealedWriter(file, key)
        with pytest.raises(UnwritableOutput, match=NO_PLACE):
            writer.write(noise())
        with pytest.raises(UnwritableOutput, match=NO_PLACE):
            writer.finish()

    with storage.open("export-5-1.zip") as file, pytest.raises(DamagedArtefact):
        SealedReader(file, key)


@pytest.mark.usefixtures("_storage")
def test_a_write_that_failed_for_a_moment_leaves_no_readable_file_behind():
    key = DataKey.generate()
    with storage.create("export-5-1.zip") as file:
        writer = SealedWriter(file, key)
        with files_of_at_most(HEADER_BYTES), pytest.raises(UnwritableOutput, match=NO_PLACE):
            writer.write(noise()[:CHUNK_BYTES])
        writer.finish()

    with storage.open("export-5-1.zip") as file, pytest.raises(DamagedArtefact):
        SealedReader(file, key)


@pytest.mark.usefixtures("_storage")
def test_a_package_that_finds_no_place_is_one_error_that_names_the_file():
    answer = an_answer(a_collection_answer({"text": (Kind.TEXT, [noise().hex()])}))
    with files_of_at_most(CHUNK_BYTES * 3 // 2), storage.create("export-5-1.zip") as file:
        writer = SealedWriter(file, DataKey.generate())
        with pytest.raises(UnwritableOutput, match=NO_PLACE):
            write_package(answer, [find("json")], writer)
