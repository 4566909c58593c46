"""The stage that lets a person prove who they are: the mailbox, so far."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, links, planning
from requests_app.intake import DAY_SECONDS, send_confirmation
from requests_app.models import Identifier, IdentityCheck, SecureLink, Status, SubjectRequest
from requests_app.workflow import perform

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_RESENDS_AN_HOUR = 10


class AlreadyConfirmed(DsrError):
    """Say that a request of this kind was confirmed from this mailbox less than a day ago."""


class ChangedMeanwhile(DsrError):
    """Say that a request is not any more what somebody saw who confirms it."""


def look_up(token: str, *, address: str | None) -> SubjectRequest:
    """Give the request that a confirmation link is about, changing nothing.

    Raises:
        LinkError: see `links.find`; put on record.
        LimitReached: too many wrong links from this address.
    """
    return _link(token, address).request


def version(request: SubjectRequest) -> str:
    """Name what was typed into a request; anybody may type it anew until it is confirmed."""
    return hashlib.sha256(orjson.dumps([request.name, request.details, request.formats, request.place])).hexdigest()


def confirm(token: str, *, address: str | None, seen: str = "") -> SubjectRequest:
    """Take the mailbox as proven and let the work begin; a second time changes nothing.

    Args:
        seen: the version of the request that was shown; empty to confirm whatever it is.

    Raises:
        LinkError: see `links.find`; put on record.
        LimitReached: too many wrong links from this address.
        AlreadyConfirmed: one confirmed request per mailbox and right a day.
        ChangedMeanwhile: it is of another version.
    """
    link = _link(token, address)
    with transaction.atomic():
        request = SubjectRequest.objects.select_for_update().get(pk=link.request_id)
        if request.status == Status.SUBMITTED:
            if seen not in {"", version(request)}:
                raise ChangedMeanwhile("This request was sent again and has changed. Please read it once more.")
            _count_confirmed(request)
            _prove_mailbox(request, link)
            perform(request.pk, "verify", actor=audit.SUBJECT)
            if request.is_collected:
                planning.begin(request)
            request.refresh_from_db()
    return request


def resend(email: str, *, address: str | None) -> None:
    """Send the confirmation mails of a mailbox again, a few times; quiet about whether there are any.

    Raises:
        LimitReached: too many from this address.
    """
    if address:
        limits.count("resend", address, most=MOST_RESENDS_AN_HOUR, seconds=3600)
    with transaction.atomic():
        for check in _unpassed(email):
            send_confirmation(check)


def _unpassed(email: str) -> Iterator[IdentityCheck]:
    checks = IdentityCheck.objects.filter(passed_at=None, request__status=Status.SUBMITTED)
    yield from checks.filter(request__email__iexact=email)


def _link(token: str, address: str | None) -> SecureLink:
    return links.opened(token, SecureLink.Purpose.CONFIRM, address=address)


def _count_confirmed(request: SubjectRequest) -> None:
    try:
        limits.count("confirmed", f"{request.email.lower()} {request.right}", most=1, seconds=DAY_SECONDS)
    except limits.LimitReached:
        raise AlreadyConfirmed(
            "You confirmed a request of this kind less than a day ago. We are working on that one; "
            "please come back to this link tomorrow if you need another."
        ) from None


def _prove_mailbox(request: SubjectRequest, link: SecureLink) -> None:
    now = timezone.now()
    checks = IdentityCheck.objects.filter(request=request, kind=IdentityCheck.Kind.MAILBOX)
    checks.update(passed_at=now)
    proven = Identifier.objects.filter(pk__in=checks.values("identifier"))
    proven.update(proof=Identifier.Proof.MAILBOX, proven_at=now)
    SecureLink.objects.filter(pk=link.pk).update(used_at=now)
    audit.record("identity.proven", audit.SUBJECT, request_id=request.pk, proof="mailbox")
