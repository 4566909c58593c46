"""The month of the team: what is due on which day."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone

from requests_app.admin.base import page_context
from requests_app.controller import controller
from requests_app.deadlines.calendars import Calendar
from requests_app.models import SubjectRequest
from requests_app.places import name_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

MOST_A_DAY = 6
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Due:
    """One request on its last day."""

    request: SubjectRequest
    tone: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the grid.

    Args:
        closed: why nobody works on it; empty on working days.
        more: how many requests are due beside those listed.
    """

    date: date
    is_of_month: bool
    is_today: bool
    closed: str
    dues: tuple[Due, ...]
    more: int


def show(request: StaffRequest) -> HttpResponse:
    """Show a month (`?month=2026-12`), this one where none is asked for."""
    first = _month(request.GET.get("month", ""))
    weeks = _weeks(first)
    context = page_context(
        request,
        title=f"{first:%B %Y}",
        weeks=weeks,
        days=[day for week in weeks for day in week if day.dues],
        previous=first - timedelta(days=1),
        following=(first + timedelta(days=31)).replace(day=1),
        is_now=first == timezone.localdate().replace(day=1),
        holidays_of=name_of(controller().country) if controller().country else "",
        weekdays=list(calendar.day_name),
    )
    return render(request, "console/clock/calendar.html", context)


def _month(asked: str) -> date:
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        first = timezone.localdate().replace(day=1)
    return first if FIRST_YEAR <= first.year <= LAST_YEAR else timezone.localdate().replace(day=1)


def _weeks(first: date) -> list[list[Day]]:
    grid = calendar.Calendar().monthdatescalendar(first.year, first.month)
    dues: dict[date, list[SubjectRequest]] = defaultdict(list)
    listed = SubjectRequest.objects.at_work().due(grid[0][0], grid[-1][-1]).select_related("assignee")
    for row in listed.order_by("due_on", "pk"):
        if row.due_on:
            dues[row.due_on].append(row)
    working, today = Calendar(controller().country), timezone.localdate()
    return [[_day(day, first, today, working, dues[day]) for day in week] for week in grid]


def _day(day: date, first: date, today: date, working: Calendar, due: list[SubjectRequest]) -> Day:
    tone = "bad" if day < today else "warn" if day - today <= timedelta(days=5) else "good"
    return Day(
        date=day,
        is_of_month=day.month == first.month,
        is_today=day == today,
        closed=working.why_closed(day),
        dues=tuple(Due(row, tone) for row in due[:MOST_A_DAY]),
        more=max(len(due) - MOST_A_DAY, 0),
    )
