from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, retention, suppressing
from requests_app.audit import Actor
from requests_app.models import (
    AppealOrComplaint,
    AuditEntry,
    LegalHold,
    Refusal,
    RetentionPeriod,
    RetentionRun,
    Status,
    SubjectRequest,
    Suppression,
)
from requests_app.suppression import register
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import a_request, a_source, acts, an_export, member, staff
from tests.requests_app.retention.records import a_full_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def after(**time):
    return timezone.now() + timedelta(**time)


@pytest.fixture
def manager():
    return Actor.staff(member("Manager"))


def test_a_manager_says_how_long_within_what_is_lawful(manager):
    assert retention.days_of("register") == 1_095
    retention.keep_for("register", 400, actor=manager)
    assert retention.days_of("register") == 400
    entry = AuditEntry.objects.get(action="retention.changed")
    assert (entry.target, entry.details) == ("retention of register", {"before": 1_095, "days": 400})
    retention.keep_for("register", 400, actor=manager)
    assert AuditEntry.objects.filter(action="retention.changed").count() == 1


@pytest.mark.parametrize(("kind", "days"), [("register", 364), ("identity", 31), ("files", 5), ("codes", 2), ("x", 1)])
def test_what_is_too_short_too_long_or_set_elsewhere_is_refused(kind, days, manager):
    with pytest.raises(retention.UnusablePeriod):
        retention.keep_for(kind, days, actor=manager)
    assert not RetentionPeriod.objects.exists()


@pytest.mark.parametrize("role", ["Reviewer", "Processor", "Viewer"])
def test_nobody_else_changes_the_schedule_or_holds(role, manager):
    request, other = a_request(), Actor.staff(member(role))
    standing = retention.hold(request.pk, "A claim", actor=manager)
    for act in (
        lambda: retention.keep_for("register", 400, actor=other),
        lambda: retention.hold(request.pk, "x", actor=other),
        lambda: retention.lift(standing.pk, actor=other),
        lambda: retention.hold(request.pk, "x", actor=audit.SUBJECT),
    ):
        with pytest.raises(PermissionRefused):
            act()
    assert LegalHold.objects.filter(lifted_at=None).count() == 1


def test_what_is_held_stays_and_goes_once_it_is_not(tmp_path, manager):
    request = a_full_request(a_source(tmp_path), timezone.now())
    export = an_export(b"files")
    rows = [retention.hold(pk, "A claim is pending", actor=manager) for pk in (request.pk, export.request_id)]
    late = after(days=2_000)
    held = {line.kind: line.held for line in retention.clean_up(late) if line.held}
    assert held == {"files": 1, "identity": 1, "messages": 1, "register": 1}
    row = SubjectRequest.objects.get(pk=request.pk)
    assert not row.pseudonymised_at
    export.refresh_from_db()
    assert export.file
    assert export.is_expired(late)  # it is kept, and given out no more
    for standing in rows:
        retention.lift(standing.pk, actor=manager)
    retention.clean_up(late)
    row.refresh_from_db()
    assert row.pseudonymised_at == late
    assert acts(request.pk)[-1] == "request.pseudonymised"
    assert "hold.lifted" in acts(request.pk)


def test_a_hold_has_a_reason_stands_once_and_is_lifted_once(manager):
    request = a_request()
    with pytest.raises(retention.UnusableHold, match="Reason"):
        retention.hold(request.pk, "  ", actor=manager)
    standing = retention.hold(request.pk, "A claim", actor=manager)
    with pytest.raises(retention.UnusableHold, match="already"):
        retention.hold(request.pk, "Another", actor=manager)
    retention.lift(standing.pk, actor=manager)
    with pytest.raises(retention.UnusableHold, match="before"):
        retention.lift(standing.pk, actor=manager)
    retention.hold(request.pk, "Another", actor=manager)


def test_what_was_refused_is_preserved_as_long_as_the_law_wants(tmp_path):
    closed = timezone.now()
    request = a_full_request(a_source(tmp_path), closed)
    Refusal.objects.filter(request=request).update(preserved_until=(closed + timedelta(days=1_200)).date())
    retention.clean_up(closed + timedelta(days=1_150))
    assert not SubjectRequest.objects.get(pk=request.pk).pseudonymised_at
    retention.clean_up(closed + timedelta(days=1_202))
    assert SubjectRequest.objects.get(pk=request.pk).pseudonymised_at


