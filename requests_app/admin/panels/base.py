"""What a module of the page gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from requests_app.admin.base import Route

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.admin.next_steps import Step
    from requests_app.models import SubjectRequest

MAIN, SIDE = "main", "side"


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page.

    Args:
        template: is given `data` as `panel`, beside the page's own context.
        place: `MAIN` for what is worked on, drawn anew while the portal works; `SIDE` for what one looks up.
        steps: what waits in it for the team.
    """

    template: str
    data: object
    place: str = MAIN
    steps: tuple[Step, ...] = ()


class PanelModule(Protocol):
    """A module below `admin/panels`.

    `ORDER` sorts the panels of a place, the lowest first; `ROUTES` are the addresses of its acts, below those of the
    list of requests.
    """

    ORDER: int
    ROUTES: tuple[Route, ...]

    @staticmethod
    def panel_of(request: SubjectRequest, user: User) -> Panel | None:
        """Give the panel of a request; None where it has none."""
