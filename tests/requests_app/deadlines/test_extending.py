"""Extensions: what the law does not allow is refused in its own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from requests_app.deadlines.clock import Facts, compute
from requests_app.deadlines.extending import GROUNDS, NEVER, IllegalExtension, Past, Plan, check
from requests_app.deadlines.rules import shipped_rules

RULES = {rule.code: rule for rule in shipped_rules()}
RECEIVED = date(2026, 3, 5)
PLAN = Plan(ground="complexity", reason="Four systems hold data.", by=2)
LAST_DAY = date(2026, 4, 7)


def extend(
    code: str,
    plan: Plan,
    *,
    today: date = date(2026, 3, 20),
    past: Past = NEVER,
    place: str = "DE",
    right: str = "access",
    **changes: object,
) -> None:
    rule = RULES[code]
    if changes:
        rule = rule.model_copy(update={"extension": rule.extension.model_copy(update=changes)})
    facts = Facts(RECEIVED, right=right, extended_by=past.by)
    check(rule, compute(rule, facts, place), plan, right=right, today=today, past=past)


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
        ("CH", Plan("cannot_be_met", "Ill", until=date(9999, 12, 31)), "within 1,000 days"),
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
        extend("GDPR", replace(PLAN, by=1), past=Past(times=1, by=1))


def test_a_law_that_allows_several_is_extended_within_the_extended_period_up_to_its_length_in_all():
    once = Past(times=1, by=1)
    extend("GDPR", replace(PLAN, by=1), past=once, today=date(2026, 5, 5), times=2)
    with pytest.raises(IllegalExtension, match="1 to 1 month\\."):
        extend("GDPR", PLAN, past=once, times=2)
    with pytest.raises(IllegalExtension, match="The period ended on 5 May 2026"):
        extend("GDPR", replace(PLAN, by=1), past=once, today=date(2026, 5, 6), times=2)
    with pytest.raises(IllegalExtension, match="extended already"):
        extend("GDPR", replace(PLAN, by=1), past=Past(times=2, by=2), times=3)


def test_a_right_whose_period_the_law_does_not_extend_is_refused():
    plan = Plan("reasonably_necessary", "Many systems.", by=45)
    extend("US-CA", plan, place="US-CA")
    with pytest.raises(IllegalExtension, match="extends no period of this right"):
        extend("US-CA", plan, place="US-CA", right="objection")


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
