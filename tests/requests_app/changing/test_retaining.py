"""How long the lists of keys of a change are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, retention, storage
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import KeyList, Leased, SourceChange
from requests_app.workflow import perform
from tests.requests_app.changing.shops import a_shop, an_erasure, approved, erased, previewed
from tests.requests_app.portal import acts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(sqlite_url):
    return a_shop(sqlite_url)


def ended(request, days):
    closed = timezone.now() - timedelta(days=days)
    type(request).objects.filter(pk=request.pk).update(status="completed", outcome="full", closed_at=closed)


def test_lists_of_keys_go_with_the_records_of_their_request_and_the_counts_stay(settings):
    request = an_erasure()
    (change,) = erased(request)
    lists = list(KeyList.objects.all())
    assert [item.purpose for item in lists] == ["shown", "fixed"]
    ended(request, settings.DSR_DOSSIER_DAYS - 1)
    retention.clean_up()
    assert KeyList.objects.count() == 2
    ended(request, settings.DSR_DOSSIER_DAYS)
    retention.clean_up()
    assert not KeyList.objects.exists()
    for item in lists:
        with pytest.raises(KeyDestroyed):
            open_key(item.key_id)
        with pytest.raises(storage.MissingArtefact):
            storage.open(item.file)
    assert SourceChange.objects.get().result == change.result
    assert acts(request.pk)[-2:] == ["keys.removed"] * 2


def test_of_a_request_withdrawn_nothing_is_kept():
    request = an_erasure()
    previewed(request)
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    retention.clean_up()
    assert not KeyList.objects.exists()


def test_lists_that_are_named_or_being_written_are_no_strays_and_others_are(storage_folder):
    (change,) = approved(an_erasure())
    SourceChange.objects.filter(pk=change.pk).update(state=Leased.State.RUNNING, attempt=2)
    for name in (f"fixed-{change.pk}-2.keys", f"fixed-{change.pk}-1.keys", "kept-7-1-0.keys"):
        storage.create(name).close()
    retention.remove_stray_files(older_than_seconds=0)
    (shown,) = KeyList.objects.values_list("file", flat=True)
    assert {path.name for path in storage_folder.iterdir()} == {shown, f"fixed-{change.pk}-2.keys"}


def test_a_preview_anew_leaves_no_list_of_the_one_before(storage_folder):
    request = an_erasure()
    previewed(request)
    (before,) = KeyList.objects.all()
    previewed(request)
    (after,) = KeyList.objects.all()
    assert [path.name for path in storage_folder.iterdir()] == [after.file]
    with pytest.raises(KeyDestroyed):
        open_key(before.key_id)
