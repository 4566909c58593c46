"""Whose data is restricted, as the console shows it beside every request of theirs: by the register, not by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import restrictions
from requests_app.models import Identifier, SubjectRequest, Suppression
from requests_app.suppression import register

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

RESTRICTION = Suppression.Scope.RESTRICTION


@dataclass(frozen=True, slots=True)
class Standing:
    """That the data of the person of a request is restricted.

    Args:
        by: the requests by which it is; none where they are not kept any more.
    """

    since: datetime
    by: list[SubjectRequest]


def restricted_among(requests: Iterable[SubjectRequest]) -> set[int]:
    """Give the ids of the requests whose person has the use of their data restricted; a few queries for a list."""
    ids = [request.pk for request in requests]
    own = set(restrictions.in_force().filter(request__in=ids).values_list("request", flat=True))
    rows = list(_known(ids).values_list("request", "kind", "value"))
    found = register.look_up([(kind, value) for _, kind, value in rows])
    return own | {pk for (pk, *_), standing in zip(rows, found, strict=True) if RESTRICTION in standing.scopes}


def standing_of(request: SubjectRequest) -> Standing | None:
    """Say since when the data of a request's person is restricted, and by which requests; None where it is not."""
    own = restrictions.standing(request)
    entries = register.standing_of(_known([request.pk]).values_list("kind", "value"), RESTRICTION)
    since = [entry.since for entry in entries] + ([own.since] if own else [])
    if not since:
        return None
    by = {entry.request for entry in entries if entry.request} | ({request} if own else set())
    return Standing(min(since), sorted(by, key=lambda item: item.pk))


def _known(ids: list[int]) -> QuerySet[Identifier]:
    return Identifier.objects.filter(request__in=ids).exclude(proof="")
