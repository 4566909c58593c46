"""The day a request came, in the ways that people and spreadsheets write it."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum

from django.utils import timezone

OLDEST_YEARS = 10
_ISO = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)")
_DOTTED = re.compile(r"(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.\s?(?P<year>\d{4}|\d\d)")
_SLASHED = re.compile(r"(?P<first>\d\d?)[/-](?P<second>\d\d?)[/-](?P<year>\d{4}|\d\d)")
_TIME = re.compile(r"[T ,]+(?P<hour>\d\d?):(?P<minute>\d\d)(:\d\d([.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE)
_ZONE = re.compile(r"\s*(Z|[+-]\d\d:?\d\d)$")


class DateOrder(StrEnum):
    """What comes first in dates such as 03/04/2026."""

    UNKNOWN = ""
    DAY = "day"
    MONTH = "month"


def received_at(text: str, order: DateOrder, *, now: datetime) -> datetime:
    """Read when a request came; the beginning of the day where no time is given.

    Raises:
        ValueError: it cannot be read, or is no time that a request came; the text says why without repeating it.
    """
    text = text.strip()
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        raise ValueError("is the number a spreadsheet keeps a date as; format the column as a date and save it again")
    day, rest = _day(text, order)
    moment = _moment(day, rest)
    if moment > now:
        raise ValueError("lies in the future")
    if day.year < now.year - OLDEST_YEARS:
        raise ValueError(f"lies more than {OLDEST_YEARS} years back")
    return moment


def _day(text: str, order: DateOrder) -> tuple[date, str]:
    found = _ISO.match(text) or _DOTTED.match(text)
    if found:
        return _date(found["year"], found["month"], found["day"]), text[found.end() :]
    slashed = _SLASHED.match(text)
    if slashed is None:
        raise ValueError("is no date such as 2026-03-31 or 31.03.2026")
    first, second = int(slashed["first"]), int(slashed["second"])
    if order is DateOrder.UNKNOWN and max(first, second) <= 12 and first != second:
        raise ValueError("may be one of two days; say above whether the day or the month comes first")
    is_month_first = order is DateOrder.MONTH or (order is DateOrder.UNKNOWN and second > 12)
    month, day = (first, second) if is_month_first else (second, first)
    return _date(slashed["year"], month, day), text[slashed.end() :]


def _date(year: str, month: str | int, day: str | int) -> date:
    century = 2000 if len(year) == 2 else 0
    try:
        return date(int(year) + century, int(month), int(day))
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _moment(day: date, rest: str) -> datetime:
    if not rest.strip():
        return timezone.make_aware(datetime.combine(day, time()))
    zone = _ZONE.search(rest)
    clock = _TIME.fullmatch(rest[: zone.start()] if zone else rest)
    if clock is None:
        raise ValueError("has something behind the date that is no time such as 14:30")
    hour, minute = int(clock["hour"]), int(clock["minute"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"][0].lower() == "p" else 0)
    try:
        told = datetime.combine(day, time(hour, minute))
    except ValueError:
        raise ValueError("has a time that no clock shows") from None
    return _aware(told, zone[1]) if zone else timezone.make_aware(told)


def _aware(told: datetime, zone: str) -> datetime:
    return datetime.fromisoformat(told.isoformat() + zone.replace("Z", "+00:00"))
