"""How an erasure ends: in full, in part, or as nothing is held; certified, told, and with nothing left of our own."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from requests_app import audit, certificates, finishing, planning, retention, tasks, workflow
from requests_app.audit import SYSTEM, Actor
from requests_app.certificates.handlings import handling_record
from requests_app.changing import previews
from requests_app.changing.approvals import NotApprovable
from requests_app.changing.previews import NotPreviewable
from requests_app.models import (
    Certificate,
    DataSource,
    ErasedIdentifier,
    Identifier,
    Message,
    OutboxMail,
    Outcome,
    RegisteredErasure,
    Status,
    SubjectRequest,
    Upload,
)
from requests_app.retention import clearing
from requests_app.uploads import take
from tests.requests_app.changing.shops import (
    ERASURE,
    MAP,
    a_shop,
    a_source,
    an_erasure,
    approve,
    erased,
    exhausted,
    notes,
    previewed,
    rows,
    team,
    worked,
)
from tests.requests_app.changing.test_replaying import replay, restore
from tests.requests_app.identity.asked import a_picture
from tests.requests_app.portal import acts, member, queued, released, run_out, send_mails, staff, the_controller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
ALL_GOES = MAP.replace(
    'erase: {action: keep, ground: "17(3)(b): tax records", years: 10, from: ordered_on, anonymise: {note: null}}',
    "erase: {action: delete}",
)


@pytest.fixture
def shop(sqlite_url):
    the_controller()
    return a_shop(sqlite_url)


def ended(request):
    finishing.finish_request(request.pk)
    request.refresh_from_db()
    return request.status, request.outcome


def letter(request):
    (message,) = [mail for mail in send_mails() if "became of your data" in mail.subject]
    assert message.to == [request.email]
    return message.body


def test_what_the_map_keeps_makes_it_an_answer_in_part_told_with_ground_day_and_remedies(shop):
    request = an_erasure()
    erased(request)
    assert ("heavy", "finish_request", (request.pk,)) in queued()
    assert ended(request) == (Status.COMPLETED, Outcome.PARTIAL)
    certificate = Certificate.objects.get()
    assert (certificate.kind, certificate.issued_by, certificate.request) == ("erasure", None, request)
    text = letter(request)
    for words in ("1 record made anonymous", "2 records deleted", "2 records, kept on this ground: 17(3)(b): tax"):
        assert words in text
    assert "Erased between 4 May 2030 and 28 February 2034." in text
    assert certificate.number in text
    assert "complain" in text
    assert acts(request.pk)[-3:] == ["certificate.issued", "request.completed", "mail.sent"]


def test_where_all_goes_it_is_an_answer_in_full(sqlite_url):
    the_controller()
    a_shop(sqlite_url, text=ALL_GOES)
    request = an_erasure()
    erased(request)
    assert ended(request) == (Status.COMPLETED, Outcome.FULL)
    assert "What stays" not in letter(request)


def test_where_nothing_is_found_nobody_approves_and_the_person_is_told_so(shop):
    request = an_erasure("nobody@example.test")
    (change,) = planning.plan_previews(request, ERASURE)
    worked(change)
    assert queued()[-1] == ("heavy", "finish_request", (request.pk,))
    assert ended(request) == (Status.COMPLETED, Outcome.NONE_HELD)
    assert "hold no data about you" in letter(request)
    assert not Certificate.objects.exists()


def test_nothing_is_held_only_where_every_source_was_looked_at(shop, postgres_database):
    a_source(postgres_database("crm"), slug="crm")
    request = an_erasure("nobody@example.test")
    crm, shop_ = (worked(change) for change in planning.plan_previews(request, ERASURE))
    assert shop_.is_previewed
    assert ended(request)[0] == Status.IN_PROGRESS
    exhausted(crm)
    previews.leave_out(crm, actor=Actor.staff(team()[1]), reason="It is being rebuilt.")
    assert ended(request)[0] == Status.IN_PROGRESS
    approve(request)
    worked(shop_)
    assert ended(request) == (Status.COMPLETED, Outcome.PARTIAL)
    assert "Crm: we could not reach this system" in letter(request)


def test_a_source_that_was_added_since_is_looked_at_before_nothing_is_said_to_be_held(shop, postgres_database):
    request = an_erasure("nobody@example.test")
    [worked(change) for change in planning.plan_previews(request, ERASURE)]
    a_shop(postgres_database("crm"), slug="crm")
    assert ended(request)[0] == Status.IN_PROGRESS


def test_what_is_not_done_is_not_ended_by_anybody(shop):
    request = an_erasure()
    previewed(request)
    assert ended(request)[0] == Status.IN_PROGRESS
    for outcome in (Outcome.FULL, Outcome.PARTIAL, Outcome.NONE_HELD):
        for actor in (SYSTEM, Actor.staff(staff(f"boss-{outcome}"))):
            with pytest.raises(workflow.Unprepared), transaction.atomic():
                workflow.perform(request.pk, "complete", actor=actor, reason="Done.", outcome=outcome)


def test_nobody_completes_by_hand_what_the_portal_completes(shop):
    request = an_erasure()
    erased(request)
    with pytest.raises(workflow.Unprepared, match="by itself"), transaction.atomic():
        workflow.perform(request.pk, "complete", actor=Actor.staff(staff()), reason="Done.", outcome=Outcome.FULL)
    assert ended(request)[0] == Status.COMPLETED


def test_where_no_source_is_connected_the_team_erases_and_completes_by_hand(db):
    request = an_erasure()
    assert ended(request)[0] == Status.IN_PROGRESS
    workflow.perform(request.pk, "complete", actor=Actor.staff(staff()), reason="Done.", outcome=Outcome.FULL)
    assert SubjectRequest.objects.get().status == Status.COMPLETED


def test_a_lost_task_is_found_by_the_sweep_whatever_came_of_it(shop, postgres_database):
    a_source(postgres_database("crm"), slug="crm")
    request, other = an_erasure(), an_erasure("nobody@example.test")
    crm, shop_ = (exhausted(change) if change.source.slug == "crm" else change for change in previewed(request))
    previews.leave_out(crm, actor=SYSTEM, reason="")
    approve(request)
    worked(shop_)
    assert list(finishing.overdue()) == [request.pk]
    DataSource.objects.filter(slug="crm").update(is_enabled=False)
    [worked(change) for change in planning.plan_previews(other, ERASURE)]
    assert set(finishing.overdue()) == {request.pk, other.pk}
    tasks.sweep()
    assert {("heavy", "finish_request", (pk,)) for pk in (request.pk, other.pk)} <= set(queued())


def test_a_certificate_that_cannot_be_issued_keeps_it_open_and_the_team_is_told_once(shop, settings):
    request = an_erasure()
    erased(request)
    settings.DSR_SIGNING_FILE = Path("/nowhere/signer.p12")
    for _ in range(2):
        assert ended(request)[0] == Status.IN_PROGRESS
    (told,) = [text for text in notes(request) if "cannot be completed yet" in text]
    assert "DSR_SIGNING_FILE cannot be read" in told
    settings.DSR_SIGNING_FILE = None
    assert ended(request)[0] == Status.COMPLETED


def test_an_overdue_erasure_is_done_all_the_same_and_its_handling_certified_as_late(shop):
    request = an_erasure()
    SubjectRequest.objects.update(due_on=timezone.localdate() - timedelta(days=3))
    audit.record("request.submitted", audit.SUBJECT, request_id=request.pk)
    erased(request)
    assert ended(request) == (Status.COMPLETED, Outcome.PARTIAL)
    assert handling_record(request).is_in_time is False


def test_ended_twice_there_is_one_certificate_and_one_letter(shop):
    request = an_erasure()
    erased(request)
    finishing.erasures.prepare_end(request)  # a worker that stops after this has done it
    for _ in range(2):
        assert ended(request)[0] == Status.COMPLETED
    assert Certificate.objects.count() == OutboxMail.objects.filter(template="erased").count() == 1


def test_the_person_gets_the_certificate_on_record(shop):
    request = an_erasure()
    erased(request)
    ended(request)
    assert certificates.document(Certificate.objects.get(), user=None).startswith(b"%PDF-")
    assert acts(request.pk)[-1] == "certificate.downloaded"


def test_who_leaves_a_source_out_has_to_decide_and_to_say_why(shop, sqlite_url, postgres_database):
    a_source(postgres_database("crm"), slug="crm")
    request = an_erasure()
    crm = next(exhausted(change) for change in previewed(request) if change.source.slug == "crm")
    with pytest.raises(workflow.PermissionRefused):
        previews.leave_out(crm, actor=Actor.staff(member("Processor")), reason="So.")
    with pytest.raises(NotPreviewable, match="say why"):
        previews.leave_out(crm, actor=Actor.staff(team()[1]), reason=" ")
    with pytest.raises(NotApprovable):
        approve(request)
    previews.leave_out(crm, actor=Actor.staff(team()[1]), reason="It is being rebuilt.")
    assert len(approve(request)) == 1


def test_what_nobody_knows_to_be_changed_or_not_is_not_left_out(shop):
    request = an_erasure()
    previewed(request)
    approve(request)
    request.changes.update(state="failed", began=1)
    with pytest.raises(NotPreviewable, match="Nobody knows"):
        previews.leave_out(request.changes.get(), actor=SYSTEM, reason="")
    request.changes.update(began=0)
    previews.leave_out(request.changes.get(), actor=SYSTEM, reason="")
    assert request.approvals.get().voided_at
    assert ended(request)[0] == Status.IN_PROGRESS


@pytest.fixture
def earlier(shop):
    """An earlier request of Ann's, answered with files, with a message and a file to it."""
    export = released()
    request = export.request
    Message.objects.create(request=request, kind="from_person", text="Here is my old address.")
    Message.objects.create(request=request, text="A note of the team.")
    take(a_picture(), Upload.Kind.IDENTITY, actor=SYSTEM, request=request)
    SubjectRequest.objects.filter(pk=request.pk).update(status="completed", outcome="full")
    return request


