"""The clock: what must hold of every rule, whatever happens."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from requests_app.deadlines.calendars import Calendar
from requests_app.deadlines.clock import Facts, Wait, compute
from requests_app.deadlines.rules import Pause, shipped_rules

RULES = shipped_rules()
DAY = timedelta(days=1)
days = st.dates(date(2024, 1, 1), date(2031, 12, 31))


@st.composite
def waits(draw, received):
    asked = received + DAY * draw(st.integers(0, 40))
    return Wait(asked, asked + DAY * draw(st.integers(0, 60)))


@st.composite
def cases(draw):
    """A rule, a place whose holidays count, and what happened to a request."""
    rule = draw(st.sampled_from(RULES))
    received = draw(days)
    extension = rule.extension
    facts = Facts(
        received=received,
        right=draw(st.sampled_from(rule.rights)),
        identity=tuple(draw(st.lists(waits(received), max_size=2))),
        clarification=tuple(draw(st.lists(waits(received), max_size=2))),
        extended_by=draw(st.integers(0, extension.length)) if extension else 0,
    )
    return rule, draw(st.sampled_from(rule.places)), facts


def but(facts, **changes):
    from dataclasses import replace

    return replace(facts, **changes)


@given(cases())
def test_an_answer_is_never_due_before_the_request_came(case):
    rule, place, facts = case
    deadline = compute(rule, facts, place)
    assert facts.received < deadline.first_due <= deadline.due <= deadline.due_if_suspended
    assert facts.received <= deadline.target <= deadline.due


@given(cases(), st.integers(1, 40))
def test_who_asks_later_is_not_answered_earlier(case, later):
    rule, place, facts = case
    plain = but(facts, identity=(), clarification=())
    assert (
        compute(rule, plain, place).due <= compute(rule, but(plain, received=facts.received + DAY * later), place).due
    )


@given(cases())
def test_an_extension_shortens_nothing(case):
    rule, place, facts = case
    assert compute(rule, but(facts, extended_by=0), place).due <= compute(rule, facts, place).due


@given(cases())
def test_waiting_for_the_person_shortens_nothing(case):
    rule, place, facts = case
    without = compute(rule, but(facts, identity=(), clarification=()), place)
    assert without.due <= compute(rule, facts, place).due
    assert without.due_if_suspended <= compute(rule, facts, place).due_if_suspended


@given(cases())
def test_where_the_law_rolls_the_last_day_is_a_working_day(case):
    rule, place, facts = case
    if rule.roll == "next_working_day":
        deadline = compute(rule, facts, place)
        calendar = Calendar(place, rule.closed)
        assert calendar.is_working_day(deadline.due)
        assert calendar.is_working_day(deadline.due_if_suspended)
        assert calendar.is_working_day(deadline.first_due)


@given(cases())
def test_the_same_facts_give_the_same_dates_and_the_steps_end_at_them(case):
    rule, place, facts = case
    deadline = compute(rule, facts, place)
    assert deadline == compute(rule, facts, place)
    told = {step.date for step in deadline.steps}
    assert {deadline.due, deadline.due_if_suspended, deadline.target} <= told
    assert all(step.why and step.source for step in deadline.steps)


@given(cases(), days)
def test_the_safe_date_does_not_rely_on_guidance(case, answered):
    rule, place, facts = case
    if rule.pause.basis == "guidance":
        without = compute(rule, but(facts, identity=(), clarification=()), place)
        assert compute(rule, facts, place).due == without.due


def test_days_of_two_waits_that_overlap_are_left_out_once():
    (rule,) = (rule for rule in RULES if rule.code == "UK")
    received = date(2026, 9, 1)
    one = Wait(date(2026, 9, 4), date(2026, 9, 10))
    other = Wait(date(2026, 9, 8), date(2026, 9, 12))
    due = compute(rule, Facts(received, clarification=(one, other)), "GB").due
    assert due == compute(rule, Facts(received, clarification=(Wait(one.asked, other.answered),)), "GB").due


def test_while_a_question_is_open_the_clock_stands_still_from_day_to_day():
    (rule,) = (rule for rule in RULES if rule.code == "UK")
    facts = Facts(date(2026, 9, 1), clarification=(Wait(date(2026, 9, 4)),))
    today, tomorrow = (compute(rule, but(facts, as_of=day), "GB") for day in (date(2026, 9, 10), date(2026, 9, 11)))
    assert today.is_paused
    assert (today.due, tomorrow.due) == (date(2026, 10, 8), date(2026, 10, 9))


def test_a_question_asked_after_the_period_ended_brings_nothing_back_to_life():
    (rule,) = (rule for rule in RULES if rule.code == "UK")
    late = Wait(date(2026, 10, 2), date(2026, 10, 20))
    deadline = compute(rule, Facts(date(2026, 9, 1), identity=(late,), clarification=(late,)), "GB")
    assert deadline.due == date(2026, 10, 1)
    assert any("changes nothing" in step.why for step in deadline.steps)
    in_time = Wait(date(2026, 9, 30), date(2026, 10, 3))
    assert compute(rule, Facts(date(2026, 9, 1), clarification=(in_time, late)), "GB").due == date(2026, 10, 22)


def test_a_fee_is_waited_for_where_the_period_starts_when_all_is_there():
    by_code = {rule.code: rule for rule in RULES}
    facts = Facts(date(2026, 9, 1), fee_paid=date(2026, 9, 10))
    assert compute(by_code["UK"], facts, "GB").due == date(2026, 10, 12)
    assert compute(by_code["GDPR"], facts, "IE").due == date(2026, 10, 1)


def test_of_a_part_of_a_country_that_nobody_knows_the_countrys_holidays_count():
    assert Calendar("DE-XX").why_closed(date(2026, 5, 1)) == Calendar("DE").why_closed(date(2026, 5, 1)) != ""
    assert Calendar("XX").is_working_day(date(2026, 5, 1))


def test_working_days_of_waiting_are_left_out_of_working_days():
    (rule,) = (rule for rule in RULES if rule.code == "CN")
    pausing = rule.model_copy(update={"pause": Pause(clarification="exclude")})
    facts = Facts(date(2026, 3, 2), clarification=(Wait(date(2026, 3, 6), date(2026, 3, 9)),))
    assert compute(pausing, but(facts, clarification=()), "CN").due == date(2026, 3, 23)
    assert compute(pausing, facts, "CN").due == date(2026, 3, 25)


def test_what_is_asked_in_the_extension_does_not_lengthen_the_first_period():
    (rule,) = (rule for rule in RULES if rule.code == "UK")
    facts = Facts(date(2026, 9, 1), extended_by=2, clarification=(Wait(date(2026, 11, 2), date(2026, 11, 6)),))
    deadline = compute(rule, facts, "GB")
    assert (deadline.first_due, deadline.due) == (date(2026, 10, 1), date(2026, 12, 7))
    assert any("5 days of waiting" in step.why for step in deadline.steps)


def test_while_the_clock_stands_still_no_question_is_late():
    (rule,) = (rule for rule in RULES if rule.code == "UK")
    identity, later = Wait(date(2026, 9, 2)), Wait(date(2026, 11, 2), date(2026, 11, 6))
    deadline = compute(rule, Facts(date(2026, 9, 1), identity=(identity,), clarification=(later,)), "GB")
    assert deadline.is_paused
    assert not any("changes nothing" in step.why for step in deadline.steps)


def test_every_place_of_every_rule_has_public_holidays():
    for place in {place for rule in RULES for place in rule.places}:
        closed = [day for number in range(365) if Calendar(place).why_closed(day := date(2026, 1, 1) + DAY * number)]
        assert any(day.weekday() < 5 for day in closed), place


def test_whoever_answers_after_years_and_an_extension_beyond_all_bounds_are_computed_all_the_same():
    asked = date(2026, 3, 9)
    for rule in RULES:
        waits = (Wait(asked, asked + DAY * 1_500),)
        facts = Facts(date(2026, 3, 5), rule.rights[0], identity=waits, clarification=waits, extended_by=999)
        assert compute(rule, facts, rule.places[0]).due > facts.received
