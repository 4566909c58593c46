"""The stage that hands an export out: by a link, whole or one file of it, counted and on record."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, codes, limits, links, storage, texting
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import AuditEntry, Download, DownloadCode, Export, Recipient, SecureLink
from requests_app.naming import Member, etag, headers_of, member_of
from requests_app.notifications import queue_mail
from requests_app.packed import UnknownMember, open_member
from requests_app.proofs.phones import phone_of
from requests_app.ranges import WHOLE, Wish, span
from requests_app.storage import MissingArtefact, SealedReader
from requests_app.webhooks import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from django.contrib.auth.models import User

    from requests_app.audit import Actor
    from requests_app.keys.envelope import DataKey
    from requests_app.models import SubjectRequest

MOST_DOWNLOADS_AN_HOUR = 60
MOST_CODES_AN_HOUR = 3
MOST_REFUSALS_NOTED_AN_HOUR = 30  # more than there can be tries; whoever goes on fills no trail
_RECORDED_BYTES = 8 << 20


class ExpiredExport(DsrError):
    """Say that an export is not to be had any more; `reason` is a word for the audit trail."""

    def __init__(self, message: str, request: SubjectRequest, reason: str = "expired") -> None:
        super().__init__(message)
        self.request = request
        self.reason = reason


class CodeNeeded(DsrError, PermissionError):
    """Say that a mailed code has to be entered first."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be downloaded; of what `is_locked`, nothing must be told before the code that was sent is entered.

    Args:
        code_to: the end of the number that codes are sent to; empty where they are mailed.
    """

    link: SecureLink
    export: Export
    request: SubjectRequest
    is_single_use: bool
    is_locked: bool
    is_code_waiting: bool
    downloads: int
    code_to: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer to a download: HTTP status, headers, and the bytes, which are logged as they are taken."""

    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Part:
    """What is given of an opened export."""

    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]
    size_bytes: int
    first_byte: int = 0
    member: str = ""


def works_once() -> bool:
    """Whether a link gives the files once only, and never to a mere GET."""
    return bool(settings.DSR_SINGLE_USE_DOWNLOADS)


def offer(token: str, *, address: str | None, proof: str = "") -> Offer:
    """Say what a link gives, giving nothing yet.

    Args:
        proof: the pass that a mailed code gave.

    Raises:
        LinkError: unknown, expired, revoked or used; put on record.
        ExpiredExport: the export itself has expired or was taken back; put on record.
        LimitReached: too many wrong links from this address.
    """
    link = _link(token, address)
    export = export_of(link)
    is_locked = codes.is_required(export) and not codes.is_passed(link, proof)
    return Offer(
        link,
        export,
        export.request,
        is_single_use=works_once(),
        is_locked=is_locked,
        is_code_waiting=is_locked and codes.is_waiting(link),
        downloads=export.downloads.count(),
        code_to=_number_of(link) if is_locked else "",
    )


def _number_of(link: SecureLink) -> str:
    """Show the end of the number that a code is sent to; nothing where it is mailed."""
    phone = phone_of(link.request) if codes.way_of(link) == DownloadCode.Way.SMS else None
    return texting.masked(phone.value) if phone else ""


def describe(token: str, *, address: str | None, proof: str = "", member: int | None = None) -> dict[str, str]:
    """Give the headers that a download would have, which is none.

    Raises:
        LinkError, ExpiredExport, LimitReached, CodeNeeded, UnknownMember: see `begin`.
    """
    _, export, single = _admitted(token, address, proof, member)
    return headers_of(export, single)


