from __future__ import annotations

import math
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.batches import Batch, Collection, Field, Information, Kind, Omission, Source
from extractors.errors import DamagedArtefact, UnwritableOutput
from requests_app.dossier import SegmentReader, SegmentWriter, temporary_segment
from requests_app.dossier.writer import LEAST_FRAME_BYTES, MOST_FRAME_BYTES
from requests_app.keys.envelope import DataKey
from tests.requests_app.segments import (
    MARKER,
    collection,
    many_frames,
    numbers,
    read,
    table,
    texts,
    three_frames,
    write,
)

FULL_DISK = Path("/dev/full")


def test_every_kind_comes_back_exactly():
    columns = {
        "small": pa.array([1, None, -(2**15)], pa.int16()),
        "medium": pa.array([1, None, 2**31 - 1], pa.int32()),
        "large": pa.array([2**63 - 1, None, -(2**63)], pa.int64()),
        "unsigned": pa.array([2**64 - 1, None, 0], pa.uint64()),
        "single": pa.array([1.5, None, -0.0], pa.float32()),
        "double": pa.array([math.nan, None, -math.inf], pa.float64()),
        "boolean": pa.array([True, None, False]),
        "text": pa.array(["", None, "nul \0 and 𝄞 and \u202eright"]),
        "json": pa.array(['{"a": [1.0]}', None, "null"]),
        "binary": pa.array([b"", None, bytes(range(256))], pa.binary()),
        "nothing": pa.array([None, None, None], pa.string()),
    }
    kinds = ["integer"] * 4 + ["float"] * 2 + ["boolean", "text", "json", "binary", "uuid"]
    fields = tuple(Field(name, Kind(kind)) for name, kind in zip(columns, kinds, strict=True))
    batch = Batch(collection("kinds", fields), pa.record_batch(columns))
    key = DataKey.generate()

    [returned] = read(write(key, batch), key).batches("kinds")

    assert returned.collection == batch.collection
    assert returned.rows.schema == batch.rows.schema
    assert repr(returned.rows.to_pylist()) == repr(batch.rows.to_pylist())


@given(st.lists(st.lists(st.none() | st.text(), max_size=5), max_size=5))
def test_any_texts_in_any_batches_come_back_in_order(parts):
    key = DataKey.generate()
    file = BytesIO()
    writer = SegmentWriter(file, key)
    writer.begin(texts("a", []).collection)
    for part in parts:
        writer.write(texts("a", part))
    writer.finish()

    reader = SegmentReader(file, key)

    returned = [value for batch in reader.batches("a") for value in batch.rows["text"].to_pylist()]
    assert returned == [value for part in parts for value in part]
    assert reader.collections[0].count == len(returned)


def test_what_is_told_about_a_collection_comes_back_exactly():
    told = Collection(
        Source("crm", "CRM", Information(("a", "b"), ("c",), (), "d", None, "e", "f")),
        "people",
        "Pèople",
        ("id", "part"),
        (
            Field("id", Kind.INTEGER, "Number", "Ours", "identification", {"1": "one", "": "nul \0"}, third_party=True),
            Field("part", Kind.JSON),
        ),
        Information(retention="A year"),
        context=True,
    )
    omissions = (Omission("crm", "people", "Newest 10 only", cut=True), Omission("crm", None, "A secret"))
    key, file = DataKey.generate(), BytesIO()
    writer = SegmentWriter(file, key)
    writer.begin(told, omissions)
    writer.finish()

    [stored] = SegmentReader(file, key).collections

    assert (stored.collection, stored.omissions, stored.count) == (told, omissions, 0)
    assert [type(field.kind) for field in stored.collection.fields] == [Kind, Kind]
    assert hash(stored.collection.source) == hash(told.source)


def test_a_collection_without_rows_is_listed_and_has_no_frame():
    key = DataKey.generate()
    reader = read(write(key, texts("empty", []), texts("full", ["x"])), key)

    assert [(stored.collection.name, stored.count) for stored in reader.collections] == [("empty", 0), ("full", 1)]
    assert reader.collections[0].frames == ()
    assert list(reader.batches("empty")) == []
    assert reader.page("empty", 0, 10).rows.schema == texts("empty", []).rows.schema
    assert reader.page("empty", 0, 10).rows.num_rows == 0