def copies_of(request):
    files = request.uploads.filter(removed_at=None).count()
    exports, segments = request.exports.filter(removed_at=None).count(), request.searches.exclude(segment="").count()
    return exports, segments, files, request.messages.exchanged().count()


def erased_by_mail(request):
    erased(request)
    assert ended(request)[0] == Status.COMPLETED


def test_what_the_portal_itself_held_goes_too_and_the_proof_of_handling_stays(earlier):
    assert copies_of(earlier) == (1, 1, 1, 1)
    request = an_erasure()
    erased_by_mail(request)
    assert copies_of(earlier) == (0, 0, 0, 0)
    assert earlier.messages.notes().count() == 1
    assert "copies.removed" in acts(earlier.pk)
    earlier.refresh_from_db()
    assert (earlier.name, earlier.outcome) == ("Ann Example", "full")
    assert request.identifiers.exists()
    before = acts(earlier.pk)
    finishing.erasures.prepare_end(request)
    assert acts(earlier.pk) == before


@pytest.mark.parametrize("why", ["open", "somebody else", "only typed"])
def test_what_is_open_or_of_others_is_left_alone(earlier, why):
    if why == "open":
        SubjectRequest.objects.filter(pk=earlier.pk).update(status="in_progress", outcome="")
    elif why == "somebody else":
        Identifier.objects.filter(request=earlier).update(value="bob@example.test")
    else:
        Identifier.objects.filter(request=earlier).update(proof="", proven_at=None)
    erased_by_mail(an_erasure())
    assert copies_of(earlier) == (1, 1, 1, 1)


