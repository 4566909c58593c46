"""A restriction from the decision to its end, of which the person is told before."""

from __future__ import annotations

import pytest
from django.core import mail as outbox
from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app import audit, planning, restricting, restrictions, sources, suppressing, tasks
from requests_app.models import (
    Approval,
    AuditEntry,
    Leased,
    Lifting,
    OutboxMail,
    Outcome,
    Restriction,
    Right,
    SourceChange,
    Status,
    Suppression,
)
from requests_app.refusing import IllegalRefusal
from requests_app.restricting import NotLiftable, NotRestrictable, TooEarly
from requests_app.suppression import register
from requests_app.workflow import MissingReason, PermissionRefused, Unprepared, perform
from tests.extractors.sql.changing.databases import contents
from tests.requests_app.changing.marked import MAP, MARKED, TABLES, a_marked_shop, asking
from tests.requests_app.changing.shops import a_source, run
from tests.requests_app.portal import ANN, BOB, a_refusal, acts
from tests.requests_app.restricted import (
    ACCURACY,
    CORRECTED,
    DAY,
    after,
    announced,
    manager,
    processor,
    restricted,
    reviewer,
    settled,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
RESTRICTION = Suppression.Scope.RESTRICTION


@pytest.fixture
def shop(sqlite_url):
    return a_marked_shop(sqlite_url)


def stands(email=ANN):
    return RESTRICTION in register.look_up([("email", email)])[0].scopes


def test_one_who_works_on_requests_restricts_and_the_register_says_so_at_once(shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    row = restricting.restrict(request.pk, ACCURACY, actor=processor())
    assert stands()
    assert contents(sqlite_url) == before
    assert (row.approval.act, row.approval.prepared_by, len(row.approval.digest)) == ("restriction", None, 64)
    assert acts(request.pk)[:2] == ["restriction.decided", "suppression.entered"]
    request = settled(request)
    assert (request.status, request.outcome) == (Status.COMPLETED, Outcome.FULL)
    assert SourceChange.objects.get().result == {"rows": MARKED}
    assert restrictions.standing(request) == row
    assert told(request) == ["restricted"]
    assert "It ends once it is checked whether the data is right." in outbox.outbox[-1].body


@pytest.mark.parametrize("right", [Right.RESTRICTION, Right.RECTIFICATION])
def test_the_person_is_told_once_and_when_it_is_done_in_every_source(shop, sqlite_url, postgres_database, right):
    crm = postgres_database("crm")
    run(crm, *TABLES)
    a_source(crm, "crm", MAP)
    run(crm, "ALTER TABLE orders RENAME TO gone")
    request = restricted(asking(right))
    assert (told(request), request.status) == ([], Status.IN_PROGRESS)
    run(crm, "ALTER TABLE gone RENAME TO orders")
    (failed,) = SourceChange.objects.filter(applied_at=None)
    SourceChange.objects.retry(failed.pk)
    request = settled(settled(request))
    assert told(request) == ["restricted"]
    assert (request.status == Status.COMPLETED) is (right == Right.RESTRICTION)


def test_whoever_completes_it_the_same_letter_goes_out(shop):
    request = asking()
    restricting.restrict(request.pk, ACCURACY, actor=processor())
    with pytest.raises(Unprepared, match="not done yet in Shop"):
        perform(request.pk, "complete", actor=manager(), reason="Done.")
    SourceChange.objects.update(applied_at=timezone.now(), is_proven=True, state=Leased.State.DONE)
    perform(request.pk, "complete", actor=manager(), reason="Done.")
    assert told(settled(request)) == ["restricted"]


def test_without_any_source_it_stands_in_the_register_and_is_done(storage_folder):
    request = restricted(asking())
    assert (stands(), request.status) == (True, Status.COMPLETED)
    assert told(request) == ["restricted"]


def test_a_source_that_comes_later_is_marked_too(shop, sqlite_url, postgres_database):
    request = restricted(asking())
    crm = postgres_database("crm")
    run(crm, *TABLES)
    a_source(crm, "crm", MAP)
    request = settled(settled(request))
    assert [change.result for change in request.changes.order_by("pk")] == [{"rows": MARKED}] * 2
    assert told(request) == ["restricted"]


def test_it_ends_by_itself_on_the_day_announced_and_everything_is_as_it_was(shop, sqlite_url):
    before = contents(sqlite_url)
    request = restricted(asking())
    lifting = announced(request)
    settled(request)
    assert outbox.outbox[-1].to == [ANN]
    assert "Your address is corrected; see <our letter> & the notes." in outbox.outbox[-1].body
    assert f"{lifting.lift_on:%-d %B %Y}" in outbox.outbox[-1].body
    with after(6):
        settled(request)
        assert (stands(), contents(sqlite_url) == before) == (True, False)
    with after(7):
        settled(settled(request))
        assert (stands(), contents(sqlite_url) == before) == (False, True)
    lifting.refresh_from_db()
    assert lifting.done_at
    assert restrictions.standing(request) is None
    assert told(request) == ["restricted", "lifting_announced", "lifted"]
    assert acts(request.pk).count("lifting.done") == acts(request.pk).count("restriction.ended") == 1


def test_nothing_ends_while_nobody_was_told(shop):
    request = restricted(asking())
    lifting = announced(request)
    with after(30):
        restricting.sweep()  # the mail is still in the outbox
        assert stands()
        settled(request)
        assert restrictions.ends_on(lifting) == timezone.localdate() + 7 * DAY
        restricting.sweep()
        assert stands()
    with after(38):
        restricting.sweep()
        assert not stands()


def test_a_mail_that_came_back_told_nobody_and_a_letter_can_be_posted_instead(shop):
    request = restricted(asking())
    lifting = announced(request)
    with pytest.raises(NotLiftable, match="on its way"):
        restricting.post_instead(lifting.pk, actor=processor())
    settled(request)
    OutboxMail.objects.filter(template="lifting_announced").update(delivery="bounced")
    with after(8):
        restricting.sweep()
        assert stands()
        letter = restricting.post_instead(lifting.pk, actor=processor())
        with pytest.raises(NotLiftable, match="on its way"):
            restricting.post_instead(lifting.pk, actor=processor())
        assert letter.is_to_post
        restricting.sweep()
        assert stands()
        OutboxMail.objects.filter(pk=letter.pk).update(posted_on=timezone.localdate(), sent_at=timezone.now())
        restricting.sweep()
        assert stands()
    with after(16):
        restricting.sweep()
        assert not stands()


def test_who_has_no_mailbox_is_told_by_a_letter_that_has_to_be_posted_first(shop):
    request = asking(email=ANN)
    restricted(request)
    type(request).objects.filter(pk=request.pk).update(email="", postal_address="Hauptstraße 1")
    lifting = announced(request)
    assert lifting.mail.is_to_post
    with after(20):
        restricting.sweep()
        assert stands()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001], ids=["none", "blank", "endless"])
