from __future__ import annotations

from contextlib import suppress
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from requests_app import audit, signals
from requests_app.audit import Actor
from requests_app.models import AuditEntry, Export, IdentityCheck, OutboxMail, Outcome, Refusal, Status
from requests_app.roles import MANAGER, PROCESSOR, REVIEWER, ROLES, VIEWER
from requests_app.workflow import (
    TRANSITIONS,
    ImpossibleTransition,
    MissingReason,
    PermissionRefused,
    Unprepared,
    perform,
    possible,
)
from tests.requests_app.portal import a_request, acts, an_approved_refusal, member, staff

pytestmark = pytest.mark.django_db

# The lifecycle as the requirement R-WF tells it: what may happen from where, and where it leads.
WHILE_OPEN = {"withdraw": Status.WITHDRAWN, "spam": Status.REJECTED, "duplicate": Status.COMPLETED}
POSSIBLE = {
    Status.SUBMITTED: {"verify": Status.VERIFIED, "lapse": Status.LAPSED, "refuse_unproven": Status.REJECTED}
    | WHILE_OPEN,
    Status.VERIFIED: {"begin": Status.IN_PROGRESS, "reject": Status.REJECTED} | WHILE_OPEN,
    Status.IN_PROGRESS: {"complete": Status.COMPLETED, "reject": Status.REJECTED} | WHILE_OPEN,
    Status.COMPLETED: {"archive": Status.ARCHIVED},
    Status.REJECTED: {"archive": Status.ARCHIVED},
    Status.WITHDRAWN: {"archive": Status.ARCHIVED},
    Status.LAPSED: {"archive": Status.ARCHIVED},
    Status.ARCHIVED: {},
}
ACTS = {
    "verify": ("request.verified", signals.request_verified),
    "begin": ("request.begun", signals.request_begun),
    "complete": ("request.completed", signals.request_completed),
    "reject": ("request.rejected", signals.request_rejected),
    "refuse_unproven": ("request.rejected", signals.request_rejected),
    "withdraw": ("request.withdrawn", signals.request_withdrawn),
    "lapse": ("request.lapsed", signals.request_lapsed),
    "archive": ("request.archived", signals.request_archived),
    "spam": ("request.marked_as_spam", signals.request_marked_as_spam),
    "restore": ("request.restored", signals.request_restored),
    "duplicate": ("request.closed_as_duplicate", signals.request_closed_as_duplicate),
}
MAILS = {
    "verify": "received",
    "complete": "completed",
    "reject": "refused",
    "refuse_unproven": "refused",
    "withdraw": "withdrawn",
    "duplicate": "duplicate",
}
ALLOWED = {
    MANAGER: {"complete", "reject", "refuse_unproven", "withdraw", "archive", "spam", "restore", "duplicate"},
    REVIEWER: {"reject", "refuse_unproven"},
    PROCESSOR: {"complete", "withdraw", "archive", "spam", "restore", "duplicate"},
    VIEWER: set(),
}


def a_stuck_one_refused(request):
    """Let a request be one that nobody but the team can go on with, whose refusal two people have made."""
    type(request).objects.filter(pk=request.pk).update(channel="letter")
    IdentityCheck.objects.create(request=request, kind="team", sent=0)
    an_approved_refusal(request)
    Refusal.objects.filter(request=request).update(grounds=["identity-not-shown"])


@pytest.fixture
def heard():
    """What was told by the signals, as (signal, reference, right, status)."""
    told, receivers = [], []
    for signal in {signal for _, signal in ACTS.values()}:

        def hear(sender, reference, right, status, signal, **_):
            told.append((signal, reference, right, status))

        receivers.append((signal, hear))
        signal.connect(hear)
    yield told
    for signal, hear in receivers:
        signal.disconnect(hear)


def row(request):
    return type(request).objects.filter(pk=request.pk).values().get()


def test_the_table_names_every_status_and_every_transition():
    assert POSSIBLE.keys() == set(Status)
    assert ACTS.keys() == TRANSITIONS.keys()
    assert ALLOWED.keys() == ROLES.keys()


