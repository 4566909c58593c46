"""Nobody is refused but as the law wants it and by two people: by button, by stage, or past both."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, transaction

from extractors.errors import DsrError
from requests_app import audit, refusing
from requests_app.audit import Actor
from requests_app.models import ControllerProfile, OutboxMail, Outcome, Refusal, Right, Status, SubjectRequest
from requests_app.models.subject_request import AT_WORK
from requests_app.timekeeping import clock
from requests_app.workflow import perform
from tests.requests_app.portal import a_draft, a_request, member, staff, the_controller

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
ROLES = ("Manager", "Reviewer", "Processor", "Viewer")
PREPARING, DECIDING = {"Manager", "Reviewer", "Processor"}, {"Manager", "Reviewer"}
WHOLE, PART = Refusal.Extent.WHOLE, Refusal.Extent.PART


@pytest.fixture(autouse=True)
def _two_weeks_later():
    with time_machine.travel(datetime(2026, 3, 20, 12, 0, tzinfo=UTC), tick=True):
        yield


def opened(status: Status, *, is_prepared: bool = False) -> SubjectRequest:
    """Give a request in a state; with a refusal waiting, that somebody of no role prepared, where that is wanted."""
    the_controller()
    request = a_request(status, right=Right.ERASURE, submitted_at=RECEIVED, verified_at=RECEIVED, place="DE")
    clock.open_clock(request, actor=audit.SYSTEM)
    if is_prepared:
        told = {"grounds": ["legal-claims"], "facts": "You sue us.", "prepared_by": staff("otto")}
        Refusal.objects.create(request=request, extent=WHOLE, **told)
    return request


STAGES = {
    "prepare": (lambda request, who: refusing.prepare(request.pk, a_draft(request), actor=who), PREPARING, False),
    "approve": (lambda request, who: refusing.approve(request.refusals.get().pk, actor=who), DECIDING, True),
}
BUTTONS = {
    "prepare": (
        lambda request: f"{request.pk}/refuse/",
        lambda client, page: {"extent": "whole", "grounds": ["legal-claims"], "facts": "You sue us.", "prepare": "1"},
        PREPARING,
        False,
    ),
    "approve": (
        lambda request: f"{request.pk}/refuse/{request.refusals.get().pk}/",
        lambda client, page: {"approve": "1", "seen": client.get(page).context["seen"]},
        DECIDING,
        True,
    ),
}
PAST = {
    "reject by the workflow": lambda pk, who: perform(pk, "reject", actor=who, reason="No."),
    "refuse as unproven": lambda pk, who: perform(pk, "refuse_unproven", actor=who, reason="No."),
    "complete in part": lambda pk, who: perform(pk, "complete", actor=who, reason="Half.", outcome=Outcome.PARTIAL),
    "complete as refused": lambda pk, who: perform(pk, "complete", actor=who, reason="No.", outcome=Outcome.REFUSED),
}


def state_of(request: SubjectRequest) -> tuple[object, ...]:
    """Give all that a refusal could change."""
    row = SubjectRequest.objects.get(pk=request.pk)
    rows = tuple(row.refusals.values_list("pk", "approved_at", "discarded_at"))
    return row.status, row.outcome, row.decision, rows, OutboxMail.objects.count()


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("act", STAGES)
def test_a_stage_acts_for_those_and_in_those_states_it_is_meant_for_alone(act, status):
    do, roles, is_prepared = STAGES[act]
    request = opened(status, is_prepared=is_prepared)
    actors = [(role, Actor.staff(member(role))) for role in ROLES]
    for who, actor in [*actors, ("the portal", audit.SYSTEM), ("the person", audit.SUBJECT)]:
        before, sid = state_of(request), transaction.savepoint()
        if who in roles and status in AT_WORK:
            do(request, actor)
            assert state_of(request) != before, who
        else:
            with pytest.raises(DsrError), transaction.atomic():
                do(request, actor)
            assert state_of(request) == before, who
        transaction.savepoint_rollback(sid)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("act", BUTTONS)
def test_a_button_acts_for_those_and_in_those_states_it_is_meant_for_alone(client, act, status):
    address, typed, roles, is_prepared = BUTTONS[act]
    request = opened(status, is_prepared=is_prepared)
    page = f"/console/requests_app/subjectrequest/{address(request)}"
    for role in ROLES:
        client.force_login(member(role))
        before, sid = state_of(request), transaction.savepoint()
        answer = client.post(page, typed(client, page))
        assert (state_of(request) != before) == (role in roles and status in AT_WORK), role
        assert answer.status_code in {200, 302, 403}
        transaction.savepoint_rollback(sid)
    client.logout()
    assert client.post(page, {"prepare": "1", "approve": "1", "seen": "-"}).status_code == 302
    assert state_of(request) == before


@pytest.mark.parametrize("is_prepared", [False, True], ids=["nothing prepared", "one prepared"])
@pytest.mark.parametrize("act", PAST)
def test_nobody_refuses_past_the_stage_in_any_state(act, is_prepared):
    actors = [Actor.staff(member(role)) for role in ROLES]
    # What the portal itself completes is partial too where a source was left out, which refuses nobody.
    actors += [] if act == "complete in part" else [audit.SYSTEM, audit.SUBJECT]
    otto = staff("otto")
    for status in Status:
        request = opened(status)
        if is_prepared:
            Refusal.objects.create(request=request, extent=WHOLE, prepared_by=otto)
        for actor in actors:
            before = state_of(request)
            with pytest.raises(DsrError), transaction.atomic():
                PAST[act](request.pk, actor)
            assert state_of(request) == before


@pytest.mark.parametrize(
    "shortcut", ["own", "no ground", "no facts", "of another law", "no remedy", "late", "two at once", "not theirs"]
)
def test_a_shortcut_is_refused_by_the_stage_and_changes_nothing(shortcut):
    request = opened(Status.IN_PROGRESS)
    mia, rex = Actor.staff(member("Manager")), Actor.staff(member("Reviewer"))
    faulty = {"no ground": {"grounds": ()}, "no facts": {"facts": ""}, "of another law": {"grounds": ("ca-law",)}}
    if shortcut in faulty:
        with pytest.raises(refusing.IllegalRefusal):
            refusing.prepare(request.pk, a_draft(request, **faulty[shortcut]), actor=mia)
        # Nor by whoever writes into the database first what the stage would not have taken.
        fields = {"grounds": ["legal-claims"], "facts": "So."} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in faulty[shortcut].items()
        }
        Refusal.objects.create(request=request, extent=WHOLE, prepared_by_id=mia.user_id, **fields)
    else:
        refusing.prepare(request.pk, a_draft(request), actor=mia)
    before, row = state_of(request), request.refusals.get()
    if shortcut == "no remedy":
        ControllerProfile.objects.update(country="")
        SubjectRequest.objects.update(place="")
    moment = datetime(2026, 6, 1, tzinfo=UTC) if shortcut == "late" else datetime(2026, 3, 21, tzinfo=UTC)
    if shortcut == "two at once":
        act = partial(refusing.prepare, request.pk, a_draft(request), actor=rex)
    else:
        other = Actor.staff(member("Processor")) if shortcut == "not theirs" else rex
        act = partial(refusing.approve, row.pk, actor=mia if shortcut == "own" else other)
    with time_machine.travel(moment), pytest.raises(DsrError), transaction.atomic():
        act()
    assert state_of(request) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"approved_at": RECEIVED},
        {"approved_at": RECEIVED, "discarded_at": RECEIVED},
    ],
)
def test_the_database_takes_no_refusal_that_one_person_made(fields):
    request, otto = a_request(), staff("otto")
    with pytest.raises(IntegrityError), transaction.atomic():
        Refusal.objects.create(request=request, extent=WHOLE, prepared_by=otto, approved_by=otto, **fields)


def test_the_workflow_alone_refuses_and_the_stage_alone_has_it_do_so():
    """Look through the whole program for other code that ends a request as refused, or approves a refusal."""
    root = Path(__file__).resolve().parents[2] / "requests_app"
    writers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "migrations" not in path.parts and any(map(_refuses, ast.walk(ast.parse(path.read_text()))))
    }
    assert writers == {"refusing.py"}


def _refuses(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    values = {item.value for part in node.args for item in ast.walk(part) if isinstance(item, ast.Constant)}
    return name == "perform" and bool({"reject", "refuse_unproven"} & values)
