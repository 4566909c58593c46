from __future__ import annotations

import io
import os
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import DamagedArtefact
from requests_app.keys.envelope import DataKey
from requests_app.keys.frames import HEADER_BYTES, TAG_BYTES, FrameWriter, Trailer
from requests_app.storage import SealedReader, SealedWriter
from requests_app.storage.sealed import CHUNK_BYTES, MAGIC
from tests.requests_app.sealed import FRAME_BYTES, noise, reader, sealed, three_chunks
from tests.requests_app.segments import three_frames

SEALED_SIZE = HEADER_BYTES + 2 * FRAME_BYTES + 1000 + TAG_BYTES + Trailer.SIZE_BYTES


def frame(content: bytes, number: int) -> bytes:
    begin = HEADER_BYTES + number * FRAME_BYTES
    return content[begin : begin + FRAME_BYTES]


def assert_refused(content: bytes, key: DataKey, match: str = "") -> None:
    """Read to the end, which fails, and nothing that was not sealed is given out before."""
    given_out: list[bytes] = []
    with pytest.raises(DamagedArtefact, match=f"^The export 5 .*{match}"):
        given_out.extend(reader(content, key).chunks())
    assert three_chunks()[2].startswith(b"".join(given_out))


def test_an_unfinished_file_is_refused():
    for size in (0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 1):
        key, file = DataKey.generate(), io.BytesIO()
        SealedWriter(file, key).write(noise()[:size])
        assert_refused(file.getvalue(), key, "is unfinished")


@given(st.integers(0, SEALED_SIZE - 1), st.integers(0, 7))
def test_any_flipped_bit_is_detected(position, bit):
    content, key, _ = three_chunks()
    altered = bytearray(content)
    altered[position] ^= 1 << bit

    assert_refused(bytes(altered), key)


@pytest.mark.parametrize("position", [*range(HEADER_BYTES), *range(-Trailer.SIZE_BYTES - 1, 0)])
def test_an_altered_byte_of_the_header_or_the_trailer_is_detected(position):
    content, key, _ = three_chunks()
    for mask in (1, 128, 255):
        altered = bytearray(content)
        altered[position] ^= mask
        with pytest.raises(DamagedArtefact):
            reader(bytes(altered), key)


@given(st.integers(0, SEALED_SIZE - 1))
def test_a_file_cut_anywhere_is_refused_when_it_is_opened(length):
    content, key, _ = three_chunks()

    with pytest.raises(DamagedArtefact):
        reader(content[:length], key)


@given(st.binary(min_size=1, max_size=64))
def test_a_continued_file_is_refused_when_it_is_opened(appended):
    content, key, _ = three_chunks()
    for continued in (content + appended, content + content, content + content[-len(appended) :]):
        with pytest.raises(DamagedArtefact):
            reader(continued, key)


@given(st.integers(0, SEALED_SIZE - 1), st.integers(1, FRAME_BYTES))
def test_bytes_put_in_or_taken_out_are_detected(position, count):
    content, key, _ = three_chunks()

    assert_refused(content[:position] + bytes(count) + content[position:], key)
    assert_refused(content[:position] + content[position + count :], key)


def test_chunks_in_another_order_are_detected_and_numbered():
    content, key, _ = three_chunks()
    rest = content[HEADER_BYTES + 2 * FRAME_BYTES :]

    assert_refused(content[:HEADER_BYTES] + frame(content, 1) + frame(content, 0) + rest, key, "frame 0")


def with_trailer_moved(body: bytes, content: bytes, by: int) -> bytes:
    """End the body with the last frame of the file and a trailer that points to it."""
    trailer = Trailer.unpack(content[-Trailer.SIZE_BYTES :], MAGIC)
    last = content[trailer.offset : -Trailer.SIZE_BYTES]
    return body + last + Trailer(trailer.offset + by, trailer.number).pack(MAGIC)


def test_a_chunk_left_out_or_repeated_is_refused_even_with_a_trailer_to_match():
    content, key, _ = three_chunks()
    body = content[: HEADER_BYTES + 2 * FRAME_BYTES]

    for changed in (body[:-FRAME_BYTES], body + frame(content, 1)):
        forged = with_trailer_moved(changed, content, len(changed) - len(body))
        assert_refused(forged, key, "lacks or repeats a part")


def test_a_file_cut_after_a_chunk_with_a_trailer_made_up_is_refused():
    content, key, _ = three_chunks()
    for number in range(2):
        end = HEADER_BYTES + (number + 1) * FRAME_BYTES
        forged = content[:end] + Trailer(end - FRAME_BYTES, number).pack(MAGIC)
        assert_refused(forged, key, "last frame")


def test_a_chunk_of_another_file_is_detected_even_under_the_same_key():
    content, key, plain = three_chunks()
    other = sealed(plain, key)

    assert_refused(content[:HEADER_BYTES] + frame(other, 0) + content[HEADER_BYTES + FRAME_BYTES :], key, "frame 0")
    assert_refused(content[:HEADER_BYTES] + other[HEADER_BYTES:], key, "last frame")


def test_another_key_is_refused():
    content, key, _ = three_chunks()

    for other in (DataKey.generate(), DataKey(uuid.uuid4(), key.secret), DataKey(key.id, os.urandom(32))):
        assert_refused(content, other, "another key")


def test_a_segment_is_no_sealed_file_not_even_under_the_magic_of_one():
    segment, key = three_frames()
    disguised = MAGIC + segment[len(MAGIC) : -len(MAGIC)] + MAGIC

    assert_refused(segment, key, "known version")
    assert_refused(disguised, key, "last frame")


@pytest.mark.parametrize("content", [b"", b"a", MAGIC, bytes(1000), b"DSRFIL02" + bytes(1000)])
def test_what_is_no_sealed_file_is_refused(content):
    assert_refused(content, DataKey.generate())


def test_a_file_with_a_chunk_too_short_is_refused():
    key, file = DataKey.generate(), io.BytesIO()
    frames = FrameWriter(file, key, MAGIC)
    frames.append(bytes(CHUNK_BYTES - 1))
    frames.finish(b"")

    with pytest.raises(DamagedArtefact, match="lacks or repeats a part"):
        SealedReader(file, key)
