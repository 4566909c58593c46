"""Somebody says that they ask for somebody else: by the form, or by a letter that the team writes down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, cases, limits, links, proofs, representing, uploads
from requests_app.cases import locked
from requests_app.intake import DAY_SECONDS, parts_of
from requests_app.intake.taking import announce, create
from requests_app.mandates.deciding import letter_of
from requests_app.mandates.personal import ask
from requests_app.models import (
    Channel,
    OutboxMail,
    Recipient,
    Representative,
    Right,
    SecureLink,
    Status,
    SubjectRequest,
    Upload,
)
from requests_app.notifications import queue_mail
from requests_app.spelling import name_key
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from requests_app.audit import Actor
    from requests_app.intake import Submission
    from requests_app.uploads import ExaminedFile

MOST_FROM_ADDRESS_AN_HOUR = 20
MOST_CLAIMS_A_DAY = 10
MOST_SENT = 4  # mails to a mailbox that nobody has confirmed, for one request
MOST_FILES = 5
MOST_FILES_IN_ALL = 20
MOST_UNCONFIRMED_FILES = 100  # as large as one may be, of all who have not confirmed their mailbox: they may be anybody


class UnusableClaim(DsrError, ValueError):
    """Say why a representative, or what they hand in, cannot be taken."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for the person, and what they say they may.

    Args:
        rights: what the authority covers; what is asked for just now always is among it.
        files: the authority itself, and what shows it.
    """

    kind: Representative.Kind
    name: str = field(repr=False)
    email: str = field(default="", repr=False)
    organisation: str = field(default="", repr=False)
    postal_address: str = field(default="", repr=False)
    rights: tuple[str, ...] = ()
    receives_answer: bool = False
    valid_until: date | None = None
    files: Sequence[ExaminedFile] = field(default=(), repr=False)


def submit(submission: Submission, claim: Claim, *, address: str | None) -> None:
    """Take in what somebody asks for somebody else, and send the one mail that proves the sender's mailbox.

    Nobody is told whether the person is known, and they hear of it only once the sender has confirmed. It stands beside
    what the person asks themselves and never in its way.

    Args:
        submission: of the person; its address is empty where they have none of their own.

    Raises:
        LimitReached: too many from this address, or in the name of this mailbox.
        UnusableClaim: too many files, or an authority that has ended.
        UnusableFile: a file cannot be taken; see `uploads.take`.
    """
    _refuse_faulty(claim)
    _refuse_without_room(claim, copies=len(parts_of(submission)))
    if address:
        limits.count("submit", address, most=MOST_FROM_ADDRESS_AN_HOUR, seconds=3600)
    limits.count("represent", claim.email.lower(), most=MOST_CLAIMS_A_DAY, seconds=DAY_SECONDS)
    with transaction.atomic():
        parts = parts_of(submission)
        known = {part.right: _waiting(part, claim) for part in parts}
        letter = [known[part.right] or _create(part) for part in parts]
        cases.bind(letter)
        new = [request for request in letter if known[Right(request.right)] is None]
        _announce(new, replace(claim, rights=(*known, *claim.rights)))
        sent = OutboxMail.objects.filter(request__in=letter, template="represent").count()
        if new or sent < MOST_SENT:
            queue_mail(letter[0].pk, "represent")


@transaction.atomic
def record(request_id: int, claim: Claim, *, actor: Actor) -> Representative:
    """Write down who asks for the person of a request, as a letter or a call said; it is still to be decided.

    What was asked for in the same letter, they ask for too.

    Raises:
        UnusableClaim: the request has ended or has one, there is nowhere to write to them, or see `submit`.
        PermissionRefused: not for this member of the team to do.
        UnusableFile: a file cannot be taken; see `uploads.take`.
    """
    refuse_unless(actor, WORK, "record a representative")
    _refuse_faulty(claim)
    request = locked(request_id)
    if not request.is_open:
        raise UnusableClaim("This request has ended; nobody can take it over.")
    if representing.representative_of(request):
        raise UnusableClaim("This request has a representative already.")
    if not (claim.email or claim.postal_address):
        raise UnusableClaim("Please give an e-mail address or a postal address to write to.")
    besides = [other for other in cases.of_same_sender(request) if other.is_open and not other.joined_at]
    letter = [request, *(other for other in besides if representing.representative_of(other) is None)]
    whole = replace(claim, rights=(*(str(each.right) for each in letter), *claim.rights))
    found, *_ = [_claim(each, whole, actor) for each in letter]
    return found


def look_up(token: str, *, address: str | None) -> SubjectRequest:
    """Give the request that a representative's confirmation link is about, changing nothing.

    Raises:
        LinkError, LimitReached: see `links.opened`.
    """
    return _link(token, address).request


def confirm_mailbox(token: str, *, address: str | None) -> SubjectRequest:
    """Take the mailbox of a representative as proven, and ask the person where that is usual; again, nothing changes.

    It counts for all that they asked for in the same letter.

    Raises:
        LinkError, LimitReached: see `links.opened`.
    """
    link = _link(token, address)
    with transaction.atomic():
        request = locked(link.request_id)
        now = timezone.now()
        proven = [each for each in letter_of(request) if each.is_open and _is_proven_now(each, now)]
        if proven:
            SecureLink.objects.filter(pk=link.pk).update(used_at=now)
            found = representing.representative_of(proven[0])
            if found and representing.asks_by_itself(found, proven[0]):
                ask(proven[0])
    return request


def _is_proven_now(request: SubjectRequest, now: datetime) -> bool:
    """Take the mailbox of who asks as proven for a request, unless it was before."""
    unproven = Representative.objects.filter(request=request, mailbox_proven_at=None)
    if not unproven.update(mailbox_proven_at=now):
        return False
    audit.record("authority.mailbox_proven", audit.REPRESENTATIVE, request_id=request.pk)
    return True


@transaction.atomic
def hand_in(link: SecureLink, files: Sequence[ExaminedFile]) -> None:
    """Take what a representative hands in while their authority is looked at.

    Raises:
        UnusableClaim: nothing is wanted any more, nothing was chosen, or it is too much.
        UnusableFile: see `uploads.take`.
    """
    request = SubjectRequest.objects.select_for_update().get(pk=link.request_id)
    found = representing.representative_of(request)
    if found is None or found.state != Representative.State.WAITING or not request.is_open:
        raise UnusableClaim("Your authority was decided on; nothing more is needed.")
    if not files:
        raise UnusableClaim("Please choose a file first.")
    known = request.uploads.filter(kind=Upload.Kind.AUTHORITY, removed_at=None).count()
    if len(files) > MOST_FILES or known + len(files) > MOST_FILES_IN_ALL:
        raise UnusableClaim("These are too many files; please put them into one.")
    _keep(request, files, audit.REPRESENTATIVE)


def _waiting(submission: Submission, claim: Claim) -> SubjectRequest | None:
    """Find the same that was sent before; what it says stays, as nobody has shown yet who they are."""
    same = SubjectRequest.objects.filter(
        channel=Channel.AGENT, status=Status.SUBMITTED, right=submission.right, name__iexact=submission.name
    )
    same = same.filter(email__iexact=submission.email, representative__email__iexact=claim.email)
    return same.order_by("pk").first()


def _create(submission: Submission) -> SubjectRequest:
    return create(
        timezone.now(),
        channel=Channel.AGENT,
        name=submission.name,
        name_key=name_key(submission.name),
        email=submission.email,
        right=submission.right,
        details=submission.details,
        formats=list(submission.formats),
        language=submission.language,
        place=submission.place,
        particulars=dict(submission.particulars),
    )


def _announce(requests: Sequence[SubjectRequest], claim: Claim) -> None:
    for request in requests:
        announce(request, "request.submitted", actor=audit.STRANGER, by="representative")
        _claim(request, claim, audit.STRANGER)
        proofs.begin(request)


def _claim(request: SubjectRequest, claim: Claim, actor: Actor) -> Representative:
    found = Representative.objects.create(
        request=request,
        kind=claim.kind,
        name=claim.name,
        organisation=claim.organisation,
        email=claim.email,
        postal_address=claim.postal_address,
        rights=list(dict.fromkeys((str(request.right), *claim.rights))),
        receives_answer=claim.receives_answer,
        valid_until=claim.valid_until,
    )
    audit.record("authority.claimed", actor, request_id=request.pk, kind=str(claim.kind), files=len(claim.files))
    _keep(request, claim.files, actor)
    return found


def _keep(request: SubjectRequest, files: Sequence[ExaminedFile], actor: Actor) -> None:
    for file in files:
        uploads.take(file, Upload.Kind.AUTHORITY, actor=actor, request=request)


def _refuse_faulty(claim: Claim) -> None:
    if len(claim.files) > MOST_FILES:
        raise UnusableClaim(f"Please choose at most {MOST_FILES} files.")
    if claim.valid_until and claim.valid_until < timezone.localdate():
        raise UnusableClaim("The authority has ended by the day given; please give a later day, or none.")


def _refuse_without_room(claim: Claim, *, copies: int) -> None:
    """Keep strangers from filling the disk: whoever comes late sends the form alone, and the files once confirmed."""
    unconfirmed = Upload.objects.filter(
        kind=Upload.Kind.AUTHORITY,
        removed_at=None,
        request__channel=Channel.AGENT,
        request__representative__mailbox_proven_at=None,
    )
    there = unconfirmed.aggregate(bytes=Sum("size_bytes"))["bytes"] or 0
    new = copies * sum(len(file.content) for file in claim.files)
    if new and there + new > MOST_UNCONFIRMED_FILES * settings.DSR_UPLOAD_BYTES:
        raise UnusableClaim(
            "We cannot take files just now. Please send the form without them, and hand them in on the page to which "
            "our mail leads you."
        )


def _link(token: str, address: str | None) -> SecureLink:
    return links.opened(token, SecureLink.Purpose.CONFIRM, address=address, admits=(Recipient.REPRESENTATIVE,))
