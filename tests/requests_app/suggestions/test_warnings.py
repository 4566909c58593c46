"""Warnings and related answers, and how long it will take: each with its reason, silent where nothing is so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from requests_app.models import Export, LegalHold, Outcome, Representative, Right, SourceChange, Status
from requests_app.suggestions import Icon, Noun, Place, help_with
from tests.requests_app.portal import a_request, an_approval
from tests.requests_app.suggestions.around import (
    PHONE,
    a_source,
    asked,
    closed,
    known_by,
    one,
    said,
    searched,
    suggested,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return a_source()


def answered(earlier, **fields):
    soon = {"expires_at": timezone.now() + timedelta(days=3), "finished_at": timezone.now(), "state": "done"}
    return Export.objects.create(request=earlier, approval=an_approval(earlier), **soon | fields)


def test_files_of_an_earlier_answer_are_named_while_they_are_there():
    earlier, request = asked(status=Status.COMPLETED), asked()
    export = answered(earlier)
    item = one(request, "can still be downloaded")
    assert (item.icon, item.place) == (Icon.FILES, Place(Noun.REQUEST, earlier.pk))
    for gone in ({"revoked_at": timezone.now()}, {"removed_at": timezone.now()}, {"expires_at": timezone.now()}):
        fresh = {"revoked_at": None, "removed_at": None, "expires_at": timezone.now() + timedelta(days=3)}
        Export.objects.filter(pk=export.pk).update(**fresh | gone)
        assert said(request) == []


@pytest.mark.parametrize(
    ("records", "others", "is_said"),
    [
        (60_000, (10, 400, 900), True),
        (60_000, (9_000, 9_000, 9_000), False),
        (900, (1, 1, 1), False),
        (60_000, (1,), False),
    ],
)
def test_far_more_than_the_usual_is_said(records, others, is_said, shop):
    request = asked()
    for number, count in enumerate(others):
        searched(a_request(email=f"{number}@example.test"), shop, counts={"orders": count})
    searched(request, shop, counts={"orders": records}, state="running", records=0, estimated_records=records)
    assert any("Much is held: about 60,000 records." in words for words in said(request)) == is_said


def test_marks_of_others_are_said_until_the_release(shop):
    request = asked()
    searched(request, shop, counts={"customers": 1}, marks={"customers": 7})
    item = one(request, "7 things found may be about others")
    assert item.place == Place(Noun.HERE, part="answer-title")
    assert "customer accounts of Shop" in item.because
    answered(request, state="waiting")
    assert not [words for words in said(request) if "about others" in words]


def test_a_hold_on_another_request_of_the_same_person_is_said():
    earlier, request = asked(status=Status.COMPLETED), asked(Right.ERASURE)
    hold = LegalHold.objects.create(request=earlier, reason="Zanzibar")
    item = one(request, "A legal hold stands on")
    assert item.words == f"A legal hold stands on {earlier.reference}: nothing may be erased until it is lifted."
    assert item.place == Place(Noun.REQUEST, earlier.pk)
    assert "Zanzibar" not in str(item)
    LegalHold.objects.update(request=request)
    assert one(request, "this request").place == Place(Noun.HERE, part="retention")
    LegalHold.objects.filter(pk=hold.pk).update(lifted_at=timezone.now())
    assert said(request) == []


def test_what_the_law_keeps_is_named_with_its_ground_and_its_last_day(shop):
    request = asked(Right.ERASURE)
    told = {"found": 3, "changed": 1, "kept": 2, "left": None, "fates": {}, "reasons": []}
    kept = told | {"until": ["2031-05-04", "2034-05-04"]}
    of_shop = {"source": shop, "map": shop.current_map, "act": "erasure"}
    SourceChange.objects.create(
        request=request, previewed_at=timezone.now(), preview={"orders": kept, "customers": told}, **of_shop
    )
    item = one(request, "stay")
    assert item.words == "2 rows of orders in Shop stay, until 4 May 2034."
    assert item.because == "17(3)(b): tax records"
    SourceChange.objects.update(preview={"orders": told | {"until": None}})
    assert "with no day on which that ends" in one(request, "stay").words
    SourceChange.objects.update(preview={"orders": told | {"kept": 0}})
    assert said(request) == []


@pytest.mark.parametrize(("accounts", "orders", "is_said"), [(3, 1, True), (2, 0, True), (1, 90, False), (0, 0, False)])
def test_several_accounts_of_one_identifier_are_said_and_many_orders_are_not(accounts, orders, is_said, shop):
    request = asked()
    searched(request, shop, counts={"customers": accounts, "orders": orders})
    assert any(f"{accounts} customer accounts for one person" in words for words in said(request)) == is_said


def test_requests_of_other_names_with_the_same_number_are_counted_without_it():
    request = asked()
    known_by(request, "phone", PHONE)
    for name, email in (("bob example", "bob@example.test"), ("ann example", "ann2@example.test")):
        known_by(asked(email=email, name_key=name), "phone", PHONE, is_proven=False)
    item = one(request, "another name")
    assert item.words == "1 request of another name has the same phone number."
    assert PHONE not in str(item)
    decided = type(request).objects.get(name_key="bob example")
    request.later_links.create(second=decided, kind="same_person")
    assert not [words for words in said(request) if "another name" in words]


@pytest.mark.parametrize(
    ("days", "state", "told"),
    [
        (5, "accepted", "ends on"),
        (25, "accepted", "ends on"),
        (-1, "accepted", "ended on"),
        (40, "accepted", ""),
        (5, "waiting", ""),
    ],
)
def test_an_authority_that_ends_before_the_answer_is_said(days, state, told):
    today = timezone.localdate()
    request = asked(due_on=today + timedelta(days=30))
    decided = {"decided_at": timezone.now()} if state == "accepted" else {}
    until = today + timedelta(days=days)
    Representative.objects.create(
        request=request, kind="lawyer", name="Lena", rights=["access"], state=state, valid_until=until, **decided
    )
    found = [words for words in said(request) if "authority" in words]
    assert found == ([f"The authority of the representative {told} {until:%-d %B %Y}."] if told else [])


def test_special_categories_are_named_by_what_the_map_calls_them(shop):
    request = asked()
    search = searched(request, shop, counts={"orders": 1})
    assert said(request) == []
    type(search).objects.update(counts={"customers": 1})
    assert "the categories health (GDPR Art. 9, 10)" in one(request, "is sensitive").because
    type(search).objects.update(counts={"orders": 1})
    type(shop).objects.update(is_sensitive=True)
    assert "the team marked the whole source so" in one(request, "is sensitive").because


@pytest.mark.parametrize(
    ("category", "is_special"),
    [
        ("health", True),
        ("Gesundheitsdaten", True),
        ("trade union membership", True),
        ("sex life", True),
        ("opinions politiques", True),
        ("biometric", True),
        ("criminal offences", True),
        ("sex", False),
        ("reunions", False),
        ("contact", False),
        ("financial", False),
    ],
)
def test_what_is_a_special_category(category, is_special, shop):
    from requests_app.suggestions.sensitive import SPECIAL

    assert bool(SPECIAL.search(category)) == is_special


def test_the_pace_is_read_off_the_latest_answered_requests_of_the_same_right():
    request = asked()
    for days in (1, 2, 3, 4, 30):
        closed(days)
    closed(90, Right.ERASURE)
    closed(90, outcome=Outcome.DUPLICATE)
    closed(90, verified_at=None)
    a_request(Status.REJECTED, verified_at=timezone.now() - timedelta(days=90), closed_at=timezone.now())
    pace = help_with(request).pace
    assert (pace.count, pace.median_days, pace.most_days) == (5, 3, 4)
    today = timezone.localdate()
    assert (pace.likely_on, pace.mostly_on) == (today + timedelta(days=3), today + timedelta(days=4))


def test_of_too_few_nothing_is_said():
    request = asked()
    for _ in range(4):
        closed(0.01)
    pace = help_with(request).pace
    assert (pace.count, pace.is_known, pace.likely_on, pace.mostly_on) == (4, False, None, None)
    closed(0.01)
    assert help_with(request).pace.median_days == 1  # a day that has begun counts


@pytest.mark.parametrize(
    ("left", "words"), [(3, "half of the last 5"), (7, "one in five of the last 5"), (12, ""), (-1, "")]
)
def test_a_deadline_that_may_not_be_kept_is_said(left, words):
    request = asked(due_on=timezone.localdate() + timedelta(days=left))
    for days in (5, 5, 5, 9, 9):
        closed(days)
    tight = [item for item in suggested(request) if item.icon == Icon.CLOCK]
    assert [words in item.because for item in tight] == ([True] if words else [])


def test_every_suggestion_has_its_reason_and_a_place(shop):
    earlier, request = asked(status=Status.COMPLETED), asked(due_on=timezone.localdate())
    answered(earlier)
    LegalHold.objects.create(request=earlier, reason="So", set_by=User.objects.first())
    known_by(earlier, "phone", PHONE)
    searched(request, shop, counts={"customers": 3}, marks={"customers": 1})
    for _ in range(5):
        closed(20)
    found = suggested(request)
    assert len(found) == 7
    for item in found:
        assert item.words.endswith(".")
        assert item.because
        assert not item.because.endswith(".")
        assert item.act
        assert item.place.part or item.place.pk
    pressing = [list(Icon).index(item.icon) for item in found]
    assert pressing == sorted(pressing)
