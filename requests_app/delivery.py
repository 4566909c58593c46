"""The stage that hands an export out: by a link, counted and on record."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, links, storage
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import Download, Export, SecureLink
from requests_app.storage import MissingArtefact, SealedReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.contrib.auth.models import User

    from requests_app.audit import Actor
    from requests_app.keys.envelope import DataKey
    from requests_app.models import SubjectRequest

MOST_DOWNLOADS_AN_HOUR = 60
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_RECORDED_BYTES = 8 << 20


class ExpiredExport(DsrError):
    """Say that an export is not to be had any more."""

    def __init__(self, message: str, request: SubjectRequest) -> None:
        super().__init__(message)
        self.request = request


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be downloaded."""

    export: Export
    request: SubjectRequest
    is_single_use: bool
    downloads: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer to a download: HTTP status, headers, and the bytes, which are logged as they are taken."""

    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]


def offer(token: str, *, address: str | None) -> Offer:
    """Say what a link gives, giving nothing yet.

    Raises:
        LinkError: unknown, expired or used; put on record.
        ExpiredExport: the export itself has expired.
        LimitReached: too many wrong links from this address.
    """
    export = _ready(_link(token, address))
    return Offer(export, export.request, settings.DSR_SINGLE_USE_DOWNLOADS, export.downloads.count())


def begin(token: str, *, address: str | None, agent: str, byte_range: str | None = None) -> Delivery:
    """Begin a download; a link that works once is used up by it.

    Args:
        byte_range: the header Range, of which one range of bytes is honoured (RFC 9110 §14.2).

    Raises:
        LinkError, ExpiredExport, LimitReached: see `offer`; also for too many downloads.
    """
    link = _link(token, address)
    export = _ready(link)
    limits.count("download", str(export.pk), most=MOST_DOWNLOADS_AN_HOUR, seconds=3600)
    byte_range = None if settings.DSR_SINGLE_USE_DOWNLOADS else byte_range
    return _deliver(export, audit.SUBJECT, byte_range, link=link, address=address, agent=agent[:300])


def begin_for_staff(
    export: Export, user: User, *, address: str | None, agent: str, byte_range: str | None = None
) -> Delivery:
    """Begin a download by a member of the team, which is on record like any other.

    Raises:
        ExpiredExport: the export has expired or is not made yet.
    """
    _refuse_unless_ready(export)
    return _deliver(export, audit.Actor.staff(user), byte_range, user=user, address=address, agent=agent[:300])


def _link(token: str, address: str | None) -> SecureLink:
    works_once = settings.DSR_SINGLE_USE_DOWNLOADS
    return links.opened(token, SecureLink.Purpose.DOWNLOAD, address=address, works_once=works_once)


def _ready(link: SecureLink) -> Export:
    export = link.export
    if export is None:
        raise AssertionError("a download link without an export")
    _refuse_unless_ready(export)
    return export


def _refuse_unless_ready(export: Export) -> None:
    now = timezone.now()
    if export.is_expired(now):
        text = "These files have expired and were deleted. You may ask for your data again."
        raise ExpiredExport(text, export.request)
    if not export.is_ready(now):
        raise ExpiredExport("These files are not made yet.", export.request)


def _deliver(export: Export, actor: Actor, byte_range: str | None, **who: object) -> Delivery:
    # Open first: what cannot be read is neither counted nor promised, and no link is used up for it.
    with ExitStack() as opened:
        file, key = _opened(export)
        opened.callback(file.close)
        reader = SealedReader(file, key)
        size = reader.size_bytes
        span = _span(byte_range, size)
        if span is None:
            return Delivery(
                416, _headers(export) | {"Content-Range": f"bytes */{size}", "Content-Length": "0"}, iter(())
            )
        download = _recorded(export, actor, span[0], who)
        opened.pop_all()
    first, last = span
    headers = _headers(export) | {"Content-Length": str(last - first + 1)}
    chunks = _logged(file, reader.chunks(first, last), last - first + 1, download.pk)
    next(chunks)
    if span == (0, size - 1):
        return Delivery(200, headers, chunks)
    return Delivery(206, headers | {"Content-Range": f"bytes {first}-{last}/{size}"}, chunks)


def _opened(export: Export) -> tuple[BinaryIO, DataKey]:
    try:
        key = open_key(_key_id(export))
        return storage.open(export.file), key
    except (KeyDestroyed, MissingArtefact):
        export.refresh_from_db()
        _refuse_unless_ready(export)  # the clean-up may have come in between
        raise


def _headers(export: Export) -> dict[str, str]:
    return {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{export.request.reference}.zip"',
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "Accept-Ranges": "bytes",
    }


@transaction.atomic
def _recorded(export: Export, actor: Actor, first_byte: int, who: dict[str, object]) -> Download:
    download = Download.objects.create(export=export, first_byte=first_byte, **who)
    if download.link and settings.DSR_SINGLE_USE_DOWNLOADS:
        links.spend(download.link)
    target = f"export {export.pk}"
    audit.record("export.downloaded", actor, request_id=export.request_id, target=target, download=download.pk)
    return download


def _span(byte_range: str | None, size: int) -> tuple[int, int] | None:
    """Read one range of bytes; all of them where there is none or it is not understood; None where it lies outside."""
    match = _RANGE.fullmatch((byte_range or "").replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return 0, size - 1
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else None
    begin, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < begin:
        return 0, size - 1
    return (begin, end) if begin < size else None


def _key_id(export: Export) -> UUID:
    if export.key_id is None:
        raise AssertionError("a finished export without a key")
    return export.key_id


def _logged(file: BinaryIO, chunks: Iterator[bytes], size: int, download_id: int) -> Iterator[bytes]:
    """Give the chunks after an empty one, with which it is begun: closed unread, it still closes the file."""
    sent, noted = 0, 0
    downloads = Download.objects.filter(pk=download_id)
    try:
        yield b""
        for chunk in chunks:
            yield chunk
            sent += len(chunk)
            if sent - noted >= _RECORDED_BYTES:
                noted = sent
                downloads.update(sent_bytes=sent)
    finally:
        file.close()
        downloads.update(sent_bytes=sent, finished_at=timezone.now() if sent == size else None)
