"""Sources that likely hold the person, each with what that is read off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.models import Right, SourceChange, Status
from requests_app.suggestions import Icon, Noun, Place
from tests.requests_app.portal import ANN, a_request
from tests.requests_app.suggestions.around import (
    DESK,
    PHONE,
    SHOP,
    a_source,
    asked,
    known_by,
    one,
    said,
    searched,
    suggested,
    with_map,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return a_source()


@pytest.fixture
def earlier():
    return asked(Right.ERASURE, Status.COMPLETED)


@pytest.fixture
def request_(earlier):
    return asked()


def test_around_a_request_of_which_nothing_is_known_nothing_is_suggested():
    assert suggested(asked(email="bob@example.test")) == []


def test_another_identifier_that_the_person_has_shown_elsewhere_is_named_without_its_value(shop, earlier, request_):
    known_by(earlier, "phone", PHONE)
    item = one(request_, "another phone number")
    assert item.place == Place(Noun.REQUEST, earlier.pk)
    assert earlier.reference in item.words
    assert "Shop may hold more" in item.because
    assert PHONE not in f"{item}"
    known_by(request_, "phone", PHONE)
    assert said(request_) == []


@pytest.mark.parametrize(
    "change", ["not proven", "no source finds by it", "another person's", "said to be unrelated", "known by now"]
)
def test_an_identifier_that_leads_nowhere_is_not_named(change, shop, earlier, request_):
    kind = "user_id" if change == "no source finds by it" else "phone"
    known_by(earlier, kind, PHONE, is_proven=change != "not proven")
    if change == "another person's":
        earlier.identifiers.filter(kind="email").update(value="bob@example.test")
    if change == "said to be unrelated":
        earlier.later_links.create(second=request_, kind="unrelated")
    if change == "known by now":
        known_by(request_, "phone", PHONE)
    assert not [words for words in said(request_) if "which is not searched" in words]


def test_a_source_that_was_switched_on_since_is_named(shop, request_):
    searched(request_, shop, counts={"orders": 1})
    a_source("crm")
    a_source("wiki", "version: 1\nsource: {slug}\ncollections: {{pages: {{identifiers: {{user_id: author}}}}}}\n")
    assert said(request_) == ["Crm was not searched for this request."]


def test_a_source_that_is_switched_off_and_used_to_hold_the_person_is_named(shop, earlier, request_):
    searched(earlier, shop, 40, counts={"customers": 1, "orders": 11})
    shop.is_enabled = False
    shop.save()
    item = one(request_, "is switched off")
    assert item.place == Place(Noun.SOURCE, shop.pk)
    then = timezone.localdate() - timedelta(days=40)
    assert item.because == f"12 records were found there on {then:%-d %B %Y} for {earlier.reference}"


def test_a_source_that_found_nothing_and_used_to_is_named_with_its_other_map(shop, earlier, request_):
    searched(earlier, shop, 40, counts={"customers": 1})
    with_map(shop, SHOP)
    searched(request_, shop)
    item = one(request_, "found nothing, and used to")
    assert item.because.startswith("1 record was found there on ")
    assert "by version 1 of its map; now it is read by version 2" in item.because
    assert item.place == Place(Noun.REQUEST, earlier.pk)


@pytest.mark.parametrize(("days_ago", "is_said"), [(50, True), (30, False)])
def test_what_was_erased_since_is_not_missed(days_ago, is_said, shop, earlier, request_):
    searched(earlier, shop, 40, counts={"customers": 1})
    searched(request_, shop)
    of_shop = {"source": shop, "map": shop.current_map, "act": "erasure"}
    at = timezone.now() - timedelta(days=days_ago)
    SourceChange.objects.create(request=earlier, applied_at=at, **of_shop)
    assert bool(said(request_)) == is_said


def test_a_source_whose_rows_are_found_over_another_is_named_where_it_was_not_searched(shop, request_):
    desk = a_source("desk", DESK, is_enabled=False)
    searched(request_, shop, counts={"customers": 2, "orders": 1})
    item = one(request_, "Desk may hold this person too")
    assert "2 records of customer accounts in Shop lead there, and it is switched off" in item.because
    assert item.place == Place(Noun.SOURCE, desk.pk)


@pytest.mark.parametrize(("held", "is_said"), [((1, 2, 3, 4, 0), True), ((1, 2, 0, 0, 5), False), ((1, 2, 3), False)])
def test_nothing_found_over_a_link_is_said_where_that_is_rare(held, is_said, shop, request_):
    desk = a_source("desk", DESK)
    for number, records in enumerate(held):
        other = a_request(email=f"{number}@example.test")
        searched(other, shop, counts={"customers": 1})
        searched(other, desk, counts={"tickets": records})
    searched(request_, shop, counts={"customers": 1})
    searched(request_, desk)
    rare = [item for item in suggested(request_) if "found nothing, which is rare" in item.words]
    assert bool(rare) == is_said
    if is_said:
        assert "of the last 5 people found there, 4 had something in Desk" in rare[0].because


def test_a_source_that_has_drifted_or_is_down_is_named_by_what_is_wrong(shop, request_):
    found = {"severity": "broken", "where": "customers.Zanzibar", "text": "Zanzibar"}
    shop.drift = [found, found | {"severity": "warning"}, found | {"severity": "notice"}]
    shop.drift_state = "drifted"
    shop.save()
    item = one(request_, "has changed since its map was written")
    assert (item.icon, item.place) == (Icon.SOURCE, Place(Noun.SOURCE, shop.pk))
    assert "1 thing that the map names cannot be read any more, 1 thing may hold personal data" in item.because
    assert "Zanzibar" not in str(item)
    type(shop).objects.update(drift_state="down")
    assert one(request_, "could not be reached last night")
    searched(request_, a_source("crm"), counts={"orders": 1})
    type(shop).objects.filter(pk=shop.pk).update(is_enabled=False)
    assert said(request_) == []


def test_a_request_that_has_ended_has_no_suggestions(shop, earlier):
    from requests_app.suggestions import help_with

    assert help_with(earlier) is None
    assert help_with(a_request(Status.REJECTED, email=ANN)) is None
