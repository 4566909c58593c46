"""What stood in rows before a restriction or an objection is kept until it is restored, over years."""

from __future__ import annotations

import pytest
from django.utils import timezone

from requests_app import audit, planning, restricting, retention, storage, suppressing
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import Approval, KeyList, Lifting, Right, SubjectRequest, Suppression
from requests_app.retention.clearing import pseudonymise
from tests.extractors.sql.changing.databases import contents
from tests.requests_app.changing.marked import a_marked_shop, asking
from tests.requests_app.portal import acts
from tests.requests_app.restricted import DAY, after, announced, manager, restricted, reviewer, settled, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
YEAR = 366


@pytest.fixture
def shop(sqlite_url):
    return a_marked_shop(sqlite_url)


def clean_up_over(years: int) -> None:
    """Let the schedule run twice a year, and the sweep beside it."""
    for half in range(1, 2 * years + 1):
        with after(half * YEAR // 2):
            restricting.sweep()
            retention.clean_up()


def is_gone(kept):
    with pytest.raises(KeyDestroyed):
        open_key(kept.key_id)
    with pytest.raises(storage.MissingArtefact):
        storage.open(kept.file)
    return True


def test_a_restriction_keeps_its_person_and_its_lists_for_years_and_lets_both_go_after_its_end(shop, sqlite_url):
    before = contents(sqlite_url)
    request = restricted(asking())
    (kept,) = KeyList.objects.all()
    clean_up_over(8)
    request.refresh_from_db()
    assert (request.pseudonymised_at, request.email) == (None, "ann@example.test")
    assert open_key(kept.key_id)
    assert kept in KeyList.objects.all()
    with after(8 * YEAR + 1):
        lifting = announced(request)
        settled(request)
    with after(8 * YEAR + 8):
        settled(settled(request))
        assert contents(sqlite_url) == before
        assert told(request) == ["restricted", "lifting_announced", "lifted"]
        retention.clean_up()
        retention.clean_up()
        assert is_gone(kept)
        request.refresh_from_db()
        assert (bool(request.pseudonymised_at), request.email) == (True, "")
        lifting.refresh_from_db()
        assert lifting.reason == "removed"


def test_the_list_stays_while_its_source_could_not_be_restored_yet(shop, settings):
    request = restricted(asking())
    (kept,) = KeyList.objects.all()
    announced(request)
    settled(request)
    with after(settings.DSR_DOSSIER_DAYS + 1):
        restricting.sweep()
        retention.clean_up()
        assert open_key(kept.key_id)
        settled(request)
        retention.clean_up()
        assert is_gone(kept)


def test_an_objection_of_somebody_long_forgotten_is_lifted_and_restored(shop, sqlite_url):
    before, request = contents(sqlite_url), asking(Right.OBJECTION)
    planning.take_effect(request, Approval.Act.OBJECTION_MARKETING, None, actor=audit.SYSTEM)
    settled(request)
    SubjectRequest.objects.filter(pk=request.pk).update(
        status="completed", outcome="full", closed_at=timezone.now(), verified_at=timezone.now()
    )
    (kept,) = KeyList.objects.all()
    clean_up_over(6)
    request.refresh_from_db()
    assert (bool(request.pseudonymised_at), request.email, request.identifiers.count()) == (True, "", 0)
    with pytest.raises(KeyDestroyed):
        open_key(request.key_id)
    assert open_key(kept.key_id)
    with after(6 * YEAR + 1):
        entry = Suppression.objects.get(lifted_at=None)
        suppressing.lift(entry.pk, "They agreed again.", actor=reviewer())
        settled(request)
        assert contents(sqlite_url) == before
        retention.clean_up()
    assert is_gone(kept)


def test_where_nobody_is_left_to_be_told_a_restriction_can_still_end(shop, sqlite_url):
    before = contents(sqlite_url)
    request = restricted(asking())
    pseudonymise(request, timezone.now())
    lifting = restricting.announce(request.pk, "The lawsuit is over.", timezone.localdate(), actor=manager())
    assert lifting.mail is None
    settled(settled(request))
    assert contents(sqlite_url) == before
    assert not Suppression.objects.filter(lifted_at=None).exists()
    assert "lifted" not in told(request)
    assert "lifting.done" in acts(request.pk)


def test_nobody_is_forgotten_between_the_announcement_and_the_end(shop):
    request = restricted(asking())
    restricting.announce(request.pk, "So.", timezone.localdate() + 5 * YEAR * DAY, actor=manager())
    settled(request)
    clean_up_over(4)
    request.refresh_from_db()
    assert request.email
    assert Lifting.objects.get().reason == "So."
