from __future__ import annotations

import pytest

from requests_app import planning
from requests_app.models import AuditEntry, DataSource, Export, Leased, Right, SourceSearch, Status
from requests_app.planning import is_ready_for_review, progress
from tests.requests_app.portal import a_request, a_source, acts, an_approval, queued

pytestmark = pytest.mark.django_db

WAITING, RUNNING, DONE, FAILED = Leased.State


@pytest.fixture
def shops(tmp_path):
    return [a_source(tmp_path, slug=slug, url="sqlite:////nowhere.sqlite3") for slug in ("shop", "crm")]


def searches(request, shops, *states):
    for source, (state, known) in zip(shops, states, strict=True):
        SourceSearch.objects.create(request=request, source=source, map=source.current_map, state=state, **known)


def export(request, state, **known):
    return Export.objects.create(request=request, approval=an_approval(request), state=state, **known)


def told(request):
    shown = progress(request)
    return shown.percent, shown.step, shown.is_live


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUBMITTED, (0, "Waiting for you to confirm your mailbox", False)),
        (Status.VERIFIED, (10, "Waiting for our team to begin", False)),
        (Status.COMPLETED, (100, "Completed", False)),
        (Status.REJECTED, (100, "Refused", False)),
        (Status.WITHDRAWN, (100, "Withdrawn", False)),
        (Status.LAPSED, (100, "Never confirmed", False)),
        (Status.ARCHIVED, (100, "Archived", False)),
    ],
)
def test_progress_of_what_is_not_in_progress(status, expected):
    assert told(a_request(status)) == expected


def test_what_is_worked_by_hand_is_half_done():
    assert told(a_request(right=Right.ERASURE)) == (50, "Our team is working on it", False)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((WAITING, {}), (WAITING, {}), (10, "Collecting your data: 0 of 2 systems done", True)),
        ((RUNNING, {"percent": 50}), (WAITING, {}), (25, "Collecting your data: 0 of 2 systems done", True)),
        ((DONE, {"percent": 100}), (RUNNING, {"percent": 50}), (55, "Collecting your data: 1 of 2 systems done", True)),
        # A source that was given up is over with; one that rests is not.
        ((FAILED, {}), (WAITING, {"last_error": "down"}), (40, "Collecting your data: 1 of 2 systems done", True)),
        ((DONE, {}), (DONE, {}), (70, "Being checked by our team before it is released", False)),
        ((DONE, {}), (FAILED, {}), (70, "Being checked by our team before it is released", False)),
    ],
)
def test_progress_of_collecting(first, second, expected, shops):
    request = a_request()
    searches(request, shops, first, second)
    assert told(request) == expected


@pytest.mark.parametrize(
    ("state", "percent", "expected"),
    [
        (WAITING, 0, (80, "Preparing your files", True)),
        (RUNNING, 50, (89, "Preparing your files", True)),
        (RUNNING, 99, (98, "Preparing your files", True)),
        (FAILED, 50, (80, "Delayed; our team has been told", False)),
    ],
)
def test_progress_of_rendering(state, percent, expected, shops):
    request = a_request()
    searches(request, shops, (DONE, {}), (DONE, {}))
    export(request, state, percent=percent)
    assert told(request) == expected


def test_progress_follows_the_latest_release(shops):
    request = a_request()
    searches(request, shops, (DONE, {}), (DONE, {}))
    export(request, FAILED)
    export(request, RUNNING, percent=10)
    assert told(request)[1:] == ("Preparing your files", True)


def test_progress_never_goes_back_on_the_way(shops):
    request = a_request(Status.SUBMITTED)
    percents = [progress(request).percent]
    request.status = Status.VERIFIED
    percents.append(progress(request).percent)
    request.status = Status.IN_PROGRESS
    searches(request, shops, (WAITING, {}), (WAITING, {}))
    for search in request.searches.all():
        for percent in (0, 50, 99):
            request.searches.filter(pk=search.pk).update(state=RUNNING, percent=percent)
            percents.append(progress(request).percent)
        request.searches.filter(pk=search.pk).update(state=DONE, percent=100)
        percents.append(progress(request).percent)
    made = export(request, WAITING)
    for percent in (0, 50, 99):
        Export.objects.filter(pk=made.pk).update(state=RUNNING, percent=percent)
        percents.append(progress(request).percent)
    request.status = Status.COMPLETED
    percents.append(progress(request).percent)
    assert percents == sorted(percents)


def test_every_enabled_source_is_searched_by_its_present_map(shops, tmp_path):
    off = a_source(tmp_path, slug="off", url="sqlite:////nowhere.sqlite3")
    DataSource.objects.filter(pk=off.pk).update(is_enabled=False)
    DataSource.objects.create(slug="mapless", label="Mapless", key=off.key)
    request = a_request(Status.VERIFIED)
    planning.begin(request)
    request.refresh_from_db()
    planned = request.searches.order_by("pk")
    assert request.status == Status.IN_PROGRESS
    assert {(search.source, search.map) for search in planned} == {(shop, shop.current_map) for shop in shops}
    assert queued() == [("heavy", "collect_source", (search.pk,)) for search in planned]
    assert AuditEntry.objects.latest("pk").details == {"sources": 2}


def test_the_end_of_collecting_is_on_record_once_with_what_failed(shops):
    request = a_request()
    searches(request, shops, (DONE, {}), (RUNNING, {}))
    planning.settle(request.pk)
    assert not acts(request.pk)
    request.searches.filter(state=RUNNING).update(state=FAILED)
    planning.settle(request.pk)
    assert acts(request.pk) == ["request.collected"]
    assert AuditEntry.objects.latest("pk").details == {"failed": 1}


@pytest.mark.parametrize(
    ("first", "second", "is_ready"),
    [
        ((DONE, {}), (DONE, {}), True),
        ((DONE, {}), (FAILED, {"is_left_out": True}), True),
        ((DONE, {}), (FAILED, {}), False),
        ((DONE, {}), (RUNNING, {}), False),
        ((DONE, {}), (WAITING, {"is_left_out": True}), False),
    ],
)
def test_a_review_begins_when_every_source_has_answered_or_is_left_out(first, second, is_ready, shops):
    request = a_request()
    searches(request, shops, first, second)
    assert is_ready_for_review(request) is is_ready
    assert (request in type(request).objects.waiting_for_review()) is is_ready


@pytest.mark.parametrize("status", [status for status in Status if status != Status.IN_PROGRESS])
def test_only_what_is_in_progress_is_reviewed(status):
    assert not is_ready_for_review(a_request(status))


def test_what_is_worked_by_hand_is_not_reviewed():
    assert not is_ready_for_review(a_request(right=Right.ERASURE))
