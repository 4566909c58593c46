"""How soon an appeal against a refusal, or a complaint to the controller itself, has to be dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests_app.deadlines.rules import Rule


@dataclass(frozen=True, slots=True)
class AppealDeadline:
    """The last day to answer an appeal, and the last one where it may be extended; the same where it may not."""

    due: date
    extended: date


def appeal_deadline(rule: Rule, appealed_on: date) -> AppealDeadline | None:
    """Say how soon an appeal must be answered; None where the law knows no appeal to the controller.

    Calendar days, the day of the appeal not counted, as the acts of US states count them.

    Source: for example Va. Code 59.1-577(C): within 60 days of receipt of an appeal.
    """
    if rule.appeal is None:
        return None
    due = appealed_on + timedelta(days=rule.appeal.answer_days)
    return AppealDeadline(due, due + timedelta(days=rule.appeal.extension_days))


def complaint_acknowledged_by(rule: Rule, complained_on: date) -> date | None:
    """Say by when a complaint to the controller must be acknowledged; None where the law asks for no such thing.

    Source: Data Protection Act 2018 s. 164A(3), as inserted by the Data (Use and Access) Act 2025: 30 days.
    """
    if rule.complaints is None:
        return None
    return complained_on + timedelta(days=rule.complaints.acknowledge_days)
