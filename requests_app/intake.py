"""The stage that takes a request in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, signals
from requests_app.keys.stored import create_key
from requests_app.models import ComputedDeadline, Identifier, IdentityCheck, Right, Status, SubjectRequest
from requests_app.models.subject_request import BY_THEMSELVES
from requests_app.notifications import queue_mail
from requests_app.timekeeping.clock import choose_anew, open_clock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

DAY_SECONDS = 24 * 3600
MOST_FROM_ADDRESS_AN_HOUR = 20
MOST_SENT = 4  # the first mail, and at most three more
MOST_REMINDERS_A_DAY = 3
LONGEST_MAILBOX = 254


class UnusableMailbox(DsrError, ValueError):
    """Say that an address names no mailbox that proves anything: it is quoted, no plain ASCII, or has no domain."""


class FutureReceipt(DsrError, ValueError):
    """Say that nothing can have come later than now."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody typed into the form; `email` as `mailbox` writes it, `place` as `places` lists it."""

    name: str
    email: str
    right: Right
    details: str = ""
    formats: tuple[str, ...] = ("json", "csv")
    language: str = "en"
    place: str = ""


def mailbox(typed: str) -> str:
    """Write an address as mail is sent to it, its domain in ASCII.

    What is proven is the mailbox that a mail reaches. Mail to `ann@straße.de` is sent to `ann@strasse.de`, whose owner
    may be somebody else; and letters that some databases take for one another, such as the dotless i, are gone.

    Raises:
        UnusableMailbox: no mail can be sent to it, or not to it alone.

    Source: RFC 3490 §4.1, which is how Django writes domains of mails.
    """
    local, _, domain = typed.rpartition("@")
    try:
        sent_to = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        sent_to = ""
    if not (sent_to and local.isascii()) or '"' in local or domain.startswith("[") or len(sent_to) > LONGEST_MAILBOX:
        raise UnusableMailbox("The address names no mailbox that a mail could prove.")
    return sent_to


def submit(submission: Submission, *, address: str | None, received_at: datetime | None = None) -> None:
    """Take a request in and send the mail that proves the mailbox.

    The same to the outside whatever is known of the mailbox: a repetition of an unconfirmed request sends its mail
    again a few times, one of a request confirmed today sends a reminder of it.

    Args:
        address: the network address it came from.
        received_at: when a new request came, where it is recorded later than that; its period runs from then on.

    Raises:
        LimitReached: too many from this address.
        FutureReceipt: it is said to have come later than now.
    """
    if received_at and received_at > timezone.now():
        raise FutureReceipt("A request cannot have come later than now.")
    if address:
        limits.count("submit", address, most=MOST_FROM_ADDRESS_AN_HOUR, seconds=3600)
    with transaction.atomic():
        if _is_confirmed_today(submission):
            _remind(submission)
        elif not _repeat(submission):
            _create_or_repeat(submission, received_at)


def send_confirmation(check: IdentityCheck) -> bool:
    """Send the confirmation mail again, as long as that was not done too often; returns whether it is."""
    again = IdentityCheck.objects.filter(pk=check.pk, passed_at=None, sent__lt=MOST_SENT)
    if not again.update(sent=F("sent") + 1):
        return False
    queue_mail(check.request_id, "confirm")
    audit.record("identity.resent", audit.STRANGER, request_id=check.request_id)
    return True


def _create_or_repeat(submission: Submission, received_at: datetime | None) -> None:
    try:
        with transaction.atomic():
            _create(submission, received_at or timezone.now())
    except IntegrityError:  # the same was submitted at the same moment
        _repeat(submission)


def _create(submission: Submission, received_at: datetime) -> None:
    request = SubjectRequest.objects.create(
        email=submission.email,
        right=submission.right,
        submitted_at=received_at,
        delivery_way=settings.DSR_DELIVERY,
        key=create_key(),
        **_typed(submission),
    )
    identifier = Identifier.objects.create(request=request, kind=Identifier.Kind.EMAIL, value=_as_held(request.email))
    IdentityCheck.objects.create(request=request, identifier=identifier, kind=IdentityCheck.Kind.MAILBOX)
    audit.record("request.submitted", audit.STRANGER, request_id=request.pk, right=str(submission.right))
    open_clock(request, actor=audit.SYSTEM)
    queue_mail(request.pk, "confirm")
    known = {"reference": request.reference, "right": request.right, "status": request.status}
    transaction.on_commit(partial(signals.request_created.send_robust, sender=SubjectRequest, **known))


def _as_held(email: str) -> str:
    """Write an address as systems hold it, its domain in the letters of its language."""
    local, _, domain = email.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return email


def _repeat(submission: Submission) -> bool:
    """Send the mail of an unconfirmed request of the same kind again; the text typed last is the one to confirm."""
    waiting = SubjectRequest.objects.of_mailbox(submission.email).filter(
        right=submission.right, status=Status.SUBMITTED, channel__in=BY_THEMSELVES
    )
    request = waiting.first()
    if request is None:
        return False
    if send_confirmation(request.identity_checks.get()):
        waiting.filter(pk=request.pk).update(**_typed(submission))
        if request.place != submission.place:
            choose_anew(request.pk, ComputedDeadline.Cause.PLACE, actor=audit.SYSTEM)
    return True


def _typed(submission: Submission) -> Mapping[str, object]:
    return {
        "name": submission.name,
        "details": submission.details,
        "formats": list(submission.formats),
        "language": submission.language,
        "place": submission.place,
    }


def _is_confirmed_today(submission: Submission) -> bool:
    since = timezone.now() - timedelta(seconds=DAY_SECONDS)
    confirmed = SubjectRequest.objects.of_mailbox(submission.email).filter(right=submission.right)
    return confirmed.filter(verified_at__gte=since).exists()


def _remind(submission: Submission) -> None:
    requests = SubjectRequest.objects.of_mailbox(submission.email).filter(right=submission.right)
    request = requests.filter(verified_at__isnull=False).latest("verified_at")
    try:
        limits.count("remind", submission.email.lower(), most=MOST_REMINDERS_A_DAY, seconds=DAY_SECONDS)
    except limits.LimitReached:
        return
    queue_mail(request.pk, "already_open")
