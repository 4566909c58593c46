from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from extractors.errors import DsrError, SourceUnavailable
from requests_app import leases
from requests_app.leases import EndedWork, LostLease, Work
from requests_app.models import Leased, OutboxMail, leased
from requests_app.models.leased import LEASE_SECONDS, MOST_ATTEMPTS, QUEUED_SECONDS
from tests.requests_app.portal import a_request, run_out

pytestmark = pytest.mark.django_db

# Mails are the plainest work there is; what holds for them holds for all, as they share the one abstract model.
MAILS = OutboxMail.objects


@pytest.fixture
def mail(db):
    return MAILS.create(request=a_request(), template="confirm")


def now(mail):
    mail.refresh_from_db()
    return mail


def seconds_until(moment):
    return pytest.approx((moment - timezone.now()).total_seconds(), abs=5)


def finishing(work):
    work.finish()


def failing(work):
    raise SourceUnavailable("It is down.", permanent=False)


def failing_for_good(work):
    raise SourceUnavailable("It is gone.", permanent=True)


def test_work_is_done_once(mail):
    done = []

    def work(attempt):
        done.append((attempt.pk, attempt.attempt))
        attempt.finish(provider_id="x1")

    leases.run(OutboxMail, mail.pk, work)
    leases.run(OutboxMail, mail.pk, work)
    assert done == [(mail.pk, 1)]
    assert (now(mail).state, mail.percent, mail.last_error, mail.provider_id) == (Leased.State.DONE, 100, "", "x1")
    assert mail.started_at <= mail.finished_at
    assert not mail.is_open


def test_the_attempt_is_counted_before_it_is_made(mail):
    seen = []

    def work(attempt):
        seen.append(MAILS.values_list("state", "attempt").get(pk=mail.pk))
        attempt.finish()

    leases.run(OutboxMail, mail.pk, work)
    assert seen == [(Leased.State.RUNNING, 1)]


def test_work_under_a_lease_is_nobody_elses(mail):
    assert MAILS.claim(mail.pk) == 1
    assert MAILS.claim(mail.pk) is None
    assert seconds_until(now(mail).claimable_at) == LEASE_SECONDS
    assert mail.requeue_at == mail.claimable_at


def test_work_is_claimed_again_when_its_lease_has_run_out(mail):
    assert MAILS.claim(mail.pk) == 1
    run_out(mail)
    assert MAILS.claim(mail.pk) == 2


def test_a_claim_forgets_how_far_the_attempt_before_came(mail):
    MAILS.claim(mail.pk)
    MAILS.beat(mail.pk, 1, percent=60, step="Reading orders")
    run_out(mail)
    MAILS.claim(mail.pk)
    assert (now(mail).percent, mail.step) == (0, "")


def test_a_beat_prolongs_the_lease(mail):
    MAILS.claim(mail.pk)
    run_out(mail)
    assert MAILS.beat(mail.pk, 1)
    assert seconds_until(now(mail).claimable_at) == LEASE_SECONDS
    assert MAILS.claim(mail.pk) is None


@pytest.mark.parametrize("act", ["beat", "finish", "fail"])
def test_whoever_lost_the_lease_changes_nothing(mail, act):
    MAILS.claim(mail.pk)
    run_out(mail)
    MAILS.claim(mail.pk)
    before = MAILS.values().get(pk=mail.pk)
    if act == "fail":
        assert not MAILS.fail(mail.pk, 1, "late", is_permanent=True)
    else:
        assert not getattr(MAILS, act)(mail.pk, 1)
    assert MAILS.values().get(pk=mail.pk) == before


def test_a_worker_that_wakes_after_a_fresh_start_does_not_pass_for_the_new_one(mail):
    woken = Work(OutboxMail, mail.pk, MAILS.claim(mail.pk))
    run_out(mail)
    leases.run(OutboxMail, mail.pk, failing_for_good)
    assert MAILS.retry(mail.pk)
    assert MAILS.claim(mail.pk)
    with pytest.raises(LostLease):
        woken.finish()
    assert now(mail).state == Leased.State.RUNNING


def test_of_a_lost_lease_only_a_word_in_the_log_remains(mail, caplog):
    def too_slow(work):
        run_out(mail)
        MAILS.claim(mail.pk)
        work.finish()

    leases.run(OutboxMail, mail.pk, too_slow)
    assert (now(mail).state, mail.attempt, mail.last_error) == (Leased.State.RUNNING, 2, "")
    assert [record.message for record in caplog.records] == ["lease.lost"]


def test_a_failure_rests_longer_each_time_and_then_gives_up(mail):
    pauses, given_up = [], []
    for _ in range(MOST_ATTEMPTS):
        leases.run(OutboxMail, mail.pk, failing, given_up.append)
        pauses.append(round((now(mail).claimable_at - timezone.now()).total_seconds()))
        assert mail.last_error == "It is down."
        assert mail.requeue_at == mail.claimable_at
        assert mail.is_resting == (mail.attempt < MOST_ATTEMPTS)
        run_out(mail)
    assert pauses[:-1] == [20, 80, 320, 1280]
    assert given_up == [mail.pk]
    assert (mail.state, mail.attempt) == (Leased.State.FAILED, MOST_ATTEMPTS)
    assert mail.finished_at


