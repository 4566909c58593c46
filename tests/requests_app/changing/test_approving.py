"""Approving what was previewed, and what makes an approval void."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from requests_app import audit, planning
from requests_app.audit import Actor
from requests_app.changing import approvals, previews
from requests_app.changing.approvals import NotApprovable, SamePerson
from requests_app.changing.previews import NotPreviewable
from requests_app.models import (
    Approval,
    DataSource,
    Identifier,
    Leased,
    SourceChange,
    Status,
)
from requests_app.workflow import PermissionRefused, perform
from tests.requests_app.changing.shops import (
    CYD,
    ERASURE,
    MAP,
    a_shop,
    a_source,
    an_erasure,
    approve,
    approved,
    assert_reopened,
    erased,
    exhausted,
    new_map,
    notes,
    previewed,
    rows,
    team,
    worked,
)
from tests.requests_app.portal import member, staff

pytestmark = pytest.mark.django_db


def test_who_prepared_an_erasure_cannot_approve_it(sqlite_shop):
    request, boss = an_erasure(), staff()
    (change,) = previews.preview(request.pk, ERASURE, actor=Actor.staff(boss))
    worked(change)
    approvals.prepare(request.pk, ERASURE, actor=Actor.staff(boss))
    with pytest.raises(SamePerson):
        approve(request, boss)
    assert not Approval.objects.exists()
    (approval,) = approve(request)
    assert (approval.prepared_by, approval.approved_by) == (boss, team()[1])


def test_what_nobody_asked_the_approval_of_is_not_approved(sqlite_shop):
    request = an_erasure()
    (change,) = planning.plan_previews(request, ERASURE)
    worked(change)
    with pytest.raises(NotApprovable, match="Nobody has asked"):
        approvals.approve(request.pk, ERASURE, actor=Actor.staff(team()[1]))
    with pytest.raises(NotApprovable, match="asked for already"):
        [approvals.prepare(request.pk, ERASURE, actor=Actor.staff(staff(name))) for name in ("one", "two")]
    assert len(approve(request)) == 1


def test_a_preview_anew_has_to_be_asked_for_anew(sqlite_shop):
    request = an_erasure()
    previewed(request)
    (change,) = previews.preview(request.pk, ERASURE, actor=Actor.staff(team()[0]))
    worked(change)
    with pytest.raises(NotApprovable, match="Nobody has asked"):
        approvals.approve(request.pk, ERASURE, actor=Actor.staff(team()[1]))


@pytest.mark.usefixtures("portal_database")
def test_the_database_itself_refuses_an_approval_by_who_prepared_it():
    request, boss = an_erasure(), staff()
    known = {"request": request, "act": ERASURE, "digest": "0" * 64, "approved_by": boss}
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(prepared_by=boss, **known)
    Approval.objects.create(prepared_by=member("Processor"), **known)


def test_the_database_itself_refuses_a_change_that_nobody_approved(sqlite_shop):
    (change,) = previewed(an_erasure())
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceChange.objects.filter(pk=change.pk).update(phase=SourceChange.Phase.CHANGE)


@pytest.mark.parametrize(
    ("role", "can_prepare", "can_approve"),
    [("Processor", True, False), ("Reviewer", False, True), ("Viewer", False, False)],
)
def test_preparing_needs_the_right_to_work_and_approving_the_right_to_decide(
    sqlite_shop, role, can_prepare, can_approve
):
    request = an_erasure()
    previewed(request)
    user = {each.username: each for each in team()}.get(role.lower()) or member(role)
    if can_approve:
        assert approve(request, user)
        return
    with pytest.raises(PermissionRefused):
        approve(request, user)
    if not can_prepare:
        with pytest.raises(PermissionRefused):
            previews.preview(request.pk, ERASURE, actor=Actor.staff(user))


def test_nothing_is_approved_before_every_source_is_previewed(sqlite_shop, postgres_database):
    request = an_erasure()
    with pytest.raises(NotApprovable, match="no preview yet of Shop"):
        approve(request)
    (change,) = previews.preview(request.pk, ERASURE, actor=audit.SYSTEM)
    with pytest.raises(NotApprovable, match="Shop is not ready yet"):
        approve(request)
    worked(change)
    a_shop(postgres_database("crm"), slug="crm")
    with pytest.raises(NotApprovable, match="no preview yet of Crm"):
        approve(request)
    assert not Approval.objects.exists()


def test_rows_nobody_decided_about_block_an_approval_until_the_map_decides(sqlite_url):
    source = a_shop(sqlite_url, text=MAP.replace("    erase: {action: delete}\n", ""))
    request = an_erasure()
    (change,) = previewed(request)
    assert change.preview["carts"]["fates"] == {"undecided": 2}
    with pytest.raises(NotApprovable, match="what erasing does to carts"):
        approve(request)
    text = source.current_map.text
    new_map(source, (text, MAP))
    with pytest.raises(NotApprovable, match="map of Shop has changed since its preview"):
        approve(request)
    (change,) = erased(request)
    assert change.is_proven


def test_a_failed_preview_blocks_an_approval_until_it_is_left_out(sqlite_shop, postgres_database):
    url = postgres_database("crm")
    a_source(url, slug="crm")
    request = an_erasure()
    by_source = {change.source.slug: exhausted(change) for change in previewed(request)}
    assert by_source["crm"].state == Leased.State.FAILED
    assert "was given up" in notes(request)[0]
    with pytest.raises(NotApprovable, match="preview of Crm failed"):
        approve(request)
    with pytest.raises(NotPreviewable):
        previews.leave_out(by_source["shop"], actor=audit.SYSTEM, reason="")
    previews.leave_out(by_source["crm"], actor=audit.SYSTEM, reason="Erased by hand")
    assert len(approve(request)) == 1
    assert worked(by_source["shop"]).is_proven


def test_a_source_switched_off_is_neither_previewed_nor_erased(sqlite_shop):
    request = an_erasure()
    (change,) = approved(request)
    DataSource.objects.update(is_enabled=False)
    assert worked(change).last_error == "The source is switched off."
    with pytest.raises(NotPreviewable, match="none is switched on"):
        previewed(request)


def test_a_second_approval_finds_nothing_to_approve(sqlite_shop):
    request = an_erasure()
    (change,) = approved(request)
    with pytest.raises(NotApprovable, match="approved already"):
        approve(request)
    worked(change)
    with pytest.raises(NotApprovable, match="approved already"):
        approve(request)
    assert Approval.objects.count() == 1


@pytest.mark.parametrize("status", [Status.VERIFIED, Status.COMPLETED, Status.WITHDRAWN])
def test_only_what_is_in_progress_is_previewed_and_approved(sqlite_shop, status):
    request = an_erasure()
    previewed(request)
    type(request).objects.filter(pk=request.pk).update(status=status, outcome="full")
    with pytest.raises(NotPreviewable):
        previews.preview(request.pk, ERASURE, actor=audit.SYSTEM)
    with pytest.raises(NotApprovable):
        approve(request)


def test_a_request_withdrawn_after_its_approval_is_not_erased(sqlite_shop, sqlite_url):
    (change,) = approved(an_erasure())
    perform(change.request_id, "withdraw", actor=audit.SUBJECT)
    assert worked(change).last_error == "The request has ended."
    assert len(rows(sqlite_url, "carts")) == 4


def test_nobody_is_erased_of_whom_nothing_is_proven(sqlite_shop):
    request = an_erasure()
    request.identifiers.update(proof="", proven_at=None)
    (change,) = previewed(request)
    assert (change.state, change.last_error) == (Leased.State.FAILED, "No identifier of this person is proven yet.")


def test_a_new_map_voids_the_approval_and_the_source_is_looked_at_again(sqlite_shop, sqlite_url):
    request = an_erasure()
    (change,) = approved(request)
    new_map(sqlite_shop, ("phone: null", "phone: null "))
    again = worked(change)
    assert_reopened(request, again, "data map of this source has changed")
    assert len(rows(sqlite_url, "carts")) == 4
    looked = worked(again)
    assert looked.is_previewed
    assert looked.map == DataSource.objects.get().current_map
    approve(request)
    assert worked(looked).is_proven
    assert Approval.objects.filter(voided_at=None).count() == 1


def test_another_identifier_voids_the_approval(sqlite_shop):
    request = an_erasure()
    (change,) = approved(request)
    Identifier.objects.create(request=request, kind="email", value=CYD, proof="staff", proven_at=request.submitted_at)
    assert_reopened(request, worked(change), "identifiers")


@pytest.mark.parametrize("what", ["list", "preview"])
def test_what_was_shown_voids_the_approval_once_it_is_tampered_with(sqlite_shop, what, storage_folder):
    request = an_erasure()
    (change,) = approved(request)
    if what == "list":
        (file,) = storage_folder.glob("shown-*")
        content = bytearray(file.read_bytes())
        content[30] ^= 1
        file.write_bytes(content)
    else:
        change.preview["carts"]["found"] = 1
        SourceChange.objects.filter(pk=change.pk).update(preview=change.preview)
    assert_reopened(request, worked(change), "what was shown")


def test_a_void_approval_does_not_say_that_nothing_was_erased_where_nobody_knows(sqlite_shop):
    request = an_erasure()
    (change,) = approved(request)
    SourceChange.objects.update(began=1)
    new_map(sqlite_shop, ("phone: null", "phone: null "))
    worked(change)
    assert notes(request)[0].startswith("It is not known whether an attempt before had erased anything from Shop")
