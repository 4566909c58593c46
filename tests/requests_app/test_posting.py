"""Letters to post and files to hand over: once each, on days that can be, and nothing by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import notifications, posting, reminders, revoking
from requests_app.audit import Actor
from requests_app.models import HandOver, OutboxMail, Status
from requests_app.notifications import NoMailbox, queue_mail
from requests_app.posting import ImpossibleDay, NothingToHandOver, UnpostableLetter
from requests_app.sorting import linking
from requests_app.workflow import PermissionRefused
from tests.requests_app.intake.records import ADDRESS, processor, recorded
from tests.requests_app.portal import a_request, acts, an_export, member, send_mails, staff

TODAY = timezone.localdate


def by_post(template="received", **fields):
    return queue_mail(a_request(**{"email": "", "postal_address": ADDRESS} | fields).pk, template)


@pytest.mark.django_db
@pytest.mark.parametrize("template", sorted(notifications.BY_MAIL_ALONE))
def test_what_is_nothing_without_its_mail_becomes_no_letter(template):
    with pytest.raises(NoMailbox):
        queue_mail(a_request(email="").pk, template)
    assert not OutboxMail.objects.exists()


@pytest.mark.django_db
def test_no_worker_sends_a_letter_and_no_sweep_queues_it():
    letter = by_post()
    notifications.send(letter.pk)
    assert send_mails() == []
    assert OutboxMail.objects.take_overdue(timezone.now() + timedelta(days=9)) == []
    letter.refresh_from_db()
    assert letter.is_to_post


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_who_may_not_work_on_requests_posts_and_hands_over_nothing(role):
    letter, actor = by_post(), Actor.staff(member(role))
    with pytest.raises(PermissionRefused):
        posting.note_posted(letter.pk, TODAY(), actor=actor)
    with pytest.raises(PermissionRefused):
        posting.give_up(letter.pk, actor=actor)
    with pytest.raises(PermissionRefused):
        posting.hand_over(1, HandOver.Way.LETTER, TODAY(), actor=actor)
    assert not acts(letter.request_id)


@pytest.mark.django_db
def test_files_are_handed_over_only_once_they_are_made_and_not_before(storage_folder):
    export = an_export(b"files", finished_at=timezone.now())
    staff("otto")
    with pytest.raises(ImpossibleDay):
        posting.hand_over(export.pk, HandOver.Way.LETTER, TODAY() - timedelta(days=1), actor=processor())
    with pytest.raises(ImpossibleDay):
        posting.hand_over(export.pk, HandOver.Way.LETTER, TODAY() + timedelta(days=1), actor=processor())
    revoking.take_back(export, actor=processor())
    with pytest.raises(NothingToHandOver):
        posting.hand_over(export.pk, HandOver.Way.LETTER, TODAY(), actor=processor())


@pytest.mark.django_db
def test_a_receipt_counts_as_confirmed_once_its_letter_is_posted():
    letter = by_post()
    sent = OutboxMail.objects.filter(sent_at__isnull=False)
    assert not sent.exists()
    posting.note_posted(letter.pk, TODAY(), actor=processor())
    assert sent.exists()


@pytest.mark.django_db
def test_nobody_is_reminded_by_a_mail_that_cannot_be_sent(storage_folder, settings):
    request = recorded(received_at=timezone.now() - timedelta(days=settings.DSR_LAPSE_DAYS + 1))
    an_export(b"files", expires_at=timezone.now() + timedelta(days=1))
    a_request().__class__.objects.update(email="")
    reminders.look()
    assert not OutboxMail.objects.filter(template__in=notifications.BY_MAIL_ALONE).exists()
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED


@pytest.mark.django_db
def test_no_new_links_are_made_for_who_never_had_any():
    with pytest.raises(revoking.EndedRequest, match="no mailbox"):
        revoking.renew_links(a_request(email="").pk, actor=processor())


def test_of_two_who_post_a_letter_at_once_one_does(at_once):
    letter, actor = by_post(), processor()
    post = lambda: posting.note_posted(letter.pk, TODAY(), actor=actor)  # noqa: E731
    assert sorted(map(str, at_once(post, post))) == sorted(map(str, [None, UnpostableLetter]))
    assert acts(letter.request_id) == ["letter.posted"]


def test_of_two_that_close_one_another_as_duplicates_one_stays(at_once):
    moment = timezone.now()
    first, second = (a_request(submitted_at=moment) for _ in range(2))
    actor = processor()
    linking.decide(first.pk, second.pk, linking.Kind.DUPLICATE, actor=actor)
    at_once(
        lambda: linking.close_as_duplicate(first.pk, second.pk, actor=actor),
        lambda: linking.close_as_duplicate(second.pk, first.pk, actor=actor),
    )
    open_ones = type(first).objects.filter(status=Status.IN_PROGRESS)
    assert list(open_ones) == [first]
