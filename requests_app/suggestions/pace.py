"""How long requests of a right have taken so far, as far as enough of them were closed to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from statistics import median
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app.models import Outcome, SubjectRequest
from requests_app.models.subject_request import ANSWERED

if TYPE_CHECKING:
    from datetime import date

LATEST = 100
FEWEST = 5
MOST_PERCENT = 80
ANSWERED_AS = (Outcome.FULL, Outcome.PARTIAL, Outcome.NONE_HELD)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Days from when it was known who asked until the answer.

    Args:
        count: of the requests it is read off, the latest `LATEST` at most.
        median_days: within which half of them were answered; 0 where nothing can be said.
        most_days: within which four of five were, likewise.
        since: from when the days count for this request; None as long as it is not known who asks.
    """

    count: int
    median_days: int
    most_days: int
    since: date | None

    @property
    def is_known(self) -> bool:
        """Whether there are enough to say anything."""
        return self.count >= FEWEST

    @property
    def is_spread(self) -> bool:
        """Whether some of them took longer than half of them."""
        return self.most_days > self.median_days

    @property
    def likely_on(self) -> date | None:
        """The day by which half of them would have been answered."""
        return self._after(self.median_days)

    @property
    def mostly_on(self) -> date | None:
        """The day by which four of five would have been."""
        return self._after(self.most_days)

    def _after(self, days: int) -> date | None:
        return self.since + days * DAY if self.since and self.is_known else None


def pace_of(request: SubjectRequest) -> Pace:
    """Read off the latest requests of the same right how long this one will likely take."""
    closed = SubjectRequest.objects.filter(
        right=request.right, status__in=ANSWERED, outcome__in=ANSWERED_AS, verified_at__isnull=False
    )
    times = (
        closed.exclude(pk=request.pk).exclude(closed_at=None).order_by("-pk").values_list("verified_at", "closed_at")
    )
    days = sorted((ended - began) / DAY for began, ended in times[:LATEST] if began and ended)
    since = timezone.localdate(request.verified_at) if request.verified_at else None
    if len(days) < FEWEST:
        return Pace(len(days), 0, 0, since)
    rank = ceil(len(days) * MOST_PERCENT / 100)
    return Pace(len(days), _whole(median(days)), _whole(days[rank - 1]), since)


def _whole(days: float) -> int:
    """Count a day that has begun as one."""
    return max(1, ceil(days))
