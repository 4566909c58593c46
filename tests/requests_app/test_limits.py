from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from requests_app import limits
from requests_app.limits import LimitReached
from requests_app.models import RateCount

# Longer than a test may take, and without a border in this century's first half.
ENDLESS = 2_500_000_000


def tries(
    times: int, subject: str = "ann@example.test", name: str = "form", most: int = 3, seconds: int = ENDLESS
) -> int:
    """Count so often and say how many calls got through."""
    through = 0
    for _ in range(times):
        try:
            limits.count(name, subject, most=most, seconds=seconds)
            through += 1
        except LimitReached:
            pass
    return through


def test_the_call_after_the_last_allowed_one_is_refused(portal_database):
    assert tries(3) == 3
    with pytest.raises(LimitReached):
        limits.count("form", "ann@example.test", most=3, seconds=ENDLESS)
    assert RateCount.objects.get().count == 4


def test_subjects_names_and_windows_are_counted_apart(portal_database):
    assert tries(5) == 3
    assert tries(5, subject="bob@example.test") == 3
    assert tries(5, name="resend") == 3
    assert tries(5, seconds=ENDLESS + 1) == 3
    # The name and the subject are not simply put together.
    assert tries(5, name="forma", subject="nn@example.test") == 3


def test_a_refusal_says_how_long_to_wait_and_not_whom_it_is_about(db):
    before = timezone.now()
    with pytest.raises(LimitReached) as refusal:
        limits.count("form", "ann@example.test", most=0, seconds=24 * 3600)
    after, end = timezone.now(), RateCount.objects.get().window
    wait = timedelta(seconds=refusal.value.retry_after_seconds)
    assert before + wait - timedelta(seconds=1) < end <= after + wait
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert "ann" not in str(refusal.value)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 minute"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (5400, "90 minutes"),
        (5401, "2 hours"),
        (86400, "24 hours"),
    ],
)
def test_the_wait_is_told_in_words(seconds, words):
    assert str(LimitReached(seconds)) == f"That was too often. Please try again in {words}."


def test_a_new_window_starts_from_nothing(portal_database):
    assert tries(2, most=1) == 1
    RateCount.objects.update(window=datetime(2020, 1, 1, tzinfo=UTC))
    assert tries(2, most=1) == 1


def test_whose_acts_were_counted_cannot_be_read_or_guessed(db, settings):
    tries(1)
    (stored,) = RateCount.objects.values_list("subject", flat=True)
    assert len(stored) == 64
    assert "ann" not in stored

    settings.SECRET_KEY = "another"
    tries(1)
    assert RateCount.objects.exclude(subject=stored).count() == 1


def test_only_counters_of_windows_long_gone_are_forgotten(portal_database):
    tries(1)
    now = RateCount.objects.get().window
    tries(1, name="resend", seconds=ENDLESS + 7200)

    assert limits.forget_old(now) == 0
    assert limits.forget_old(now + timedelta(minutes=59)) == 0
    assert limits.forget_old(now + timedelta(minutes=61)) == 1
    assert RateCount.objects.get().window > now


COUNTING = """
from requests_app.limits import LimitReached, count
print("ready", flush=True)
input()
through = 0
for _ in range(15):
    try:
        count("form", "ann@example.test", most=10, seconds=2_500_000_000)
        through += 1
    except LimitReached:
        pass
print(through)
"""


def test_exactly_as_many_get_through_as_may_however_many_processes_count(portal_database_url, start_portal):
    start_portal(portal_database_url, "migrate", "--verbosity=0").communicate()
    processes = [start_portal(portal_database_url, "shell", "--no-imports", "-c", COUNTING) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    through = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(through) == 10
