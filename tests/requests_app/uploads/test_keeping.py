"""Files handed in lie encrypted, are given out on record, and go with their key."""

from __future__ import annotations

import pytest
from django.db import transaction

from extractors.errors import DamagedArtefact
from requests_app import audit, retention, storage
from requests_app.audit import Actor
from requests_app.keys.stored import KeyDestroyed, destroy_key
from requests_app.models import EncryptionKey, Message, Upload
from requests_app.uploads import RemovedFile, download, examine, opened, remove, take
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import MARKER, a_request, acts, member
from tests.requests_app.uploads.files import handed, pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
Kind = Upload.Kind
CONTENT = pdf(MARKER) + bytes(2_500_000)


@pytest.fixture
def row(db):
    return a_request()


def a_file(row, kind=Kind.MESSAGE, actor=audit.SUBJECT, message_kind=Message.Kind.FROM_PERSON, content=CONTENT):
    message = Message.objects.create(request=row, kind=message_kind, text="See the file.")
    linked = {"message": message} if kind == Kind.MESSAGE else {}
    return take(handed("Letter.pdf", content), kind, actor=actor, request=row, **linked)


def read(upload) -> bytes:
    with opened(upload) as reader:
        return b"".join(reader.chunks())


def test_a_file_is_kept_encrypted_under_a_key_of_its_own_and_can_be_read_again(row, storage_folder):
    upload = a_file(row)
    (stored,) = storage_folder.iterdir()
    assert (stored.name, upload.key.parent) == (upload.file, row.key)
    assert MARKER.encode() not in stored.read_bytes()
    assert read(upload) == CONTENT
    assert (upload.size_bytes, upload.scan, upload.handed_in_by) == (len(CONTENT), "none", None)
    assert acts(row.pk) == ["file.handed_in"]


def test_a_list_to_import_belongs_to_no_request_and_has_a_key_on_the_ring(db):
    pia = Actor.staff(member("Processor"))
    upload = take(handed("list.csv", b"name,email\n"), Kind.IMPORT, actor=pia)
    assert (upload.request, upload.key.parent, read(upload)) == (None, None, b"name,email\n")
    assert upload.handed_in_by_id == pia.user_id


def test_an_examined_file_is_taken_as_what_it_was_examined_for_alone(row):
    examined = examine(handed("a.pdf", pdf()), Kind.IDENTITY)
    assert take(examined, Kind.IDENTITY, actor=audit.SUBJECT, request=row).media_type == "application/pdf"
    with pytest.raises(ValueError, match="cannot be taken as message"):
        take(examined, Kind.MESSAGE, actor=audit.SUBJECT, request=row)


def test_a_file_of_a_transaction_that_fails_cannot_be_read_and_is_swept_as_a_stray(row, storage_folder):
    with transaction.atomic():
        a_file(row)
        transaction.set_rollback(True)
    assert (Upload.objects.count(), len(list(storage_folder.iterdir()))) == (0, 1)
    assert EncryptionKey.objects.count() == 1
    assert retention.remove_stray_files(older_than_seconds=0) == 1


def test_the_sweep_leaves_files_that_are_kept(row):
    upload = a_file(row)
    assert retention.remove_stray_files(older_than_seconds=0) == 0
    assert read(upload) == CONTENT


def test_a_storage_that_is_full_keeps_nothing(row, settings, tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    settings.DSR_STORAGE_DIR = tmp_path / "taken"
    before = EncryptionKey.objects.count()
    with pytest.raises(OSError, match="cannot be written"), transaction.atomic():
        a_file(row)
    assert (Upload.objects.count(), EncryptionKey.objects.count()) == (0, before)


def test_removing_a_file_destroys_its_key_once(row, django_capture_on_commit_callbacks):
    upload = a_file(row)
    with django_capture_on_commit_callbacks(execute=True):
        assert remove(upload, actor=audit.SYSTEM)
    assert not remove(upload, actor=audit.SYSTEM)
    upload.refresh_from_db()
    assert (upload.file, upload.key.is_destroyed, list(storage.names())) == ("", True, [])
    assert upload.sha256
    with pytest.raises(RemovedFile, match="no longer kept"):
        read(upload)
    assert acts(row.pk) == ["file.handed_in", "file.removed"]


def test_nothing_can_be_handed_in_once_the_keys_of_the_request_are_destroyed(row):
    destroy_key(row.key_id)
    with pytest.raises(KeyDestroyed):
        a_file(row)
    assert list(storage.names()) == []


def test_a_download_is_a_file_to_keep_that_no_browser_shows_and_is_on_record(row):
    upload = a_file(row)
    response = download(upload, actor=Actor.staff(member("Viewer")))
    assert b"".join(response.streaming_content) == CONTENT
    assert response["Content-Disposition"] == 'attachment; filename="Letter.pdf"'
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert acts(row.pk)[-1] == "file.downloaded"


def test_the_person_gets_the_files_of_messages_and_no_others(row):
    own, theirs = a_file(row), a_file(row, message_kind=Message.Kind.TO_PERSON)
    for upload in (own, theirs):
        assert b"".join(download(upload, actor=audit.SUBJECT).streaming_content) == CONTENT
    note = a_file(row, message_kind=Message.Kind.NOTE)
    evidence, passport = a_file(row, Kind.EVIDENCE), a_file(row, Kind.IDENTITY)
    for upload in (note, evidence, passport):
        with pytest.raises(PermissionRefused):
            download(upload, actor=audit.SUBJECT)
    for actor in (audit.STRANGER, audit.SYSTEM):
        with pytest.raises(PermissionRefused):
            download(own, actor=actor)
    assert acts(row.pk).count("file.downloaded") == 2


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("Viewer", {Kind.EVIDENCE, Kind.AUTHORITY}),
        ("Processor", {Kind.EVIDENCE, Kind.AUTHORITY, Kind.IDENTITY}),
        ("Reviewer", {Kind.EVIDENCE, Kind.AUTHORITY, Kind.IDENTITY}),
    ],
)
def test_a_proof_of_identity_is_not_for_those_who_look_on(row, role, kinds):
    actor, seen = Actor.staff(member(role)), set()
    for kind in (Kind.EVIDENCE, Kind.AUTHORITY, Kind.IDENTITY):
        upload = a_file(row, kind, content=pdf())
        try:
            download(upload, actor=actor).close()
            seen.add(kind)
        except PermissionRefused:
            continue
    assert seen == kinds


def test_a_file_that_was_tampered_with_is_not_given_out(row, storage_folder):
    upload = a_file(row, content=pdf())
    path = storage_folder / upload.file
    path.write_bytes(path.read_bytes()[:-30] + bytes(30))
    with pytest.raises(DamagedArtefact):
        download(upload, actor=Actor.staff(member("Viewer")))
    assert "file.downloaded" not in acts(row.pk)
