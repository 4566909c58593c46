"""What runs by itself: kept in line with every migration."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django_q.models import Schedule

SCHEDULES = {
    "sweep": ("requests_app.tasks.sweep", 1),
    "remind": ("requests_app.tasks.remind", 30),
    "clean-up": ("requests_app.tasks.clean_up", 60),
    "check-sources": ("requests_app.tasks.check_sources", 24 * 60),
}
"""The dotted path of each task, and how many minutes lie between two runs."""

A_DAY_MINUTES = 24 * 60
QUIET_HOUR = 2


def create_schedules(**_: object) -> None:
    """Have the quick queue run the schedules; a receiver of `post_migrate`."""
    for name, (task, minutes) in SCHEDULES.items():
        known = {"func": task, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1, "cluster": "quick"}
        first = {"next_run": _tonight()} if minutes >= A_DAY_MINUTES else {}
        Schedule.objects.update_or_create(name=name, defaults=known, create_defaults=known | first)
    # What became due while everything was stopped: nobody shall take workers that only start for dead ones.
    Schedule.objects.filter(next_run__lt=timezone.now()).update(next_run=timezone.now())


def _tonight() -> datetime:
    """The next time that hardly anybody works."""
    now = timezone.localtime()
    quiet = now.replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
    return quiet if quiet > now else quiet + timedelta(days=1)
