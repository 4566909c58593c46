from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, identity, retention, tasks, uploads
from requests_app.identity import Given, RefusedAnswer, document
from requests_app.models import AuditEntry, EncryptionKey, Upload
from requests_app.workflow import MissingReason, PermissionRefused, perform
from tests.requests_app.identity.asked import a_picture, an_actor, asking_for, half_way
from tests.requests_app.portal import acts, confirmed, member, send_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def asked(storage_folder):
    asking_for("mailbox", "document")
    request = half_way()
    send_mails()
    return request


def hand_in(request, *files):
    identity.answer(request, identity.current(request).pk, Given({}, files or (a_picture(),)))
    return identity.current(request)


def test_a_document_waits_for_somebody_to_look(asked, storage_folder):
    check = hand_in(asked)
    assert (check.attempts, check.passed_at) == (1, None)
    assert Upload.objects.get().kind == Upload.Kind.IDENTITY
    assert identity.page_of(check).about["is_handed_in"]
    assert acts(asked.pk)[-2:] == ["file.handed_in", "identity.handed_in"]


def test_a_check_that_is_passed_by_hand_leaves_no_document(asked):
    check = hand_in(asked)
    identity.pass_by_hand(check.pk, "Came to our desk.", actor=an_actor())
    assert Upload.objects.get().removed_at


def test_a_check_that_is_passed_by_hand_under_a_hold_keeps_it(asked):
    check = hand_in(asked)
    retention.hold(asked.pk, "A lawsuit.", actor=an_actor())
    identity.pass_by_hand(check.pk, "Came to our desk.", actor=an_actor())
    assert Upload.objects.get().removed_at is None


def test_nothing_is_handed_in_over_what_waits(asked):
    hand_in(asked)
    with pytest.raises(RefusedAnswer, match="have your document"):
        hand_in(asked)
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("files", [[], ["a.png", "b.png", "c.png"]], ids=["none", "three"])
def test_one_or_two_files_are_taken(asked, files):
    with pytest.raises(RefusedAnswer):
        identity.answer(asked, identity.current(asked).pk, Given({}, [a_picture(name) for name in files]))
    assert identity.current(asked).attempts == 0


@pytest.mark.parametrize("decide", [document.accept, lambda pk, actor: document.refuse(pk, "No name.", actor=actor)])
def test_the_decision_destroys_the_document(asked, storage_folder, decide, django_capture_on_commit_callbacks):
    check = hand_in(asked, a_picture("front.png"), a_picture("back.png"))
    keys = list(Upload.objects.values_list("key", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        decide(check.pk, actor=an_actor())
    assert not any(EncryptionKey.objects.get(pk=pk).wrapped for pk in keys)
    assert not list(storage_folder.glob("upload-*"))
    for upload in Upload.objects.all():
        with pytest.raises(uploads.RemovedFile), uploads.opened(upload):
            pass


def test_a_refused_document_may_be_followed_by_two_more(asked):
    for times in (1, 2, 3):
        check = hand_in(asked)
        document.refuse(check.pk, f"Not readable, {times}.", actor=an_actor())
        assert [message.to for message in send_mails()] == [[asked.email]]
        check.refresh_from_db()
        assert (check.failed_at is not None) == (times == 3)
    assert acts(asked.pk).count("identity.exhausted") == 1
    with pytest.raises(identity.OutOfTurn):
        hand_in(asked)


def test_the_reason_is_shown_to_the_person_and_on_no_record(asked):
    check = hand_in(asked)
    document.refuse(check.pk, "Your name is blackened too.", actor=an_actor())
    assert identity.page_of(identity.current(asked)).about["refused"] == "Your name is blackened too."
    assert "blackened" not in str(list(AuditEntry.objects.values()))


def test_a_refusal_needs_a_reason(asked):
    check = hand_in(asked)
    with pytest.raises(MissingReason):
        document.refuse(check.pk, " \n", actor=an_actor())
    assert document.files_of(asked).exists()


@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_only_who_works_on_requests_decides(asked, role):
    check, actor = hand_in(asked), audit.Actor.staff(member(role))
    for act in (document.accept, lambda pk, actor: document.refuse(pk, "No.", actor=actor)):
        with pytest.raises(PermissionRefused):
            act(check.pk, actor=actor)
    assert document.files_of(asked).exists()


def test_nothing_is_decided_twice_or_without_a_document(asked):
    check = identity.current(asked)
    with pytest.raises(RefusedAnswer, match="no document"):
        document.accept(check.pk, actor=an_actor())
    hand_in(asked)
    document.accept(check.pk, actor=an_actor())
    with pytest.raises(RefusedAnswer):
        document.refuse(check.pk, "No.", actor=an_actor())


def test_what_nobody_decided_about_goes_with_the_end_of_the_request(asked):
    hand_in(asked)
    after = timezone.now() + timedelta(days=2)
    tasks.clean_up()
    assert document.files_of(asked).exists()
    perform(asked.pk, "withdraw", actor=audit.SUBJECT)
    retention.run(after)
    assert not document.files_of(asked).exists()


def test_what_is_held_is_neither_decided_about_nor_cleaned_up(asked):
    check, manager = hand_in(asked), audit.Actor.staff(member("Manager"))
    hold = retention.hold(asked.pk, "A claim is pending.", actor=manager)
    for decide in (document.accept, lambda pk, actor: document.refuse(pk, "No.", actor=actor)):
        with pytest.raises(RefusedAnswer, match="hold"):
            decide(check.pk, actor=an_actor())
    identity.pass_by_hand(check.pk, "The document shows it.", actor=an_actor())
    perform(asked.pk, "withdraw", actor=audit.SUBJECT)
    tasks.clean_up()
    retention.run(timezone.now() + timedelta(days=90))
    assert document.files_of(asked).exists()
    retention.lift(hold.pk, actor=manager)
    retention.run(timezone.now() + timedelta(days=90))
    assert not document.files_of(asked).exists()


def test_handing_in_lets_the_clock_run_and_a_refusal_stops_it_again():
    request = confirmed()
    identity.ask_for(request.pk, "document", "Your name is another.", actor=an_actor())
    check = hand_in(request)
    assert not request.waits.filter(answered_at=None).exists()
    document.refuse(check.pk, "Not readable.", actor=an_actor())
    assert request.waits.filter(answered_at=None).get().question == "Not readable."
    document.accept(hand_in(request).pk, actor=an_actor())
    assert identity.is_proven(request)
    assert not request.waits.filter(answered_at=None).exists()
