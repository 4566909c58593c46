"""The clock of a request: opened by a law, computed anew when something happens, never by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from requests_app import audit
from requests_app.models import AuditEntry, ComputedDeadline, ControllerProfile, LawRule, PersonWait, Right
from requests_app.timekeeping.clock import choose_anew, compute_anew, current, move_of, open_clock
from requests_app.timekeeping.rules import as_toml, known_rules, load_shipped_rules, rule_of, write_version
from tests.requests_app.portal import a_request, staff, submitted

pytestmark = pytest.mark.django_db
Cause = ComputedDeadline.Cause
RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def opened(place: str = "DE", **fields: object):
    """Give a request whose clock runs."""
    request = a_request(submitted_at=RECEIVED, place=place, **fields)
    open_clock(request, actor=audit.SYSTEM)
    return request


def lengthen(code: str, user, length: int = 2) -> LawRule:
    """Write a version of a law's rule with another period."""
    rule = rule_of(LawRule.objects.filter(code=code).latest("version"))
    longer = rule.model_copy(update={"period": rule.period.model_copy(update={"length": length})})
    return write_version(code, as_toml(longer), "A new act", user)


def test_a_request_is_opened_under_the_law_that_leads():
    request = opened()
    deadline = current(request)
    assert (deadline.rule.code, deadline.due_on, request.due_on) == ("GDPR", date(2026, 4, 7), date(2026, 4, 7))
    assert deadline.holidays_from.startswith("holidays ")
    assert [step["date"] for step in deadline.steps][:2] == ["2026-03-05", "2026-04-05"]
    entry = AuditEntry.objects.get(action="deadline.computed")
    assert entry.details == {"cause": "opened", "rule": "GDPR/1", "due": "2026-04-07"}


def test_what_comes_by_the_form_has_a_clock():
    request = submitted(place="US-CA")
    assert current(request).rule.code == "US-CA"
    assert request.due_on == current(request).due_on


def test_the_controllers_place_proposes_too():
    ControllerProfile.objects.create(pk=1, country="BR")
    request = opened()
    deadline = current(request)
    assert (deadline.rule.code, deadline.due_on) == ("LGPD", date(2026, 3, 20))
    assert [(other["code"], other["version"], other["due"]) for other in deadline.others] == [("GDPR", 1, "2026-04-07")]


def test_without_any_place_the_period_is_kept_voluntarily():
    deadline = current(opened(place=""))
    assert (deadline.rule.code, deadline.is_voluntary) == ("GDPR", True)


def test_a_place_that_changes_changes_the_law():
    request = opened()
    type(request).objects.filter(pk=request.pk).update(place="BR")
    choose_anew(request.pk, Cause.PLACE, actor=audit.SYSTEM)
    request.refresh_from_db()
    assert request.due_on == date(2026, 3, 20)
    assert [row.rule.code for row in request.deadlines.all()] == ["LGPD", "GDPR"]


def test_waiting_for_the_person_moves_the_day_where_the_law_says_so():
    request = opened("GB", right=Right.ACCESS)
    asked = RECEIVED + timedelta(days=4)
    wait = PersonWait.objects.create(request=request, kind="clarification", question="Which?", asked_at=asked)
    paused = compute_anew(request.pk, Cause.ASKED, actor=audit.SYSTEM)
    assert paused.is_paused
    PersonWait.objects.filter(pk=wait.pk).update(answered_at=asked + timedelta(days=6))
    answered = compute_anew(request.pk, Cause.ANSWERED, actor=audit.SYSTEM)
    assert (answered.is_paused, answered.due_on) == (False, date(2026, 4, 13))


def test_a_new_version_of_a_rule_leaves_open_requests_as_they_were_until_they_are_moved():
    request, manager = opened(), staff()
    lengthen("GDPR", manager)
    assert compute_anew(request.pk, Cause.ANSWERED, actor=audit.SYSTEM).due_on == date(2026, 4, 7)
    move = move_of(request)
    assert (move.now.due_on, move.proposed.deadline.due) == (date(2026, 4, 7), date(2026, 5, 5))
    choose_anew(request.pk, Cause.MOVED, actor=audit.Actor.staff(manager))
    request.refresh_from_db()
    assert request.due_on == date(2026, 5, 5)
    assert str(current(request).rule) == "GDPR/2"
    assert move_of(request) is None
    later = a_request(submitted_at=RECEIVED, place="DE", right=Right.ERASURE)
    assert str(open_clock(later, actor=audit.SYSTEM).rule) == "GDPR/2"


def test_rules_are_loaded_once_and_those_of_the_team_stay():
    LawRule.objects.all().delete()
    assert load_shipped_rules() == len(known_rules()) > 20
    mine = lengthen("GDPR", User.objects.create_user("mia"))
    assert load_shipped_rules() == 0
    assert LawRule.objects.get(pk=mine.pk).shipped_version is None


@pytest.mark.parametrize("known", [pytest.param(number, id=str(number)) for number in range(21)])
def test_every_rule_is_edited_as_toml_without_losing_anything(known):
    load_shipped_rules()
    rows = known_rules()
    assert len(rows) == 21
    row, rule = rows[known].row, rows[known].rule
    written = write_version(row.code, as_toml(rule), "As it was", staff())
    assert rule_of(written).model_copy(update={"version": rule.version}) == rule


def test_an_empty_table_is_filled_when_the_first_request_comes():
    LawRule.objects.all().delete()
    assert current(opened()).rule.code == "GDPR"
