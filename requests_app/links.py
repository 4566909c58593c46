"""Links with a secret token: made when a mail is sent, stored as a hash, looked up by it."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, ClassVar

from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, representing
from requests_app.models import Export, Recipient, SecureLink

if TYPE_CHECKING:
    from datetime import timedelta

    from requests_app.models import SubjectRequest

TOKEN_BYTES = 32
MOST_GUESSES_AN_HOUR = 30
MOST_NOTED_AN_HOUR = 30


class LinkError(DsrError):
    """Say that a link leads nowhere; `reason` is a word for the audit trail, `link` is one there was."""

    reason: ClassVar[str] = ""

    def __init__(self, message: str, link: SecureLink | None = None) -> None:
        super().__init__(message)
        self.link = link


class UnknownLink(LinkError):
    """Say that nobody was ever sent this link."""

    reason = "unknown"


class ExpiredLink(LinkError):
    """Say that the link came too late."""

    reason = "expired"


class RevokedLink(LinkError):
    """Say that the team made the link void, as a mail may have gone astray."""

    reason = "revoked"


class EndedAuthority(LinkError):
    """Say that a representative's link opens nothing, as their authority has ended or does not cover it."""

    reason = "ended"


class UsedLink(LinkError):
    """Say that a link that works once was used."""

    reason = "used"


def mint(
    request: SubjectRequest,
    purpose: SecureLink.Purpose,
    *,
    export: Export | None = None,
    lifetime: timedelta,
    recipient: Recipient | str = Recipient.PERSON,
) -> str:
    """Make a link for the person, or for their representative, and give its token, which is stored nowhere."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    SecureLink.objects.create(
        request=request,
        purpose=purpose,
        recipient=recipient,
        export=export,
        token_hash=_hash(token),
        expires_at=timezone.now() + lifetime,
    )
    return token


def find(token: str, purpose: SecureLink.Purpose, *, admits: tuple[Recipient, ...] = (Recipient.PERSON,)) -> SecureLink:
    """Look a link up, with its request and export.

    Args:
        admits: for whom it may have been made; a representative's opens what names them, and nothing else.

    Raises:
        UnknownLink: no such link, or one for another purpose or for somebody else.
        ExpiredLink: too late.
        RevokedLink: made void.
        EndedAuthority: it is a representative's, and not theirs to open any more.
    """
    links = SecureLink.objects.select_related("request", "export__request")
    link = links.filter(token_hash=_hash(token), purpose=purpose, recipient__in=admits).first()
    if link is None:
        raise UnknownLink("This link is not known. Please copy the whole link from the mail.")
    if link.revoked_at:
        raise RevokedLink("This link was made void. A newer mail of ours has another one.", link)
    if link.is_expired(timezone.now()):
        raise ExpiredLink("This link has expired.", link)
    if not representing.admits(link):
        raise EndedAuthority("The authority by which this link was given has ended, or does not cover this.", link)
    return link


def opened(
    token: str,
    purpose: SecureLink.Purpose,
    *,
    address: str | None,
    works_once: bool = False,
    admits: tuple[Recipient, ...] = (Recipient.PERSON,),
) -> SecureLink:
    """Look a link up for somebody who has it; a refusal is on record, and guessing limited.

    Args:
        address: where it is opened from.
        works_once: whether a link is refused once the files of its export were given out.
        admits: see `find`.

    Raises:
        LinkError: unknown, expired, revoked, used, or of an authority that ended.
        LimitReached: too many unknown links from this address.
    """
    try:
        link = find(token, purpose, admits=admits)
        if works_once and _is_used(link):
            raise _used(link)
    except LinkError as error:
        if address and isinstance(error, UnknownLink):  # first: past the limit nobody fills the trail
            limits.count("token", address, most=MOST_GUESSES_AN_HOUR, seconds=3600)
        note_refused(error.link, purpose, error.reason)
        raise
    return link


def note_refused(link: SecureLink | None, purpose: SecureLink.Purpose | str, reason: str) -> None:
    """Put on record that somebody came with a link that gives nothing, or not any more; often enough, no more.

    Unknown links are limited by who tries them, see `opened`.
    """
    if link and not limits.is_within("refused_link", str(link.pk), most=MOST_NOTED_AN_HOUR, seconds=3600):
        return
    known = link.request_id if link else None
    audit.record("link.refused", audit.STRANGER, request_id=known, purpose=str(purpose), reason=reason)


def revoke(request: SubjectRequest, *, recipient: Recipient | None = None) -> int:
    """Make every link of a request void that still works, or those of one recipient; returns how many those were."""
    now = timezone.now()
    working = SecureLink.objects.filter(request=request, revoked_at=None, expires_at__gt=now)
    return (working.filter(recipient=recipient) if recipient else working).update(revoked_at=now)


def is_for_representative(token: str) -> bool:
    """Whether a link was mailed to a representative, whatever it is still worth."""
    return SecureLink.objects.filter(token_hash=_hash(token), recipient=Recipient.REPRESENTATIVE).exists()


def is_used_up(export_id: int) -> bool:
    """Whether the files of an export were given out by a link that still counts: links made void do not."""
    return SecureLink.objects.filter(export=export_id, used_at__isnull=False, revoked_at=None).exists()


def spend(link: SecureLink) -> None:
    """Use a link up, and with it every other to the same files; of two who try at once, one succeeds.

    Call it in a transaction, to whose end the export is locked.

    Raises:
        UsedLink: it was used before, or another to the same files.
    """
    if link.export_id:
        Export.objects.select_for_update().get(pk=link.export_id)
    is_spent = not _is_used(link) and SecureLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now())
    if not is_spent:
        raise _used(link)


def _is_used(link: SecureLink) -> bool:
    return bool(link.used_at) or bool(link.export_id and is_used_up(link.export_id))


def _used(link: SecureLink) -> UsedLink:
    return UsedLink("The files are given out once, and they were downloaded.", link)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
