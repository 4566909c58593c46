"""Nobody changes a deadline but by an act that the law and their role allow: by button, by stage, or past both."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, transaction

from extractors.errors import DsrError
from requests_app import audit, extensions, questions, teamwork
from requests_app.audit import Actor
from requests_app.deadlines.extending import Plan
from requests_app.models import AuditEntry, ComputedDeadline, PeriodExtension, PersonWait, Status, SubjectRequest
from requests_app.models.subject_request import AT_WORK, OPEN
from requests_app.timekeeping import clock
from requests_app.timekeeping.clock import StoppedClock
from requests_app.timekeeping.rules import as_toml, rule_of, write_version
from tests.requests_app.portal import a_request, member, staff

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
PLAN = Plan("complexity", "Nine systems.", by=2)
ROLES = ("Manager", "Reviewer", "Processor", "Viewer")
WORKERS = {"Manager", "Processor"}
CLARIFICATION = PersonWait.Kind.CLARIFICATION
Cause = ComputedDeadline.Cause


@pytest.fixture(autouse=True)
def _two_weeks_later():
    with time_machine.travel(datetime(2026, 3, 20, 12, 0, tzinfo=UTC), tick=True):
        yield


def opened(status: Status) -> SubjectRequest:
    """Give a request in a state, a question and an extension of it waiting, and rules newer than its own."""
    request = a_request(status, submitted_at=RECEIVED, verified_at=RECEIVED, place="GB")
    clock.open_clock(request, actor=audit.SYSTEM)
    asked = {"kind": PersonWait.Kind.IDENTITY, "question": "Who?", "asked_at": RECEIVED}
    PersonWait.objects.create(request=request, **asked)
    other = staff("otto")
    plan = {"by": 1, "ground": "complexity", "reason": "So.", "notice": "So."}
    PeriodExtension.objects.create(request=request, prepared_by=other, rule_code="UK", **plan)
    rule = rule_of(request.deadlines.first().rule)
    longer = rule.model_copy(update={"period": rule.period.model_copy(update={"length": 2})})
    write_version("UK", as_toml(longer), "A new act", other)
    return request


STAGES = {
    "ask": (lambda pk, who: questions.ask(pk, CLARIFICATION, "Which?", actor=who), WORKERS, AT_WORK),
    "answer": (
        lambda pk, who: questions.answer(PersonWait.objects.get(request=pk).pk, "I.", actor=who),
        WORKERS,
        AT_WORK,
    ),
    "approve": (
        lambda pk, who: extensions.approve(PeriodExtension.objects.get(request=pk).pk, actor=who),
        {"Manager"},
        AT_WORK,
    ),
    "place": (lambda pk, who: teamwork.change_place(pk, "BR", actor=who), WORKERS, OPEN),
    "move": (lambda pk, who: teamwork.move_to_rules_of_today(pk, actor=who), {"Manager"}, OPEN),
}
BUTTONS = {
    "ask": ("ask/", {"kind": "clarification", "question": "Which?"}),
    "answer": ("ask/{wait}/answer/", {"text": "I."}),
    "approve": ("extend/{extension}/", {"notice": "So."}),
    "place": ("place/", {"place": "BR"}),
    "move": ("move/", {}),
}


def state_of(request: SubjectRequest) -> tuple[object, ...]:
    """Give all that an act on the clock could change."""
    row = SubjectRequest.objects.get(pk=request.pk)
    waits = tuple(row.waits.values_list("pk", "answered_at"))
    return row.due_on, row.place, row.deadlines.count(), waits, tuple(row.extensions.values_list("pk", "approved_at"))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("act", STAGES)
def test_a_stage_acts_for_those_and_in_those_states_it_is_meant_for_alone(act, status):
    do, roles, states = STAGES[act]
    request = opened(status)
    actors = [(role, Actor.staff(member(role))) for role in ROLES]
    strangers = [("the portal", audit.SYSTEM), ("a stranger", audit.STRANGER)]
    for who, actor in [*actors, *strangers]:
        before = state_of(request)
        sid = transaction.savepoint()
        if who in roles and status in states:
            do(request.pk, actor)
            assert state_of(request) != before, who
        else:
            with pytest.raises(DsrError), transaction.atomic():
                do(request.pk, actor)
            assert state_of(request) == before, who
        transaction.savepoint_rollback(sid)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("act", BUTTONS)
def test_a_button_acts_for_those_and_in_those_states_it_is_meant_for_alone(client, act, status):
    _, roles, states = STAGES[act]
    address, typed = BUTTONS[act]
    request = opened(status)
    numbers = {"wait": request.waits.get().pk, "extension": request.extensions.get().pk}
    page = f"/console/requests_app/subjectrequest/{request.pk}/{address.format(**numbers)}"
    for role in ROLES:
        client.force_login(member(role))
        before = state_of(request)
        sid = transaction.savepoint()
        answer = client.post(page, typed)
        assert (state_of(request) != before) == (role in roles and status in states), role
        assert answer.status_code in {200, 302, 403}
        transaction.savepoint_rollback(sid)
    client.logout()
    assert client.post(page, typed).status_code == 302
    assert state_of(request) == before


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("role", ROLES)
def test_an_extension_is_prepared_by_those_who_work_on_what_is_at_work(role, status):
    request = a_request(status, submitted_at=RECEIVED, verified_at=RECEIVED, place="DE")
    clock.open_clock(request, actor=audit.SYSTEM)
    actor = Actor.staff(member(role))
    if role in WORKERS and status in AT_WORK:
        extensions.prepare(request.pk, PLAN, "", actor=actor)
        return
    with pytest.raises(DsrError), transaction.atomic():
        extensions.prepare(request.pk, PLAN, "", actor=actor)
    assert not PeriodExtension.objects.exists()


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN])
def test_the_clock_itself_computes_nothing_for_what_has_ended(status):
    request = a_request(status, submitted_at=RECEIVED, place="DE")
    clock.open_clock(request, actor=audit.SYSTEM)
    for compute in (clock.compute_anew, clock.choose_anew):
        with pytest.raises(StoppedClock), transaction.atomic():
            compute(request.pk, Cause.MOVED, actor=audit.SYSTEM)
    assert request.deadlines.count() == 1


def test_what_was_prepared_before_the_deadline_moved_is_prepared_anew():
    request = a_request(submitted_at=RECEIVED, verified_at=RECEIVED, place="DE")
    clock.open_clock(request, actor=audit.SYSTEM)
    pia, mia = Actor.staff(member("Processor")), Actor.staff(member("Manager"))
    row = extensions.prepare(request.pk, PLAN, "", actor=pia)
    teamwork.change_place(request.pk, "US-CA", actor=pia)
    assert AuditEntry.objects.get(action="request.place_changed").details == {}  # where they live is theirs
    with pytest.raises(DsrError, match="prepare it anew"), transaction.atomic():
        extensions.approve(row.pk, actor=mia)
    assert not AuditEntry.objects.filter(action="extension.approved").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"by": 0},
        {"by": 1, "until": "2026-05-01"},
        {"by": 1, "reason": ""},
        {"by": 1, "ground": ""},
        {"by": 1, "approved_at": RECEIVED},
    ],
)
def test_the_database_takes_no_extension_that_makes_no_sense(fields):
    request, otto = a_request(), staff("otto")
    known = {"ground": "complexity", "reason": "So.", "notice": "So.", "prepared_by": otto}
    with pytest.raises(IntegrityError), transaction.atomic():
        PeriodExtension.objects.create(request=request, **known | fields)


@pytest.mark.parametrize("field", ["due_on", "first_due_on", "due_if_suspended_on", "target_on"])
def test_the_database_takes_no_deadline_before_the_receipt(field):
    request = a_request(submitted_at=RECEIVED, place="DE")
    row = clock.open_clock(request, actor=audit.SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        ComputedDeadline.objects.filter(pk=row.pk).update(**{field: "2026-03-01"})


def test_the_clock_alone_writes_when_something_is_due():
    """Look through the whole program for other code that writes the field."""
    root = Path(__file__).resolve().parents[2] / "requests_app"
    writers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "migrations" not in path.parts and any(map(_writes_due_on, ast.walk(ast.parse(path.read_text()))))
    }
    # Samples are never saved; an appeal has a day of its own, which is no request's.
    assert writers == {"timekeeping/clock.py", "letters/samples.py", "appeals.py"}


def _writes_due_on(node: ast.AST) -> bool:
    writing = {"update", "create", "get_or_create", "update_or_create", "bulk_update", "SubjectRequest"}
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        fields = [value for item in node.args if isinstance(item, ast.List) for value in item.elts]
        named = any(isinstance(item, ast.Constant) and item.value == "due_on" for item in fields)
        return name in writing and (named or any(keyword.arg == "due_on" for keyword in node.keywords))
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Attribute) and target.attr == "due_on" for target in targets)
