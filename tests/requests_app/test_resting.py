"""Work that is laid aside until there is more of it, or that begins afresh, whatever had come of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import leases
from requests_app.models import Leased, OutboxMail
from requests_app.models.leased import MOST_ATTEMPTS
from tests.requests_app.portal import a_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail() -> OutboxMail:
    return OutboxMail.objects.create(request=a_request(), template="received")


def test_work_laid_aside_is_neither_claimed_nor_queued_before_its_day(mail):
    later = timezone.now() + timedelta(days=4000)
    leases.run(OutboxMail, mail.pk, lambda work: work.rest(later, delivery="deferred"))
    mail.refresh_from_db()
    assert (mail.state, mail.delivery, mail.attempts_left) == (Leased.State.WAITING, "deferred", MOST_ATTEMPTS)
    assert OutboxMail.objects.claim(mail.pk) is None
    assert OutboxMail.objects.take_overdue(later - timedelta(seconds=1)) == []
    assert OutboxMail.objects.take_overdue(later) == [mail.pk]


@pytest.mark.parametrize("state", list(Leased.State))
def test_work_begins_afresh_whatever_came_of_it_and_its_attempts_count_on(mail, state):
    OutboxMail.objects.filter(pk=mail.pk).update(state=state, attempt=3, attempts_left=0, last_error="down")
    assert OutboxMail.objects.filter(pk=mail.pk).start_afresh(delivery="bounced") == 1
    mail.refresh_from_db()
    assert (mail.state, mail.attempts_left, mail.last_error, mail.delivery) == ("waiting", MOST_ATTEMPTS, "", "bounced")
    assert OutboxMail.objects.claim(mail.pk) == 4


def test_whoever_was_at_work_that_began_afresh_has_lost_it(mail):
    def interrupted(work):
        OutboxMail.objects.filter(pk=mail.pk).start_afresh()
        for act in (work.finish, work.start_afresh, lambda: work.rest(timezone.now())):
            with pytest.raises(leases.LostLease):
                act()

    leases.run(OutboxMail, mail.pk, interrupted)
    mail.refresh_from_db()
    assert (mail.state, mail.attempt) == (Leased.State.WAITING, 1)
