"""An erasure from its preview to its proof, on sources of each kind."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from requests_app import audit, leases, review
from requests_app.audit import Actor
from requests_app.changing import approvals, key_lists, previews
from requests_app.changing.approvals import NotApprovable, SamePerson
from requests_app.changing.key_lists import CAME_SINCE
from requests_app.changing.previews import NotPreviewable
from requests_app.models import (
    Approval,
    AuditEntry,
    DataSource,
    Identifier,
    KeptRows,
    KeyList,
    Leased,
    Message,
    SourceChange,
    Status,
)
from requests_app.workflow import PermissionRefused, perform
from tests.requests_app.changing.shops import (
    CYD,
    ERASURE,
    MAP,
    UNTOUCHED,
    a_shop,
    a_source,
    an_erasure,
    approved,
    erased,
    exhausted,
    new_map,
    numbers,
    previewed,
    rows,
    run,
    team,
    worked,
)
from tests.requests_app.portal import acts, member, queued, staff

pytestmark = pytest.mark.django_db
ANNS = {"customers": (1, 1, 0), "orders": (2, 0, 2), "carts": (2, 2, 0)}


@pytest.fixture
def shop(database_url):
    return a_shop(database_url)


@pytest.fixture
def sqlite_shop(sqlite_url):
    return a_shop(sqlite_url)


def shown(told):
    return {name: item[:3] for name, item in numbers(told).items()}


def notes(request):
    return list(Message.objects.filter(request=request).values_list("text", flat=True))


def approve(request, user=None):
    return approvals.approve(request.pk, ERASURE, actor=Actor.staff(user or team()[1]))


def keys(change, purpose, marks=()):
    found = []
    for item in change.key_lists.filter(purpose=purpose):
        with key_lists.opened(item.file, item.key_id) as listed:
            for section in listed.sections(marks):
                found += [
                    (section.collection, section.mark, *row.values())
                    for rows in section.batches
                    for row in rows.to_pylist()
                ]
    return sorted(found, key=str)


def test_a_preview_counts_and_changes_nothing(shop, database_url):
    before = {name: rows(database_url, name) for name in ("customers", "orders", "carts")}
    (change,) = previewed(an_erasure())
    assert (change.is_previewed, shown(change.preview)) == (True, ANNS)
    assert numbers(change.preview)["orders"][3] is None
    assert change.preview["orders"]["reasons"]
    assert {name: rows(database_url, name) for name in before} == before
    assert keys(change, "shown") == [
        ("carts", "deleted", "20"),
        ("carts", "deleted", "21"),
        ("customers", "anonymised", "1"),
        ("orders", "kept_until", "10", "2030-05-04"),
        ("orders", "kept_until", "11", "2034-02-28"),
    ]
    assert acts(change.request_id) == ["change.previewed", "preview.done"]


def test_an_approved_erasure_erases_what_was_shown_and_nothing_else(shop, database_url):
    request = an_erasure()
    (change,) = erased(request)
    assert (change.state, change.is_proven, shown(change.result)) == (Leased.State.DONE, True, ANNS)
    assert [item["left"] for item in change.result.values()] == [0, 0, 0]
    (ann, *others), orders = rows(database_url, "customers"), rows(database_url, "orders")
    assert (ann[0], ann[2], ann[3]) == (1, None, "[erased]")
    assert "ann" not in ann[1].lower()
    assert others == UNTOUCHED["customers"]
    assert rows(database_url, "carts") == UNTOUCHED["carts"]
    assert [(row[0], row[1], row[3]) for row in orders] == [(10, 1, None), (11, 1, None), (12, 2, "hi")]
    assert acts(request.pk)[2:] == ["change.approved", "change.began", "change.done"]
    assert (change.came_since, change.began) == ({}, 1)
    assert change.approval.digest == change.digest
    assert shown_by_a_new_preview(request) == {"customers": 0, "orders": 0, "carts": 0}


def shown_by_a_new_preview(request):
    """What a search finds for the same person."""
    from requests_app import sources
    from requests_app.changing.people import identifiers_of

    source = DataSource.objects.get()
    return sources.extractor(source, source.current_map).search(identifiers_of(request))


def test_every_source_is_previewed_approved_and_erased_by_itself(sqlite_url, postgres_database):
    a_shop(sqlite_url)
    a_shop(postgres_database("crm"), slug="crm")
    request = an_erasure()
    first, second = previewed(request)
    assert len(approve(request)) == 2
    assert worked(first).is_proven
    assert not SourceChange.objects.get(pk=second.pk).is_applied
    assert worked(second).is_proven
    with pytest.raises(NotPreviewable, match="all are done"):
        previewed(request)


def test_the_work_is_queued_for_the_heavy_workers(sqlite_shop):
    (change,) = approved(an_erasure())
    assert queued() == [("heavy", "change_source", (change.pk,))] * 2


def test_who_prepared_an_erasure_cannot_approve_it(sqlite_shop):
    request, boss = an_erasure(), staff()
    (change,) = previews.preview(request.pk, ERASURE, actor=Actor.staff(boss))
    worked(change)
    with pytest.raises(SamePerson):
        approve(request, boss)
    assert not Approval.objects.exists()
    assert len(approve(request)) == 1


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


def assert_reopened(request, change, reason):
    assert (change.phase, change.state, change.approval) == ("preview", Leased.State.WAITING, None)
    assert reason in change.reopened
    assert Approval.objects.exclude(voided_at=None).count() == 1
    assert "its approval is void" in notes(request)[0]
    assert "approval.voided" in acts(request.pk)
    assert queued()[-1] == ("heavy", "change_source", (change.pk,))


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


def more_carts(url, count, first=100):
    run(url, *(f"INSERT INTO carts VALUES ({first + number}, 1, 'More')" for number in range(count)))


@pytest.mark.parametrize(
    ("shown_rows", "more", "is_void"), [(2, 20, False), (2, 21, True), (210, 21, False), (210, 22, True)]
)
def test_a_few_rows_more_are_erased_and_listed_and_many_reopen_the_approval(
    shop, database_url, shown_rows, more, is_void
):
    more_carts(database_url, shown_rows - 2)
    request = an_erasure()
    (change,) = approved(request)
    more_carts(database_url, more, first=1000)
    change = worked(change)
    if is_void:
        assert_reopened(request, change, f"of carts, {more} rows more would be erased than the {shown_rows} rows")
        assert len(rows(database_url, "carts")) == 2 + shown_rows + more
        assert not KeyList.objects.filter(purpose="fixed").exists()
        assert worked(change).preview["carts"]["found"] == shown_rows + more
        return
    assert change.is_proven
    assert change.came_since == {"carts": more}
    assert [item.rows for item in change.key_lists.all()] == [3 + shown_rows, 3 + shown_rows + more]
    assert rows(database_url, "carts") == UNTOUCHED["carts"]
    assert keys(change, "fixed", [CAME_SINCE]) == sorted(
        [("carts", CAME_SINCE, str(1000 + number)) for number in range(more)], key=str
    )


def test_rows_that_went_since_are_none_the_worse(sqlite_shop, sqlite_url):
    more_carts(sqlite_url, 50)
    (change,) = approved(an_erasure())
    run(sqlite_url, "DELETE FROM carts WHERE id < 120")
    change = worked(change)
    assert (change.is_proven, change.result["carts"]["changed"], change.preview["carts"]["changed"]) == (True, 30, 52)


def test_a_preview_anew_voids_an_approval_that_was_not_used_up(sqlite_shop):
    request = an_erasure()
    approved(request)
    (change,) = previewed(request)
    assert (change.is_previewed, change.approval) == (True, None)
    assert Approval.objects.exclude(voided_at=None).count() == 1
    assert KeyList.objects.count() == 1


def test_what_is_being_changed_is_not_previewed_meanwhile(sqlite_shop):
    request = an_erasure()
    (change,) = approved(request)
    SourceChange.objects.claim(change.pk)
    with pytest.raises(NotPreviewable, match="being changed just now"):
        previews.preview(request.pk, ERASURE, actor=audit.SYSTEM)


def test_only_an_erasure_is_previewed_so_far(sqlite_shop):
    with pytest.raises(NotPreviewable, match="restriction"):
        previews.preview(an_erasure().pk, Approval.Act.RESTRICTION, actor=audit.SYSTEM)


def test_kept_rows_are_written_down_for_the_day_their_years_end(shop):
    (change,) = erased(an_erasure())
    kept = KeptRows.objects.get()
    assert (kept.collection, kept.rows, kept.erase_on) == ("orders", 2, date(2030, 5, 4))
    assert (kept.map, kept.request, kept.state) == (change.map, change.request, Leased.State.WAITING)


def test_a_failed_erasure_leaves_the_source_as_it_was_and_can_be_tried_again(sqlite_shop, sqlite_url):
    request = an_erasure()
    (change,) = approved(request)
    run(sqlite_url, "CREATE TRIGGER no BEFORE DELETE ON carts BEGIN SELECT RAISE(ABORT, 'no'); END")
    before = rows(sqlite_url, "customers")
    failed = worked(change)
    assert not failed.is_applied
    assert failed.last_error
    assert rows(sqlite_url, "customers") == before
    run(sqlite_url, "DROP TRIGGER no")
    if failed.state == Leased.State.FAILED:
        review.retry(failed, actor=audit.SYSTEM)
    SourceChange.objects.filter(pk=change.pk).update(claimable_at=request.submitted_at)
    done = worked(change)
    assert (done.is_proven, shown(done.result), done.began) == (True, ANNS, 2)


def test_no_task_leaves_an_exception_and_another_worker_does_nothing(sqlite_shop):
    (change,) = approved(an_erasure())
    seen = []
    leases.run(SourceChange, change.pk, lambda work: seen.append(worked(change).attempt))
    assert seen == [change.attempt + 1]


def test_audit_entries_and_rows_hold_ids_counts_and_words_alone(sqlite_shop):
    request = an_erasure(phone="+4915123456789")
    erased(request)
    said = str([list(model.objects.values()) for model in (AuditEntry, SourceChange, KeyList, KeptRows, Message)])
    for value in ("ann@", "Ann", "4915123456789", "Lamp", "ring"):
        assert value not in said
