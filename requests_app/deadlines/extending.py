"""Whether a law allows to extend a period, here and now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.errors import DsrError
from requests_app.deadlines.rules import Length

if TYPE_CHECKING:
    from datetime import date

    from requests_app.deadlines.clock import Deadline
    from requests_app.deadlines.rules import Extension, Rule

GROUNDS = {
    "complexity": "The request is complex",
    "number": "There are many requests, or many records",
    "reasonably_necessary": "More time is reasonably necessary",
    "interference": "Answering within the period would unreasonably interfere with our work",
    "consultations": "Others have to be consulted first",
    "conversion": "Records have to be converted into another format",
    "elsewhere": "Records have to be fetched from elsewhere",
    "just_cause": "There is just cause to put the answer off",
    "cannot_be_met": "The answer cannot be ready within the period",
}
"""What laws accept as a reason, in words for the person."""

MOST_DAYS = 1_000  # a slip of the pen: no law means so many


class IllegalExtension(DsrError, ValueError):
    """Say why the law does not allow an extension, in its own words where it has any."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An extension somebody wants to make.

    Args:
        by: how much, in the unit of the rule's extension; 0 where a day is named instead.
        until: the day that is named, where the law lets one name it.
        ground: a word of `GROUNDS`.
        reason: in words, for the person.
    """

    ground: str
    reason: str
    by: int = 0
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """How often, and by how much in all, a request was extended before."""

    times: int = 0
    by: int = 0


NEVER = Past()


def check(rule: Rule, deadline: Deadline, plan: Plan, *, right: str, today: date, past: Past = NEVER) -> None:
    """Refuse what the law does not allow.

    Args:
        deadline: of the request as it stands.
        past: the extensions before.

    Raises:
        IllegalExtension: the law knows none, it was used up, it comes too late, is too long, or lacks its reason.
    """
    extension = rule.extension
    if extension is None:
        raise IllegalExtension(f"{rule.name} knows no extension ({rule.law}).")
    sentence = extension.sentence
    if right not in (extension.rights or rule.rights):
        raise IllegalExtension(f"The law extends no period of this right. {sentence}")
    _check_time(extension, deadline, today, past)
    if plan.ground not in extension.grounds:
        known = ", ".join(GROUNDS.get(ground, ground) for ground in extension.grounds)
        raise IllegalExtension(f"This is no ground that the law knows; it knows: {known}. {sentence}")
    if not plan.reason.strip():
        raise IllegalExtension(f"Please give the reason in words: the person is told. {sentence}")
    if extension.open_ended:
        _check_day(deadline, plan, sentence)
    elif plan.until or not 1 <= plan.by <= extension.length - past.by:
        raise IllegalExtension(f"It may be extended by 1 to {_left(extension, past)}. {sentence}")


def _check_time(extension: Extension, deadline: Deadline, today: date, past: Past) -> None:
    if past.times >= extension.times or (past.by and past.by >= extension.length):
        raise IllegalExtension(f"It was extended already. {extension.sentence}")
    last_day = deadline.due if past.times else deadline.first_due
    if today > last_day:
        period = f"The {'period' if past.times else 'first period'} ended on {last_day:%-d %B %Y}"
        raise IllegalExtension(f"{period}; it is too late to extend it. {extension.sentence}")


def _left(extension: Extension, past: Past) -> str:
    return str(Length(length=extension.length - past.by, unit=extension.unit))


def _check_day(deadline: Deadline, plan: Plan, sentence: str) -> None:
    if plan.until and (plan.until - deadline.due).days > MOST_DAYS:
        raise IllegalExtension(f"Please name a day within {MOST_DAYS:,} days after {deadline.due:%-d %B %Y}.")
    if plan.by or plan.until is None or plan.until <= deadline.due:
        raise IllegalExtension(f"Please name the day of the answer, after {deadline.due:%-d %B %Y}. {sentence}")
