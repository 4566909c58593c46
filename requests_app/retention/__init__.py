"""The stage that ends things: requests, files, copies, words and names, each in its time, unless they are held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import limits
from requests_app.retention.ending import end_requests
from requests_app.retention.holding import UnusableHold, held, hold, lift
from requests_app.retention.running import Line, foreseen, run
from requests_app.retention.schedule import KINDS, Kind, UnusablePeriod, days_of, keep_for
from requests_app.retention.strays import STRAY_SECONDS, remove_stray_files

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "KINDS",
    "STRAY_SECONDS",
    "Kind",
    "Line",
    "UnusableHold",
    "UnusablePeriod",
    "clean_up",
    "days_of",
    "foreseen",
    "held",
    "hold",
    "keep_for",
    "lift",
    "remove_stray_files",
    "run",
]


def clean_up(now: datetime | None = None) -> list[Line]:
    """End whatever is over; may be run at any time, twice, and by two workers."""
    now = now or timezone.now()
    end_requests(now)
    report = run(now)
    limits.forget_old(now)
    remove_stray_files()
    return report
