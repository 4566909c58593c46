"""Requests that people send by the form: quiet to the outside about whether anybody is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from requests_app import audit, cases, limits
from requests_app.intake.asked import Asked, parts_of
from requests_app.intake.taking import announce, ask_anew, ask_for_proof, create, refuse_future
from requests_app.models import ComputedDeadline, IdentityCheck, Right, Status, SubjectRequest
from requests_app.models.subject_request import BY_THEMSELVES
from requests_app.notifications import queue_mail
from requests_app.spelling import name_key
from requests_app.timekeeping.clock import choose_anew

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from requests_app.models.subject_request import SubjectRequestQuerySet

DAY_SECONDS = 24 * 3600
MOST_FROM_ADDRESS_AN_HOUR = 20
MOST_SENT = 4  # the first mail, and at most three more
MOST_REMINDERS_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody typed into the form; `email` as `mailbox` writes it, `place` as `places` lists it.

    `particulars` are the answers to what the right asks, as `rights.answers` keeps them; `also` is what else is asked
    for.
    """

    name: str
    email: str
    right: Right
    details: str = ""
    formats: tuple[str, ...] = ("json", "csv")
    language: str = "en"
    place: str = ""
    particulars: Mapping[str, str] = field(default_factory=dict, repr=False)
    also: tuple[Asked, ...] = ()


def submit(submission: Submission, *, address: str | None, received_at: datetime | None = None) -> None:
    """Take in what is asked for, a request for each right, and send the one mail that proves the mailbox for all.

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
        parts = [part for part in parts_of(submission) if not _is_dealt_with(part)]
        locked = _waiting(*parts).select_for_update().order_by("pk")  # as `confirm` locks them, before their checks
        known = {request.right: request for request in locked}
        taken = [_taken(part, known.get(part.right), received_at or timezone.now()) for part in parts]
        cases.bind([each.request for each in taken])
        _ask(taken)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A request that its mail has to confirm: new, or typed anew."""

    request: SubjectRequest
    typed: Submission
    is_new: bool


def _is_dealt_with(part: Submission) -> bool:
    """Whether the same was confirmed today, or its mailbox was: the person is reminded, a few times a day."""
    if _is_confirmed_today(part):
        _remind(part)
        return True
    proven = IdentityCheck.objects.filter(kind=IdentityCheck.Kind.MAILBOX, passed_at__isnull=False)
    request = _waiting(part).filter(identity_checks__in=proven).first()
    if request:
        remind_of_proof(request)
    return request is not None


def _taken(part: Submission, known: SubjectRequest | None, received_at: datetime) -> _Taken:
    if known:
        return _Taken(known, part, is_new=False)
    try:
        with transaction.atomic():
            fields = {"email": part.email, "right": part.right, **_typed(part)}
            return _Taken(create(received_at, **fields), part, is_new=True)
    except IntegrityError:  # the same was submitted at the same moment
        return _Taken(_waiting(part).select_for_update().get(), part, is_new=False)


def _ask(taken: Sequence[_Taken]) -> None:
    """Send one mail for all that is new or typed anew; the text typed last is the one to confirm."""
    new = [each.request for each in taken if each.is_new]
    for request in new:
        announce(request, "request.submitted", actor=audit.STRANGER)
    checks = IdentityCheck.objects.filter(kind=IdentityCheck.Kind.MAILBOX)
    again = [each for each in taken if not each.is_new and _is_counted(checks.get(request=each.request))]
    for each in again:
        retype(each.request, each.typed)
    ask_for_proof(new, besides=[each.request for each in again])


def _waiting(*parts: Submission) -> SubjectRequestQuerySet:
    """Find the unconfirmed requests of a mailbox for some rights."""
    if not parts:
        return SubjectRequest.objects.none()
    same = SubjectRequest.objects.of_mailbox(parts[0].email).filter(right__in=[part.right for part in parts])
    return same.filter(status=Status.SUBMITTED, channel__in=BY_THEMSELVES)


def send_confirmation(*checks: IdentityCheck) -> bool:
    """Send the confirmation mail again, as long as that was not done too often; returns whether it is.

    Args:
        checks: of the requests of one letter, all of which one mail confirms.
    """
    counted = [check.request_id for check in checks if _is_counted(check)]
    if counted:
        queue_mail(counted[0], "confirm")
    return bool(counted)


def _is_counted(check: IdentityCheck) -> bool:
    """Count one more mail of a check, where one may still be sent."""
    again = IdentityCheck.objects.filter(pk=check.pk, passed_at=None, sent__lt=MOST_SENT)
    if not again.update(sent=F("sent") + 1):
        return False
    audit.record("identity.resent", audit.STRANGER, request_id=check.request_id)
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
