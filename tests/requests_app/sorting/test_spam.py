"""Spam goes without a word, counts nowhere, and comes back to where it stood."""

from __future__ import annotations

import pytest
from django.utils import timezone

from requests_app import reminders, retention
from requests_app.audit import SYSTEM, Actor
from requests_app.models import Leased, Message, OutboxMail, Outcome, Right, SourceSearch, Status
from requests_app.sorting import spam
from requests_app.workflow import ImpossibleTransition, MissingReason, PermissionRefused, perform
from tests.requests_app.intake.records import processor
from tests.requests_app.portal import a_request, a_source, acts, collected, member, send_mails, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

OPEN = [Status.SUBMITTED, Status.VERIFIED, Status.IN_PROGRESS]


@pytest.mark.parametrize("status", OPEN)
def test_spam_is_set_aside_and_returns_to_where_it_stood(status):
    request = a_request(status, right=Right.ERASURE)
    spam.mark(request.pk, "An advertisement.", actor=processor())
    request.refresh_from_db()
    assert (request.status, request.outcome, request.decision) == (Status.REJECTED, Outcome.SPAM, "")
    assert request.closed_at
    assert Message.objects.get().text == "Spam: An advertisement."
    assert not OutboxMail.objects.exists()
    spam.restore(request.pk, actor=processor())
    request.refresh_from_db()
    assert (request.status, request.outcome, request.set_aside_from, request.closed_at) == (status, "", "", None)
    assert acts(request.pk) == ["request.marked_as_spam", "note.added", "request.restored"]
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN])
def test_what_has_ended_is_no_spam(status):
    request = a_request(status)
    with pytest.raises(ImpossibleTransition):
        spam.mark(request.pk, "Late.", actor=processor())
    with pytest.raises(ImpossibleTransition):
        spam.restore(request.pk, actor=processor())


def test_a_refusal_is_never_taken_back_as_if_it_were_spam():
    request = a_request(Status.REJECTED)
    with pytest.raises(ImpossibleTransition, match="possible are archive"):
        perform(request.pk, "restore", actor=SYSTEM)


@pytest.mark.parametrize("reason", ["", " \n "])
def test_a_reason_is_wanted(reason):
    request = a_request()
    with pytest.raises(MissingReason):
        spam.mark(request.pk, reason, actor=processor())
    assert not acts(request.pk)


@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_who_may_not_work_on_requests_marks_nothing(role):
    request, actor = a_request(), Actor.staff(member(role))
    with pytest.raises(PermissionRefused):
        spam.mark(request.pk, "Spam.", actor=actor)
    spam.mark(request.pk, "Spam.", actor=processor())
    with pytest.raises(PermissionRefused):
        spam.restore(request.pk, actor=actor)


def test_a_mail_that_waits_is_not_sent_to_spam():
    request = submitted()
    spam.mark(request.pk, "A robot.", actor=processor())
    assert send_mails() == []
    assert "mail.dropped" in acts(request.pk)


def test_spam_is_neither_overdue_nor_reminded_of():
    request = a_request(due_on=timezone.localdate() - timezone.timedelta(days=1), verified_at=timezone.now())
    spam.mark(request.pk, "Spam.", actor=processor())
    assert reminders.look() == 0
    assert not type(request).objects.due(None, timezone.localdate()).exists()


def test_several_are_marked_at_once_but_none_that_has_ended():
    requests = [a_request(), a_request(Status.SUBMITTED, email="x@example.test"), a_request(Status.COMPLETED)]
    assert spam.mark_all([request.pk for request in requests], "Robots.", actor=processor()) == 2
    assert type(requests[0]).objects.filter(outcome=Outcome.SPAM).count() == 2


def test_what_was_broken_off_is_searched_again(tmp_path):
    a_source(tmp_path)
    request = collected()
    spam.mark(request.pk, "Looks like it.", actor=processor())
    SourceSearch.objects.update(segment="")  # as retention leaves it behind
    spam.restore(request.pk, actor=processor())
    assert SourceSearch.objects.get().state == Leased.State.WAITING


def test_spam_is_archived_like_anything_that_has_ended(settings):
    settings.DSR_ARCHIVE_DAYS = 1
    request = a_request()
    spam.mark(request.pk, "Spam.", actor=processor())
    retention.clean_up(timezone.now() + timezone.timedelta(days=2))
    request.refresh_from_db()
    assert request.status == Status.ARCHIVED
    with pytest.raises(ImpossibleTransition):
        spam.restore(request.pk, actor=processor())
