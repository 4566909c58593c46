"""Extending the period: by two people, inside the first period, told in the same act; nothing else works."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from requests_app import audit, extensions
from requests_app.audit import Actor
from requests_app.deadlines.extending import IllegalExtension, Plan
from requests_app.extensions import DecidedExtension, OwnExtension
from requests_app.models import OutboxMail, PeriodExtension, Status
from requests_app.timekeeping import clock
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import a_request, acts, member, send_mails, staff

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
PLAN = Plan(ground="complexity", reason="Nine systems hold data.", by=2)


@pytest.fixture(autouse=True)
def _two_weeks_later():
    with time_machine.travel(datetime(2026, 3, 20, 12, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def request_():
    row = a_request(submitted_at=RECEIVED, verified_at=RECEIVED, place="DE")
    clock.open_clock(row, actor=audit.SYSTEM)
    return row


@pytest.fixture
def pia(db):
    return Actor.staff(member("Processor"))


@pytest.fixture
def mia(db):
    return Actor.staff(member("Manager"))


def test_an_extension_is_prepared_approved_and_told_in_one_act(request_, pia, mia):
    prepared = extensions.prepare(request_.pk, PLAN, "", actor=pia)
    request_.refresh_from_db()
    assert request_.due_on == date(2026, 4, 7)
    assert "5 June 2026" in prepared.notice
    assert "Nine systems" in prepared.notice
    approved = extensions.approve(prepared.pk, actor=mia)
    request_.refresh_from_db()
    assert request_.due_on == date(2026, 6, 5)
    assert approved.mail == OutboxMail.objects.get()
    assert acts(request_.pk)[-3:] == ["extension.prepared", "extension.approved", "deadline.computed"]
    (mail,) = send_mails()
    assert "Nine systems hold data." in mail.body
    assert "5 June 2026" in mail.body


def test_the_notice_is_what_the_manager_last_wrote(request_, pia, mia):
    prepared = extensions.prepare(request_.pk, PLAN, "Dear Ann, it takes until June.", actor=pia)
    assert prepared.notice == "Dear Ann, it takes until June."
    extensions.approve(prepared.pk, "Dear Ann, it takes until 5 June.", actor=mia)
    (mail,) = send_mails()
    assert "it takes until 5 June." in mail.body


def test_whoever_prepared_it_does_not_approve_it(request_, mia):
    prepared = extensions.prepare(request_.pk, PLAN, "", actor=mia)
    with pytest.raises(OwnExtension):
        extensions.approve(prepared.pk, actor=mia)
    with pytest.raises(IntegrityError), transaction.atomic():
        PeriodExtension.objects.filter(pk=prepared.pk).update(approved_by=mia.user_id, approved_at=RECEIVED)
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("role", ["Processor", "Reviewer", "Viewer"])
def test_only_a_manager_approves(request_, mia, role):
    prepared = extensions.prepare(request_.pk, PLAN, "", actor=mia)
    with pytest.raises(PermissionRefused):
        extensions.approve(prepared.pk, actor=Actor.staff(member(role)))


@pytest.mark.parametrize("role", ["Reviewer", "Viewer"])
def test_only_who_works_on_requests_prepares(request_, role):
    with pytest.raises(PermissionRefused):
        extensions.prepare(request_.pk, PLAN, "", actor=Actor.staff(member(role)))
    for actor in (audit.SYSTEM, audit.SUBJECT):
        with pytest.raises(PermissionRefused):
            extensions.prepare(request_.pk, PLAN, "", actor=actor)


@pytest.mark.parametrize(
    "plan", [replace(PLAN, by=3), replace(PLAN, by=0), replace(PLAN, ground="weather"), replace(PLAN, reason="  ")]
)
def test_what_the_law_does_not_allow_is_refused(request_, pia, plan):
    with pytest.raises(IllegalExtension, match="GDPR"):
        extensions.prepare(request_.pk, plan, "", actor=pia)
    assert not PeriodExtension.objects.exists()


def test_a_second_extension_is_refused(request_, pia, mia):
    extensions.approve(extensions.prepare(request_.pk, PLAN, "", actor=pia).pk, actor=mia)
    with pytest.raises(IllegalExtension, match="extended already"):
        extensions.prepare(request_.pk, replace(PLAN, by=1), "", actor=pia)
    assert "extended already" in extensions.choices(request_).refusal


def test_after_the_first_period_it_is_too_late_to_prepare_and_to_approve(request_, pia, mia):
    prepared = extensions.prepare(request_.pk, PLAN, "", actor=pia)
    with time_machine.travel(datetime(2026, 4, 8, 0, 1, tzinfo=UTC), tick=False):
        with pytest.raises(IllegalExtension, match="too late"):
            extensions.approve(prepared.pk, actor=mia)
        extensions.drop(prepared.pk, actor=pia)
        with pytest.raises(IllegalExtension, match="too late"):
            extensions.prepare(request_.pk, PLAN, "", actor=pia)
    request_.refresh_from_db()
    assert request_.due_on == date(2026, 4, 7)


def test_one_is_decided_before_the_next_is_prepared(request_, pia, mia):
    first = extensions.prepare(request_.pk, PLAN, "", actor=pia)
    with pytest.raises(DecidedExtension):
        extensions.prepare(request_.pk, PLAN, "", actor=pia)
    extensions.drop(first.pk, actor=pia)
    for late in (lambda: extensions.drop(first.pk, actor=pia), lambda: extensions.approve(first.pk, actor=mia)):
        with pytest.raises(DecidedExtension):
            late()
    extensions.approve(extensions.prepare(request_.pk, PLAN, "", actor=pia).pk, actor=mia)


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.COMPLETED, Status.WITHDRAWN])
def test_only_what_is_at_work_is_extended(request_, pia, status):
    outcome = "full" if status == Status.COMPLETED else ""
    type(request_).objects.filter(pk=request_.pk).update(status=status, outcome=outcome)
    with pytest.raises(IllegalExtension, match="nothing to extend"):
        extensions.prepare(request_.pk, PLAN, "", actor=pia)


def test_where_the_law_lets_one_name_the_day_it_is_named(pia, mia):
    row = a_request(submitted_at=RECEIVED, place="CH")
    clock.open_clock(row, actor=audit.SYSTEM)
    assert extensions.choices(row).refusal == ""
    plan = Plan("cannot_be_met", "Two systems have to be restored.", until=date(2026, 6, 1))
    extensions.approve(extensions.prepare(row.pk, plan, "", actor=pia).pk, actor=mia)
    row.refresh_from_db()
    assert row.due_on == date(2026, 6, 1)


def test_a_law_without_extensions_says_so(pia):
    row = a_request(submitted_at=RECEIVED, place="BR")
    clock.open_clock(row, actor=audit.SYSTEM)
    assert "knows no extension" in extensions.choices(row).refusal
    with pytest.raises(IllegalExtension, match="knows no extension"):
        extensions.prepare(row.pk, PLAN, "", actor=pia)


def test_choices_name_the_grounds_and_the_last_day(request_):
    offered = extensions.choices(request_)
    assert [ground for ground, _ in offered.grounds] == ["complexity", "number"]
    assert (offered.last_day, offered.refusal) == (date(2026, 4, 7), "")
    assert extensions.choices(a_request()) is None


def test_a_superuser_is_no_way_around_four_eyes(request_):
    root = Actor.staff(staff("root"))
    prepared = extensions.prepare(request_.pk, PLAN, "", actor=root)
    with pytest.raises(OwnExtension):
        extensions.approve(prepared.pk, actor=root)
