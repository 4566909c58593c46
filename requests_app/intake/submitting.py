"""Requests that people send by the form: quiet to the outside about whether anybody is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from requests_app import audit, limits
from requests_app.intake.taking import announce, ask_anew, ask_for_proof, create, refuse_future
from requests_app.models import ComputedDeadline, IdentityCheck, Right, Status, SubjectRequest
from requests_app.models.subject_request import BY_THEMSELVES
from requests_app.notifications import queue_mail
from requests_app.spelling import name_key
from requests_app.timekeeping.clock import choose_anew

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

DAY_SECONDS = 24 * 3600
MOST_FROM_ADDRESS_AN_HOUR = 20
MOST_SENT = 4  # the first mail, and at most three more
MOST_REMINDERS_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody typed into the form; `email` as `mailbox` writes it, `place` as `places` lists it.

    `particulars` are the answers to what the right asks, as `rights.answers` keeps them.
    """

    name: str
    email: str
    right: Right
    details: str = ""
    formats: tuple[str, ...] = ("json", "csv")
    language: str = "en"
    place: str = ""
    particulars: Mapping[str, str] = field(default_factory=dict, repr=False)


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
    refuse_future(received_at)
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
    request = create(received_at, email=submission.email, right=submission.right, **_typed(submission))
    announce(request, "request.submitted", actor=audit.STRANGER)
    ask_for_proof(request)


def _repeat(submission: Submission) -> bool:
    """Send the mail of an unconfirmed request of the same kind again; the text typed last is the one to confirm."""
    waiting = SubjectRequest.objects.of_mailbox(submission.email).filter(
        right=submission.right, status=Status.SUBMITTED, channel__in=BY_THEMSELVES
    )
    request = waiting.select_for_update().first()  # before its checks, in the order in which `confirm` takes them
    if request is None:
        return False
    check = request.identity_checks.get(kind=IdentityCheck.Kind.MAILBOX)
    if check.passed_at:
        remind_of_proof(request)
    elif send_confirmation(check):
        retype(request, submission)
    return True


def retype(request: SubjectRequest, submission: Submission) -> None:
    """Put what was typed last in the place of what was typed before; call it with the request locked, unconfirmed."""
    waiting = SubjectRequest.objects.filter(pk=request.pk, status=Status.SUBMITTED)
    waiting.update(**_typed(submission))
    if request.place != submission.place:
        choose_anew(request.pk, ComputedDeadline.Cause.PLACE, actor=audit.SYSTEM)
        ask_anew(waiting.get())


def remind_of_proof(request: SubjectRequest) -> None:
    """Mail again what is still to be shown to somebody whose mailbox is proven, a few times a day."""
    if limits.is_within("remind_of_proof", str(request.pk), most=MOST_REMINDERS_A_DAY, seconds=DAY_SECONDS):
        queue_mail(request.pk, "identity")


def _typed(submission: Submission) -> Mapping[str, object]:
    return {
        "name": submission.name,
        "name_key": name_key(submission.name),
        "details": submission.details,
        "formats": list(submission.formats),
        "language": submission.language,
        "place": submission.place,
        "particulars": dict(submission.particulars),
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
