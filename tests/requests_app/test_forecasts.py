from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from requests_app import forecasts
from requests_app.forecasts import Past, expected_seconds, in_words
from requests_app.models import Export, Leased, SourceSearch
from tests.requests_app.portal import a_request, a_source, an_approval

WAITING, RUNNING, DONE, FAILED = Leased.State


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "less than a minute left"),
        (49, "less than a minute left"),
        (50, "about a minute left"),
        (61, "about 2 minutes left"),
        (9.5 * 60, "about 10 minutes left"),
        (11 * 60, "about 15 minutes left"),
        (54 * 60, "about 55 minutes left"),
        (56 * 60, "about an hour left"),
        (110 * 60, "about 2 hours left"),
        (24 * 3600, "about 24 hours left"),
        (72 * 3600, "about 3 days left"),
    ],
)
def test_a_time_left_is_told_in_words(seconds, words):
    assert in_words(seconds) == words


@given(st.floats(0, 10**6), st.floats(0, 10**6))
def test_words_say_no_more_precision_than_there_is(first, second):
    for seconds in (first, second):
        assert sum(letter.isdigit() for letter in in_words(seconds)) <= 2


def test_like_work_in_the_past_says_how_long_it_takes():
    assert expected_seconds([], 100) is None
    assert expected_seconds([Past(99_000, 50)], 199_000) == 100
    small, large = [Past(10, 1.0)] * 9, [Past(1_000_000, 60.0)]
    assert expected_seconds([*small, *large], 20) == pytest.approx(1.0, rel=0.1)
    assert expected_seconds([*small[:2], *large], None) is not None
    assert expected_seconds([*small, Past(1_000_000, 600.0)], None) is None
    assert expected_seconds(small[:2], None) is None


@pytest.fixture
def shop(tmp_path, db):
    return a_source(tmp_path, slug="shop", url="sqlite:////nowhere.sqlite3")


def a_search(shop, state, seconds=None, **known):
    now = timezone.now()
    begun = {} if seconds is None else {"started_at": now - timedelta(seconds=seconds), "finished_at": now}
    lease = {"claimable_at": now + timedelta(seconds=60)}
    return SourceSearch.objects.create(
        request=a_request(), source=shop, map=shop.current_map, state=state, **begun | lease | known
    )


def test_before_a_search_has_a_pace_its_source_says_how_long_it_takes(shop):
    for _ in range(3):
        a_search(shop, DONE, 120, records=99_000)
    assert forecasts.typical_records(shop.pk) == 99_000
    assert forecasts.of_search(a_search(shop, WAITING)) == pytest.approx(120, abs=1)
    assert forecasts.of_search(a_search(shop, WAITING, estimated_records=49_000)) == pytest.approx(60, abs=1)
    begun = a_search(shop, RUNNING, 20, estimated_records=99_000, percent=2)
    assert forecasts.of_search(begun) == pytest.approx(100, abs=1)


def test_a_search_under_way_says_by_its_pace_how_long_it_takes(shop):
    assert forecasts.of_search(a_search(shop, RUNNING, 60, percent=40)) == pytest.approx(90, abs=1)
    assert forecasts.of_search(a_search(shop, RUNNING, 60, percent=5)) == pytest.approx(1140, abs=5)


def test_the_pace_takes_over_from_the_past_gradually(shop):
    a_search(shop, DONE, 100, records=99_000)
    halfway = a_search(shop, RUNNING, 60, estimated_records=99_000, percent=15)
    assert forecasts.of_search(halfway) == pytest.approx(0.5 * 340 + 0.5 * 40, abs=2)


@pytest.mark.parametrize(
    "known",
    [
        {"state": WAITING},
        {"state": RUNNING, "seconds": 1, "percent": 50},
        {"state": RUNNING, "seconds": 60, "percent": 4},
        {"state": WAITING, "last_error": "down"},
        {"state": RUNNING, "seconds": 60, "percent": 50, "claimable_at": timezone.now() - timedelta(days=1)},
        {"state": DONE, "seconds": 60},
        {"state": FAILED, "seconds": 60},
    ],
)
def test_nothing_is_said_where_nothing_sensible_can_be_said(shop, known):
    assert forecasts.of_search(a_search(shop, **known)) is None


def test_searches_are_made_as_many_at_a_time_as_there_are_workers(shop):
    for _ in range(3):
        a_search(shop, DONE, 30)
    waiting = [a_search(shop, WAITING) for _ in range(4)]
    assert forecasts.of_searches(waiting[:1]) == pytest.approx(30, abs=1)
    assert forecasts.of_searches(waiting) == pytest.approx(60, abs=1)
    assert forecasts.of_searches([*waiting, a_search(shop, WAITING, last_error="down")]) is None
    assert forecasts.of_searches([a_search(shop, DONE)]) is None


def test_an_export_takes_as_long_as_those_of_the_same_formats(shop):
    request = a_request()
    SourceSearch.objects.create(request=request, source=shop, map=shop.current_map, state=DONE, records=9000)
    common = {"request": request, "approval": an_approval(request)}
    now = timezone.now()
    for formats, seconds in ((["pdf", "csv"], 200), (["csv"], 2)):
        begun = {"started_at": now - timedelta(seconds=seconds), "finished_at": now}
        Export.objects.create(**common, formats=formats, state=DONE, records=9000, **begun)
    assert forecasts.of_export(Export(**common, formats=["csv", "pdf"])) == pytest.approx(200, abs=1)
    assert forecasts.of_export(Export(**common, formats=["csv"])) == pytest.approx(2, abs=1)
    assert forecasts.of_export(Export(**common, formats=["xml"])) is None
