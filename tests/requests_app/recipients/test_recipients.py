"""Recipients that have to be told: listed by what was changed, ticked off once, with proof or a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app import audit, recipients, uploads
from requests_app.audit import Actor
from requests_app.models import Approval, AuditEntry, RecipientNotice, Right, Status, SubjectRequest, Upload
from requests_app.recipients import SettledNotice, UnusableNotice
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import ANN, a_request, acts, member, the_controller
from tests.requests_app.recipients.told import (
    a_shop_that_names_recipients,
    a_waiting_recipient,
    an_erased_request,
    done,
    listed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def today():
    return timezone.localdate()


@pytest.fixture
def actor():
    return Actor.staff(member("Processor"))


@pytest.fixture
def shop(sqlite_url):
    return a_shop_that_names_recipients(sqlite_url)


def a_file(name="mail.txt", content=b"We told you by this mail."):
    return uploads.examine(SimpleUploadedFile(name, content), Upload.Kind.RECIPIENT)


def test_an_erasure_lists_whom_the_map_names_of_what_was_changed_each_once(sqlite_url):
    request = an_erased_request(sqlite_url)
    # Orders were kept, so nothing of them was changed.
    assert listed(request) == {
        "Carrier": ["Web shop: customers", "Web shop: Shopping carts"],
        "Payment provider": ["Web shop: customers"],
        "Ad network": ["Web shop: Shopping carts"],
    }
    assert not RecipientNotice.objects.exclude(settled_at=None).exists()
    entry = AuditEntry.objects.get(action="recipients.noted")
    assert (entry.request_id, entry.details["recipients"], entry.details["act"]) == (request.pk, 3, "erasure")
    assert "Carrier" not in str(entry.details)


def test_where_nothing_was_changed_nobody_is_told(shop):
    request = a_request(right=Right.ERASURE)
    recipients.note(done(request, shop), {"customers": 0, "carts": 0})
    assert listed(request) == {}
    assert acts(request.pk) == []


@pytest.mark.parametrize(
    ("act", "is_told"),
    [
        ("rectification", True),
        ("erasure", True),
        ("restriction", True),
        ("lifting", False),
        ("objection_marketing", False),
        ("objection_analytics", False),
        ("objection_all", False),
    ],
)
def test_recipients_are_told_of_what_the_law_names(act, is_told, shop):
    request = a_request()
    recipients.note(done(request, shop, act), {"customers": 1})
    assert bool(listed(request)) == is_told


def test_every_act_is_told_of_or_known_not_to_be():
    others = {"release", "lifting", "objection_marketing", "objection_analytics", "objection_all"}
    assert {str(act) for act in Approval.Act} == {str(act) for act in recipients.TOLD_OF} | others


def test_who_waits_is_told_of_two_sources_at_once_and_who_was_told_is_told_again(shop, tmp_path, actor):
    other = a_shop_that_names_recipients(f"sqlite:///{tmp_path}/other.sqlite3", "other")
    request = a_request(right=Right.ERASURE)
    recipients.note(done(request, shop), {"customers": 1})
    recipients.tell(request.recipients.get(label="Carrier").pk, today(), "By mail", actor=actor)
    recipients.note(done(request, other), {"carts": 1})
    told, again = request.recipients.filter(label__iexact="carrier").order_by("pk")
    assert (told.is_settled, told.about, again.is_settled) == (True, ["Web shop: customers"], False)
    # The same name in other letters is the same recipient.
    recipients.note(done(request, shop, "rectification"), {"customers": 1})
    again.refresh_from_db()
    assert again.about == ["Web shop: Shopping carts", "Web shop: customers"]
    assert request.recipients.count() == 4


def test_two_sources_that_end_at_the_same_time_list_a_recipient_once(at_once, sqlite_url):
    shop, request = a_shop_that_names_recipients(sqlite_url), a_request(right=Right.ERASURE)
    changes = [done(request, shop, act) for act in ("erasure", "rectification", "restriction")]

    def noting(change, collection):
        def act():
            with transaction.atomic():
                recipients.note(change, {collection: 1})

        return act

    kinds = ("customers", "orders", "customers")
    assert at_once(*(noting(*pair) for pair in zip(changes, kinds, strict=True))) == [None] * 3
    assert {name: sorted(about) for name, about in listed(request).items()} == {
        "Carrier": ["Web shop: customers", "Web shop: orders"],
        "Payment provider": ["Web shop: customers", "Web shop: orders"],
    }


def test_a_recipient_is_ticked_off_with_day_way_and_proof(actor):
    notice = a_waiting_recipient(status=Status.ARCHIVED)
    SubjectRequest.objects.update(submitted_at=timezone.now() - timedelta(days=9))
    recipients.tell(notice.pk, today() - timedelta(days=2), " By mail to their officer ", actor=actor, file=a_file())
    notice.refresh_from_db()
    assert (notice.told_on, notice.way, notice.settled_by_id) == (
        today() - timedelta(days=2),
        "By mail to their officer",
        actor.user_id,
    )
    assert (notice.evidence.kind, notice.evidence.request_id) == (Upload.Kind.RECIPIENT, notice.request_id)
    with uploads.opened(notice.evidence) as reader:
        assert b"".join(reader.chunks()) == b"We told you by this mail."
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_id, entry.target) == ("recipient.told", actor.user_id, f"recipient {notice.pk}")
    assert entry.details == {"on": notice.told_on.isoformat(), "has_proof": True}
    assert not recipients.untold(SubjectRequest.objects.all()).exists()


def test_a_recipient_that_cannot_be_told_is_ticked_off_with_the_reason(actor):
    notice = a_waiting_recipient()
    recipients.give_up(notice.pk, "The company was dissolved in 2019.", actor=actor)
    notice.refresh_from_db()
    assert (notice.is_settled, notice.told_on) == (True, None)
    assert notice.impossible_because == "The company was dissolved in 2019."
    assert AuditEntry.objects.latest("pk").details == {}


@pytest.mark.parametrize("way", ["", "  ", "x" * 501])
def test_it_is_said_how_or_why_not(way, actor):
    notice = a_waiting_recipient()
    with pytest.raises(UnusableNotice, match="how they were told"):
        recipients.tell(notice.pk, today(), way, actor=actor)
    with pytest.raises(UnusableNotice, match="why they cannot be told"):
        recipients.give_up(notice.pk, way, actor=actor)
    assert not RecipientNotice.objects.get().is_settled


@pytest.mark.parametrize(("days", "told"), [(1, "still to come"), (-1, "before the request came")])
def test_nobody_was_told_on_a_day_that_cannot_be(days, told, actor):
    notice = a_waiting_recipient()
    with pytest.raises(UnusableNotice, match=told):
        recipients.tell(notice.pk, today() + timedelta(days=days), "By mail", actor=actor, file=a_file())
    assert not Upload.objects.exists()


def test_a_recipient_is_ticked_off_once_and_taken_back_with_the_proof(actor):
    notice = a_waiting_recipient()
    recipients.tell(notice.pk, today(), "By mail", actor=actor, file=a_file())
    for act in (
        lambda: recipients.tell(notice.pk, today(), "By letter", actor=actor),
        lambda: recipients.give_up(notice.pk, "Gone", actor=actor),
        lambda: recipients.remove(notice.pk, actor=actor),
    ):
        with pytest.raises(SettledNotice):
            act()
    recipients.reopen(notice.pk, actor=actor)
    notice.refresh_from_db()
    assert (notice.is_settled, notice.told_on, notice.way, notice.evidence) == (False, None, "", None)
    assert Upload.objects.get().removed_at
    with pytest.raises(SettledNotice, match="waits to be told"):
        recipients.reopen(notice.pk, actor=actor)
    assert acts(notice.request_id)[-2:] == ["file.removed", "recipient.reopened"]


def test_who_waits_for_a_later_change_is_not_taken_back_too(actor):
    notice = a_waiting_recipient()
    recipients.tell(notice.pk, today(), "By mail", actor=actor)
    a_waiting_recipient(request=notice.request)
    with pytest.raises(SettledNotice, match="a later change"):
        recipients.reopen(notice.pk, actor=actor)


def test_two_at_once_tick_a_recipient_off_once(at_once):
    actor, notice = Actor.staff(member("Processor")), a_waiting_recipient()

    def tick():
        recipients.tell(notice.pk, today(), "By mail", actor=actor)

    assert sorted(map(str, at_once(tick, tick, tick))) == sorted([str(None), *[str(SettledNotice)] * 2])
    assert acts(notice.request_id) == ["recipient.told"]


def test_the_team_adds_recipients_and_takes_only_those_off_again(actor):
    request = a_request(Status.COMPLETED)
    added = recipients.add(request.pk, "  Print   shop ", actor=actor)
    assert (added.label, added.added_by_id, added.about) == ("Print shop", actor.user_id, [])
    for label, told in (("print shop", "listed already"), (" ", "name the recipient"), ("x" * 256, "at most 255")):
        with pytest.raises(UnusableNotice, match=told):
            recipients.add(request.pk, label, actor=actor)
    recipients.remove(added.pk, actor=actor)
    assert not RecipientNotice.objects.exists()
    with pytest.raises(UnusableNotice, match="data map names"):
        recipients.remove(a_waiting_recipient().pk, actor=actor)


def test_nobody_is_added_to_a_request_of_nobody(actor):
    request = a_request(Status.ARCHIVED, pseudonymised_at=timezone.now())
    with pytest.raises(UnusableNotice, match="is gone"):
        recipients.add(request.pk, "Print shop", actor=actor)


@pytest.mark.parametrize("who", ["Viewer", "Reviewer", "nobody", "system", "person"])
def test_only_who_works_on_requests_ticks_off(who):
    notice = a_waiting_recipient()
    others = {"nobody": Actor(audit.SYSTEM.kind, 4711), "system": audit.SYSTEM, "person": audit.SUBJECT}
    actor = others[who] if who in others else Actor.staff(member(who))
    for act in (
        lambda: recipients.tell(notice.pk, today(), "By mail", actor=actor),
        lambda: recipients.give_up(notice.pk, "Gone", actor=actor),
        lambda: recipients.add(notice.request_id, "Print shop", actor=actor),
        lambda: recipients.remove(notice.pk, actor=actor),
        lambda: recipients.reopen(notice.pk, actor=actor),
    ):
        with pytest.raises(PermissionRefused):
            act()
    assert not acts(notice.request_id)


@pytest.mark.parametrize(
    ("right", "told"),
    [
        (Right.RECTIFICATION, "Please correct the same data"),
        (Right.ERASURE, "Please erase the same data"),
        (Right.RESTRICTION, "do not use it until"),
        (Right.OBJECTION, "[what has to be done]"),
    ],
)
def test_the_letter_says_what_to_do_by_reference_and_names_nobody(right, told):
    the_controller()
    notice = a_waiting_recipient(request=a_request(right=right, phone="+4917012345", details="My dog is called Rex."))
    text = recipients.letter(notice)
    for said in (told, notice.request.reference, "To: Carrier", "Web shop: Customers", "Alpine Goods GmbH", "80331"):
        assert said in text
    for personal in (ANN, "Ann", "Example", "+4917012345", "Rex"):
        assert personal not in text.replace("privacy@alpine.example", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"told_on": "2026-01-01"},
        {"settled_at": timezone.now()},
        {"impossible_because": "Gone"},
        {"settled_at": timezone.now(), "told_on": "2026-01-01", "impossible_because": "Gone"},
    ],
    ids=["told without who", "neither told nor why", "given up without who", "told and given up"],
)
def test_the_database_keeps_no_half_of_a_tick(wrong, portal_database):
    with pytest.raises(IntegrityError), transaction.atomic():
        a_waiting_recipient(**wrong)


def test_the_database_keeps_a_recipient_waiting_once(portal_database):
    notice = a_waiting_recipient()
    with pytest.raises(IntegrityError), transaction.atomic():
        a_waiting_recipient(request=notice.request)
