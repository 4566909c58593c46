"""What a person who looks on is told, from the first row read to the last file written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from requests_app import planning
from requests_app.models import Export, Leased, SourceSearch, SubjectRequest
from requests_app.planning import live_progress, progress
from tests.requests_app.portal import a_request, a_source, an_approval

pytestmark = pytest.mark.django_db

WAITING, RUNNING, DONE, FAILED = Leased.State


@pytest.fixture
def shops(tmp_path):
    return [a_source(tmp_path, slug=slug, url="sqlite:////nowhere.sqlite3") for slug in ("shop", "crm", "blog")]


def searches(request, shops, *known):
    for shop, row in zip(shops, known, strict=False):
        SourceSearch.objects.create(request=request, source=shop, map=shop.current_map, **row)


def told(request):
    return live_progress(SubjectRequest.objects.get(pk=request.pk))


def change(search, **fields):
    SourceSearch.objects.filter(pk=search.pk).update(**fields)


def test_sources_count_by_their_records(shops):
    request = a_request()
    large = {"state": RUNNING, "percent": 50, "records": 500_000, "estimates": {"t": 999_000}}
    searches(request, shops, {"state": DONE, "records": 0}, large | {"estimated_records": 999_000})
    assert told(request).percent == 10 + int(60 * (1000 + 1_000_000 * 0.5) / 1_001_000)
    assert told(request).step == "Collecting your data: 500,000 of about 999,000 records, 1 of 2 systems done"


def test_a_source_that_nothing_is_known_of_counts_like_the_others(shops):
    request = a_request()
    searches(request, shops, {"state": DONE, "records": 50_000}, {"state": WAITING})
    assert told(request).percent == 40


def test_what_was_found_before_is_expected_of_a_new_search(shops):
    for records in (10, 3000, 200):
        searches(a_request(), shops[:1], {"state": DONE, "records": records, **done_in(5)})
    request = a_request("verified")
    planning.begin(request)
    expected = {search.source.slug: search.estimated_records for search in request.searches.all()}
    assert expected == {"shop": 200, "crm": None, "blog": None}


def done_in(seconds):
    now = timezone.now()
    return {"started_at": now - timedelta(seconds=seconds), "finished_at": now}


def test_an_estimate_that_comes_late_and_is_large_takes_nothing_back(shops):
    request = a_request()
    searches(request, shops, {"state": DONE, "records": 5}, {"state": RUNNING, "percent": 0})
    before = told(request).percent
    change(request.searches.last(), estimated_records=10**7, estimates={"t": 10**7}, percent=1)
    assert told(request).percent == before == progress(SubjectRequest.objects.get(pk=request.pk)).percent
    change(request.searches.last(), percent=90)
    assert told(request).percent > before


def test_another_attempt_takes_nothing_back_and_a_new_start_does(shops):
    request = a_request()
    searches(request, shops[:1], {"state": WAITING})
    (search,) = request.searches.all()
    SourceSearch.objects.claim(search.pk)
    change(search, percent=80, records=80, estimated_records=100)
    assert told(request).percent == 58
    change(search, claimable_at=timezone.now())
    assert SourceSearch.objects.claim(search.pk) == 2
    search.refresh_from_db()
    assert (search.percent, search.estimated_records) == (0, 100)
    assert told(request).percent == 58
    change(search, state=FAILED)
    SourceSearch.objects.retry(search.pk)
    assert told(request).percent == 10


@settings(
    max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_what_a_person_is_told_never_goes_back(shops, data):
    request = a_request()
    searches(request, shops, *[{"state": WAITING}] * 3)
    waiting = list(request.searches.all())
    shown = [told(request).percent]
    percents = dict.fromkeys((search.pk for search in waiting), 0)
    while waiting:
        search = data.draw(st.sampled_from(waiting))
        percents[search.pk] = min(100, percents[search.pk] + 70 - data.draw(st.integers(0, 60)))
        records = data.draw(st.integers(0, 10**6))
        if percents[search.pk] == 100:
            waiting.remove(search)
            change(search, state=DONE, percent=100, records=records)
        else:
            estimate = data.draw(st.none() | st.integers(0, 10**8))
            change(search, state=RUNNING, percent=percents[search.pk], records=records, estimated_records=estimate)
        shown.append(told(request).percent)
    export = Export.objects.create(request=request, approval=an_approval(request))
    shown.append(told(request).percent)
    for percent in sorted(data.draw(st.lists(st.integers(0, 99), max_size=4))):
        Export.objects.filter(pk=export.pk).update(state=RUNNING, percent=percent)
        shown.append(told(request).percent)
    assert shown == sorted(shown)
    assert shown[-1] <= 99


def test_looking_on_writes_nothing_unless_there_is_news(shops):
    request = a_request()
    searches(request, shops[:1], {"state": RUNNING, "percent": 50, **done_in(60)})
    told(request)
    request.refresh_from_db()
    writes = []

    def record(execute, sql, params, many, context):
        writes.extend([sql] if sql.startswith("UPDATE") else [])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        told(request)
        assert writes == []
        change(request.searches.get(), percent=60)
        writes.clear()
        told(request)
        assert len(writes) == 1


def test_the_time_left_is_told_while_the_portal_is_at_work(shops):
    request = a_request()
    lease = {"claimable_at": timezone.now() + timedelta(seconds=60)}
    searches(request, shops[:1], {"state": RUNNING, "percent": 50, **done_in(300), **lease})
    assert told(request).time_left in {"about 5 minutes left", "about 6 minutes left"}
    change(request.searches.get(), state=DONE)
    assert (told(request).seconds_left, told(request).time_left) == (None, "")
    Export.objects.create(
        request=request,
        approval=an_approval(request),
        state=RUNNING,
        percent=50,
        step="Writing PDF, part 2 of 5",
        **done_in(30),
        **lease,
    )
    now = told(request)
    assert now.step == "Preparing your files. Writing PDF, part 2 of 5"
    assert now.time_left == "less than a minute left"
