"""A review of a decision is due by the law that grants it, and by the team's own day beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from requests_app import audit
from requests_app.deadlines.rules import shipped_rules
from requests_app.models import Right
from requests_app.rights.automated_decision import review_by
from requests_app.timekeeping import clock
from tests.requests_app.portal import a_request, the_controller

CAME = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)  # a Thursday
DUE = {
    "DE": (
        date(2026, 4, 7),
        date(2026, 3, 19),
    ),  # a month, over Easter Monday, which is one everywhere there; own: 14 days
    "GB": (date(2026, 4, 6), date(2026, 3, 19)),
    "CH": (date(2026, 4, 6), date(2026, 3, 19)),
    "BR": (date(2026, 3, 20), date(2026, 3, 19)),
    "KR": (date(2026, 3, 16), date(2026, 3, 16)),  # ten days end on a Sunday; the law's day comes first
    "CN": (date(2026, 3, 26), date(2026, 3, 19)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("place", DUE)
def test_the_laws_day_and_the_teams(place):
    the_controller(country=place)
    with time_machine.travel(CAME, tick=False):
        request = a_request(right=Right.AUTOMATED_DECISION, place=place, submitted_at=CAME, verified_at=CAME)
        clock.open_clock(request, actor=audit.SYSTEM)
    request.refresh_from_db()
    assert (request.due_on, review_by(request)) == DUE[place]


def test_every_law_that_grants_a_review_is_tried_here():
    granting = {rule.code for rule in shipped_rules() if "automated_decision" in rule.rights}
    assert granting == {"GDPR", "UK", "CH", "LGPD", "KR", "CN"}
