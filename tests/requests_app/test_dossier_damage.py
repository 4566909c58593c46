from __future__ import annotations

import os
import uuid

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from extractors.errors import DamagedArtefact
from requests_app.dossier.index import MAGIC
from requests_app.keys.envelope import DataKey
from requests_app.keys.frames import Trailer
from tests.requests_app.segments import assert_refused, read, table, texts, three_frames, write


def test_an_untouched_segment_is_verified():
    content, key = three_frames()

    read(content, key).verify()


@given(st.data())
@hypothesis_settings(max_examples=300)
def test_any_flipped_bit_is_detected(data):
    content, key = three_frames()
    position = data.draw(st.integers(0, len(content) - 1))
    altered = bytearray(content)
    altered[position] ^= 1 << data.draw(st.integers(0, 7))

    assert_refused(bytes(altered), key)


def test_a_flipped_bit_anywhere_in_the_header_and_the_trailer_is_detected():
    content, key = three_frames()
    for position in (*range(15), *range(len(content) - 20, len(content))):
        for bit in range(8):
            altered = bytearray(content)
            altered[position] ^= 1 << bit
            assert_refused(bytes(altered), key)


def test_a_segment_cut_at_any_byte_is_detected():
    content, key = three_frames()
    for length in range(len(content)):
        assert_refused(content[:length], key)


@given(st.binary(min_size=1, max_size=40))
def test_appended_bytes_are_detected(appended):
    content, key = three_frames()

    assert_refused(content + appended, key)
    assert_refused(content + content, key)
    assert_refused(content + content[-len(appended) :], key)


@given(st.data())
def test_bytes_put_in_or_taken_out_are_detected(data):
    content, key = three_frames()
    position = data.draw(st.integers(0, len(content) - 1))

    assert_refused(content[:position] + b"\0" + content[position:], key)
    assert_refused(content[:position] + content[position + 1 :], key)


def test_frames_in_another_order_are_detected_and_numbered():
    content, key = three_frames()
    first, second = (stored.frames[0] for stored in read(content, key).collections[:2])
    assert first.length == second.length
    middle = first.offset + first.length
    swapped = content[: first.offset] + content[second.offset : second.offset + second.length]
    swapped += content[first.offset : middle] + content[second.offset + second.length :]

    assert_refused(swapped, key, "frame 0")
    with pytest.raises(DamagedArtefact, match="frame 1"):
        list(read(swapped, key).batches("b"))
    assert table(read(swapped, key), "c").num_rows == 1


def test_a_frame_of_another_segment_is_detected_even_under_the_same_key():
    key = DataKey.generate()
    ours, theirs = write(key, texts("a", ["x"])), write(key, texts("a", ["y"]))
    frame = read(ours, key).collections[0].frames[0]
    end = frame.offset + frame.length

    assert_refused(ours[: frame.offset] + theirs[frame.offset : end] + ours[end:], key, "frame 0")


def test_the_head_of_one_segment_with_the_tail_of_another_is_detected():
    key = DataKey.generate()
    ours, theirs = write(key, texts("a", ["x"])), write(key, texts("a", ["y"]))
    frame = read(ours, key).collections[0].frames[0]

    assert_refused(ours[: frame.offset + frame.length] + theirs[frame.offset + frame.length :], key, "last frame")
    assert_refused(ours[:15] + theirs[15:], key, "last frame")


def test_a_segment_cut_after_a_frame_with_a_trailer_made_up_is_detected():
    content, key = three_frames()
    for stored in read(content, key).collections:
        frame = stored.frames[0]
        forged = content[: frame.offset + frame.length] + Trailer(frame.offset, frame.number).pack(MAGIC)
        assert_refused(forged, key, "last frame")


def test_another_key_is_refused():
    content, key = three_frames()

    assert_refused(content, DataKey.generate(), "another key")
    assert_refused(content, DataKey(uuid.uuid4(), key.secret), "another key")
    assert_refused(content, DataKey(key.id, os.urandom(32)), "another key")


@pytest.mark.parametrize("content", [b"", b"a", b"DSRSEG01", bytes(1000), b"DSRSEG02" + bytes(1000)])
def test_what_is_no_segment_is_refused(content):
    assert_refused(content, DataKey.generate())
