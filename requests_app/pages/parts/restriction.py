"""A restriction on the page of a request: since when, what it means, when it ends and why, and afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import proofs, restrictions
from requests_app.models import SourceChange, Status
from requests_app.pages.parts.base import Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.urls import URLPattern

    from requests_app.models import Lifting, Restriction, SubjectRequest

ORDER = 35
TEMPLATE = "portal/restriction/part.html"
UNTIL = {
    "accuracy": "It ends once it is checked whether the data is right.",
    "unlawful": "It stays so until you want it otherwise, or the reason for it is gone.",
    "claims": "It ends once you do not need the data for your claim any more.",
    "objection": "It ends once it is decided whether our reasons weigh more than yours.",
}
urlpatterns: Sequence[URLPattern] = ()


@dataclass(frozen=True, slots=True)
class Restricted:
    """What the part shows.

    Args:
        until: what ends it.
        is_at_work: whether some system does not know it yet.
        lifting: the end that was announced; None where none is.
        ends_on: on which day, by what is known now.
    """

    row: Restriction
    until: str
    is_at_work: bool
    lifting: Lifting | None
    ends_on: date | None


def part_of(asked: SubjectRequest) -> Part | None:
    """Give the part of a restriction that was decided on, to whoever has shown who they are; None of others."""
    row = asked.restrictions.first()
    if row is None or asked.verified_at is None or not proofs.is_proven(asked):
        return None
    lifting = restrictions.announced(row)
    is_told = lifting is not None and (lifting.done_at is not None or restrictions.told_on(lifting) is not None)
    shown = lifting if is_told else None
    changes = SourceChange.objects.filter(request=asked, act="restriction", called_off_at=None, applied_at=None)
    return Part(
        TEMPLATE,
        Restricted(
            row,
            UNTIL[row.ground],
            is_at_work=row.ended_at is None and changes.exists(),
            lifting=shown,
            ends_on=restrictions.ends_on(shown) if shown else None,
        ),
        _headline(asked, row, shown),
    )


def _headline(asked: SubjectRequest, row: Restriction, lifting: Lifting | None) -> str:
    if asked.right != "restriction" or asked.status in {Status.WITHDRAWN, Status.REJECTED}:
        return ""
    if row.ended_at:
        return "The restriction has ended"
    return "The restriction is about to end" if lifting else "Your data is kept and not used"
