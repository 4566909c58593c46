"""How much longer work will take: by its own pace, and until that is known by like work in the past.

All of it comes from the rows, so that it is the same after a restart of anything. Where nothing sensible can be said,
nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log
from statistics import median
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from requests_app.models import Export, Leased, SourceSearch
from requests_app.queue import HEAVY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

PAST = 20  # how many past works are looked at, the latest
LIKE = 5  # and how many of them count, those nearest in size
FEWEST_OF_ANY_SIZE = 3
WIDEST_SPREAD = 10
BASE_RECORDS = 1000
"""What an empty work costs, in records."""
FIRST_PERCENT, FIRST_SECONDS = 5, 3.0
"""From where on work shows its pace."""
SURE_PERCENT = 30
"""From where on its pace alone counts."""
OVERDUE = 2.0
"""How many times longer than like work it may take before the past says nothing any more."""


@dataclass(frozen=True, slots=True)
class Past:
    """Work that was done: how many records, in how many seconds."""

    records: int
    seconds: float


def of_search(search: SourceSearch, now: datetime | None = None) -> float | None:
    """Say in how many seconds a search will be done, its waiting in the queue left aside."""
    return _seconds_left(search, search.estimated_records, lambda: _past_searches(search), now)


def of_searches(searches: Iterable[SourceSearch], now: datetime | None = None) -> float | None:
    """Say in how many seconds the searches will be done, as far as workers can do them at the same time."""
    times = [of_search(search, now) for search in searches if search.is_open]
    known = [seconds for seconds in times if seconds is not None]
    if not known or len(known) < len(times):
        return None
    clusters: Any = settings.Q_CLUSTER["ALT_CLUSTERS"]
    return max(*known, sum(known) / int(clusters[HEAVY]["workers"]))


def of_export(export: Export, now: datetime | None = None) -> float | None:
    """Say in how many seconds an export will be there."""
    done = export.request.searches.all()
    records = sum(search.records for search in done if search.state == Leased.State.DONE)
    return _seconds_left(export, records, lambda: _past_exports(export), now)


def in_words(seconds: float | None) -> str:
    """Say a time that is left in words for people; empty where it is not known."""
    if seconds is None:
        return ""
    minutes = ceil(seconds / 60)
    if seconds < 50:
        return "less than a minute left"
    if minutes > 10:
        minutes = 5 * ceil(minutes / 5)
    if minutes < 60:
        return f"about {_counted(minutes, 'minute')} left"
    hours = round(minutes / 60)
    return (
        f"about {_counted(hours, 'hour')} left" if hours <= 36 else f"about {_counted(round(hours / 24), 'day')} left"
    )


def typical_records(source_id: int) -> int | None:
    """Say how many records a search of a source mostly finds; None where none was made yet."""
    counts = list(_done(SourceSearch).filter(source_id=source_id).values_list("records", flat=True)[:PAST])
    return int(median(counts)) if counts else None


def expected_seconds(past: Sequence[Past], records: int | None) -> float | None:
    """Say how long work will take, by like work in the past.

    Args:
        records: of this work; None where that is not known, and then nothing is said where past works differ widely.
    """
    if records is None:
        seconds = sorted(work.seconds for work in past)
        is_alike = len(seconds) >= FEWEST_OF_ANY_SIZE and seconds[-1] <= max(WIDEST_SPREAD * median(seconds), 60)
        return median(seconds) if is_alike else None
    size = records + BASE_RECORDS
    nearest = sorted(past, key=lambda work: abs(log(size / (work.records + BASE_RECORDS))))[:LIKE]
    return median(work.seconds * size / (work.records + BASE_RECORDS) for work in nearest) if nearest else None


def _seconds_left(
    work: Leased, records: int | None, past: Callable[[], list[Past]], now: datetime | None
) -> float | None:
    now = now or timezone.now()
    if work.state == Leased.State.WAITING:
        return None if work.last_error else expected_seconds(past(), records)
    if work.state != Leased.State.RUNNING or work.started_at is None or work.claimable_at < now:
        return None  # it is over, or its worker is gone
    elapsed = (now - work.started_at).total_seconds()
    by_pace = None
    if work.percent >= FIRST_PERCENT and elapsed >= FIRST_SECONDS:
        by_pace = elapsed * (100 - work.percent) / work.percent
    if work.percent >= SURE_PERCENT and by_pace is not None:
        return by_pace
    expected = expected_seconds(past(), records)
    if expected is None or elapsed > OVERDUE * expected:
        return by_pace
    by_past = max(expected - elapsed, 0.0)
    sureness = work.percent / SURE_PERCENT
    return by_past if by_pace is None else sureness * by_pace + (1 - sureness) * by_past


def _past_searches(search: SourceSearch) -> list[Past]:
    return _past(_done(SourceSearch).filter(source_id=search.source_id).values_list("records", *_TIMES)[:PAST])


def _past_exports(export: Export) -> list[Past]:
    """Of those made lately, the ones of the same formats: one of them may take longer than all others."""
    rows = _done(Export).values_list("formats", "records", *_TIMES)[: PAST * 5]
    return _past(row[1:] for row in rows if sorted(row[0]) == sorted(export.formats))[:PAST]


_TIMES = ("started_at", "finished_at")


def _done(model: type[Leased]) -> QuerySet[Any]:
    """Order by the key, which an index serves: the latest that were asked for are as good as the latest done."""
    return model.objects.filter(state=Leased.State.DONE, started_at__isnull=False, finished_at__isnull=False).order_by(
        "-pk"
    )


def _past(rows: Iterable[tuple[int, datetime, datetime]]) -> list[Past]:
    return [Past(records, (finished - started).total_seconds()) for records, started, finished in rows]


def _counted(number: int, noun: str) -> str:
    one = "an" if noun == "hour" else "a"
    return f"{one} {noun}" if number == 1 else f"{number} {noun}s"
