"""Appeals and complaints: by when they have to be dealt with."""

from __future__ import annotations

from datetime import date

import pytest

from requests_app.deadlines.remedies import appeal_deadline, complaint_acknowledged_by
from requests_app.deadlines.rules import shipped_rules

RULES = {rule.code: rule for rule in shipped_rules()}
DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("code", "due", "extended"),
    [
        ("US-VA", date(2026, 4, 30), date(2026, 4, 30)),
        ("US-CO", date(2026, 4, 15), date(2026, 6, 14)),
        ("US-TX", date(2026, 4, 30), date(2026, 4, 30)),
    ],
)
def test_an_appeal_is_answered_within_its_days(code: str, due: date, extended: date):
    deadline = appeal_deadline(RULES[code], DAY)
    assert deadline is not None
    assert (deadline.due, deadline.extended) == (due, extended)


def test_a_complaint_is_acknowledged_within_thirty_days_in_the_united_kingdom():
    assert complaint_acknowledged_by(RULES["UK"], DAY) == date(2026, 3, 31)


def test_laws_without_such_remedies_give_no_day():
    assert appeal_deadline(RULES["GDPR"], DAY) is None
    assert complaint_acknowledged_by(RULES["GDPR"], DAY) is None