def test_a_segment_without_collections_is_complete():
    key = DataKey.generate()
    reader = read(write(key), key)

    reader.verify()
    assert reader.collections == ()


def test_three_hundred_columns_come_back():
    names = [f"column {number}" for number in range(300)]
    batch = Batch(
        collection("wide", tuple(Field(name, Kind.INTEGER) for name in names)),
        pa.record_batch({name: pa.array([number, None]) for number, name in enumerate(names)}),
    )
    key = DataKey.generate()

    [returned] = read(write(key, batch), key).batches("wide")

    assert returned.rows == batch.rows


def test_megabyte_cells_are_split_into_frames_of_bounded_size():
    batch = texts("large", [character * 1_000_000 for character in "abcdefghijklmnopqrstuvwxyz"])
    key = DataKey.generate()
    reader = read(write(key, batch), key)

    assert table(reader, "large") == pa.Table.from_batches([batch.rows])
    assert max(part.rows.nbytes for part in reader.batches("large")) < MOST_FRAME_BYTES + LEAST_FRAME_BYTES


def test_small_batches_share_frames():
    batches = [numbers(first, 10) for first in range(0, 40_000, 10)]
    key = DataKey.generate()
    reader = read(write(key, *batches), key)

    sizes = [part.rows.nbytes for part in reader.batches("numbers")]
    assert len(sizes) == 3
    assert min(sizes[:-1]) >= LEAST_FRAME_BYTES
    assert table(reader, "numbers").to_pylist() == numbers(0, 40_000).rows.to_pylist()


def test_batches_can_be_read_again_and_side_by_side():
    content, key, rows = many_frames()
    reader = read(content, key)

    pairs = list(zip(reader.batches("numbers"), reader.batches("numbers"), strict=True))

    assert all(left.rows == right.rows for left, right in pairs)
    assert pa.Table.from_batches([left.rows for left, _ in pairs]) == rows


