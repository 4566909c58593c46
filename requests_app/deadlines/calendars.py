"""Working days: not Saturday, not Sunday, no public holiday of a place, not in a closed season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from collections.abc import Container

    from requests_app.deadlines.rules import Season

SATURDAY, SUNDAY = 5, 6
DAY = timedelta(days=1)
LIBRARY = f"holidays {version('holidays')}"
"""Where public holidays come from; kept beside what was computed, since later versions may know better."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of a place.

    Args:
        place: ISO 3166-1 alpha-2, or ISO 3166-2; of a part that is not known, the holidays of the whole country count.
        closed: a season without working days.
    """

    place: str
    closed: Season | None = None

    def why_closed(self, day: date) -> str:
        """Say why a day is no working day; empty where it is one."""
        if (name := _holidays_of(self.place).get(day)) is not None:
            return name
        if day.weekday() in (SATURDAY, SUNDAY):
            return f"{day:%A}"
        return "closed season" if self._is_in_season(day) else ""

    def is_working_day(self, day: date) -> bool:
        """Whether work is done on a day."""
        return not self.why_closed(day)

    def next_working_day(self, day: date) -> date:
        """Give the day itself where it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += DAY
        return day

    def last_working_day(self, day: date) -> date:
        """Give the day itself where it is a working day, else the last one before it."""
        while not self.is_working_day(day):
            day -= DAY
        return day

    def after(self, day: date, working_days: int, left_out: Container[date] = ()) -> date:
        """Give the last of so many working days that follow a day, which itself does not count.

        Args:
            left_out: days that do not count either.
        """
        while working_days:
            day += DAY
            working_days -= self.is_working_day(day) and day not in left_out
        return day

    def _is_in_season(self, day: date) -> bool:
        if self.closed is None:
            return False
        today, first, last = f"{day:%m-%d}", self.closed.first, self.closed.last
        return first <= today <= last if first <= last else today >= first or today <= last


@cache
def _holidays_of(place: str) -> holidays.HolidayBase:
    """Give the public holidays of a place, worked out year by year as they are asked for; none of an unknown one."""
    country, _, part = place.partition("-")
    for subdivision in (part or None, None):
        try:
            return holidays.country_holidays(country, subdiv=subdivision, language="en_US")
        except NotImplementedError:
            continue
    return holidays.HolidayBase()
