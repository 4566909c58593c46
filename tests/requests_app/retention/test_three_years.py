from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from requests_app import audit, retention, teamwork
from requests_app.audit import Actor
from requests_app.models import (
    AuditEntry,
    Certificate,
    EncryptionKey,
    Identifier,
    LegalHold,
    Message,
    OutboxMail,
    Outcome,
    RetentionRun,
    SentNotice,
    Status,
    SubjectRequest,
    Upload,
)
from requests_app.teamwork import EmptyNote, UnsentMail
from requests_app.workflow import ImpossibleTransition, perform
from tests.requests_app.portal import a_source, member
from tests.requests_app.retention.records import SAID, WHO, a_file, a_full_request, found

if TYPE_CHECKING:
    from requests_app.models import DataSource

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
START = datetime(2026, 1, 5, 3, tzinfo=UTC)
DAY = timedelta(days=1)
STEP = 3 if os.environ.get("DSR_TEST_ALL") == "1" else 21
YEARS = 3
MESSAGES, REGISTER, PLACES = 200, 500, ("DE", "US-CA", "GB", "")


@dataclass
class Expected:
    """What a reader of the schedule expects of one request, worked out by days alone."""

    request: SubjectRequest
    closed_at: datetime
    is_nobody: bool
    held: list[tuple[datetime, datetime]] = field(default_factory=list)

    def since(self, days: int, now: datetime) -> bool:
        """Whether days after its end something is gone, holds let it be, and a run was made since."""
        due = self.closed_at + days * DAY
        return any(run >= due and not self.is_held(run) for run in runs_until(now))

    def is_held(self, now: datetime) -> bool:
        return any(first <= now < last for first, last in self.held)

    def floor(self, days: int) -> int:
        return max(days, 730) if self.request.place == "US-CA" else days

    def is_unnamed(self, now: datetime) -> bool:
        return (self.is_nobody and self.since(30, now)) or self.since(self.floor(REGISTER), now)

    def is_silent(self, now: datetime) -> bool:
        return self.is_unnamed(now) or self.since(self.floor(MESSAGES), now)


def runs_until(now: datetime) -> list[datetime]:
    return [START + days * DAY for days in range(0, YEARS * 365, STEP) if START + days * DAY <= now]


def population(source: DataSource, chance: Random) -> list[Expected]:
    made = []
    for number in range(12):
        closed_at = START + chance.randrange(400) * DAY
        fields: dict[str, object] = {}
        if number % 4 == 3:
            fields = {"status": Status.LAPSED, "outcome": "", "verified_at": None}
        if number % 6 == 5:
            fields = {"outcome": Outcome.SPAM}
        request = a_full_request(source, closed_at, PLACES[number % 4], **fields)
        made.append(Expected(request, closed_at, bool(fields)))
    return made


def test_three_years_leave_exactly_what_the_schedule_says(tmp_path, settings):
    settings.DSR_ARCHIVE_DAYS = 90
    chance, manager = Random(7), Actor.staff(member("Manager"))
    retention.keep_for("messages", MESSAGES, actor=manager)
    retention.keep_for("register", REGISTER, actor=manager)
    expected = population(a_source(tmp_path), chance)
    for now in runs_until(START + YEARS * 365 * DAY):
        change_holds(expected, now, chance, manager)
        retention.clean_up(now)
        audit.seal()
        for one in expected:
            assert_left(one, now)
    assert audit.verify().is_sound
    assert {one.request.pk for one in expected if one.held}
    assert all(AuditEntry.objects.filter(request_id=one.request.pk).exists() for one in expected)
    assert RetentionRun.objects.exists()
    if all(one.is_unnamed(now) for one in expected):
        assert found(WHO) == found(SAID) == []


