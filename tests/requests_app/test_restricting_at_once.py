"""What two do to the same restriction at the same moment, on PostgreSQL, where they really do."""

from __future__ import annotations

import pytest
from django.utils import timezone

from requests_app import audit, restricting, suppressing, tasks
from requests_app.models import AuditEntry, Lifting, OutboxMail, Restriction, SourceChange, Suppression
from requests_app.restricting import NotLiftable, NotRestrictable
from requests_app.suppressing import NothingToLift
from requests_app.workflow import perform
from tests.extractors.sql.changing.databases import contents
from tests.requests_app.changing.marked import a_marked_shop, asking
from tests.requests_app.restricted import ACCURACY, DAY, announced, manager, processor, restricted, reviewer, settled


@pytest.fixture
def shop(postgres_portal, sqlite_url, storage_folder):
    return a_marked_shop(sqlite_url)


def due(request):
    """Let the announced end have come."""
    lifting = announced(request)
    told = timezone.now() - 8 * DAY
    OutboxMail.objects.filter(pk=lifting.mail_id).update(sent_at=told, state="done")
    Lifting.objects.filter(pk=lifting.pk).update(lift_on=timezone.localdate())
    return lifting


def done(action):
    return AuditEntry.objects.filter(action=action).count()


def test_of_two_who_restrict_at_once_one_does(shop, at_once):
    request, actor = asking(), processor()
    results = at_once(*[lambda: restricting.restrict(request.pk, ACCURACY, actor=actor).ground] * 3)
    assert sorted(map(str, results)) == [str(NotRestrictable), str(NotRestrictable), "accuracy"]
    assert Restriction.objects.count() == SourceChange.objects.count() == done("restriction.decided") == 1


def test_of_two_sweeps_at_once_one_ends_it(shop, at_once, sqlite_url):
    before = contents(sqlite_url)
    request = restricted(asking())
    due(request)
    at_once(*[restricting.sweep] * 3)
    assert done("lifting.done") == done("restriction.ended") == 1
    assert OutboxMail.objects.filter(template="lifted").count() == 1
    assert SourceChange.objects.filter(act="lifting").count() == 1
    settled(request)
    assert contents(sqlite_url) == before


def test_it_is_ended_or_called_off_and_never_both(shop, at_once):
    request, actor = restricted(asking()), reviewer()
    lifting = due(request)
    results = at_once(lambda: restricting.call_off(lifting.pk, actor=actor), restricting.sweep)
    lifting.refresh_from_db()
    assert bool(lifting.done_at) is not bool(lifting.called_off_at)
    assert (results[0] is NotLiftable) is bool(lifting.done_at)
    assert Suppression.objects.filter(lifted_at=None).exists() is bool(lifting.called_off_at)


def test_of_two_ends_announced_at_once_one_is(shop, at_once):
    request, actor = restricted(asking()), manager()
    day = timezone.localdate() + 8 * DAY
    results = at_once(*[lambda: restricting.announce(request.pk, "So.", day, actor=actor).reason] * 2)
    assert sorted(map(str, results)) == [str(NotLiftable), "So."]
    assert OutboxMail.objects.filter(template="lifting_announced").count() == 1


def test_who_lifts_in_the_register_while_another_restricts_lifts_nothing(shop, at_once):
    first = restricted(asking())
    entry, actor = Suppression.objects.get(), reviewer()
    results = at_once(*[lambda: suppressing.lift(entry.pk, "So.", actor=actor)] * 2, restricting.sweep)
    assert results[:2] == [NothingToLift, NothingToLift]
    assert Suppression.objects.filter(lifted_at=None, request=first).exists()


def test_a_withdrawal_while_a_worker_marks_leaves_nothing_marked(shop, at_once, sqlite_url):
    before = contents(sqlite_url)
    for _ in range(3):
        request = asking()
        restricting.restrict(request.pk, ACCURACY, actor=processor())
        (change,) = request.changes.all()
        at_once(
            lambda change=change: tasks.change_source(change.pk),
            lambda request=request: perform(request.pk, "withdraw", actor=audit.SUBJECT),
            restricting.sweep,
        )
        settled(settled(request))
        assert contents(sqlite_url) == before
        assert not Suppression.objects.filter(lifted_at=None).exists()