def begin(
    token: str,
    *,
    address: str | None,
    agent: str,
    network: str | None = None,
    byte_range: str | None = None,
    if_range: str | None = None,
    proof: str = "",
    member: int | None = None,
) -> Delivery:
    """Begin a download; a link that works once is used up by it.

    Args:
        network: what wrong links are counted by, where that is not the address.
        byte_range: the header Range, of which one range of bytes is honoured (RFC 9110 §14.2).
        if_range: the header If-Range.
        proof: the pass that a mailed code gave.
        member: the number of a single file among the export's members; None for all of them.

    Raises:
        LinkError, ExpiredExport, LimitReached: see `offer`; the last also for too many downloads.
        CodeNeeded: a mailed code has to be entered first.
        UnknownMember: there is no such file, or it is not given by itself; put on record.
    """
    link, export, single = _admitted(token, network or address, proof, member)
    limits.count("download", str(export.pk), most=MOST_DOWNLOADS_AN_HOUR, seconds=3600)
    wish = WHOLE if works_once() else Wish(byte_range, if_range)
    try:
        return deliver(export, actor_of(link), wish, single, link=link, address=address, agent=agent[:300])
    except links.UsedLink as error:  # by somebody who was a moment faster
        links.note_refused(link, SecureLink.Purpose.DOWNLOAD, error.reason)
        raise


def begin_for_staff(
    export: Export, user: User, *, address: str | None, agent: str, byte_range: str | None = None
) -> Delivery:
    """Begin a download by a member of the team, which is on record like any other.

    Raises:
        ExpiredExport: the export has expired, was taken back or is not made yet.
    """
    _refuse_unless_ready(export)
    actor = audit.Actor.staff(user)
    return deliver(export, actor, Wish(byte_range), None, user=user, address=address, agent=agent[:300])


def send_code(token: str, *, address: str | None) -> None:
    """Send a code to the person of a link's request, where one is needed.

    Raises:
        LinkError, ExpiredExport, LimitReached: see `offer`; the last also for too many codes.
    """
    link = _link(token, address)
    if not codes.is_required(export_of(link)):
        return
    way = codes.way_of(link)
    limits.count("download_code", str(link.request_id), most=MOST_CODES_AN_HOUR, seconds=3600)
    with transaction.atomic():
        code = codes.create(link, way)
        if way == DownloadCode.Way.SMS:
            texting.queue_for_download(code)
        else:
            queue_mail(link.request_id, "download_code", code_id=code.pk, recipient=link.recipient)
        _record_code("code.sent", link, way=str(way))


def confirm_code(token: str, typed: str, *, address: str | None) -> str:
    """Take a code and give the pass for it, which the browser keeps.

    Raises:
        RefusedCode: it is not taken; put on record, as long as that is news.
        LinkError, ExpiredExport, LimitReached: see `offer`.
    """
    link = _link(token, address)
    export_of(link)
    try:
        proof = codes.confirm(link, typed)
    except codes.RefusedCode as error:
        if limits.is_within("refused_code", str(link.pk), most=MOST_REFUSALS_NOTED_AN_HOUR, seconds=3600):
            _record_code("code.refused", link, reason=error.reason)
        raise
    _record_code("code.confirmed", link)
    return proof


def _record_code(action: str, link: SecureLink, **details: str) -> None:
    target = f"export {link.export_id}"
    audit.record(action, actor_of(link), request_id=link.request_id, target=target, **details)


def _admitted(
    token: str, address: str | None, proof: str, member: int | None
) -> tuple[SecureLink, Export, Member | None]:
    link = _link(token, address)
    export = export_of(link)
    if codes.is_required(export) and not codes.is_passed(link, proof):
        raise CodeNeeded("Please enter the code that we mail you first.")
    try:
        return link, export, None if member is None else member_of(export, member)
    except UnknownMember:
        links.note_refused(link, SecureLink.Purpose.DOWNLOAD, "unknown_file")
        raise


def _link(token: str, address: str | None) -> SecureLink:
    return links.opened(
        token, SecureLink.Purpose.DOWNLOAD, address=address, works_once=works_once(), admits=tuple(Recipient)
    )


def actor_of(link: SecureLink) -> Actor:
    """Say who acts by a link: the person, or who stands for them."""
    return audit.SUBJECT if link.recipient == Recipient.PERSON else audit.REPRESENTATIVE


