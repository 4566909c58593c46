"""Which law leads."""

from __future__ import annotations

from datetime import date

import pytest

from requests_app.deadlines.choosing import leading, rules_of
from requests_app.deadlines.clock import Facts, Wait
from requests_app.deadlines.rules import FaultyRules, read_rules, shipped_rules

MARCH = Facts(date(2026, 3, 5))


@pytest.mark.parametrize(
    ("controller", "person", "right", "codes"),
    [
        ("DE", "FR", "access", ["GDPR"]),
        ("DE", "BR", "access", ["LGPD", "GDPR"]),
        ("IE", "US-CA", "access", ["GDPR", "US-CA"]),
        ("US-CA", "IE", "restriction", ["GDPR"]),
        ("", "GB-SCT", "access", ["UK"]),
        ("CA-QC", "CA-QC", "access", ["QC"]),
        ("CA-ON", "CA-QC", "rectification", ["PIPEDA", "QC"]),
    ],
)
def test_of_the_laws_that_grant_the_right_the_earliest_day_leads(controller, person, right, codes):
    found = leading(Facts(MARCH.received, right=right), controller=controller, person=person)
    assert sorted(proposal.rule.code for proposal in found) == sorted(codes)
    assert not any(proposal.is_voluntary for proposal in found)
    assert found[0].deadline.due == min(proposal.deadline.due for proposal in found)


def test_the_holidays_of_the_union_are_those_of_where_the_controller_acts():
    (found,) = leading(MARCH, controller="DE", person="FR")
    assert found.place == "DE"
    (found,) = leading(MARCH, controller="US-WY", person="FR")
    assert found.place == "FR"


@pytest.mark.parametrize(("controller", "code"), [("US-WY", "GDPR"), ("US-CA", "US-CA"), ("", "GDPR")])
def test_where_no_law_grants_the_right_the_controllers_own_rule_is_kept_and_marked(controller, code):
    (found,) = leading(Facts(MARCH.received, right="restriction"), controller=controller, person="AR")
    assert (found.rule.code, found.is_voluntary) == (code, True)


def test_a_law_not_yet_in_force_leads_only_where_no_other_does():
    found = leading(MARCH, controller="DE", person="IN")
    assert [proposal.rule.code for proposal in found] == ["GDPR"]
    (alone,) = leading(MARCH, controller="IN", person="IN")
    assert (alone.rule.code, alone.deadline.is_before_rule) == ("IN", True)


def test_a_request_is_opened_under_the_version_in_force():
    text = """
    [[rule]]
    code = "XX"
    version = {version}
    name = "Law"
    law = "Art. 1"
    places = ["DE"]
    rights = ["access"]
    period = {{ length = {length}, unit = "day" }}
    roll = "none"
    confidence = "high"
    valid_from = {day}
    """
    rules = read_rules(
        text.format(version=1, length=10, day="2020-01-01") + text.format(version=2, length=20, day="2026-03-06")
    )
    versions = [rules_of(rules, "DE", Facts(day))[0].version for day in (date(2019, 1, 1), MARCH.received)]
    assert versions == [1, 1]
    assert rules_of(rules, "DE", Facts(date(2026, 3, 6)))[0].version == 2


def test_a_version_that_grants_a_right_no_more_ends_it():
    text = """
    [[rule]]
    code = "XX"
    version = {version}
    name = "Law"
    law = "Art. 1"
    places = ["DE"]
    rights = [{rights}]
    period = {{ length = 10, unit = "day" }}
    roll = "none"
    confidence = "high"
    """
    rules = read_rules(text.format(version=1, rights='"access", "erasure"') + text.format(version=2, rights='"access"'))
    assert rules_of(rules, "DE", Facts(MARCH.received, right="erasure")) == []
    assert rules_of(rules, "DE", MARCH)[0].version == 2


def test_one_notice_extends_every_law_as_far_as_it_goes():
    def extended(person, right="access", **changes):
        facts = Facts(MARCH.received, right=right, extended_by=2, extended_under="GDPR", **changes)
        found = leading(facts, controller="DE", person=person)
        return [(proposal.rule.code, proposal.deadline.due) for proposal in found]

    assert extended("US-CA") == [("US-CA", date(2026, 6, 3)), ("GDPR", date(2026, 6, 5))]
    assert extended("BR") == [("LGPD", date(2026, 3, 20)), ("GDPR", date(2026, 6, 5))]
    assert extended("CH") == [("GDPR", date(2026, 6, 5)), ("CH", date(2026, 6, 5))]
    assert extended("US-CA", extended_on=date(2026, 4, 7))[0] == ("US-CA", date(2026, 6, 3))
    assert extended("US-CA", extended_on=date(2026, 4, 20))[0] == ("US-CA", date(2026, 4, 19))


def test_while_one_laws_clock_stands_still_another_may_lead():
    facts = Facts(MARCH.received, clarification=(Wait(date(2026, 3, 9), date(2026, 3, 29)),))
    found = leading(facts, controller="GB-ENG", person="IE")
    assert [proposal.rule.code for proposal in found] == ["GDPR", "UK"]


def test_every_fault_of_a_table_is_named_with_its_place():
    with pytest.raises(FaultyRules) as error:
        read_rules('[[rule]]\ncode = "x"\nversion = 0\nperiod = {length = 1, unit = "week"}\nroll = "none"')
    told = str(error.value)
    for path in ("rule[0].code", "rule[0].version", "rule[0].period.unit", "rule[0].places", "rule[0].confidence"):
        assert path in told
    with pytest.raises(FaultyRules, match="not TOML"):
        read_rules("[[rule")
    with pytest.raises(FaultyRules, match="without end"):
        read_rules("a = " + "[" * 100_000)


@pytest.mark.parametrize(("first", "last"), [("01-01", "12-31"), ("03-01", "02-28"), ("12-25", "09-01")])
def test_a_season_that_leaves_hardly_a_working_day_is_refused(first: str, last: str):
    part = f'[[rule]]\nclosed = {{ first = "{first}", last = "{last}" }}'
    with pytest.raises(FaultyRules, match=r"rule\[0\]\.closed: .*too few working days"):
        read_rules(part)


def test_a_rule_stands_once():
    text = (
        '[[rule]]\ncode = "XX"\nversion = 1\nname = "n"\nlaw = "l"\nplaces = ["DE"]\nrights = ["access"]\n'
        'period = {length = 1, unit = "day"}\nroll = "none"\nconfidence = "low"\n'
    )
    with pytest.raises(FaultyRules, match="XX/1 stands twice"):
        read_rules(text + text)


def test_the_table_names_every_right_of_the_portal():
    from requests_app.deadlines.rules import RIGHTS
    from requests_app.models import Right

    assert set(RIGHTS) == set(Right.values)
    assert {right for rule in shipped_rules() for right in rule.rights} == set(RIGHTS)