@pytest.mark.parametrize(("status", "name"), list(product(Status, TRANSITIONS)))
def test_every_transition_from_every_status_happens_or_is_refused(
    status, name, heard, django_capture_on_commit_callbacks
):
    request = a_request(status, answered_with=a_request() if name == "duplicate" else None)
    if name == "reject":
        an_approved_refusal(request)
    if name == "refuse_unproven":
        a_stuck_one_refused(request)
    before = row(request)
    with django_capture_on_commit_callbacks(execute=True):
        if name in POSSIBLE[status]:
            perform(request.pk, name, actor=audit.SUBJECT)
        else:
            with pytest.raises(ImpossibleTransition) as refusal:
                perform(request.pk, name, actor=audit.SUBJECT)

    if name in POSSIBLE[status]:
        act, signal = ACTS[name]
        target = POSSIBLE[status][name]
        assert row(request)["status"] == target
        assert acts(request.pk) == [act]
        assert [mail.template for mail in request.mails.all()] == ([MAILS[name]] if name in MAILS else [])
        assert heard == [(signal, request.reference, request.right, target)]
    else:
        assert row(request) == before
        assert not acts(request.pk)
        assert not OutboxMail.objects.exists()
        assert not heard
        told = str(refusal.value)
        assert f"{name} is impossible for a request that is {status}" in told
        options = told.partition("; ")[2]
        assert {other for other in TRANSITIONS if other in options} == POSSIBLE[status].keys()


@pytest.mark.parametrize(("role", "status"), list(product(ALLOWED, Status)))
def test_each_role_is_offered_and_may_do_what_is_its_own(role, status):
    user, request = member(role), a_request(status)
    an_approved_refusal(request)
    offered = {transition.name for transition in possible(request, user)}
    assert offered == POSSIBLE[status].keys() & ALLOWED[role]
    for name in TRANSITIONS:
        with suppress(ImpossibleTransition, Unprepared), transaction.atomic():
            if name in ALLOWED[role]:
                perform(request.pk, name, actor=Actor.staff(user), reason="Because.")
                transaction.set_rollback(True)
            else:
                with pytest.raises(PermissionRefused):
                    perform(request.pk, name, actor=Actor.staff(user), reason="Because.")
    assert row(request)["status"] == status
    assert not acts(request.pk)


def test_nobody_is_offered_anything_without_an_account():
    assert possible(a_request(), AnonymousUser()) == []


def test_whoever_left_the_team_may_do_nothing():
    user, request = member(MANAGER), a_request(Status.VERIFIED)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(PermissionRefused):
        perform(request.pk, "withdraw", actor=Actor.staff(user))
    type(user).objects.filter(pk=user.pk).delete()
    with pytest.raises(PermissionRefused):
        perform(request.pk, "withdraw", actor=Actor.staff(user))
    assert row(request)["status"] == Status.VERIFIED


@pytest.mark.parametrize("name", ["complete", "reject"])
@pytest.mark.parametrize("reason", ["", " \n\t "])
def test_a_member_of_the_team_gives_the_reason_of_an_end(name, reason):
    request, user = a_request(), staff()
    with pytest.raises(MissingReason, match="please give the reason"):
        perform(request.pk, name, actor=Actor.staff(user), reason=reason)
    assert row(request)["status"] == Status.IN_PROGRESS
    an_approved_refusal(request)
    perform(request.pk, name, actor=Actor.staff(user), reason=" Tax law. ")
    assert row(request)["decision"] == "Tax law."


def test_the_reason_of_the_decision_outlives_the_archive():
    request, actor = a_request(), Actor.staff(staff())
    an_approved_refusal(request)
    perform(request.pk, "reject", actor=actor, reason="Tax law.")
    perform(request.pk, "archive", actor=actor, reason="Tidying up.")
    assert row(request)["decision"] == "Tax law."


def test_a_reason_is_not_put_on_record():
    request = a_request()
    an_approved_refusal(request)
    perform(request.pk, "reject", actor=Actor.staff(staff("mia")), reason="Zanzibar is not ours.")
    assert "Zanzibar" not in str(AuditEntry.objects.values().get())


def test_the_audit_entry_names_who_acted():
    request, user = a_request(Status.VERIFIED), staff()
    perform(request.pk, "withdraw", actor=Actor.staff(user))
    perform(request.pk, "archive", actor=audit.SYSTEM)
    entries = AuditEntry.objects.order_by("pk").values_list("actor_kind", "actor_id", "request_id")
    assert list(entries) == [("staff", user.pk, request.pk), ("system", None, request.pk)]


