"""What must not happen before a person has shown who they are, by whatever door."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from requests_app import audit, identity, planning, retention, review, tasks
from requests_app.audit import Actor
from requests_app.identity import RefusedAnswer, UnprovenIdentity
from requests_app.models import Export, IdentityCheck, Leased, Right, SourceSearch, Status
from requests_app.workflow import perform
from tests.requests_app.admin.console import signed_in, url
from tests.requests_app.identity.asked import a_picture, an_actor, asking_for, half_way
from tests.requests_app.portal import a_source, acts, collected, send_mails, staff, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def doubted(tmp_path):
    """A request ready to be released, of which somebody asks who it is."""
    a_source(tmp_path)
    request = collected()
    identity.ask_for(request.pk, "document", "Your name is another.", actor=an_actor())
    return request


@pytest.mark.parametrize("name", ["verify", "begin", "complete"])
def test_no_transition_goes_on_before_the_proof(name):
    status = {"verify": Status.SUBMITTED, "begin": Status.VERIFIED, "complete": Status.IN_PROGRESS}[name]
    for actor in (audit.SYSTEM, audit.SUBJECT, Actor.staff(staff(f"{name}r"))):
        request = submitted(f"{actor.kind}@example.test", Right.ERASURE)
        type(request).objects.filter(pk=request.pk).update(status=status)
        before = type(request).objects.filter(pk=request.pk).values().get()
        recorded = acts(request.pk)
        with pytest.raises((UnprovenIdentity, PermissionError)):
            perform(request.pk, name, actor=actor, reason="So.")
        assert type(request).objects.filter(pk=request.pk).values().get() == before
        assert acts(request.pk) == recorded


def test_planning_begins_nothing_before_the_proof(tmp_path):
    a_source(tmp_path)
    request = submitted()
    type(request).objects.filter(pk=request.pk).update(status=Status.VERIFIED)
    with pytest.raises(UnprovenIdentity):
        planning.begin(request)
    assert not SourceSearch.objects.exists()


def test_nothing_is_released_by_a_direct_call(doubted):
    with pytest.raises(UnprovenIdentity, match="see Identity"):
        review.release(doubted.pk, actor=an_actor())
    assert not Export.objects.exists()


def test_nothing_is_released_by_a_button(doubted):
    signed_in("Manager").post(url("requests.release", doubted.pk), {"formats": ["json"]})
    assert not Export.objects.exists()


def test_what_was_released_before_the_doubt_is_not_rendered(tmp_path):
    a_source(tmp_path)
    request = collected()
    export = review.release(request.pk, actor=an_actor(), formats=("json",))
    identity.ask_for(request.pk, "document", "Your name is another.", actor=an_actor())
    tasks.render_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file) == (Leased.State.FAILED, "")
    assert "not shown yet who they are" in export.last_error
    assert not [message for message in send_mails() if "/d/" in message.body]


def test_once_shown_everything_goes_on(doubted):
    identity.answer(doubted, identity.current(doubted).pk, identity.Given({}, [a_picture()]))
    identity.document.accept(IdentityCheck.objects.get(kind="document").pk, actor=an_actor())
    export = review.release(doubted.pk, actor=an_actor(), formats=("json",))
    tasks.render_export(export.pk)
    export.refresh_from_db()
    assert export.state == Leased.State.DONE


def test_a_failed_check_is_not_a_passed_one(doubted):
    IdentityCheck.objects.filter(kind="document").update(failed_at=timezone.now(), attempts=3)
    assert not identity.is_proven(doubted)
    with pytest.raises(UnprovenIdentity):
        review.release(doubted.pk, actor=an_actor())


def test_nothing_else_is_asked_for_before_the_mailbox():
    asking_for("mailbox", "document")
    request = submitted(right=Right.ERASURE)
    assert identity.current(request) is None
    check = request.identity_checks.get(kind="document")
    with pytest.raises(RefusedAnswer):
        identity.answer(request, check.pk, identity.Given({}, [a_picture()]))
    assert not request.uploads.exists()


def test_a_check_of_somebody_else_is_not_answered():
    asking_for("mailbox", "document")
    mine, theirs = half_way(), half_way("eve@example.test")
    with pytest.raises(RefusedAnswer):
        identity.answer(mine, identity.current(theirs).pk, identity.Given({}, [a_picture()]))


def test_where_nothing_has_to_be_shown_the_work_begins_at_once():
    request = submitted(right=Right.OBJECTION, place="US-CA")
    assert request.status == Status.IN_PROGRESS
    assert not request.identity_checks.exists()
    assert [message.subject for message in send_mails()] != []


def test_a_request_does_not_lapse_while_the_team_has_something_to_decide():
    asking_for("mailbox", "document")
    request = half_way()
    identity.answer(request, identity.current(request).pk, identity.Given({}, [a_picture()]))
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        retention.clean_up()
        request.refresh_from_db()
        assert request.status == Status.SUBMITTED


def test_a_request_lapses_when_nothing_more_is_shown_for_long():
    asking_for("mailbox", "document")
    request = half_way()
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        retention.clean_up()
        request.refresh_from_db()
        assert request.status == Status.SUBMITTED
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        retention.clean_up()
        request.refresh_from_db()
        assert request.status == Status.LAPSED


def test_sending_the_form_again_changes_nothing_once_the_mailbox_is_proven():
    asking_for("mailbox", "document")
    request = half_way()
    send_mails()
    submitted(right=Right.ERASURE, details="Send all to Eve.")
    request.refresh_from_db()
    assert request.details == ""
    (message,) = send_mails()
    assert "/r/" in message.body
    assert "/c/" not in message.body
