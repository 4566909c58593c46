"""What must not be given out or gone on with before it is clear who asks: by no button, no direct call, no worker."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, identity, planning, review, tasks
from requests_app.audit import Actor
from requests_app.models import (
    Approval,
    AuditEntry,
    Channel,
    Export,
    IdentityCheck,
    Leased,
    OutboxMail,
    Representative,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.proofs import UnprovenIdentity
from requests_app.representing import UnsettledAuthority
from requests_app.workflow import perform
from tests.requests_app.admin.console import signed_in, url
from tests.requests_app.identity.asked import an_actor
from tests.requests_app.portal import a_source, collected, member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
ROLES = ("Manager", "Reviewer", "Processor", "Viewer")
DECIDING = {"Manager", "Reviewer"}


def asked(request: SubjectRequest, **changed: object) -> None:
    """Ask for a document, of whose check something may be so."""
    check = identity.ask_for(request.pk, "document", "Your name is another.", actor=an_actor())
    IdentityCheck.objects.filter(pk=check.pk).update(**changed)


def claimed(request: SubjectRequest, **changed: object) -> None:
    """Let somebody else have asked, by an authority of which something may be so."""
    SubjectRequest.objects.filter(pk=request.pk).update(channel=Channel.AGENT)
    known = {"rights": ["access"], "state": "accepted", "decided_at": timezone.now()} | changed
    Representative.objects.create(request=request, kind="lawyer", name="Lena", email="lena@lawyers.test", **known)


DOUBTS = {
    "asked for more": asked,
    "tried too often": lambda request: asked(request, failed_at=timezone.now(), attempts=3),
    "for the team to make sure": lambda request: asked(request, kind="team"),
    "authority not decided": lambda request: claimed(request, state="waiting", decided_at=None),
    "authority refused": lambda request: claimed(request, state="refused"),
    "authority ended": lambda request: claimed(request, state="ended"),
    "authority over": lambda request: claimed(request, valid_until=timezone.localdate() - timedelta(days=1)),
    "authority for another right": lambda request: claimed(request, rights=["erasure"]),
}
DOORS = {
    "stage": lambda request, role: review.release(request.pk, actor=Actor.staff(member(role)), formats=("json",)),
    "button": lambda request, role: signed_in(role).post(url("requests.release", request.pk), {"formats": ["json"]}),
}
GOING_ON = {"verify": Status.SUBMITTED, "begin": Status.VERIFIED, "complete": Status.IN_PROGRESS}


@pytest.fixture
def request_(tmp_path):
    """A request whose answer is ready to be released, by somebody who has shown who they are."""
    a_source(tmp_path)
    return collected()


def state_of(request: SubjectRequest) -> tuple[object, ...]:
    """Give all that a release, and what follows it, could change."""
    row = SubjectRequest.objects.get(pk=request.pk)
    counts = (model.objects.count() for model in (Approval, Export, OutboxMail))
    return row.status, row.outcome, row.decision, *counts


def is_done(request: SubjectRequest, act, *arguments) -> bool:
    """Try something, say whether anything came of it, and take it back."""
    before, sid = state_of(request), transaction.savepoint()
    try:
        with transaction.atomic():
            act(request, *arguments)
    except DsrError:
        assert state_of(request) == before
    happened = state_of(request) != before
    transaction.savepoint_rollback(sid)
    return happened


@pytest.mark.parametrize("doubt", DOUBTS)
@pytest.mark.parametrize("door", DOORS)
def test_nobody_releases_while_it_is_in_doubt_who_asks(request_, door, doubt):
    DOUBTS[doubt](request_)
    assert not [role for role in ROLES if is_done(request_, DOORS[door], role)]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("door", DOORS)
def test_without_a_doubt_those_release_who_decide_and_only_what_is_at_work(request_, door, status):
    ended = {Status.COMPLETED: "full", Status.REJECTED: "refused"}.get(status, "")
    SubjectRequest.objects.filter(pk=request_.pk).update(status=status, outcome=ended)
    allowed = DECIDING if status == Status.IN_PROGRESS else set()
    assert {role for role in ROLES if is_done(request_, DOORS[door], role)} == allowed


@pytest.mark.parametrize("actor", [audit.SYSTEM, audit.SUBJECT, audit.REPRESENTATIVE, audit.STRANGER], ids=str)
def test_nobody_outside_the_team_releases(request_, actor):
    with pytest.raises(DsrError):
        review.release(request_.pk, actor=actor)
    assert not Export.objects.exists()


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_was_released_before_the_doubt_is_not_made(request_, doubt):
    export = review.release(request_.pk, actor=Actor.staff(member("Reviewer")), formats=("json",))
    DOUBTS[doubt](request_)
    tasks.render_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file) == (Leased.State.FAILED, "")
    assert SubjectRequest.objects.get().status == Status.IN_PROGRESS


@pytest.mark.parametrize("doubt", DOUBTS)
@pytest.mark.parametrize("name", GOING_ON)
def test_no_transition_goes_on_by_whomever(request_, name, doubt):
    DOUBTS[doubt](request_)
    SubjectRequest.objects.filter(pk=request_.pk).update(status=GOING_ON[name])
    actors = [Actor.staff(member(role)) for role in ROLES] + [audit.SYSTEM, audit.SUBJECT, audit.REPRESENTATIVE]
    before = state_of(request_)
    for actor in actors:
        with pytest.raises((UnprovenIdentity, UnsettledAuthority, PermissionError)), transaction.atomic():
            perform(request_.pk, name, actor=actor, reason="So.")
        assert state_of(request_) == before


@pytest.mark.parametrize("doubt", DOUBTS)
def test_nothing_is_searched_for_whom_nobody_knows(request_, doubt):
    DOUBTS[doubt](request_)
    SubjectRequest.objects.filter(pk=request_.pk).update(status=Status.VERIFIED)
    SourceSearch.objects.all().delete()
    request_.refresh_from_db()
    with pytest.raises((UnprovenIdentity, UnsettledAuthority)), transaction.atomic():
        planning.begin(request_)
    assert not SourceSearch.objects.exists()


def test_what_is_refused_leaves_no_trace_of_a_release(request_):
    asked(request_)
    for door in DOORS.values():
        is_done(request_, door, "Manager")
    assert not AuditEntry.objects.filter(action="answer.released").exists()


def test_files_are_made_of_what_the_stage_released_alone():
    """Look through the whole program for other code that makes files: it needs an approval, which one stage gives."""
    root = Path(__file__).resolve().parents[2] / "requests_app"
    writers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "migrations" not in path.parts and any(map(_makes_files, ast.walk(ast.parse(path.read_text()))))
    }
    assert writers == {"review.py", "rendering/further.py"}


def _makes_files(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Export.objects.create")