@pytest.mark.parametrize(
    ("name", "outcome", "recorded"),
    [
        ("complete", "", Outcome.FULL),
        ("complete", Outcome.PARTIAL, Outcome.PARTIAL),
        ("complete", Outcome.NONE_HELD, Outcome.NONE_HELD),
        ("reject", "", Outcome.REFUSED),
        ("reject", Outcome.FULL, Outcome.REFUSED),
        ("withdraw", "", ""),
    ],
)
def test_how_it_ended_stands_beside_the_status(name, outcome, recorded):
    request = a_request()
    if name == "reject" or outcome == Outcome.PARTIAL:
        an_approved_refusal(request, Refusal.Extent.PART if outcome == Outcome.PARTIAL else Refusal.Extent.WHOLE)
    perform(request.pk, name, actor=Actor.staff(staff("mia")), reason="So.", outcome=outcome)
    assert row(request)["outcome"] == recorded
    assert AuditEntry.objects.get().details == {"outcome": recorded}


def test_an_unknown_outcome_changes_nothing():
    request = a_request()
    with pytest.raises(ValueError, match="fine"):
        perform(request.pk, "complete", actor=audit.SYSTEM, outcome="fine")
    assert row(request)["status"] == Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("name", "status", "clock"),
    [
        ("verify", Status.SUBMITTED, "verified_at"),
        ("begin", Status.VERIFIED, None),
        ("complete", Status.IN_PROGRESS, "closed_at"),
        ("reject", Status.IN_PROGRESS, "closed_at"),
        ("withdraw", Status.VERIFIED, "closed_at"),
        ("lapse", Status.SUBMITTED, "closed_at"),
        ("archive", Status.COMPLETED, None),
    ],
)
def test_only_the_clock_of_the_transition_is_set(name, status, clock):
    request = a_request(status)
    if name == "reject":
        an_approved_refusal(request)
    perform(request.pk, name, actor=audit.SYSTEM)
    after = row(request)
    assert {field for field in ("verified_at", "closed_at") if after[field]} == ({clock} if clock else set())


def test_what_the_portal_completes_is_told_by_the_mail_of_its_export():
    collected, by_hand = a_request(), a_request()
    perform(collected.pk, "complete", actor=audit.SYSTEM)
    perform(by_hand.pk, "complete", actor=Actor.staff(staff()), reason="Done.")
    assert [(mail.request_id, mail.template) for mail in OutboxMail.objects.all()] == [(by_hand.pk, "completed")]
    assert not Export.objects.exists()


def test_nothing_is_left_of_what_was_rolled_back(heard, django_capture_on_commit_callbacks):
    request = a_request(Status.SUBMITTED)
    with django_capture_on_commit_callbacks(execute=True), suppress(KeyError), transaction.atomic():
        perform(request.pk, "verify", actor=audit.SUBJECT)
        raise KeyError
    assert row(request)["status"] == Status.SUBMITTED
    assert not acts(request.pk)
    assert not OutboxMail.objects.exists()
    assert not heard


def test_signals_wait_for_the_commit(heard, django_capture_on_commit_callbacks):
    request = a_request(Status.SUBMITTED)
    with django_capture_on_commit_callbacks(execute=True):
        perform(request.pk, "verify", actor=audit.SUBJECT)
        assert not heard
    assert len(heard) == 1


def test_a_receiver_that_fails_stops_neither_the_others_nor_the_request(
    heard, caplog, django_capture_on_commit_callbacks
):
    def fail(**_):
        raise RuntimeError("what a plug-in says")

    signals.request_verified.connect(fail)
    request = a_request(Status.SUBMITTED)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            perform(request.pk, "verify", actor=audit.SUBJECT)
    finally:
        signals.request_verified.disconnect(fail)
    assert row(request)["status"] == Status.VERIFIED
    assert len(heard) == 1
    assert ("signal.failed", "RuntimeError") in [(r.message, getattr(r, "error", "")) for r in caplog.records]


def test_every_transition_is_logged_by_the_reference_alone(caplog, django_capture_on_commit_callbacks):
    caplog.set_level("INFO", logger="requests_app")
    request = a_request(Status.SUBMITTED)
    with django_capture_on_commit_callbacks(execute=True):
        perform(request.pk, "verify", actor=audit.SUBJECT)
    (line,) = [record for record in caplog.records if record.name == "requests_app.workflow"]
    assert (line.message, line.reference) == ("request.verified", request.reference)
