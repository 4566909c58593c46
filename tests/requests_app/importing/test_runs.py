"""A list from its file to its requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from requests_app import storage, tasks
from requests_app.audit import Actor
from requests_app.importing import runs
from requests_app.importing.lists import UnusableList
from requests_app.importing.opened import Options
from requests_app.importing.runs import FaultyReading, ImpossibleImport, Stage, stage_of
from requests_app.models import (
    AuditEntry,
    ComputedDeadline,
    Identifier,
    ImportLine,
    OutboxMail,
    RequestImport,
    SubjectRequest,
    Upload,
)
from requests_app.uploads import examine
from requests_app.workflow import PermissionRefused
from tests.requests_app.importing.lists_of import a_line, again, handed_in, processor, report, states, taken_in
from tests.requests_app.portal import a_request, acts, member, queued, send_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
ONE_ADDRESS = "1 Example Street, 20095 Hamburg"


def by_processor() -> Actor:
    return Actor.staff(processor())


def test_a_list_with_known_headings_is_checked_at_once_and_takes_nothing_in():
    run = handed_in([a_line(1), a_line(2, right="nonsense"), a_line(1, name="Another Name")])
    assert stage_of(run) is Stage.CHECKED
    assert report(run) == [
        (2, "ready", ""),
        (3, "faulty", "Right: is none of the seven rights, such as access, erasure or Art. 15."),
        (4, "double", "Row 2 asks the same."),
    ]
    assert not SubjectRequest.objects.exists()
    assert acts() == ["file.handed_in", "import.handed_in", "import.read", "import.checked"]


def test_what_is_ready_becomes_requests_with_their_own_dates_and_ways():
    lines = [a_line(1), a_line(2, email="", address=ONE_ADDRESS, right="Löschung", channel="Telefon", country="FR")]
    run = taken_in(handed_in(lines))
    assert stage_of(run) is Stage.TAKEN_IN
    first, second = SubjectRequest.objects.order_by("pk")
    assert (first.right, first.channel, first.place, first.name) == ("access", "letter", "DE", "Person 1")
    assert timezone.localdate(first.submitted_at).isoformat() == "2026-03-02"
    assert first.due_on.isoformat() == "2026-04-02"
    assert first.recorded_by == processor()
    assert first.recorded_at > timezone.now() - timedelta(minutes=5)
    assert (second.right, second.channel, second.place, second.email) == ("erasure", "phone", "FR", "")
    assert second.postal_address == "1 Example Street\n20095 Hamburg"
    assert [line.request for line in run.report.all()] == [first, second]
    assert "request.recorded" in acts(first.pk)
    assert ComputedDeadline.objects.count() == 2


def test_the_list_is_destroyed_once_it_is_taken_in():
    run = taken_in(handed_in([a_line(1), a_line(2, name="")]))
    assert run.upload.removed_at
    assert run.upload.key.is_destroyed
    assert states(run) == ["done", "faulty"]


def test_people_are_asked_to_confirm_unless_nothing_is_to_be_sent():
    taken_in(handed_in([a_line(1)]))
    assert [mail.to for mail in send_mails()] == [["person1@example.test"]]
    taken_in(handed_in([a_line(2)]), sends_mails=False)
    assert OutboxMail.objects.count() == 2
    assert send_mails() == []
    assert "mail.dropped" in acts(SubjectRequest.objects.latest("pk").pk)


def test_whom_the_team_made_sure_of_is_worked_on_at_once():
    run = handed_in([a_line(1)])
    columns = {int(position): name for position, name in run.columns.items()}
    options = Options(proof="team", proof_reason="Checked in the system we used before.")
    runs.assign(run.pk, columns, options, actor=by_processor())
    tasks.import_requests(run.pk)
    taken_in(again(run))
    request = SubjectRequest.objects.get()
    assert request.status == "in_progress"
    assert set(request.identifiers.values_list("proof", flat=True)) == {"staff"}


def test_customer_numbers_are_what_a_search_may_go_by():
    headings = "Received;Right;Name;E-mail;Customer number"
    taken_in(handed_in(["2026-03-02;access;Ann;ann@example.test;4711; "], headings=headings))
    assert Identifier.objects.get(kind="user_id").value == "4711"


def test_what_is_at_work_already_is_a_double_and_says_of_what():
    known = a_request(email="Person1@example.test")
    a_request(email="person2@example.test", status="withdrawn")
    a_request(email="", name="Person 3", postal_address="1 Example Street\n20095 Hamburg")
    lines = [a_line(1), a_line(1, right="erasure"), a_line(2), a_line(3, email="", address=ONE_ADDRESS.upper())]
    run = handed_in(lines)
    assert states(run) == ["double", "ready", "ready", "double"]
    line = run.report.first()
    assert line.problem.startswith(f"{known.reference} of the same person")
    assert line.request == known


def test_what_came_to_work_after_the_check_is_not_taken_in_twice():
    run = handed_in([a_line(1), a_line(2)])
    a_request(email="person1@example.test")
    assert states(taken_in(run)) == ["double", "done"]
    assert SubjectRequest.objects.count() == 2


def test_handing_the_same_list_in_again_takes_nothing_in_twice():
    lines = [a_line(number) for number in range(5)]
    taken_in(handed_in(lines))
    again_in = handed_in(lines)
    assert states(again_in) == ["double"] * 5
    with pytest.raises(ImpossibleImport, match="No line"):
        taken_in(again_in)


def test_columns_that_are_not_recognised_are_assigned_by_hand():
    run = handed_in(["2026-03-02;A;ann@example.test;x"], headings="Q1;Q2;Q3;Q4")
    assert (stage_of(run), run.columns, queued()) == (Stage.ASSIGNING, {}, [])
    options = Options(has_headings=False, defaults={"right": "access", "channel": ""})
    with pytest.raises(FaultyReading) as error:
        runs.assign(run.pk, {0: "received", 1: "name"}, options, actor=by_processor())
    assert error.value.faults == [
        "E-mail, Postal address or Telephone: please say which column it is; one of them is needed."
    ]
    runs.assign(run.pk, {0: "received", 1: "name", 2: "email"}, options, actor=by_processor())
    tasks.import_requests(run.pk)
    assert states(run) == ["faulty", "ready"]
    runs.assign(
        run.pk,
        {0: "received", 1: "name", 2: "email"},
        Options(has_headings=True, defaults={"right": "access"}),
        actor=by_processor(),
    )
    tasks.import_requests(run.pk)
    assert states(run) == ["ready"]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (Options(encoding="rot13"), "letters"),
        (Options(date_order="year"), "orders of dates"),
        (Options(proof="trust"), "ways offered"),
        (Options(proof="team"), "how you made sure"),
    ],
    ids=["letters", "dates", "proof", "reason"],
)
def test_what_is_said_of_a_list_is_one_of_what_is_offered(options, fault):
    run = handed_in([a_line(1)])
    columns = {int(position): name for position, name in run.columns.items()}
    with pytest.raises(FaultyReading, match=fault):
        runs.assign(run.pk, columns, options, actor=by_processor())


def test_only_whoever_works_on_requests_imports_any():
    run = handed_in([a_line(1)])
    file = examine(SimpleUploadedFile("x.csv", b"a;b\n1;2\n"), Upload.Kind.IMPORT)
    for role in ("Viewer", "Reviewer"):
        actor = Actor.staff(member(role))
        for act in (
            lambda actor=actor: runs.hand_in(file, actor=actor),
            lambda actor=actor: runs.assign(run.pk, {}, Options(), actor=actor),
            lambda actor=actor: runs.take_in(run.pk, sends_mails=True, actor=actor),
            lambda actor=actor: runs.throw_away(run.pk, actor=actor),
            lambda actor=actor: runs.retry(run.pk, actor=actor),
        ):
            with pytest.raises(PermissionRefused):
                act()
    assert RequestImport.objects.count() == 1


def test_who_wanted_a_list_and_left_the_team_takes_nothing_in():
    run = handed_in([a_line(1)])
    runs.take_in(run.pk, sends_mails=True, actor=by_processor())
    type(processor()).objects.update(is_active=False)
    tasks.import_requests(run.pk)
    assert (stage_of(again(run)), SubjectRequest.objects.count()) == (Stage.FAILED, 0)
    assert again(run).last_error == "You may not record requests."


def test_nothing_is_done_with_a_list_where_it_cannot_be():
    run = handed_in([a_line(1)])
    with pytest.raises(ImpossibleImport, match="checked"):
        runs.retry(run.pk, actor=by_processor())
    runs.take_in(run.pk, sends_mails=True, actor=by_processor())
    for act in (
        lambda: runs.take_in(run.pk, sends_mails=True, actor=by_processor()),
        lambda: runs.assign(run.pk, {}, Options(), actor=by_processor()),
        lambda: runs.throw_away(run.pk, actor=by_processor()),
    ):
        with pytest.raises(ImpossibleImport, match="taking in"):
            act()
    tasks.import_requests(run.pk)
    with pytest.raises(ImpossibleImport, match="taken in"):
        runs.throw_away(run.pk, actor=by_processor())


def test_a_list_thrown_away_leaves_its_report_and_nothing_to_read(django_capture_on_commit_callbacks):
    run = handed_in([a_line(1)])
    with django_capture_on_commit_callbacks(execute=True):
        runs.throw_away(run.pk, actor=by_processor())
    assert stage_of(again(run)) is Stage.THROWN_AWAY
    assert run.report.count() == 1
    assert list(storage.names()) == []
    with pytest.raises(ImpossibleImport, match="thrown away"):
        runs.take_in(run.pk, sends_mails=True, actor=by_processor())


def test_what_is_no_list_leaves_nothing_behind():
    file = examine(SimpleUploadedFile("x.csv", b" \r\n \r\n"), Upload.Kind.IMPORT)
    with pytest.raises(UnusableList, match="is empty"):
        runs.hand_in(file, actor=by_processor())
    assert (Upload.objects.count(), list(storage.names())) == (0, [])


def test_a_list_that_breaks_off_fails_for_good_and_may_be_read_otherwise():
    run = handed_in([a_line(1), '"never closed' + "x;\n" * 70_000])
    assert stage_of(run) is Stage.FAILED
    assert run.last_error.startswith("Row 3 has a cell that is too long")
    runs.throw_away(run.pk, actor=by_processor())
    assert stage_of(again(run)) is Stage.THROWN_AWAY


def test_lists_that_nobody_takes_in_are_destroyed_in_time():
    runs_ = [handed_in([a_line(1)]), *(handed_in(["1;2"], headings=text) for text in ("Q1;Q2", "Q3;Q4"))]
    long_ago = timezone.now() - timedelta(days=31)
    RequestImport.objects.filter(pk__in=[run.pk for run in runs_[:2]]).update(created_at=long_ago)
    tasks.clean_up()
    assert [stage_of(again(run)) for run in runs_] == [Stage.CHECKED, Stage.THROWN_AWAY, Stage.ASSIGNING]
    RequestImport.objects.update(finished_at=timezone.now() - timedelta(days=400))
    tasks.clean_up()
    assert stage_of(again(runs_[0])) is Stage.THROWN_AWAY


def test_nothing_of_a_list_stands_in_a_table_or_the_trail():
    run = handed_in([a_line(1, name="Zanzibar Marzipan", right="Zanzibar"), a_line(2, email="Zanzibar@@example.test")])
    kept = [*ImportLine.objects.filter(run=run).values_list(), *RequestImport.objects.values_list()]
    kept += [*AuditEntry.objects.values_list(), *Upload.objects.values_list()]
    assert "Zanzibar" not in str(kept)


BOTH = '"access; erasure"'


def test_a_line_that_asks_for_several_rights_becomes_one_letter():
    run = taken_in(handed_in([a_line(1, right=BOTH), a_line(2)]))
    access, erasure, other = SubjectRequest.objects.order_by("pk")
    assert (access.right, erasure.right) == ("access", "erasure")
    assert access.case_id == erasure.case_id is not None
    assert other.case_id is None
    assert [line.request for line in run.report.all()] == [access, other]
    assert sorted(mail.to[0] for mail in send_mails()) == ["person1@example.test", "person2@example.test"]


def test_nothing_is_sent_of_a_letter_where_nothing_is_to_be_sent():
    taken_in(handed_in([a_line(1, right=BOTH)]), sends_mails=False)
    assert not send_mails()
    assert OutboxMail.objects.filter(dropped_at=None).count() == 0


def test_a_line_of_which_one_right_is_at_work_is_left_to_the_team():
    taken_in(handed_in([a_line(1, right="erasure")]))
    (erasure,) = SubjectRequest.objects.all()
    run = handed_in([a_line(1, right=BOTH), a_line(1, right=BOTH)])
    assert states(run) == ["double", "double"]
    assert erasure.reference in run.report.first().problem
