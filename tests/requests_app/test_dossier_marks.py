"""Marks stay with their rows through a segment, and are found again without reading all of it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.batches import Batch, Concern
from requests_app.dossier import SegmentReader, SegmentWriter
from requests_app.dossier import reader as reading
from requests_app.dossier import writer as writing
from requests_app.keys.envelope import DataKey
from tests.requests_app.segments import numbers, read, write

if TYPE_CHECKING:
    from collections.abc import Iterable

Place = tuple[int, str]


def with_marks(batch: Batch, places: Iterable[Place]) -> Batch:
    chosen = sorted(places)
    columns = {
        "row": pa.array([row for row, _ in chosen], pa.uint32()),
        "field": pa.array([field for _, field in chosen], pa.string()),
        "concern": pa.array(["email" if field else "shared" for _, field in chosen], pa.string()),
    }
    return Batch(batch.collection, batch.rows, pa.record_batch(columns) if chosen else None)


def places(batch: Batch, first: int = 0) -> list[Place]:
    return [(first + mark["row"], mark["field"]) for mark in batch.marks.to_pylist()] if batch.marks else []


@pytest.fixture
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LEAST_FRAME_BYTES", 700)
    monkeypatch.setattr(writing, "MOST_FRAME_BYTES", 1500)


@given(
    st.lists(
        st.integers(1, 60).flatmap(
            lambda rows: st.tuples(
                st.just(rows), st.sets(st.tuples(st.integers(0, rows - 1), st.sampled_from(["", "text"])), max_size=6)
            )
        ),
        max_size=5,
    ),
    st.integers(0, 80),
    st.integers(0, 80),
)
def test_marks_are_read_with_their_rows_whatever_frames_they_came_into(
    small_frames: None, drawn: list[tuple[int, set[Place]]], first: int, count: int
) -> None:
    batches, expected, begin = [], [], 0
    for rows, chosen in drawn:
        batches.append(with_marks(numbers(begin, rows), chosen))
        expected += [(begin + row, field) for row, field in sorted(chosen)]
        begin += rows
    key = DataKey.generate()
    segment = read(write(key, *batches), key)
    if not batches:
        return
    at, found = 0, []
    for batch in segment.batches("numbers"):
        found += places(batch, at)
        at += batch.rows.num_rows
    assert found == expected
    assert list(segment.marked("numbers")) == expected
    page = segment.page("numbers", first, count)
    assert places(page, first) == [place for place in expected if first <= place[0] < first + count]
    assert segment.next_marked("numbers", first) == next((row for row, _ in expected if row >= first), None)
    (stored,) = segment.collections
    assert stored.marks.get(Concern.SHARED, 0) == sum(1 for _, field in expected if not field)
    assert sum(stored.marks.values()) == len(expected)


def test_looking_for_the_next_mark_decrypts_only_the_frame_that_has_it(
    small_frames: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = DataKey.generate()
    batches = [
        with_marks(numbers(first, 10), {(9, "text")} if first in {500, 900} else ()) for first in range(0, 999, 10)
    ]
    segment = read(write(key, *batches), key)
    opened: list[int] = []
    open_ = SegmentReader._open
    monkeypatch.setattr(SegmentReader, "_open", lambda self, frame: opened.append(frame.number) or open_(self, frame))
    assert segment.next_marked("numbers", 20) == 509
    assert segment.next_marked("numbers", 510) == 909
    assert segment.next_marked("numbers", 910) is None
    assert len(opened) == 2


def test_a_segment_of_the_version_before_is_read_and_has_no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    key = DataKey.generate()
    monkeypatch.setattr(writing, "MAGIC", reading.OLDER_MAGICS[0])
    content = write(key, numbers(0, 3))
    assert content.startswith(b"DSRSEG01")
    segment = read(content, key)
    assert segment.page("numbers", 0, 9).rows.num_rows == 3
    assert segment.page("numbers", 0, 9).marks is None
    assert segment.next_marked("numbers", 0) is None


def test_a_segment_is_written_in_the_newest_version() -> None:
    file, key = BytesIO(), DataKey.generate()
    writer = SegmentWriter(file, key)
    writer.finish()
    assert file.getvalue().startswith(b"DSRSEG02")
