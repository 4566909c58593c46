"""What two do with a list at the same moment, on PostgreSQL, where they really do."""

from __future__ import annotations

import pytest

from requests_app import suppressing, tasks
from requests_app.audit import Actor
from requests_app.importing import runs
from requests_app.importing.opened import Options
from requests_app.importing.runs import ImpossibleImport
from requests_app.models import Identifier, ImportLine, Message, SubjectRequest, Suppression
from requests_app.suppressing import NothingToLift
from tests.requests_app.importing.lists_of import a_line, again, handed_in, processor
from tests.requests_app.portal import ANN, a_request, acts, staff

pytestmark = pytest.mark.usefixtures("storage_folder")


def kinds(answers: list[object]) -> list[str]:
    return sorted(map(str, answers))


def test_of_two_who_want_a_list_taken_in_one_does(at_once):
    run, actor = handed_in([a_line(1)]), Actor.staff(processor())
    answers = at_once(*[lambda: runs.take_in(run.pk, sends_mails=True, actor=actor)] * 4)
    assert kinds(answers) == kinds([1, ImpossibleImport, ImpossibleImport, ImpossibleImport])
    assert acts().count("import.wanted") == 1


def test_workers_that_get_the_same_list_take_it_in_once(at_once):
    run, actor = handed_in([a_line(number) for number in range(250)]), Actor.staff(processor())
    runs.take_in(run.pk, sends_mails=True, actor=actor)
    at_once(*[lambda: tasks.import_requests(run.pk)] * 3)
    assert again(run).state == "done"
    assert SubjectRequest.objects.count() == 250


def test_a_list_read_otherwise_while_it_is_checked_has_one_report(at_once):
    run, actor = handed_in([a_line(number) for number in range(600)]), Actor.staff(processor())
    columns = {int(position): name for position, name in run.columns.items()}
    runs.assign(run.pk, columns, Options(), actor=actor)
    at_once(
        lambda: tasks.import_requests(run.pk),
        lambda: runs.assign(run.pk, columns, Options(date_order="day"), actor=actor),
    )
    tasks.import_requests(run.pk)
    assert again(run).state == "done"
    assert list(ImportLine.objects.values_list("number", flat=True)) == list(range(2, 602))


def test_of_two_who_lift_an_entry_one_does(at_once):
    request, actor = a_request(), Actor.staff(staff())
    Identifier.objects.create(request=request, kind="email", value=ANN, proof="staff", proven_at=request.submitted_at)
    suppressing.enter(request.pk, "all", actor=actor)
    entry = Suppression.objects.get()
    answers = at_once(*[lambda: suppressing.lift(entry.pk, "So.", actor=actor)] * 3)
    assert kinds(answers) == kinds([1, NothingToLift, NothingToLift])
    assert Message.objects.count() == 1