def test_an_end_without_a_reason_is_not_announced(shop, reason):
    request = restricted(asking())
    with pytest.raises(MissingReason):
        announced(request, reason=reason)


def test_an_end_is_announced_in_time_once_and_by_who_may_decide(shop):
    request = restricted(asking())
    with pytest.raises(TooEarly, match="person has to know before"):
        announced(request, days=6)
    day = timezone.localdate() + 7 * DAY
    for actor in (processor(), audit.SYSTEM, audit.SUBJECT):
        with pytest.raises(PermissionRefused):
            restricting.announce(request.pk, "So.", day, actor=actor)
    announced(request)
    with pytest.raises(NotLiftable, match="announced already"):
        announced(request)
    assert told(request).count("lifting_announced") == 1


def test_an_end_can_be_called_off_and_announced_anew(shop, sqlite_url):
    before = contents(sqlite_url)
    request = restricted(asking())
    lifting = announced(request)
    with pytest.raises(PermissionRefused):
        restricting.call_off(lifting.pk, actor=processor())
    restricting.call_off(lifting.pk, actor=reviewer())
    with pytest.raises(NotLiftable):
        restricting.call_off(lifting.pk, actor=reviewer())
    settled(request)
    assert OutboxMail.objects.get(template="lifting_announced").sent_at is None  # nobody is told what is not so
    with after(8):
        settled(request)
        assert stands()
        assert Approval.objects.get(act="lifting").voided_at
        announced(request)
        settled(request)
    with after(15):
        settled(settled(request))
        assert contents(sqlite_url) == before


def test_what_has_ended_is_not_ended_or_called_off_again(shop):
    request = restricted(asking())
    lifting = announced(request)
    settled(request)
    with after(7):
        settled(request)
        with pytest.raises(NotLiftable):
            restricting.call_off(lifting.pk, actor=reviewer())
        with pytest.raises(NotLiftable, match="No restriction"):
            announced(request)
    assert told(request).count("lifted") == 1


def test_the_register_is_no_way_around(shop):
    request = restricted(asking())
    with pytest.raises(suppressing.NothingToEnter, match="more than an entry"):
        suppressing.enter(asking(Right.ACCESS, BOB).pk, RESTRICTION, actor=processor())
    for entry in Suppression.objects.filter(scope=RESTRICTION):
        with pytest.raises(suppressing.NothingToLift, match="announce its end"):
            suppressing.lift(entry.pk, "So.", actor=reviewer())
    assert stands()
    assert told(request) == ["restricted"]