def change_holds(expected: list[Expected], now: datetime, chance: Random, manager: Actor) -> None:
    """Hold one now and then, and lift what was held for some months."""
    for one in expected:
        standing = LegalHold.objects.filter(request=one.request, lifted_at=None).first()
        if standing and one.held[-1][1] <= now:
            retention.lift(standing.pk, actor=manager)
        row = SubjectRequest.objects.get(pk=one.request.pk)
        if not standing and not row.pseudonymised_at and chance.random() < STEP / 300:
            retention.hold(row.pk, "A claim is pending", actor=manager)
            one.held.append((now, now + chance.randrange(1, 300) * DAY))


def assert_left(one: Expected, now: datetime) -> None:
    row = SubjectRequest.objects.get(pk=one.request.pk)
    about = f"{row.pk} ({row.place}) on {now:%d %b %Y}"
    assert bool(row.pseudonymised_at) == one.is_unnamed(now), about
    assert bool(row.messages_removed_at) == one.is_silent(now), about
    assert (WHO in row.name) != one.is_unnamed(now)
    assert Identifier.objects.filter(request=row).exists() != one.is_unnamed(now)
    assert Message.objects.filter(request=row).exists() != one.is_silent(now)
    assert EncryptionKey.objects.get(pk=row.key_id).is_destroyed == one.is_unnamed(now)
    papers = Upload.objects.filter(request=row, removed_at=None).exclude(kind=Upload.Kind.IDENTITY)
    assert papers.exists() != one.is_silent(now)
    identity = Upload.objects.filter(request=row, removed_at=None, kind=Upload.Kind.IDENTITY)
    assert identity.exists() != (one.is_silent(now) or one.since(1, now)), about


def test_nothing_personal_is_left_of_a_request_whose_time_has_come(tmp_path):
    request = a_full_request(a_source(tmp_path), START)
    assert len(found(WHO)) > 8
    assert len(found(SAID)) > 12
    retention.clean_up(START + 730 * DAY)
    assert found(SAID) == []
    assert found(WHO)
    retention.clean_up(START + 1_095 * DAY)
    assert found(WHO) == []
    row = SubjectRequest.objects.get(pk=request.pk)
    assert (row.reference, row.right, row.outcome) == (request.reference, request.right, request.outcome)
    assert row.closed_at == START
    assert row.name_key == ""
    assert Certificate.objects.get(request=row).file == ""
    before = list(AuditEntry.objects.values())
    retention.clean_up(START + 1_095 * DAY)
    assert list(AuditEntry.objects.values()) == before


def test_what_was_written_after_the_messages_went_goes_with_the_rest(tmp_path):
    request = a_full_request(a_source(tmp_path), START)
    retention.clean_up(START + 730 * DAY)
    Message.objects.create(request=request, kind=Message.Kind.NOTE, text=f"{WHO} telephoned about {SAID}")
    mail = OutboxMail.objects.create(request=request, template="new_links")
    SentNotice.objects.create(mail=mail, content=SAID, sent_at=START)
    a_file(Upload.Kind.EVIDENCE, request)
    retention.clean_up(START + 1_095 * DAY)
    assert (found(WHO), found(SAID)) == ([], [])
    assert not Upload.objects.filter(removed_at=None).exists()
    assert AuditEntry.objects.filter(action="messages.removed").count() == 1


def test_who_was_taken_out_comes_back_by_no_door(tmp_path):
    fields = {"status": Status.REJECTED, "outcome": Outcome.SPAM, "set_aside_from": Status.SUBMITTED}
    request, actor = a_full_request(a_source(tmp_path), START, **fields), Actor.staff(member("Processor"))
    retention.clean_up(START + 40 * DAY)
    assert found(WHO) == []
    with pytest.raises(ImpossibleTransition):
        perform(request.pk, "restore", actor=actor)
    with pytest.raises(EmptyNote):
        teamwork.note(request.pk, f"{WHO} telephoned.", actor=actor)
    with pytest.raises(UnsentMail):
        teamwork.repeat_mail(request.mails.get(), actor=actor)
    assert found(WHO) == []