def test_resting_work_is_left_alone(mail):
    leases.run(OutboxMail, mail.pk, failing)
    leases.run(OutboxMail, mail.pk, finishing)
    assert (now(mail).state, mail.attempt) == (Leased.State.WAITING, 1)


def test_a_permanent_failure_gives_up_at_once(mail):
    given_up = []
    leases.run(OutboxMail, mail.pk, failing_for_good, given_up.append)
    assert given_up == [mail.pk]
    assert (now(mail).state, mail.attempt, mail.last_error) == (Leased.State.FAILED, 1, "It is gone.")


def test_pointless_work_is_given_up(mail):
    def pointless(_):
        raise EndedWork("The request has ended.")

    leases.run(OutboxMail, mail.pk, pointless)
    assert (now(mail).state, mail.last_error) == (Leased.State.FAILED, "The request has ended.")


def test_an_unexpected_error_is_told_by_its_kind_alone(mail, caplog):
    def surprising(_):
        raise KeyError("Zanzibar")

    leases.run(OutboxMail, mail.pk, surprising)
    assert (now(mail).state, mail.last_error) == (Leased.State.WAITING, "Unexpected KeyError; the log says where.")
    assert [record.message for record in caplog.records] == ["work.failed"]


def test_a_reason_of_any_length_can_be_kept(mail):
    def wordy(_):
        raise DsrError("x" * 5000)

    leases.run(OutboxMail, mail.pk, wordy)
    assert now(mail).last_error == "x" * 500


def test_work_that_ends_its_worker_each_time_is_given_up_visibly(mail):
    given_up = []
    for _ in range(MOST_ATTEMPTS):
        assert MAILS.claim(mail.pk)
        run_out(mail)
    for _ in range(2):
        leases.run(OutboxMail, mail.pk, finishing, given_up.append)
    assert given_up == [mail.pk]
    assert now(mail).state == Leased.State.FAILED
    assert f"after {MOST_ATTEMPTS} attempts" in mail.last_error


def test_the_last_attempt_is_not_taken_from_a_worker_that_lives(mail):
    for _ in range(MOST_ATTEMPTS):
        run_out(mail)
        MAILS.claim(mail.pk)
    leases.run(OutboxMail, mail.pk, finishing)
    assert now(mail).state == Leased.State.RUNNING


def test_the_note_that_work_was_given_up_stands_or_falls_with_what_follows(mail, caplog):
    def cannot(_):
        raise OperationalError("the database went away")

    leases.run(OutboxMail, mail.pk, failing_for_good, cannot)
    assert now(mail).state == Leased.State.RUNNING
    assert [record.message for record in caplog.records] == ["database.lost"]


def test_work_given_up_can_be_tried_again_from_the_first_attempt(mail):
    leases.run(OutboxMail, mail.pk, failing_for_good)
    assert MAILS.retry(mail.pk)
    assert (now(mail).state, mail.last_error, mail.finished_at) == (Leased.State.WAITING, "", None)
    assert seconds_until(mail.requeue_at) == QUEUED_SECONDS
    for _ in range(MOST_ATTEMPTS - 1):
        leases.run(OutboxMail, mail.pk, failing)
        run_out(mail)
    leases.run(OutboxMail, mail.pk, finishing)
    assert now(mail).state == Leased.State.DONE


def test_resting_work_can_be_tried_at_once(mail):
    leases.run(OutboxMail, mail.pk, failing)
    assert MAILS.retry(mail.pk)
    leases.run(OutboxMail, mail.pk, finishing)
    assert now(mail).state == Leased.State.DONE


@pytest.mark.parametrize("end", [finishing, None])
def test_there_is_nothing_to_try_again_with_what_runs_or_is_done(mail, end):
    MAILS.claim(mail.pk)
    if end:
        end(Work(OutboxMail, mail.pk, 1))
    assert not MAILS.retry(mail.pk)


def test_the_sweep_takes_what_stands_without_a_task_once(mail):
    later = timezone.now() + timedelta(seconds=QUEUED_SECONDS + 1)
    assert MAILS.take_overdue(timezone.now()) == []
    MAILS.filter(pk=mail.pk).update(requeue_at=timezone.now())
    assert MAILS.take_overdue(timezone.now()) == [mail.pk]
    assert MAILS.take_overdue(timezone.now()) == []
    assert MAILS.take_overdue(later) == [mail.pk]