@pytest.mark.parametrize("ground", ["", "because"])
def test_without_a_ground_of_the_law_nothing_is_restricted(shop, ground):
    with pytest.raises(NotRestrictable, match="choose why"):
        restricting.restrict(asking().pk, ground, actor=processor())
    assert not stands()


def test_nobody_is_restricted_twice_unproven_or_out_of_progress(shop):
    request = asking()
    for actor in (reviewer(), audit.SYSTEM, audit.SUBJECT):
        with pytest.raises(PermissionRefused):
            restricting.restrict(request.pk, ACCURACY, actor=actor)
    restricting.restrict(request.pk, ACCURACY, actor=processor())
    with pytest.raises(NotRestrictable, match="already"):
        restricting.restrict(request.pk, ACCURACY, actor=processor())
    nameless = asking(Right.RECTIFICATION, BOB)
    nameless.identifiers.update(proof="", proven_at=None)
    with pytest.raises(NotRestrictable, match="proven"):
        restricting.restrict(nameless.pk, ACCURACY, actor=processor())
    perform(nameless.pk, "withdraw", actor=audit.SUBJECT)
    with pytest.raises(NotRestrictable, match="not in progress"):
        restricting.restrict(nameless.pk, ACCURACY, actor=processor())


def test_nobody_completes_what_nobody_has_decided(storage_folder):
    with pytest.raises(Unprepared, match="Nobody has decided"):
        perform(asking().pk, "complete", actor=manager(), reason="Done.")


def test_a_restriction_is_refused_as_any_request_and_touches_nothing(shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    a_refusal(request)
    settled(request)
    assert contents(sqlite_url) == before
    assert not stands()
    with pytest.raises(NotRestrictable):
        restricting.restrict(request.pk, ACCURACY, actor=processor())


def test_what_is_restricted_is_not_refused_afterwards(shop):
    request = asking()
    restricting.restrict(request.pk, ACCURACY, actor=processor())
    with pytest.raises(IllegalRefusal, match="restricted already"):
        a_refusal(request)


def test_a_withdrawal_ends_it_at_once_whatever_the_workers_have_done(shop, sqlite_url, postgres_database):
    crm = postgres_database("crm")
    run(crm, *TABLES)
    a_source(crm, "crm", MAP)
    before, request = [contents(url) for url in (sqlite_url, crm)], asking()
    restricting.restrict(request.pk, ACCURACY, actor=processor())
    tasks.change_source(SourceChange.objects.earliest("pk").pk)
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    settled(settled(request))
    assert [contents(url) for url in (sqlite_url, crm)] == before
    assert (stands(), restrictions.standing(request)) == (False, None)
    assert told(request) == ["withdrawn"]


def test_what_another_request_of_the_person_restricts_stays_so(shop, sqlite_url):
    before = contents(sqlite_url)
    first, second = restricted(asking()), restricted(asking())
    announced(first)
    settled(first)
    with after(7):
        settled(settled(first))
        assert restrictions.standing(first) is None
        assert stands()
        assert contents(sqlite_url) != before
        announced(second)
        settled(second)
    with after(14):
        settled(settled(second))
        assert not stands()
        assert contents(sqlite_url) == before


def test_a_source_that_cannot_be_restored_now_is_restored_when_it_can(shop, sqlite_url):
    before = contents(sqlite_url)
    request = restricted(asking())
    announced(request)
    settled(request)
    sources.save(shop, f"{sqlite_url}.gone", MAP, None)
    with after(7):
        settled(request)
        assert not stands()
        lifting = SourceChange.objects.get(act="lifting")
        assert lifting.last_error
        sources.save(shop, sqlite_url, MAP, None)
        SourceChange.objects.retry(lifting.pk)
        settled(request)
    assert contents(sqlite_url) == before


def test_the_database_lets_nothing_be_restricted_or_ended_twice(shop):
    request = restricted(asking())
    lifting = announced(request)
    row = Restriction.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(request=request, ground=ACCURACY, approval=row.approval)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lifting.objects.create(restriction=row, reason="So.", lift_on=lifting.lift_on, approval=row.approval)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lifting.objects.update(done_at=timezone.now(), called_off_at=timezone.now())


def test_an_objection_lifted_in_the_register_is_restored_in_the_sources(shop, sqlite_url):
    before, request = contents(sqlite_url), asking(Right.OBJECTION)
    planning.take_effect(request, Approval.Act.OBJECTION_MARKETING, None, actor=audit.SYSTEM)
    settled(request)
    assert contents(sqlite_url) != before
    entry = Suppression.objects.get()
    assert suppressing.lift(entry.pk, "They agreed again.", actor=reviewer()) == 1
    settled(request)
    assert contents(sqlite_url) == before


def test_what_the_reason_says_is_in_no_audit_entry(shop):
    request = restricted(asking())
    announced(request)
    assert CORRECTED not in str(list(AuditEntry.objects.values()))
