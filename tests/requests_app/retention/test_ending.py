from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, identity, limits, retention, review, storage, tasks
from requests_app.artefacts import fresh_artefact
from requests_app.audit import Actor
from requests_app.keys.stored import open_key
from requests_app.leases import Work
from requests_app.models import (
    AuditEntry,
    EncryptionKey,
    Export,
    Leased,
    OutboxMail,
    RateCount,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.workflow import perform
from tests.requests_app.portal import (
    ANN,
    BOB,
    a_request,
    a_source,
    acts,
    an_export,
    collected,
    confirmed,
    released,
    send_mails,
    staff,
    submitted,
    token_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

ENDED = [Status.COMPLETED, Status.REJECTED, Status.WITHDRAWN, Status.LAPSED]


@pytest.fixture(autouse=True)
def _terms(settings):
    settings.DSR_LAPSE_DAYS = settings.DSR_LINK_DAYS = 7
    settings.DSR_DOSSIER_DAYS, settings.DSR_ARCHIVE_DAYS = 30, 90


def after(**time):
    return timezone.now() + timedelta(**time)


def status_of(request):
    return SubjectRequest.objects.get(pk=request.pk).status


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def is_alive(key_id):
    return not EncryptionKey.objects.get(pk=key_id).is_destroyed


def age(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2)


def test_what_was_never_confirmed_lapses():
    request = submitted()
    retention.clean_up(after(days=6, hours=23))
    assert status_of(request) == Status.SUBMITTED
    retention.clean_up(after(days=7, seconds=1))
    assert status_of(request) == Status.LAPSED
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_kind) == ("request.lapsed", "system")
    assert [mail.template for mail in OutboxMail.objects.all()] == ["confirm"]


def test_nothing_lapses_before_the_link_sent_last_does():
    request = submitted()
    SubjectRequest.objects.update(submitted_at=after(days=-6, hours=-23))
    identity.resend(ANN, address=None)
    message = send_mails()[-1]
    retention.clean_up(after(days=6))
    assert status_of(request) == Status.SUBMITTED
    assert identity.confirm(token_in(message, "c"), address=None).status == Status.IN_PROGRESS

    never_clicked = submitted(BOB)
    send_mails()
    retention.clean_up(after(days=8))
    assert status_of(never_clicked) == Status.LAPSED


@pytest.mark.parametrize("status", [Status.VERIFIED, Status.IN_PROGRESS])
def test_what_is_at_work_neither_lapses_nor_is_archived(status):
    request = a_request(status)
    retention.clean_up(after(days=4000))
    assert status_of(request) == status


@pytest.mark.parametrize("status", ENDED)
def test_what_has_ended_is_archived_in_its_time(status):
    request = a_request(status, closed_at=timezone.now())
    retention.clean_up(after(days=89))
    assert status_of(request) == status
    retention.clean_up(after(days=90, seconds=1))
    assert status_of(request) == Status.ARCHIVED
    assert "request.archived" in acts(request.pk)


def test_files_expire_with_their_key():
    export = an_export(b"files")
    retention.clean_up(export.expires_at - timedelta(seconds=1))
    assert is_alive(export.key_id)
    retention.clean_up(export.expires_at)
    gone = Export.objects.get()
    assert (gone.file, gone.removed_at, gone.size_bytes) == ("", export.expires_at, export.size_bytes)
    assert not is_alive(export.key_id)
    assert is_alive(export.request.key_id)
    assert list(storage.names()) == []


def test_files_that_are_gone_already_expire_all_the_same(storage_folder):
    export = an_export(b"files")
    (storage_folder / export.file).unlink()
    retention.clean_up(export.expires_at)
    assert not is_alive(export.key_id)


def test_what_cannot_be_removed_does_not_keep_the_rest(storage_folder, caplog):
    stuck, other = an_export(b"stuck"), an_export(b"other")
    (storage_folder / stuck.file).unlink()
    (storage_folder / stuck.file).mkdir()
    retention.clean_up(after(days=30))
    assert [is_alive(export.key_id) for export in (stuck, other)] == [False, False]
    assert files(storage_folder) == [stuck.file]
    assert "removal.failed" in [record.message for record in caplog.records]


def test_a_dossier_is_kept_for_a_while_after_the_answer(tmp_path, storage_folder):
    a_source(tmp_path)
    export = released()
    search = SourceSearch.objects.get()
    retention.clean_up(after(days=29))
    assert files(storage_folder) == [search.segment]
    retention.clean_up(after(days=30, seconds=1))
    assert files(storage_folder) == []
    assert not is_alive(search.key_id)
    assert SourceSearch.objects.get().segment == ""
    assert SourceSearch.objects.get().counts == {"customers": 1, "orders": 2}
    assert acts(export.request_id)[-2:] == ["export.removed", "records.removed"]


def test_what_was_collected_for_somebody_who_withdrew_goes_at_once(tmp_path, storage_folder):
    a_source(tmp_path)
    request = collected()
    search = request.searches.get()
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    retention.clean_up()
    assert files(storage_folder) == []
    assert not is_alive(search.key_id)


def test_the_dossier_of_what_is_at_work_is_kept_however_long_it_takes(tmp_path, storage_folder):
    a_source(tmp_path)
    search = collected().searches.get()
    age(storage_folder / search.segment, 10_000_000)
    retention.clean_up(after(days=4000))
    assert files(storage_folder) == [search.segment]
    assert open_key(search.key_id)


@pytest.mark.parametrize("state", [Leased.State.WAITING, Leased.State.RUNNING, Leased.State.FAILED])
def test_what_is_not_made_yet_does_not_expire(state, tmp_path):
    a_source(tmp_path)
    export = review.release(collected().pk, actor=Actor.staff(staff()))
    Export.objects.update(state=state)
    retention.clean_up(after(days=365))
    export.refresh_from_db()
    assert export.removed_at is None


def test_a_second_run_changes_nothing(tmp_path):
    a_source(tmp_path)
    released()
    submitted(BOB)
    later = after(days=365)
    retention.clean_up(later)
    models = (SubjectRequest, SourceSearch, Export, EncryptionKey, AuditEntry)
    before = [list(model.objects.values()) for model in models]
    retention.clean_up(later)
    assert [list(model.objects.values()) for model in models] == before


def test_a_file_that_nothing_names_is_deleted_once_it_is_old(storage_folder, caplog):
    with storage.create("search-7-1.segment"):
        pass
    assert retention.remove_stray_files() == 0
    age(storage_folder / "search-7-1.segment", 3601)
    assert retention.remove_stray_files() == 1
    assert files(storage_folder) == []
    assert [(record.message, record.files) for record in caplog.records] == [("storage.stray_files_removed", 1)]


def test_files_that_are_not_the_storages_stay(storage_folder):
    storage_folder.mkdir()
    for name in ("README", "notes.TXT", ".hidden"):
        (storage_folder / name).write_text("mine")
        age(storage_folder / name, 100_000)
    assert retention.remove_stray_files() == 0


def test_files_with_a_row_are_no_strays(tmp_path, storage_folder):
    a_source(tmp_path)
    export = released()
    kept = sorted([export.file, SourceSearch.objects.get().segment])
    for name in kept:
        age(storage_folder / name, 100_000)
    assert retention.remove_stray_files() == 0
    assert files(storage_folder) == kept


def test_what_is_being_written_is_no_stray_and_what_an_earlier_attempt_left_is(tmp_path, storage_folder):
    a_source(tmp_path)
    search = confirmed().searches.get()
    with storage.create(f"search-{search.pk}-0.segment"):
        pass
    work = Work(SourceSearch, search.pk, SourceSearch.objects.claim(search.pk))
    with fresh_artefact(search, f"search-{search.pk}-1.segment", work.keep):
        for name in files(storage_folder):
            age(storage_folder / name, 100_000)
        assert retention.remove_stray_files() == 1
        assert files(storage_folder) == [f"search-{search.pk}-1.segment"]


def test_an_export_being_written_is_no_stray(tmp_path, storage_folder):
    a_source(tmp_path)
    export = review.release(collected().pk, actor=Actor.staff(staff()))
    work = Work(Export, export.pk, Export.objects.claim(export.pk))
    with fresh_artefact(export, f"export-{export.pk}-1.zip", work.keep):
        age(storage_folder / f"export-{export.pk}-1.zip", 100_000)
        assert retention.remove_stray_files() == 0


def test_counters_of_windows_long_gone_are_forgotten():
    limits.count("form", "somebody", most=5, seconds=60)
    retention.clean_up(after(days=1))
    assert not RateCount.objects.exists()


def test_the_task_cleans_up(settings):
    settings.DSR_LAPSE_DAYS = 0
    request = submitted()
    tasks.clean_up()
    assert status_of(request) == Status.LAPSED