def export_of(link: SecureLink) -> Export:
    """Give the files that a link hands out.

    Raises:
        ExpiredExport: they have expired, were taken back, or are not made yet; put on record.
    """
    export = link.export
    if export is None:
        raise AssertionError("a link to files without any")
    try:
        _refuse_unless_ready(export)
    except ExpiredExport as error:
        links.note_refused(link, link.purpose, error.reason)
        raise
    return export


def _refuse_unless_ready(export: Export) -> None:
    now = timezone.now()
    if export.revoked_at:
        raise ExpiredExport("These files were taken back by our team.", export.request, "revoked")
    if export.removed_at and export.removed_at < export.expires_at:
        raise ExpiredExport("These files were replaced by newer ones.", export.request, "replaced")
    if export.is_expired(now):
        text = "These files have expired and were deleted. You may ask for your data again."
        raise ExpiredExport(text, export.request)
    if not export.is_ready(now):
        raise ExpiredExport("These files are not made yet.", export.request, "not_ready")


def deliver(
    export: Export,
    actor: Actor,
    wish: Wish,
    member: Member | None,
    *,
    noted: Callable[[Download], None] | None = None,
    **who: object,
) -> Delivery:
    """Begin to hand files out to somebody who may have them.

    Args:
        noted: puts it on record, in the transaction of its row, where that is another's to do.
        who: what its row says of them, see `Download`.
    """
    # Open first: what cannot be read is neither counted nor promised, and no link is used up for it.
    with ExitStack() as opened:
        file, key = _opened(export)
        opened.callback(file.close)
        reader = SealedReader(file, key)
        part = _single(export, reader, member) if member else _whole(export, reader, wish)
        if part.status == 416:
            return Delivery(part.status, part.headers, iter(()))
        download = _recorded(export, part, who, noted or partial(_note_download, export, actor))
        opened.pop_all()
    chunks = _logged(file, part.chunks, part.size_bytes, download.pk)
    next(chunks)
    return Delivery(part.status, part.headers, chunks)


def _whole(export: Export, reader: SealedReader, wish: Wish) -> _Part:
    size, headers = reader.size_bytes, headers_of(export)
    wanted = span(wish, size, etag(export.sha256))
    if wanted is None:
        return _Part(416, headers | {"Content-Range": f"bytes */{size}", "Content-Length": "0"}, iter(()), 0)
    headers["Content-Length"] = str(wanted.size_bytes)
    is_all = wanted.size_bytes == size
    if not is_all:
        headers["Content-Range"] = f"bytes {wanted.first}-{wanted.last}/{size}"
    chunks = reader.chunks(wanted.first, wanted.last) if size else iter(())
    return _Part(200 if is_all else 206, headers, chunks, wanted.size_bytes, wanted.first)


def _single(export: Export, reader: SealedReader, member: Member) -> _Part:
    packed = open_member(reader, member.path)
    headers = headers_of(export, member) | {"Content-Length": str(packed.size_bytes)}
    return _Part(200, headers, packed.chunks, packed.size_bytes, member=member.path[:300])


def _opened(export: Export) -> tuple[BinaryIO, DataKey]:
    try:
        key = open_key(_key_id(export))
        return storage.open(export.file), key
    except (KeyDestroyed, MissingArtefact):
        export.refresh_from_db()
        _refuse_unless_ready(export)  # the clean-up may have come in between
        raise


@transaction.atomic
def _recorded(export: Export, part: _Part, who: dict[str, object], note: Callable[[Download], None]) -> Download:
    download = Download.objects.create(export=export, first_byte=part.first_byte, member=part.member, **who)
    if download.link and download.link.purpose == SecureLink.Purpose.DOWNLOAD and works_once():
        links.spend(download.link)
    note(download)
    return download


def _note_download(export: Export, actor: Actor, download: Download) -> None:
    target = f"export {export.pk}"
    audit.record("export.downloaded", actor, request_id=export.request_id, target=target, download=download.pk)
    if download.first_byte == 0:  # a download that goes on where it broke off is none of its own
        by = "team" if actor.kind == AuditEntry.ActorKind.STAFF else "person"
        events.note("export.downloaded", export.request_id, export_id=export.pk, by=by)


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