def test_the_sweep_takes_what_lost_its_worker_and_not_what_is_over(mail):
    MAILS.claim(mail.pk)
    assert MAILS.take_overdue(timezone.now()) == []
    run_out(mail)
    assert MAILS.take_overdue(timezone.now()) == [mail.pk]
    leases.run(OutboxMail, mail.pk, finishing)
    run_out(mail)
    assert MAILS.take_overdue(timezone.now() + timedelta(days=1)) == []


def test_the_sweep_takes_the_oldest_first_and_not_too_many(mail):
    older = MAILS.create(request=mail.request, template="received")
    MAILS.filter(pk=mail.pk).update(requeue_at=timezone.now() - timedelta(minutes=1))
    MAILS.filter(pk=older.pk).update(requeue_at=timezone.now() - timedelta(minutes=2))
    assert MAILS.take_overdue(timezone.now(), most=1) == [older.pk]
    assert MAILS.take_overdue(timezone.now(), most=1) == [mail.pk]


def test_progress_is_shown_once_a_second_and_prolongs_the_lease(mail, monkeypatch):
    work = Work(OutboxMail, mail.pk, MAILS.claim(mail.pk))
    run_out(mail)
    work.progress(10, "Reading orders")
    work.progress(20, "Reading invoices")
    assert (now(mail).percent, mail.step) == (10, "Reading orders")
    assert seconds_until(mail.claimable_at) == LEASE_SECONDS
    monkeypatch.setattr(leases, "PROGRESS_SECONDS", 0)
    work.progress(30, "x" * 500)
    assert (now(mail).percent, mail.step) == (30, "x" * 120)


def test_progress_tells_whoever_lost_the_lease(mail):
    work = Work(OutboxMail, mail.pk, MAILS.claim(mail.pk))
    run_out(mail)
    MAILS.claim(mail.pk)
    with pytest.raises(LostLease):
        work.progress(10, "Reading orders")


def test_a_result_that_is_rolled_back_was_never_there(mail):
    def undone(work):
        with transaction.atomic():
            work.finish(provider_id="x1")
            raise DsrError("The audit trail is full.")

    leases.run(OutboxMail, mail.pk, undone)
    assert (now(mail).state, mail.provider_id) == (Leased.State.WAITING, "")


@pytest.mark.django_db(transaction=True)
def test_the_heart_beats_while_the_work_is_silent(mail, monkeypatch):
    monkeypatch.setattr(leased, "LEASE_SECONDS", 0.3)
    leases_seen = []

    def silent(work):
        until = time.monotonic() + 1
        while time.monotonic() < until:
            leases_seen.append(now(mail).claimable_at)
            assert MAILS.claim(mail.pk) is None
            time.sleep(0.05)
        work.finish()

    leases.run(OutboxMail, mail.pk, silent)
    assert now(mail).state == Leased.State.DONE
    assert len(set(leases_seen)) >= 5
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.django_db(transaction=True)
def test_the_heart_survives_a_beat_that_fails(mail, monkeypatch, caplog):
    monkeypatch.setattr(leased, "LEASE_SECONDS", 0.3)

    def through_an_outage(work):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE requests_app_outboxmail RENAME TO away")
            time.sleep(0.25)
            cursor.execute("ALTER TABLE away RENAME TO requests_app_outboxmail")
        time.sleep(0.3)
        assert MAILS.claim(mail.pk) is None
        work.finish()

    leases.run(OutboxMail, mail.pk, through_an_outage)
    assert now(mail).state == Leased.State.DONE
    assert "heartbeat.failed" in [record.message for record in caplog.records]


def test_work_given_back_untried_uses_up_no_attempt(mail):
    leases.run(OutboxMail, mail.pk, failing)
    run_out(mail)
    until = timezone.now() + timedelta(minutes=2)
    leases.run(OutboxMail, mail.pk, lambda work: work.put_off(until, until + timedelta(minutes=1)))
    assert (now(mail).state, mail.attempt, mail.attempts_left) == (Leased.State.WAITING, 2, MOST_ATTEMPTS - 1)
    assert (mail.claimable_at, mail.requeue_at) == (until, until + timedelta(minutes=1))
    assert mail.last_error == "It is down."


def test_whoever_lost_the_lease_gives_nothing_back(mail):
    MAILS.claim(mail.pk)
    run_out(mail)
    MAILS.claim(mail.pk)
    with pytest.raises(LostLease):
        Work(OutboxMail, mail.pk, 1).put_off(timezone.now(), timezone.now())
    assert now(mail).attempts_left == MOST_ATTEMPTS - 2


def test_an_error_may_ask_for_a_longer_rest_and_not_for_a_shorter_one(mail):
    def busy(seconds):
        def work(_):
            error = DsrError("It is busy.")
            error.retry_after_seconds = seconds
            raise error

        return work

    leases.run(OutboxMail, mail.pk, busy(5000))
    assert seconds_until(now(mail).claimable_at) == 5000
    run_out(mail)
    leases.run(OutboxMail, mail.pk, busy(1))
    assert seconds_until(now(mail).claimable_at) == 80
