"""Reads dates written as text and tells those on which people were born."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from statistics import median, quantiles

FEWEST = 5
OLDEST_YEARS, YOUNGEST_YEARS = 110, 5
YOUNGEST_MEDIAN_YEARS = 16
LEAST_SPREAD_YEARS = 6.0
FITTING_SHARE = 0.95
DAYS_IN_YEAR = 365.2425
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?.*)?")
_LOCAL = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2((?:\d\d)?\d\d)(?:[, ]+(\d{1,2}:\d\d).*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d\d)[./](\d\d)")


def written(text: str, length: int) -> tuple[date, bool] | None:
    """Read a date as people and programs write it, and whether a time of day stands behind it."""
    if not 6 <= length <= 40:
        return None
    if match := _ISO.fullmatch(text):
        return _with_time(_date(match[1], match[2], match[3]), match[4])
    if match := _YEAR_FIRST.fullmatch(text):
        return _with_time(_date(match[1], match[2], match[3]), None)
    if match := _LOCAL.fullmatch(text):
        year = match[4] if len(match[4]) == 4 else ("19" if int(match[4]) > 26 else "20") + match[4]
        day = _date(year, match[3], match[1]) or _date(year, match[1], match[3])
        return _with_time(day, match[5])
    return None


def _with_time(day: date | None, time: str | None) -> tuple[date, bool] | None:
    return (day, time is not None and time not in ("00:00", "0:00")) if day else None


def compact(digits: str) -> date | None:
    """Read `19841231`; a number that happens to be a day of these two centuries is one too."""
    if len(digits) != 8 or digits[:2] not in ("19", "20"):
        return None
    return _date(digits[:4], digits[4:6], digits[6:])


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def share(days: Sequence[date]) -> float:
    """Give the share of dates that are birth dates; 0 unless they lie and spread as ages of people do."""
    today = datetime.now(UTC).date().toordinal()
    ages = [(today - day.toordinal()) / DAYS_IN_YEAR for day in days]
    fitting = [age for age in ages if YOUNGEST_YEARS <= age <= OLDEST_YEARS]
    if len(fitting) < FEWEST or len(fitting) < len(ages) * FITTING_SHARE or median(fitting) < YOUNGEST_MEDIAN_YEARS:
        return 0.0
    quarters = quantiles(fitting, n=4)
    return len(fitting) / len(ages) if quarters[2] - quarters[0] >= LEAST_SPREAD_YEARS else 0.0
