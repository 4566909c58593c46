"""To whom a person had their files handed over, and who fetched them, on the page of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app import transferring
from requests_app.admin.panels.base import SIDE, Panel
from requests_app.models import Right

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.admin.base import Route
    from requests_app.models import SubjectRequest

ORDER = 35
ROUTES: tuple[Route, ...] = ()


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """List them; the person alone makes and ends them, and all links at once are ended with the request's."""
    if request.right != Right.PORTABILITY:
        return None
    transfers = transferring.transfers_of(request)
    return Panel("console/portability/transfers.html", transfers, place=SIDE) if transfers else None
