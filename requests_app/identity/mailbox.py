"""The check of the mailbox: whoever opens the link of a mail sent there has it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, links
from requests_app.identity.passing import go_on, locked, mark_passed
from requests_app.intake import DAY_SECONDS, remind_of_proof, send_confirmation
from requests_app.models import Channel, IdentityCheck, SecureLink, Status, SubjectRequest
from requests_app.models.subject_request import RECORDED
from requests_app.notifications import queue_mail

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
    typed = [request.name, request.details, request.formats, request.place, request.particulars]
    return hashlib.sha256(orjson.dumps(typed, option=orjson.OPT_SORT_KEYS)).hexdigest()


def is_confirmed(request: SubjectRequest) -> bool:
    """Whether the mailbox of a request is proven."""
    return request.identity_checks.filter(kind=IdentityCheck.Kind.MAILBOX, passed_at__isnull=False).exists()


def confirm(token: str, *, address: str | None, seen: str = "") -> SubjectRequest:
    """Take the mailbox as proven, and let the work begin where nothing more is asked for; again, it changes nothing.

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
        request = locked(link.request_id)
        check = request.identity_checks.filter(kind=IdentityCheck.Kind.MAILBOX, passed_at=None).first()
        if request.status == Status.SUBMITTED and check:
            if seen not in {"", version(request)}:
                raise ChangedMeanwhile("This request was sent again and has changed. Please read it once more.")
            count_confirmed(request)
            SecureLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
            mark_passed(check, actor=audit.SUBJECT)
            if go_on(request):
                queue_mail(request.pk, "identity")
    return request


def resend(email: str, *, address: str | None) -> None:
    """Send the confirmation mails of a mailbox again, a few times; quiet about whether there are any.

    Raises:
        LimitReached: too many from this address.
    """
    if address:
        limits.count("resend", address, most=MOST_RESENDS_AN_HOUR, seconds=3600)
    with transaction.atomic():
        for check in _of_waiting(email):
            if check.passed_at:
                remind_of_proof(check.request)
            else:
                send_confirmation(check)


def count_confirmed(request: SubjectRequest) -> None:
    """Count one more confirmed request of a mailbox; what the team recorded does not count.

    Raises:
        AlreadyConfirmed: one of this right was today.
    """
    if request.channel in RECORDED:
        return
    try:
        limits.count("confirmed", f"{request.email.lower()} {request.right}", most=1, seconds=DAY_SECONDS)
    except limits.LimitReached:
        raise AlreadyConfirmed(
            "You confirmed a request of this kind less than a day ago. We are working on that one; "
            "please come back to this link tomorrow if you need another."
        ) from None


def _of_waiting(email: str) -> Iterator[IdentityCheck]:
    checks = IdentityCheck.objects.filter(kind=IdentityCheck.Kind.MAILBOX, request__status=Status.SUBMITTED)
    own = checks.exclude(request__channel=Channel.AGENT)  # the person is asked about a representative otherwise
    yield from own.filter(request__email__iexact=email).exclude(request__email="").select_related("request")


def _link(token: str, address: str | None) -> SecureLink:
    return links.opened(token, SecureLink.Purpose.CONFIRM, address=address)
