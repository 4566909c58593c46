"""What may help with a request, in the console: each suggestion with its reason and where one acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from requests_app import suggestions
from requests_app.admin.panels.base import SIDE, Panel
from requests_app.admin.request_acts import page_of
from requests_app.suggestions import Noun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.admin.base import Route
    from requests_app.models import SubjectRequest
    from requests_app.suggestions import Pace, Place, Suggestion

ORDER = 0
ROUTES: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A suggestion, and the address where one acts on it."""

    suggestion: Suggestion
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows."""

    lines: list[Line]
    pace: Pace


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """Give the suggestions of a request that is open."""
    found = suggestions.help_with(request)
    if found is None:
        return None
    lines = [Line(item, _address(item.place)) for item in found.suggestions]
    return Panel("console/suggestions/panel.html", Shown(lines, found.pace), SIDE)


def _address(place: Place) -> str:
    if place.noun is Noun.HERE:
        return f"#{place.part}"
    if place.noun is Noun.SOURCE:
        return reverse("admin:requests_app_datasource_change", args=[place.pk])
    return page_of(place.pk)
