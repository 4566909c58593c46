"""Files handed in are kept encrypted, each by a key of its own, given out on record, and removed with their keys."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from extractors.errors import UnwritableOutput
from requests_app import audit, storage
from requests_app.keys.envelope import DataKey
from requests_app.keys.stored import create_key, destroy_key, open_key
from requests_app.models import AuditEntry, Message, Upload
from requests_app.uploads.errors import RemovedFile
from requests_app.uploads.examining import ExaminedFile, examine
from requests_app.workflow import DECIDE, WORK, PermissionRefused, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files.uploadedfile import UploadedFile

    from requests_app.audit import Actor
    from requests_app.models import SubjectRequest

VIEW = "requests_app.view_subjectrequest"
# Whoever may only look on has no business with a passport.
MAY_LOOK: dict[str, str | tuple[str, ...]] = {Upload.Kind.IDENTITY: (WORK, DECIDE), Upload.Kind.IMPORT: WORK}
HEADERS = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def take(
    file: UploadedFile[bytes] | ExaminedFile,
    kind: Upload.Kind,
    *,
    actor: Actor,
    request: SubjectRequest | None = None,
    message: Message | None = None,
) -> Upload:
    """Keep a file that was handed in, encrypted, in the caller's transaction.

    Args:
        file: as it came, or as `examine` or an `UploadField` gave it.

    Raises:
        UnusableFile: see `examine`.
        UnwritableOutput: the storage is full or not writable.
        KeyDestroyed: what belongs to the request was deleted for good.
    """
    examined = file if isinstance(file, ExaminedFile) else examine(file, kind)
    if examined.kind != kind:
        raise ValueError(f"A file examined as {examined.kind} cannot be taken as {kind}.")
    key = DataKey.generate()
    stored_key = create_key(request.key if request else None, key=key)
    with _new_file(f"upload-{key.id.hex}.sealed") as name:
        sha256 = _seal(name, examined.content, key)
        upload = Upload.objects.create(
            request=request,
            kind=kind,
            message=message,
            name=examined.name,
            media_type=examined.media_type,
            size_bytes=len(examined.content),
            sha256=sha256,
            file=name,
            key=stored_key,
            scan=examined.scan,
            handed_in_by_id=actor.user_id,
        )
        _record("file.handed_in", actor, upload, bytes=upload.size_bytes, scan=str(upload.scan))
    return upload


@contextmanager
def opened(upload: Upload) -> Iterator[storage.SealedReader]:
    """Read a file.

    Raises:
        RemovedFile: it is not kept any more.
        MissingArtefact, UnreadableArtefact, DamagedArtefact: the storage does not give it as it was written.
    """
    if not upload.file or upload.key_id is None:
        raise RemovedFile("This file is no longer kept.")
    with storage.open(upload.file) as file:
        yield storage.SealedReader(file, open_key(upload.key_id), f"upload {upload.pk}")


def download(upload: Upload, *, actor: Actor) -> StreamingHttpResponse:
    """Give a file out, to be kept and never to be shown by the browser; it is on record who had it.

    Raises:
        PermissionRefused: not for this member of the team, or a file that the person has nothing to do with.
        RemovedFile, MissingArtefact, UnreadableArtefact, DamagedArtefact: see `opened`.
    """
    _refuse_stranger(upload, actor)
    with opened(upload):  # what cannot be read is refused before anything is said
        pass
    _record("file.downloaded", actor, upload)
    is_text = upload.media_type.startswith("text/")
    response = StreamingHttpResponse(_chunks(upload), headers=HEADERS)
    response["Content-Type"] = f"{upload.media_type}; charset=utf-8" if is_text else upload.media_type
    response["Content-Length"] = str(upload.size_bytes)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=upload.name)
    return response


@transaction.atomic
def remove(upload: Upload, *, actor: Actor) -> bool:
    """Destroy the key of a file, and with it all copies; may be called twice.

    Returns:
        Whether it was there until now.
    """
    there = Upload.objects.filter(pk=upload.pk, removed_at=None)
    if not there.update(removed_at=timezone.now(), file=""):
        return False
    if upload.key_id:
        destroy_key(upload.key_id)
    _record("file.removed", actor, upload)
    if upload.file:
        transaction.on_commit(partial(_delete, upload.file))
    return True


def is_of_person(upload: Upload) -> bool:
    """Whether the person may have a file: it belongs to what they wrote, or to what was written to them."""
    message = upload.message
    return upload.kind == Upload.Kind.MESSAGE and message is not None and message.kind != Message.Kind.NOTE


def _refuse_stranger(upload: Upload, actor: Actor) -> None:
    if actor.kind == AuditEntry.ActorKind.STAFF:
        refuse_unless(actor, MAY_LOOK.get(upload.kind, VIEW), "look at this file")
    elif not (actor in (audit.SUBJECT, audit.REPRESENTATIVE) and is_of_person(upload)):
        raise PermissionRefused("You may not look at this file.")


def _chunks(upload: Upload) -> Iterator[bytes]:
    with opened(upload) as reader:
        yield from reader.chunks()


def _seal(name: str, content: bytes, key: DataKey) -> str:
    with storage.create(name) as file:
        writer = storage.SealedWriter(file, key)
        writer.write(content)
        writer.finish()
    return writer.sha256


@contextmanager
def _new_file(name: str) -> Iterator[str]:
    """Name a file that is gone again when the block fails."""
    try:
        yield name
    except BaseException:
        _delete(name)
        raise


def _delete(name: str) -> None:
    with suppress(UnwritableOutput):  # the clean-up finds it as a stray
        storage.delete(name)


def _record(action: str, actor: Actor, upload: Upload, **details: int | str) -> None:
    target = f"upload {upload.pk}"
    audit.record(action, actor, request_id=upload.request_id, target=target, kind=str(upload.kind), **details)