def test_nothing_is_removed_that_an_appeal_still_waits_on(tmp_path):
    closed = timezone.now()
    request = a_full_request(a_source(tmp_path), closed)
    appeals = AppealOrComplaint.objects.filter(request=request)
    answered = appeals.values("answered_at", "answered_by", "outcome", "answer").get()
    appeals.update(answered_at=None, answered_by=None, outcome="", answer="")
    retention.clean_up(closed + timedelta(days=1_150))
    row = SubjectRequest.objects.get(pk=request.pk)
    assert (row.messages_removed_at, row.pseudonymised_at) == (None, None)
    appeals.update(**answered)
    retention.clean_up(closed + timedelta(days=1_150))
    assert SubjectRequest.objects.get(pk=request.pk).pseudonymised_at


def test_whoever_is_restricted_in_the_register_is_known_until_that_is_lifted(tmp_path):
    closed, actor = timezone.now(), Actor.staff(staff("decider"))
    request = a_full_request(a_source(tmp_path), closed)
    for scope in ("restriction", "marketing"):
        register.enter(request, [("email", request.email)], Suppression.Scope(scope), actor=actor)
    retention.clean_up(closed + timedelta(days=1_150))
    assert not SubjectRequest.objects.get(pk=request.pk).pseudonymised_at
    suppressing.lift(Suppression.objects.filter(scope="restriction")[0].pk, "It was cleared up.", actor=actor)
    retention.clean_up(closed + timedelta(days=1_150))
    assert SubjectRequest.objects.get(pk=request.pk).pseudonymised_at
    mails = request.mails.count()
    suppressing.lift(Suppression.objects.filter(scope="marketing")[0].pk, "Ann agreed again.", actor=actor)
    assert (request.mails.count(), request.messages.count()) == (mails, 0)


def test_a_look_ahead_says_what_will_go_and_changes_nothing(tmp_path):
    a_full_request(a_source(tmp_path), timezone.now())
    an_export(b"files")
    before = list(SubjectRequest.objects.values())
    assert {line.kind: line.removed for line in retention.foreseen(timezone.now()) if line.removed} == {}
    in_a_month = {line.kind: line.removed for line in retention.foreseen(after(days=31)) if line.removed}
    assert in_a_month == {"files": 1, "identity": 1}
    assert list(SubjectRequest.objects.values()) == before
    report = {line.kind: line.removed for line in retention.run(after(days=31)) if line.removed}
    assert report == in_a_month


def test_a_run_that_took_something_is_proven_by_counts_alone(tmp_path):
    retention.clean_up()
    assert not RetentionRun.objects.exists()
    an_export(b"files")
    retention.clean_up(after(days=8))
    row = RetentionRun.objects.get()
    assert (row.removed, row.held, row.failed) == ({"files": 1}, {}, {})
    entry = AuditEntry.objects.get(action="retention.run")
    assert (entry.target, entry.details) == (f"retention run {row.pk}", {"removed": 1})


def test_open_requests_are_kept_however_old(tmp_path):
    request = a_full_request(a_source(tmp_path), timezone.now())
    SubjectRequest.objects.update(status=Status.IN_PROGRESS, outcome="", closed_at=None)
    retention.clean_up(after(days=5_000))
    row = SubjectRequest.objects.get(pk=request.pk)
    assert (row.name, row.messages_removed_at) == (request.name, None)


def test_one_that_fails_does_not_keep_the_rest(tmp_path, storage_folder, caplog):
    source = a_source(tmp_path)
    first, second = (a_full_request(source, timezone.now()) for _ in range(2))
    stuck = first.searches.get()
    (storage_folder / "search-1-1.segment").mkdir(parents=True)
    type(stuck).objects.filter(pk=stuck.pk).update(segment="search-1-1.segment")
    lines = {line.kind: line for line in retention.clean_up(after(days=1_100))}
    assert (lines["records"].removed, lines["records"].failed) == (0, 1)
    assert (lines["register"].removed, lines["register"].failed) == (2, 0)
    assert "removal.failed" in [record.message for record in caplog.records]
    assert SubjectRequest.objects.get(pk=second.pk).pseudonymised_at
