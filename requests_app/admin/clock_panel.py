"""The clock of a request as its page shows it: how much of the period is over, what is due when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects
from django.utils import timezone

from requests_app import extensions
from requests_app.admin.wording import ASKED, EXTENDED, PAUSED, Pill
from requests_app.models import ComputedDeadline, PeriodExtension, PersonWait
from requests_app.models.subject_request import AT_WORK
from requests_app.places import name_of
from requests_app.timekeeping import clock
from requests_app.timekeeping.rules import rule_of
from requests_app.workflow import WORK

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.deadlines.rules import Rule
    from requests_app.models import SubjectRequest
    from requests_app.timekeeping.clock import Move

NOT_HIGH = {
    "medium": "Check this with counsel: the rule was read in a secondary source.",
    "low": "Check this with counsel: the rule is not certain.",
}


@dataclass(frozen=True, slots=True)
class PeriodBar:
    """The period drawn: shares of it in per cent from the day of receipt.

    Args:
        first: where the first period ends, where the period was extended; None elsewhere.
    """

    elapsed: float
    target: float
    first: float | None
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the explanation."""

    date: date
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class OtherLaw:
    """A law that proposed a later day."""

    name: str
    due: date


@dataclass(frozen=True, slots=True)
class ClockPanel:
    """What the page shows of the clock, and what may be done about it.

    Args:
        no_extension: why the period cannot be extended; empty where it can.
    """

    row: ComputedDeadline
    rule: Rule
    place: str
    pills: tuple[Pill, ...]
    notes: tuple[str, ...]
    bar: PeriodBar | None
    lines: tuple[Line, ...]
    others: tuple[OtherLaw, ...]
    no_extension: str
    earlier: tuple[ComputedDeadline, ...]
    waits: tuple[PersonWait, ...]
    extension: PeriodExtension | None
    move: Move | None
    can_ask: bool
    can_extend: bool
    can_approve: bool
    can_move: bool

    @property
    def is_suspended_later(self) -> bool:
        """Whether guidance would give a later day than the safe one."""
        return self.row.due_if_suspended_on != self.row.due_on


def panel_of(request: SubjectRequest, user: User) -> ClockPanel | None:
    """Put the clock of a request together; None where none runs."""
    prefetch_related_objects([request], "deadlines__rule", "waits__asked_by", "extensions__prepared_by")
    rows = sorted(request.deadlines.all(), key=attrgetter("pk"), reverse=True)
    if not rows:
        return None
    row, rule = rows[0], rule_of(rows[0].rule)
    is_at_work = request.status in AT_WORK
    may_work, may_decide = user.has_perm(WORK), user.has_perm(extensions.APPROVE)
    extended = list(request.extensions.all())
    pending = next((item for item in extended if not (item.approved_at or item.dropped_at)), None)
    offered = extensions.choices(request) if is_at_work else None
    return ClockPanel(
        row=row,
        rule=rule,
        place=name_of(row.place) if row.place else "",
        pills=tuple(_pills(request, row)),
        notes=tuple(_notes(row, rule)),
        bar=_bar(row, timezone.localdate()) if is_at_work else None,
        lines=tuple(Line(date.fromisoformat(step["date"]), step["why"], step["source"]) for step in row.steps),
        others=tuple(OtherLaw(other["rule"], date.fromisoformat(other["due"])) for other in row.others),
        no_extension=offered.refusal if offered and may_work and pending is None else "",
        earlier=tuple(rows[1:]),
        waits=tuple(request.waits.all()),
        extension=pending,
        move=clock.move_of(request) if is_at_work else None,
        can_ask=is_at_work and may_work,
        can_extend=may_work and pending is None and offered is not None and not offered.refusal,
        can_approve=bool(pending and may_decide and pending.prepared_by_id != user.pk),
        can_move=user.has_perm("requests_app.manage_rules"),
    )


def _pills(request: SubjectRequest, row: ComputedDeadline) -> list[Pill]:
    is_asked = any(wait.answered_at is None for wait in request.waits.all())
    pills = [PAUSED] if row.is_paused else [ASKED] if is_asked else []
    if any(item.approved_at for item in request.extensions.all()):
        pills.append(EXTENDED)
    return [*pills, *([Pill("voluntary", "quiet")] if row.is_voluntary else [])]


def _notes(row: ComputedDeadline, rule: Rule) -> list[str]:
    notes = [NOT_HIGH[rule.confidence]] if rule.confidence in NOT_HIGH else []
    if row.is_voluntary:
        notes.append("No law that we know grants this right here; the period is kept voluntarily.")
    if row.is_before_rule:
        notes.append("The request came before this version of the law was in force; its oldest version is used.")
    if row.due_on < timezone.localdate(row.created_at):
        is_first = row.cause == ComputedDeadline.Cause.OPENED
        what = "request was recorded" if is_first else "day was computed"
        notes.append(f"It was overdue already when the {what}, on {timezone.localdate(row.created_at):%-d %B %Y}.")
    if row.is_paused:
        notes.append(
            "The law's clock stands still until the person answers; the day moves on with every day of waiting."
        )
    return notes


def _bar(row: ComputedDeadline, today: date) -> PeriodBar:
    whole = max((row.due_on - row.received_on).days, 1)

    def share(day: date) -> float:
        return round(min(max((day - row.received_on).days / whole, 0), 1) * 100, 1)

    left = (row.due_on - today).days
    words = f"day {max((today - row.received_on).days, 0)} of {whole}" if left >= 0 else f"{-left} days over"
    tone = "bad" if left < 0 else "warn" if today > row.target_on else "good"
    if row.is_paused:
        words, tone = "stands still", "good"
    first = share(row.first_due_on) if row.first_due_on < row.due_on else None
    return PeriodBar(share(today), share(row.target_on), first, words, tone)
