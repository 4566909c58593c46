"""Issues certificates: the record from the rows, printed, signed where that is configured, sealed, on record."""

from __future__ import annotations

import hashlib
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from exporters.certificate.documents import issued
from exporters.certificate.records import AuditHead, Heading, Issuer, content_hash
from extractors.errors import DsrError, UnwritableOutput
from requests_app import audit, storage
from requests_app.certificates import signing
from requests_app.certificates.erasures import erasure_record
from requests_app.certificates.handlings import handling_record
from requests_app.controller import controller
from requests_app.keys.envelope import DataKey
from requests_app.keys.stored import create_key, open_key
from requests_app.models import Certificate, SubjectRequest
from requests_app.models.certificate import new_number
from requests_app.storage import SealedReader, SealedWriter
from requests_app.workflow import WORK, PermissionRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import User

    from exporters.certificate.documents import Issued
    from exporters.certificate.records import Record
    from exporters.letter import Controller
    from requests_app.audit import Actor

Kind = Certificate.Kind


class WithdrawnAlready(DsrError, ValueError):
    """Say that a certificate was withdrawn before."""


def issue(
    request: SubjectRequest, kind: Certificate.Kind, *, user: User | None, names_person: bool = False
) -> Certificate:
    """Issue a certificate; where nothing has changed since the last one of its kind, that one is given back.

    Where something has changed, the new one withdraws the last. It takes a second or two, as it is printed.

    Args:
        user: the member of the team who wants it; None for the portal itself.
        names_person: whether a certificate of handling names who asked; one of an erasure never does.

    Raises:
        PermissionRefused: the member of the team may not work on requests.
        NotCertifiable: there is nothing to certify, or not yet.
        UnusableSigning: it should be signed and cannot be.
        UnprintableDocument: it could not be printed.
        UnwritableOutput: the storage is full or not writable.
    """
    if user is not None:
        _refuse_unless_may(user)
    by = controller()
    issuer = Issuer(by.name, by.address, by.country)
    record = _record(request, kind, names_person=names_person)
    digest = content_hash(issuer, record)
    last = _standing(request, kind)
    if last and _is_same(last, digest):
        return last
    audit.seal()  # so that the head covers the entries that say the same
    number = new_number()
    heading = _heading(issuer, number)
    made, pdf = _made(heading, record, by)
    row = Certificate(
        number=number,
        kind=kind,
        request=request,
        issued_at=heading.issued_at,
        issued_by=user,
        size_bytes=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        record_sha256=made.record_sha256,
        content_sha256=digest,
        audit_head=heading.audit.hash if heading.audit else "",
        is_signed=signing.is_configured(),
    )
    with _sealed(row, pdf) as key:
        return _stored(request, row, key, user)


def withdraw(certificate: Certificate, *, user: User, reason: str = "") -> None:
    """Withdraw a certificate: it stays known, and the public page says so.

    Raises:
        PermissionRefused: the member of the team may not work on requests.
        WithdrawnAlready: it was before.
    """
    _refuse_unless_may(user)
    with transaction.atomic():
        standing = Certificate.objects.filter(pk=certificate.pk, withdrawn_at=None)
        if not standing.update(withdrawn_at=timezone.now()):
            raise WithdrawnAlready("This certificate was withdrawn before.")
        _record_act("certificate.withdrawn", certificate, _actor(user), has_reason=bool(reason))


def document(certificate: Certificate, *, user: User | None) -> bytes:
    """Give the PDF to a member of the team, or to the person whose request it is about; on record.

    Args:
        user: the member of the team; None for the person.

    Raises:
        MissingArtefact, UnreadableArtefact, KeyDestroyed, DamagedArtefact: it cannot be read.
    """
    key = open_key(certificate.key_id)
    with closing(storage.open(certificate.file)) as file:
        reader = SealedReader(file, key)
        content = b"".join(reader.chunks(0, reader.size_bytes - 1))
    _record_act("certificate.downloaded", certificate, _actor(user) if user else audit.SUBJECT)
    return content


def _refuse_unless_may(user: User) -> None:
    if not user.has_perm(WORK):
        raise PermissionRefused("You may not issue or withdraw certificates.")


def _record(request: SubjectRequest, kind: Certificate.Kind, *, names_person: bool) -> Record:
    if kind == Kind.ERASURE:
        return erasure_record(request)
    return handling_record(request, names_person=names_person)


def _standing(request: SubjectRequest, kind: Certificate.Kind) -> Certificate | None:
    return Certificate.objects.filter(request=request, kind=kind, withdrawn_at=None).first()


def _is_same(certificate: Certificate, digest: str) -> bool:
    return certificate.content_sha256 == digest and certificate.is_signed == signing.is_configured()


def _heading(issuer: Issuer, number: str) -> Heading:
    page = f"{settings.DSR_PUBLIC_URL}/certificates/{number}"
    now = timezone.now().replace(microsecond=0)
    return Heading(now, issuer, settings.DSR_SYSTEM_NAME, number, page, AuditHead(*audit.head()))


def _made(heading: Heading, record: Record, by: Controller) -> tuple[Issued, bytes]:
    """Print it, and sign it where that is configured: never is one unsigned that should not be."""
    if signing.is_configured():
        signing.check()  # before the time is spent on printing
    made = issued(heading, record, by, is_signed=signing.is_configured())
    return made, signing.sign(made.pdf, at=heading.issued_at) if signing.is_configured() else made.pdf


@contextmanager
def _sealed(row: Certificate, pdf: bytes) -> Iterator[DataKey]:
    """Put the document into the storage; it is gone again where the row is not stored after all."""
    key, is_stored = DataKey.generate(), False
    row.file = f"certificate-{row.number.lower()}.pdf"
    try:
        with storage.create(row.file) as file:
            out = SealedWriter(file, key)
            out.write(pdf)
            out.finish()
        yield key
        is_stored = row.pk is not None
    finally:
        if not is_stored:
            with suppress(UnwritableOutput):  # the clean-up deletes strays
                storage.delete(row.file)


@transaction.atomic
def _stored(request: SubjectRequest, row: Certificate, key: DataKey, user: User | None) -> Certificate:
    """Store the row and withdraw the one before; of two who issue the same at once, both are given one."""
    locked = SubjectRequest.objects.select_for_update().get(pk=request.pk)
    last = _standing(locked, Kind(row.kind))
    if last and _is_same(last, row.content_sha256):
        return last
    row.key = create_key(key=key)
    row.save(force_insert=True)
    if last:
        Certificate.objects.filter(pk=last.pk).update(withdrawn_at=row.issued_at, replaced_by=row)
        _record_act("certificate.withdrawn", last, _actor(user), replaced_by=row.pk)
    known = {"kind": str(row.kind), "sha256": row.sha256, "record_sha256": row.record_sha256}
    _record_act("certificate.issued", row, _actor(user), **known, is_signed=row.is_signed)
    return row


def _actor(user: User | None) -> Actor:
    return audit.Actor.staff(user) if user else audit.SYSTEM


def _record_act(action: str, certificate: Certificate, actor: Actor, **details: int | str) -> None:
    target = f"certificate {certificate.pk}"
    audit.record(action, actor, request_id=certificate.request_id, target=target, **details)
