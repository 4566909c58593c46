"""The check that the team makes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.identity.base import CheckKind, Given, Kind, RefusedAnswer, Shown

if TYPE_CHECKING:
    from requests_app.models import IdentityCheck


class TeamCheck(CheckKind):
    """Somebody of the team makes sure: by a telephone call, a signature, a visit."""

    kind = Kind.TEAM
    label = "The team makes sure otherwise"
    asks = "wait until our team has made sure who they are"
    is_asked_by_team = False
    counts_attempts = False

    def page(self, check: IdentityCheck) -> Shown:
        """Tell that there is nothing to do."""
        return Shown("team.html")

    def answer(self, check: IdentityCheck, given: Given) -> bool:
        """Refuse: only the team passes it."""
        raise RefusedAnswer("There is nothing to do here: our team makes sure, and writes to you.")
