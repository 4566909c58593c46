"""Extensions: what the law does not allow is refused in its own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from requests_app.deadlines.clock import Facts, compute
from requests_app.deadlines.extending import GROUNDS, IllegalExtension, Plan, check
from requests_app.deadlines.rules import shipped_rules

RULES = {rule.code: rule for rule in shipped_rules()}
RECEIVED = date(2026, 3, 5)
PLAN = Plan(ground="complexity", reason="Four systems hold data.", by=2)
LAST_DAY = date(2026, 4, 7)


def extend(code: str, plan: Plan, *, today: date = date(2026, 3, 20), times_before: int = 0, place: str = "DE") -> None:
    rule = RULES[code]
    check(rule, compute(rule, Facts(RECEIVED), place), plan, today=today, times_before=times_before)


def test_up_to_the_last_day_of_the_first_period_it_may_be_extended():
    extend("GDPR", PLAN)
    extend("GDPR", replace(PLAN, by=1), today=LAST_DAY)


@pytest.mark.parametrize(
    ("code", "plan", "told"),
    [
        ("GDPR", replace(PLAN, by=3), "1 to 2 months"),
        ("GDPR", replace(PLAN, by=0), "1 to 2 months"),
        ("GDPR", replace(PLAN, until=date(2026, 5, 1)), "1 to 2 months"),
        ("GDPR", replace(PLAN, ground="holidays"), "no ground that the law knows"),
        ("GDPR", replace(PLAN, reason=" \n"), "give the reason"),
        ("LGPD", PLAN, "knows no extension"),
        ("CH", Plan("cannot_be_met", "Ill", by=10), "name the day"),
        ("CH", Plan("cannot_be_met", "Ill", until=date(2026, 3, 20)), "name the day"),
    ],
)
def test_what_the_law_does_not_allow_is_refused(code: str, plan: Plan, told: str):
    with pytest.raises(IllegalExtension, match=told):
        extend(code, plan)


def test_a_day_too_late_is_too_late():
    with pytest.raises(IllegalExtension, match="7 April 2026; it is too late") as error:
        extend("GDPR", PLAN, today=date(2026, 4, 8))
    assert "GDPR Art. 12(3)" in str(error.value)


def test_a_second_time_is_refused():
    with pytest.raises(IllegalExtension, match="extended already"):
        extend("GDPR", PLAN, times_before=1)


def test_a_day_that_is_named_is_the_last_day():
    plan = Plan("cannot_be_met", "Two systems have to be restored.", until=date(2026, 6, 1))
    extend("CH", plan, place="CH")
    facts = Facts(RECEIVED, extended_until=plan.until)
    assert compute(RULES["CH"], facts, "CH").due == plan.until


def test_every_ground_has_words_and_every_extension_its_law():
    for rule in RULES.values():
        if rule.extension:
            assert rule.extension.grounds
            assert set(rule.extension.grounds) <= set(GROUNDS)
            assert rule.extension.sentence
