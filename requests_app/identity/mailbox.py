"""The check of the mailbox: whoever opens the link of a mail sent there has it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, cases, limits, links
from requests_app.cases import locked
from requests_app.identity.passing import go_on, mark_passed, to_be_told
from requests_app.intake import DAY_SECONDS, remind_of_proof, send_confirmation
from requests_app.models import Channel, IdentityCheck, SecureLink, Status, SubjectRequest
from requests_app.models.subject_request import RECORDED
from requests_app.notifications import queue_mail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """Name what was typed into the requests that one link confirms; anybody may type it anew until then."""
    typed = [_typed(each) for each in to_confirm(request)] or [_typed(request)]
    return hashlib.sha256(orjson.dumps(typed, option=orjson.OPT_SORT_KEYS)).hexdigest()


def to_confirm(request: SubjectRequest) -> list[SubjectRequest]:
    """Give what the link of a request confirms: itself, and what else was asked for in the same letter."""
    waiting = IdentityCheck.objects.filter(kind=IdentityCheck.Kind.MAILBOX, passed_at=None)
    open_ones = set(waiting.filter(request__status=Status.SUBMITTED).values_list("request", flat=True))
    letter = [request, *cases.of_same_sender(request)]
    return cases.in_order(each for each in letter if each.pk in open_ones)


def is_confirmed(request: SubjectRequest) -> bool:
    """Whether the mailbox of a request is proven."""
    return request.identity_checks.filter(kind=IdentityCheck.Kind.MAILBOX, passed_at__isnull=False).exists()


def confirm(token: str, *, address: str | None, seen: str = "") -> SubjectRequest:
    """Take the mailbox as proven, and let the work begin where nothing more is asked for; again, it changes nothing.

    It confirms all that was asked for in the same letter, at once.

    Args:
        seen: the version of the request that was shown; empty to confirm whatever it is.

    Returns:
        The request that the person goes on with: one on whose page more is to be shown, where there is one.

    Raises:
        LinkError: see `links.find`; put on record.
        LimitReached: too many wrong links from this address.
        AlreadyConfirmed: one confirmed request per mailbox and right a day.
        ChangedMeanwhile: it is of another version.
    """
    link = _link(token, address)
    with transaction.atomic():
        request = locked(link.request_id)
        waiting = to_confirm(request)
        if not waiting:
            return request
        if seen not in {"", version(request)}:
            raise ChangedMeanwhile("This request was sent again and has changed. Please read it once more.")
        confirmed = _counted(waiting)
        SecureLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
        for each in confirmed:
            mark_passed(each.identity_checks.get(kind=IdentityCheck.Kind.MAILBOX), actor=audit.SUBJECT)
        asked = prove_on(confirmed)
    request.refresh_from_db()
    return asked[0] if asked else request


def resend(email: str, *, address: str | None) -> None:
    """Send the confirmation mails of a mailbox again, a few times; quiet about whether there are any.

    Raises:
        LimitReached: too many from this address.
    """
    if address:
        limits.count("resend", address, most=MOST_RESENDS_AN_HOUR, seconds=3600)
    with transaction.atomic():
        letters: dict[tuple[int, int], list[IdentityCheck]] = {}
        for check in _of_waiting(email):
            letters.setdefault((check.request.case_id or 0, 0 if check.request.case_id else check.pk), []).append(check)
        for checks in letters.values():
            for request in to_be_told(check.request for check in checks if check.passed_at):
                remind_of_proof(request)
            send_confirmation(*(check for check in checks if not check.passed_at))


def prove_on(requests: Sequence[SubjectRequest]) -> list[SubjectRequest]:
    """Let requests of one letter go on whose mailbox was proven just now, and mail what is still to be shown.

    Returns:
        Those on whose pages more is to be shown.
    """
    for request in requests:
        go_on(SubjectRequest.objects.get(pk=request.pk))  # as it stands now: those before it may have let it begin
    asked = to_be_told(requests)
    for each in asked:
        queue_mail(each.pk, "identity")
    return asked


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


def _counted(requests: Sequence[SubjectRequest]) -> list[SubjectRequest]:
    """Count the requests of a letter as confirmed, and give those that may be; see `count_confirmed`."""
    counted, refusal = [], AlreadyConfirmed()
    for request in requests:
        try:
            with transaction.atomic():
                count_confirmed(request)
        except AlreadyConfirmed as error:
            refusal = error
        else:
            counted.append(request)
    if not counted:
        raise refusal
    return counted


def _typed(request: SubjectRequest) -> list[object]:
    known = (request.right, request.name, request.details, request.formats, request.place, request.particulars)
    return list(known)


def _of_waiting(email: str) -> Iterator[IdentityCheck]:
    checks = IdentityCheck.objects.filter(kind=IdentityCheck.Kind.MAILBOX, request__status=Status.SUBMITTED)
    own = checks.exclude(request__channel=Channel.AGENT)  # the person is asked about a representative otherwise
    yield from own.filter(request__email__iexact=email).exclude(request__email="").select_related("request")


def _link(token: str, address: str | None) -> SecureLink:
    return links.opened(token, SecureLink.Purpose.CONFIRM, address=address)
