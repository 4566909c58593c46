"""The per cent of a search, whatever was estimated and whatever is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.collecting.course import Course
from requests_app.rounding import about

SIZES = st.integers(0, 10**7)
COLLECTIONS = st.lists(st.tuples(SIZES, st.none() | SIZES), min_size=1, max_size=8)


def walked(course, sizes, batch=1000, at_most=40):
    """Read collections of such sizes, in batches; yield the per cent after each."""
    for name, size in sizes.items():
        course.begin(name)
        yield course.percent
        step = max(batch, size // at_most)
        for start in range(0, size, step):
            course.add(min(step, size - start))
            yield course.percent


def percents(sizes, expected):
    named = {f"c{number}": size for number, size in enumerate(sizes)}
    known = {name: rows for name, rows in zip(named, expected or (), strict=False) if rows is not None}
    return list(walked(Course(tuple(named), known), named))


@given(COLLECTIONS, st.integers(0, 20))
def test_the_percent_never_goes_back_and_is_never_100_whatever_was_estimated_when(collections, known_after):
    sizes = {f"c{number}": size for number, (size, _) in enumerate(collections)}
    course = Course(tuple(sizes))
    shown = []
    for number, percent in enumerate(walked(course, sizes)):
        shown.append(percent)
        if number == known_after:
            course.expected = {f"c{i}": known for i, (_, known) in enumerate(collections) if known is not None}
    assert shown == sorted(shown)
    assert shown[0] >= 0
    assert shown[-1] <= 99


@given(st.lists(st.integers(1000, 10**7), min_size=1, max_size=8))
def test_a_right_estimate_shows_what_share_of_the_rows_is_read(sizes):
    named = {f"c{number}": size for number, size in enumerate(sizes)}
    course = Course(tuple(named), named)
    whole = sum(sizes)
    for percent in walked(course, named):
        assert abs(percent - 100 * course.records / whole) <= 20 * len(sizes) * 200 / whole * 5 + 4
    assert course.percent >= 95


@pytest.mark.parametrize("factor", [0.001, 0.01, 0.1, 10, 100, 1000])
def test_a_wrong_estimate_of_several_collections_corrects_itself(factor):
    sizes = [50_000] * 8
    shown = percents(sizes, [int(size * factor) for size in sizes])
    steps = len(shown) // 8
    half_way, three_quarters = shown[4 * steps], shown[6 * steps]
    assert 30 <= half_way <= 90
    assert 60 <= three_quarters <= 95
    assert shown[-1] >= 90


@pytest.mark.parametrize("factor", [0, 0.001, 0.5])
def test_more_rows_than_expected_bring_the_end_nearer_and_never_reach_it(factor):
    shown = percents([1_000_000], [int(1_000_000 * factor)])
    assert shown[-1] in {98, 99}


def test_without_estimates_collections_count_alike():
    shown = percents([0, 0, 0, 0], None)
    assert shown == [0, 25, 50, 75]
    assert percents([10_000, 0], None)[-2:] == [25, 50]


def test_a_collection_that_took_too_long_to_count_is_thought_to_be_large():
    assert percents([100_000, 1], [100_000, None])[-2] < 20


def test_the_step_says_how_much_of_how_much_is_read():
    course = Course(("orders", "notes"), {"orders": 2_000_000})
    course.begin("orders")
    assert course.step("Orders") == "Reading Orders"
    course.add(1_234_567)
    assert course.step("Orders") == "Reading Orders: 1,234,567 of about 2,000,000 records"
    course.add(1_000_000)
    assert course.step("Orders") == "Reading Orders: 2,234,567 records"
    course.begin("notes")
    course.add(1)
    assert course.step("Notes") == "Reading Notes: 1 record"


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0"), (7, "7"), (999, "999"), (1_004_121, "1,000,000"), (4566, "4,570")]
)
def test_an_estimate_is_said_without_digits_that_nobody_can_vouch_for(number, said):
    assert about(number) == f"about {said}"
