from __future__ import annotations

import pytest

from requests_app.ranges import WHOLE, Span, Wish, span

SIZE, ETAG = 1000, '"abc"'
ALL = Span(0, SIZE - 1)


@pytest.mark.parametrize(
    ("byte_range", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=500-", 500, 999), ("bytes=-1", 999, 999), ("bytes=990-5000", 990, 999)],
)
def test_a_part_is_what_was_asked_for(byte_range, first, last):
    part = span(Wish(byte_range), SIZE, ETAG)
    assert (part, part.size_bytes) == (Span(first, last), last - first + 1)


def test_without_a_wish_it_is_the_whole():
    assert span(WHOLE, SIZE, ETAG) == ALL


@pytest.mark.parametrize("byte_range", ["bytes=1000-", "bytes=-0", "bytes=5000-6000"])
def test_what_lies_outside_is_nothing(byte_range):
    assert span(Wish(byte_range), SIZE, ETAG) is None


def test_the_same_strong_tag_lets_the_range_stand():
    assert span(Wish("bytes=500-", ETAG), SIZE, ETAG) == Span(500, 999)


@pytest.mark.parametrize(
    "if_range",
    ['W/"abc"', '"other"', "abc", "", '"abc", "other"', "Wed, 21 Oct 2026 07:28:00 GMT", "*", "\0"],
)
def test_any_other_means_the_whole_as_the_part_that_is_there_may_be_of_another_file(if_range):
    assert span(Wish("bytes=500-", if_range), SIZE, ETAG) == ALL
    assert span(Wish("bytes=5000-", if_range), SIZE, ETAG) == ALL


@pytest.mark.parametrize("if_range", ["", '""', ETAG])
def test_what_has_no_tag_is_never_resumed_on_a_condition(if_range):
    assert span(Wish("bytes=500-", if_range), SIZE, "") == ALL
