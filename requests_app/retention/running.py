"""Runs the schedule, or says what it would do; each run leaves a proof of what it took away."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit
from requests_app.models import RetentionRun, SubjectRequest
from requests_app.retention.holding import held
from requests_app.retention.rules import RULES
from requests_app.retention.schedule import KINDS, days_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import Model, QuerySet

    from requests_app.retention.rules import Rule

_log = logging.getLogger(__name__)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Line:
    """What a run does to one kind of records, in rows: takes away, leaves because they are held, could not take."""

    kind: str
    removed: int = 0
    held: int = 0
    failed: int = 0

    @property
    def label(self) -> str:
        """Name the kind."""
        return KINDS[self.kind].label

    def __add__(self, other: Line) -> Line:
        return Line(self.kind, self.removed + other.removed, self.held + other.held, self.failed + other.failed)


def foreseen(at: datetime) -> list[Line]:
    """Say what a run at some time would take away, by kind, if nothing happened till then; changes nothing."""
    lines = {slug: Line(slug) for slug in KINDS}
    for rule in RULES:
        free, kept = _due(rule, at)
        lines[rule.kind] += Line(rule.kind, free.count(), kept)
    return list(lines.values())


def run(now: datetime) -> list[Line]:
    """Take away whatever is due, one thing a transaction; may be stopped, repeated and run by two workers at once.

    What took something away is put on record: counts by kind, in `RetentionRun` and in the audit trail.
    """
    began = timezone.now()
    lines = {slug: Line(slug) for slug in KINDS}
    for rule in RULES:
        lines[rule.kind] += _run_rule(rule, now)
    report = list(lines.values())
    if any(line.removed or line.failed for line in report):
        _prove(report, began)
    return report


def _due(rule: Rule, at: datetime) -> tuple[QuerySet[Model], int]:
    """Give the rows that may go, and how many may not because they are held."""
    rows = rule.due(at, days_of(rule.kind))
    if not rule.request:
        return rows, 0
    is_held = {f"{rule.request}__in": held(at).values("pk")}
    return rows.exclude(**is_held), rows.filter(**is_held).count()


def _run_rule(rule: Rule, now: datetime) -> Line:
    free, kept = _due(rule, now)
    line = Line(rule.kind, held=kept)
    last = 0
    while chunk := list(free.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        for row in chunk:
            line += _take_away(free, rule, row, now)
        last = chunk[-1].pk
    return line


@transaction.atomic
def _take_away(free: QuerySet[Model], rule: Rule, row: Model, now: datetime) -> Line:
    """Take one row away, unless it is held, or not due any more, since it was listed; who changes that now waits."""
    if rule.request:
        ids = type(row)._default_manager.filter(pk=row.pk).values(rule.request)
        list(SubjectRequest.objects.select_for_update().filter(pk__in=ids).values_list("pk"))
    if not free.filter(pk=row.pk).exists():
        return Line(rule.kind)
    with others_go_on(row) as outcome:
        rule.remove(row, now)
    return Line(rule.kind, removed=int(outcome.went_well), failed=int(not outcome.went_well))


def _prove(report: list[Line], began: datetime) -> None:
    counted = {
        name: {line.kind: getattr(line, name) for line in report if getattr(line, name)}
        for name in ("removed", "held", "failed")
    }
    row = RetentionRun.objects.create(began_at=began, ended_at=timezone.now(), **counted)
    removed = sum(line.removed for line in report)
    audit.record("retention.run", audit.SYSTEM, target=f"retention run {row.pk}", removed=removed)


@dataclass(slots=True)
class Outcome:
    """Whether something was done."""

    went_well: bool = True


@contextmanager
def others_go_on(thing: object) -> Iterator[Outcome]:
    """Log what cannot be removed, and let the rest be; a file whose key is destroyed is found as a stray later."""
    outcome = Outcome()
    try:
        yield outcome
    except (DsrError, DatabaseError) as error:
        outcome.went_well = False
        _log.error("removal.failed", extra={"of": str(thing), "reason": type(error).__name__})
