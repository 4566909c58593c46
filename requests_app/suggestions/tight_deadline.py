"""A period that requests like this one have often used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.batches import counted
from requests_app.models.subject_request import AT_WORK
from requests_app.suggestions.base import Icon, Suggestion, day, here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 0


def suggest(look: Look) -> Iterator[Suggestion]:
    """Say so where one in five, or every second, would not be answered in time."""
    due_on, left = look.request.due_on, look.request.days_left(look.today)
    if look.request.status not in AT_WORK or due_on is None or left is None or left < 0:
        return
    pace = look.pace
    if not pace.mostly_on or pace.mostly_on <= due_on:
        return
    is_half = pace.likely_on is not None and pace.likely_on > due_on
    share, days = ("half of", pace.median_days) if is_half else ("one in five of", pace.most_days)
    yield Suggestion(
        Icon.CLOCK,
        f"The answer is due on {day(due_on)}, and may not be there in time.",
        f"{share} the last {pace.count} requests of this right took {counted(days, 'day')} or more, and "
        f"{counted(left, 'day')} {'is' if left == 1 else 'are'} left",
        "Look at the deadline",
        here("clock"),
    )
