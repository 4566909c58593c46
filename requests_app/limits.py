"""Exact limits on how often something may happen, by counters in the database."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from extractors.batches import counted
from extractors.errors import DsrError
from requests_app.models import RateCount

# More than the clocks of any two hosts differ: a counter one of them still uses is not deleted by another.
KEPT = timedelta(hours=1)

# One statement, so that no two calls are ever told the same number.
COUNT_UP = """
    INSERT INTO requests_app_ratecount (subject, "window", count) VALUES (%s, %s, 1)
    ON CONFLICT (subject, "window") DO UPDATE SET count = requests_app_ratecount.count + 1
    RETURNING count
"""


class LimitReached(DsrError):
    """Refuse what was done too often; says how long to wait, and nothing about whom."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"That was too often. Please try again in {_in_words(retry_after_seconds)}.")
        self.retry_after_seconds = retry_after_seconds


def count(name: str, subject: str, *, most: int, seconds: int) -> None:
    """Count one more act and refuse it past the limit; exact, however many processes count at once.

    Windows are fixed: they start at multiples of `seconds`, so twice `most` can happen around a border. A refused act
    counts too. Inside a transaction the count is taken back with it, and other callers with the same subject wait for
    its end: count before a transaction begins.

    Args:
        name: what is limited, such as `form`; with `seconds` it keeps counters apart.
        subject: whose acts are counted, such as an address; kept as a keyed hash only.

    Raises:
        LimitReached: it happened `most` times within this window already.
    """
    now = timezone.now()
    end = datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_UP, [_hash(name, subject, seconds), connection.ops.adapt_datetimefield_value(end)])
        (times,) = cursor.fetchone()
    if times > most:
        raise LimitReached(math.ceil((end - now).total_seconds()))


def is_within(name: str, subject: str, *, most: int, seconds: int) -> bool:
    """Count one more act, and say whether it is within the limit; see `count`."""
    try:
        count(name, subject, most=most, seconds=seconds)
    except LimitReached:
        return False
    return True


def forget_old(now: datetime) -> int:
    """Delete the counters of windows long gone; returns how many."""
    deleted, _ = RateCount.objects.filter(window__lt=now - KEPT).delete()
    return deleted


def _hash(name: str, subject: str, seconds: int) -> str:
    value = f"{name}\0{seconds}\0{subject}"
    return salted_hmac("requests_app.limits", value, algorithm="sha256").hexdigest()


def _in_words(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return counted(minutes, "minute") if minutes <= 90 else counted(math.ceil(minutes / 60), "hour")