def test_threads_may_share_a_reader():
    class SlowFile(BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            position = super().seek(offset, whence)
            time.sleep(0.001)
            return position

    content, key, rows = many_frames()
    reader = SegmentReader(SlowFile(content), key)

    with ThreadPoolExecutor(4) as threads:
        returned = list(threads.map(lambda _: table(reader, "numbers"), range(8)))

    assert all(item == rows for item in returned)


@given(st.integers(0, 80_000), st.integers(0, 30_000))
def test_a_page_equals_a_slice(first_row, count):
    content, key, rows = many_frames()

    page = read(content, key).page("numbers", first_row, count).rows

    assert pa.Table.from_batches([page]) == rows.slice(first_row, count)


@pytest.mark.parametrize("place", [(-1, 5), (0, -1)])
def test_a_page_before_the_beginning_is_refused(place):
    content, key, _ = many_frames()

    with pytest.raises(ValueError, match="page"):
        read(content, key).page("numbers", *place)


def test_a_page_reads_at_most_two_frames():
    class CountingFile(BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().read(size)

    content, key, _ = many_frames()
    file = CountingFile(content)
    reader = SegmentReader(file, key)
    assert len(reader.collections[0].frames) >= 4

    for first_row in range(0, 70_000, 1_000):
        file.reads = 0
        reader.page("numbers", first_row, 1_000)
        assert 1 <= file.reads <= 2


def test_a_collection_the_segment_lacks_is_a_key_error():
    content, key = three_frames()

    with pytest.raises(KeyError):
        read(content, key).batches("d")
    with pytest.raises(KeyError):
        read(content, key).page("d", 0, 1)


def test_a_collection_is_begun_once():
    writer = SegmentWriter(BytesIO(), DataKey.generate())
    writer.begin(collection("a"))

    with pytest.raises(ValueError, match="'a'"):
        writer.begin(collection("a"))


def test_a_segment_holds_one_source():
    writer = SegmentWriter(BytesIO(), DataKey.generate())
    writer.begin(collection("a"))

    with pytest.raises(ValueError, match="'b'"):
        writer.begin(Collection(Source("crm", "CRM"), "b", "B", (), ()))


def test_a_batch_of_a_collection_not_begun_is_refused():
    writer = SegmentWriter(BytesIO(), DataKey.generate())
    with pytest.raises(ValueError, match="'a' was not begun"):
        writer.write(texts("a", ["x"]))

    writer.begin(texts("a", []).collection)
    with pytest.raises(ValueError, match="'b' was not begun"):
        writer.write(texts("b", ["x"]))


def test_a_batch_of_another_schema_is_refused():
    writer = SegmentWriter(BytesIO(), DataKey.generate())
    batch = texts("a", ["x"])
    writer.begin(batch.collection)
    writer.write(batch)

    with pytest.raises(ValueError, match="schema"):
        writer.write(Batch(batch.collection, pa.record_batch({"text": pa.array([1])})))


def test_a_writer_that_died_leaves_what_a_reader_calls_unfinished(tmp_path):
    key = DataKey.generate()
    path = tmp_path / "segment"
    with path.open("wb") as file:
        writer = SegmentWriter(file, key)
        writer.begin(numbers(0, 0).collection)
        writer.write(numbers(0, 40_000))

    assert path.stat().st_size > 10_000
    with path.open("rb") as file, pytest.raises(DamagedArtefact, match="unfinished"):
        SegmentReader(file, key)


def test_nothing_of_the_content_is_legible_in_the_file_the_reprs_or_the_errors():
    content, key = three_frames()
    reader = read(content, key)
    frame = reader.collections[0].frames[0]
    damaged = content[: frame.offset] + bytes(frame.length) + content[frame.offset + frame.length :]

    assert MARKER in table(reader, "a")["text"].to_pylist()
    assert MARKER.encode() not in content
    assert b"Web shop" not in content
    with pytest.raises(DamagedArtefact) as refusal:
        read(damaged, key).verify()
    assert MARKER not in f"{reader!r} {reader.collections!r} {refusal.value!r}"
    assert repr(key.secret) not in f"{reader!r} {key!r}"


def test_a_full_disk_is_named_with_the_file():
    with FULL_DISK.open("wb", buffering=0) as file, pytest.raises(UnwritableOutput, match=r"^full cannot be written"):
        SegmentWriter(file, DataKey.generate())


@pytest.fixture
def buffered_file_on_a_full_disk():
    with suppress(OSError), FULL_DISK.open("wb", buffering=1 << 20) as file:
        yield file


def test_a_full_disk_met_when_the_buffer_is_flushed_is_named_too(buffered_file_on_a_full_disk):
    writer = SegmentWriter(buffered_file_on_a_full_disk, DataKey.generate())

    with pytest.raises(UnwritableOutput, match="No space left"):
        writer.finish()


@pytest.fixture
def _files_of_a_mebibyte_at_most():
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("_files_of_a_mebibyte_at_most")
def test_a_temporary_segment_that_grows_too_large_is_one_error():
    noise = Batch(collection("noise"), pa.record_batch({"id": pa.array([os.urandom(4 << 20)])}))

    with temporary_segment() as segment:
        segment.writer.begin(noise.collection)
        with pytest.raises(UnwritableOutput, match=r"^a temporary file cannot be written: File too large"):
            segment.writer.write(noise)


def test_a_temporary_segment_is_written_then_read():
    with temporary_segment("segment of shop") as segment:
        batch = texts("a", [MARKER])
        segment.writer.begin(batch.collection)
        segment.writer.write(batch)
        with pytest.raises(DamagedArtefact, match=r"^The segment of shop is unfinished"):
            segment.reader()
        segment.writer.finish()

        assert table(segment.reader(), "a")["text"].to_pylist() == [MARKER]


def test_a_temporary_segment_has_no_name_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with temporary_segment() as segment:
        segment.writer.finish()
        assert list(tmp_path.iterdir()) == []


def test_no_place_for_temporary_files_is_one_error(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))

    with pytest.raises(UnwritableOutput, match="temporary file"), temporary_segment():
        pass