def test_the_copy_asked_for_in_the_same_letter_stays_to_be_fetched(earlier):
    from requests_app.models import Case

    case = Case.objects.create()
    request = an_erasure()
    SubjectRequest.objects.filter(pk__in=(earlier.pk, request.pk)).update(case=case)
    request.refresh_from_db()
    erased_by_mail(request)
    assert copies_of(earlier) == (1, 1, 1, 1)


def test_what_is_held_stays_when_the_hold_came_after_the_erasure(earlier):
    request = an_erasure()
    erased(request)
    retention.hold(earlier.pk, "A lawsuit.", actor=Actor.staff(staff("keeper")))
    assert ended(request)[0] == Status.COMPLETED
    assert copies_of(earlier) == (1, 1, 1, 1)


def test_nothing_that_was_erased_stands_in_the_letter_s_row_or_in_the_audit_trail(shop):
    request = an_erasure()
    erased_by_mail(request)
    run_out(OutboxMail.objects.get(template="erased"))
    said = str([list(model.objects.values()) for model in (Certificate, OutboxMail)])
    for value in ("Lamp", "ring", "49151"):
        assert value not in said


def contents(url):
    """Read the shop; the addresses of nobody, which are made up anew each time, are all the same."""
    told = str({table: rows(url, table) for table in ("customers", "orders", "carts")})
    return re.sub(r"erased-[0-9a-f]+@", "erased-@", told)


def test_after_a_restore_the_source_comes_to_the_same_state_though_nobody_is_known_any_more(database_url):
    the_controller()
    a_shop(database_url)
    request = an_erasure()
    erased_by_mail(request)
    after = contents(database_url)
    clearing.pseudonymise(request, timezone.now())
    assert not Identifier.objects.exists()
    kept = str([list(model.objects.values()) for model in (RegisteredErasure, ErasedIdentifier, SubjectRequest)])
    assert not [value for value in ("ann@", "ann example") if value in kept.lower()]
    restore(database_url)
    assert contents(database_url) != after
    assert "2 rows kept" in replay("--apply")
    assert contents(database_url) == after
