"""Answers far larger than the usual."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from requests_app import forecasts
from requests_app.models import Leased, SourceSearch
from requests_app.rounding import about
from requests_app.suggestions.base import Icon, Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 50
PAST = 400
FEWEST = 3
LEAST_RECORDS = 5_000
TIMES = 10


def suggest(look: Look) -> Iterator[Suggestion]:
    """Hold what is found, or expected, against what others had in the same sources."""
    now = _now(look)
    usual = _usual(look, set(now)) if sum(now.values()) >= LEAST_RECORDS else {}
    total, typical = sum(now[source] for source in usual), sum(usual.values())
    if not usual or total < LEAST_RECORDS or total < TIMES * typical:
        return
    left = forecasts.in_words(forecasts.of_searches(look.searches, look.now))
    yield Suggestion(
        Icon.WARNING,
        f"Much is held: {about(total)} records.",
        f"others had {about(round(typical))} in the same sources{f'; {left}' if left else ''}",
        "Look at what was found",
        look.place_of_found,
    )


def _now(look: Look) -> dict[int, int]:
    """Give how much each source has, or is expected to have."""
    known = {row.source_id: row.likely_records for row in look.searches}
    likely = {source: records for source, records in known.items() if records is not None}
    return likely or {item.source.pk: item.total for item in look.found if item.is_done}


def _usual(look: Look, sources: set[int]) -> dict[int, float]:
    """Give how much others mostly had in each source, where there are enough to tell."""
    done = SourceSearch.objects.filter(source__in=sources, state=Leased.State.DONE).exclude(request=look.request)
    past: dict[int, list[int]] = {}
    for source, records in done.order_by("-pk").values_list("source", "records")[:PAST]:
        past.setdefault(source, []).append(records)
    return {source: median(records) for source, records in past.items() if len(records) >= FEWEST}
