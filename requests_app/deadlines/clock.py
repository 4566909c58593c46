"""When an answer is due, and why: a rule applied to what happened.

Pure functions: the same rule, facts and public holidays give the same dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from requests_app.deadlines.calendars import LIBRARY, Calendar
from requests_app.deadlines.rules import Length

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from requests_app.deadlines.rules import Rule

DAY = timedelta(days=1)
TARGET_SHARE = 0.7
OWN_SETTING = "setting of the portal"  # the source of what no law asks for


@dataclass(frozen=True, slots=True)
class Wait:
    """Waiting for the person: from the day of asking to the day of the answer, None while there is none."""

    asked: date
    answered: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened to a request, as far as its deadline depends on it; days of the controller's time zone.

    Args:
        identity: waits for a proof of identity.
        clarification: waits for a word on what is meant.
        extended_by: by how much the period was extended, in the unit of the rule's extension; 0 for not at all.
        extended_until: the day that was named, where the law lets one name it.
        extended_under: the code of the law whose extension that is; empty for the law that leads without it.
        extended_on: the day the person was told; None for one early enough for every law.
        fee_paid: the day a fee was paid that the law allows; a period that starts when all is there waits for it.
        as_of: the day up to which an unanswered wait is counted; the day of asking where None.
    """

    received: date
    right: str = "access"
    identity: tuple[Wait, ...] = ()
    clarification: tuple[Wait, ...] = ()
    extended_by: int = 0
    extended_until: date | None = None
    extended_under: str = ""
    extended_on: date | None = None
    fee_paid: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the explanation: the day something is or becomes, why, and by which article."""

    date: date
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """The days that follow from a rule and what happened.

    Args:
        due: the last day to answer, without relying on guidance that the period pauses.
        due_if_suspended: the last day where it does; the same where no such pause counts.
        first_due: the last day of the first period, within which an extension must be told.
        target: the day the team should be done by.
        acknowledge: the last day to confirm the receipt; None where the law asks for none.
        is_paused: whether the law's clock stands still, so that the dates move on from day to day.
        is_before_rule: whether the request came before the rule was in force.
        holidays_from: the library, with its version, that the public holidays come from.
    """

    due: date
    due_if_suspended: date
    first_due: date
    target: date
    acknowledge: date | None
    is_paused: bool
    is_before_rule: bool
    holidays_from: str
    steps: tuple[Step, ...]


def compute(rule: Rule, facts: Facts, place: str, *, target_share: float = TARGET_SHARE) -> Deadline:
    """Compute when an answer is due.

    Args:
        place: whose public holidays count, ISO 3166-1 alpha-2 or ISO 3166-2.
        target_share: how much of the period the team gives itself, between 0 and 1.

    Raises:
        ValueError: no rule knows the right.
    """
    return _Computation(rule, facts, Calendar(place, rule.closed)).deadline(target_share)


@dataclass(frozen=True, slots=True)
class _Run:
    """The period run once, with or without pauses: its start, and its last days before rolling.

    Args:
        excluded: how many days were left out of the first period.
        excluded_later: how many of what it was extended by.
    """

    start: date
    excluded: int
    excluded_later: int
    first_raw: date
    raw: date


class _Computation:
    def __init__(self, rule: Rule, facts: Facts, calendar: Calendar) -> None:
        self.rule, self.facts, self.calendar = rule, facts, calendar
        self.period = rule.period_of(facts.right)
        self.restarting: list[Wait] = []
        self.excluding: list[Wait] = []
        self.late: list[Wait] = []
        self.is_open = False
        for wait, counted in sorted(self._pausing_waits(), key=lambda item: item[0].asked):
            # What has ended is not brought back to life by a question; what stands still does not end.
            is_in_time = self.is_open or wait.asked <= self._rolled(self._run(is_paused=True).raw)
            (counted if is_in_time else self.late).append(wait)
            self.is_open |= is_in_time and wait.answered is None

    def deadline(self, target_share: float) -> Deadline:
        suspended = self._run(is_paused=True)
        safe = self._run(is_paused=False) if self.rule.pause.basis == "guidance" else suspended
        due, first_due = self._rolled(safe.raw), self._rolled(safe.first_raw)
        acknowledge = self._acknowledge()
        target = self._target(safe.start, due, target_share)
        return Deadline(
            due=due,
            due_if_suspended=self._rolled(suspended.raw),
            first_due=first_due,
            target=target,
            acknowledge=acknowledge,
            is_paused=self.is_open and safe is suspended,
            is_before_rule=not self.rule.is_in_force(self.facts.received),
            holidays_from=LIBRARY,
            steps=tuple(self._steps(safe, suspended, acknowledge, target)),
        )

    def _run(self, *, is_paused: bool) -> _Run:
        start = self._start() if is_paused else self.facts.received
        first_raw, excluded = self._first(start, self.excluding if is_paused else ())
        whole = {day for wait in self.excluding for day in self._days(wait) if day >= start} if is_paused else set()
        raw = self._extended(start, first_raw, whole)
        return _Run(start, len(excluded), len(whole - excluded), first_raw, raw)

    def _first(self, start: date, waits: Iterable[Wait]) -> tuple[date, set[date]]:
        """Give the last day of the first period before rolling, and the days left out of it."""
        excluded: set[date] = set()
        last = self._ends(start, self.period, excluded)
        for wait in waits:
            if wait.asked <= self._rolled(last):
                excluded |= {day for day in self._days(wait) if day >= start}
                last = self._ends(start, self.period, excluded)
        return last, excluded

    def _start(self) -> date:
        """Give the day after which the period runs: a proof of identity may begin it anew."""
        starts = [self.facts.received, *map(self._until, self.restarting)]
        if self.rule.starts == "complete" and self.facts.fee_paid:
            starts.append(self.facts.fee_paid)
        return max(starts)

    def _pausing_waits(self) -> Iterator[tuple[Wait, list[Wait]]]:
        """Yield the waits that the rule knows, each with the list it belongs to."""
        pause, lists = self.rule.pause, {"restart": self.restarting, "exclude": self.excluding}
        if pause.identity in lists:
            yield from ((wait, lists[pause.identity]) for wait in self.facts.identity)
        rights = pause.clarification_rights
        if pause.clarification in lists and (not rights or self.facts.right in rights):
            yield from ((wait, lists[pause.clarification]) for wait in self.facts.clarification)

    def _days(self, wait: Wait) -> Iterable[date]:
        """Give the days of a wait, the day of asking and that of the answer included."""
        return (wait.asked + DAY * number for number in range((self._until(wait) - wait.asked).days + 1))

    def _until(self, wait: Wait) -> date:
        return max(wait.asked, wait.answered or self.facts.as_of or wait.asked)

    def _ends(self, start: date, length: Length, excluded: Set[date] = frozenset()) -> date:
        if length.unit == "working_day":
            return self.calendar.after(start, length.length, excluded)
        return _added(start, length) + DAY * len(excluded)

    def _extended(self, start: date, first_raw: date, excluded: Set[date]) -> date:
        """Add the extension: where counting in one go and in two differ, the earlier day counts."""
        extension, by = self.rule.extension, self.facts.extended_by
        if extension and extension.open_ended:
            return max(first_raw, self.facts.extended_until or first_raw)
        if not (extension and by):
            return first_raw
        further = _of(extension, by)
        if "working_day" in (extension.unit, self.period.unit):
            return self._ends(first_raw, further, {day for day in excluded if day > first_raw})
        in_two = _added(_added(start, self.period), further)
        is_one_unit = self.period.unit == extension.unit
        in_one = _added(start, _of(extension, self.period.length + by)) if is_one_unit else in_two
        return min(in_one, in_two) + DAY * len(excluded)

    def _rolled(self, day: date) -> date:
        return day if self.rule.roll == "none" else self.calendar.next_working_day(day)

    def _acknowledge(self) -> date | None:
        length = self.rule.acknowledge
        return self._ends(self.facts.received, length) if length else None

    def _target(self, start: date, due: date, share: float) -> date:
        target = self.calendar.last_working_day(start + DAY * int((due - start).days * share))
        return max(self.facts.received, target)

    def _steps(self, safe: _Run, suspended: _Run, acknowledge: date | None, target: date) -> Iterator[Step]:
        rule, received = self.rule, self.facts.received
        yield Step(received, "Received; this day itself does not count", rule.source("count"))
        if rule.valid_from and received < rule.valid_from:
            yield Step(rule.valid_from, "In force only from this day; its oldest version is used", rule.law)
        if acknowledge:
            why = f"Last day to confirm the receipt, {rule.acknowledge} later"
            yield Step(acknowledge, why, rule.source("acknowledge"))
        yield from self._period_steps(safe)
        if suspended is not safe and suspended != safe:
            why = "The day to keep. Guidance lets the period pause, which the law itself does not say:"
            yield Step(self._rolled(safe.raw), why, rule.source("pause"))
            yield from self._period_steps(suspended, is_again=suspended.start == safe.start)
        yield from (
            Step(wait.asked, "Asked after the period had ended, which changes nothing", rule.law) for wait in self.late
        )
        yield Step(target, "The team's own target", OWN_SETTING)

    def _period_steps(self, run: _Run, *, is_again: bool = False) -> Iterator[Step]:
        rule = self.rule
        if run.start != self.facts.received:
            still = "Waiting for the person still; the period begins on this day at the earliest"
            why = still if self.is_open else "All that the period waits for is there; it begins on this day"
            yield Step(run.start, why, rule.source("pause"))
        plain = self._ends(run.start, self.period)
        part = "period" if self.period == rule.period else f"period_{self.facts.right}"
        if not is_again:
            yield Step(plain, f"{self.period} later".capitalize(), rule.source(part))
        if run.excluded:
            why = f"{_days(run.excluded)} of waiting for the person left out, the first and the last included"
            yield Step(run.first_raw, why, rule.source("pause"))
        yield from self._extension_steps(run)
        yield from self._rolling_steps(run.raw)

    def _extension_steps(self, run: _Run) -> Iterator[Step]:
        extension = self.rule.extension
        if not (self.facts.extended_by or self.facts.extended_until):
            return
        if extension is None:
            yield Step(run.raw, f"{self.rule.name} knows no extension", self.rule.law)
            return
        if run.raw == run.first_raw:
            why = "The law lets one name a later day for the answer; none was named"
            yield Step(run.raw, why, self.rule.source("extension"))
            return
        source = self.rule.source("extension")
        told_by = self._rolled(run.first_raw)
        yield Step(told_by, "Last day to tell the person of the extension", source)
        if extension.open_ended:
            yield Step(run.raw, "The day that was named to the person", source)
            return
        if self.facts.right not in (extension.rights or self.rule.rights):
            yield Step(run.raw, "The law extends no period of this right: check this with counsel", source)
        left_out = f"; {_days(run.excluded_later)} of waiting for the person left out" if run.excluded_later else ""
        by = _of(extension, self.facts.extended_by)
        yield Step(run.raw, f"Extended by {by}{left_out}; of several ways to count, the earliest day", source)

    def _rolling_steps(self, day: date) -> Iterator[Step]:
        due = self._rolled(day)
        while day < due:
            why = f"{day:%-d %B} is no working day: {self.calendar.why_closed(day)}"
            day += DAY
            yield Step(day, why, self.rule.source("roll"))


def _of(length: Length, number: int) -> Length:
    """Make a length of what is counted here, which no bound of the rules binds."""
    return Length.model_construct(length=number, unit=length.unit)


def _days(number: int) -> str:
    return str(Length.model_construct(length=number, unit="day"))


def _added(start: date, length: Length) -> date:
    """Add months or days; where the month has no such day, its last.

    Source: Regulation (EEC, Euratom) 1182/71 Art. 3(2)(c).
    """
    if length.unit == "month":
        return start + relativedelta(months=length.length)
    return start + DAY * length.length
