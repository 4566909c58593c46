"""The check that our own service makes: whoever is signed in there comes with a signed word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone

from requests_app import assertions, audit, intake, limits
from requests_app.assertions import Assertion, ExpiredAssertion, RefusedAssertion
from requests_app.identity.base import CheckKind, Given, Kind, RefusedAnswer, Shown
from requests_app.identity.mailbox import AlreadyConfirmed, count_confirmed, is_confirmed, prove_on
from requests_app.identity.passing import mark_passed
from requests_app.models import Identifier, IdentityCheck, Right, Status, SubjectRequest
from requests_app.models.subject_request import BY_THEMSELVES

if TYPE_CHECKING:
    from requests_app.intake import Submission

MOST_TAKEN_AN_HOUR = 60
VOUCHER_SECONDS = 30 * 60  # for filling the form in
SALT = "requests_app.identity.assertion"
VOUCHED_FOR = (Kind.ASSERTION, Kind.MAILBOX)
"""Our own service knows the mailbox of whoever is signed in there, so that nobody has to open a mail as well."""


class AssertionCheck(CheckKind):
    """Passed by asking from one's account; on a request that came otherwise, the person has to ask again from there."""

    kind = Kind.ASSERTION
    label = "Signed in at our own service"
    asks = "sign in to their account, and ask from there"
    is_asked_by_team = False
    counts_attempts = False

    def obstacle(self) -> str:
        """Say that no key of our own service is set up."""
        return "" if assertions.is_set_up() else "No key of your own service is set up (DSR_ASSERTION_KEY)."

    def page(self, check: IdentityCheck) -> Shown:
        """Lead to the account."""
        return Shown("assertion.html", {"account_url": settings.DSR_ACCOUNT_URL})

    def answer(self, check: IdentityCheck, given: Given) -> bool:
        """Refuse: it is not given here."""
        raise RefusedAnswer("Please sign in to your account, and ask from there.")


def take(token: str, *, address: str | None) -> Assertion:
    """Take an assertion of our own service; a refusal is on record.

    Raises:
        RefusedAssertion: see `assertions.take`.
        LimitReached: too many from this address.
    """
    if address:
        limits.count("assertion", address, most=MOST_TAKEN_AN_HOUR, seconds=3600)
    try:
        return assertions.take(token)
    except RefusedAssertion as error:
        audit.record("assertion.refused", audit.STRANGER, reason=error.reason)
        raise


def voucher(assertion: Assertion) -> str:
    """Write an assertion that was taken so that the form can bring it back, signed by the portal."""
    return signing.dumps([assertion.subject, assertion.email, assertion.name], salt=SALT, compress=True)


def vouched(text: str) -> Assertion:
    """Read what `voucher` wrote.

    Raises:
        ExpiredAssertion: the form was open for too long.
        RefusedAssertion: the portal did not write it.
    """
    try:
        return Assertion(*signing.loads(text, salt=SALT, max_age=VOUCHER_SECONDS))
    except signing.SignatureExpired:
        raise ExpiredAssertion("The form was open for too long. Please begin again from your account.") from None
    except signing.BadSignature:
        raise RefusedAssertion("Please begin again from your account.") from None


def submit(submission: Submission, assertion: Assertion, *, address: str | None) -> SubjectRequest | None:
    """Take in the request of somebody signed in at our own service, and let the work begin where that is enough.

    Returns:
        The request; None where it was begun already, of which the person is told by mail.

    Raises:
        LimitReached: too many from this address.
    """
    intake.submit(submission, address=address)
    parts = {part.right: part for part in intake.parts_of(submission)}
    waiting = SubjectRequest.objects.of_mailbox(submission.email).filter(
        right__in=parts, status=Status.SUBMITTED, channel__in=BY_THEMSELVES
    )
    with transaction.atomic():
        known = {Right(found.right): found for found in waiting.select_for_update().order_by("pk")}
        taken = [known[right] for right in parts if right in known and _is_vouched_for(known[right], parts[right])]
        for found in taken:
            _vouch(found, assertion)
        if taken:
            prove_on(taken)
    return next((found for found in taken if found.right == submission.right), taken[0] if taken else None)


def _is_vouched_for(found: SubjectRequest, part: Submission) -> bool:
    """Count a request as confirmed, as it was typed just now; nothing where the same was confirmed today."""
    try:
        with transaction.atomic():
            count_confirmed(found)
    except AlreadyConfirmed:
        return False
    if not is_confirmed(found):  # anybody may have typed what stands there; nobody vouches for what they never saw
        intake.retype(found, part)
    return True


def _vouch(request: SubjectRequest, assertion: Assertion) -> None:
    known, _ = Identifier.objects.get_or_create(request=request, kind=Identifier.Kind.USER_ID, value=assertion.subject)
    Identifier.objects.filter(pk=known.pk).update(proof=Identifier.Proof.ASSERTION, proven_at=timezone.now())
    IdentityCheck.objects.get_or_create(request=request, kind=Kind.ASSERTION, defaults={"sent": 0})
    for check in request.identity_checks.filter(kind__in=VOUCHED_FOR, purpose=IdentityCheck.Purpose.BEGIN):
        mark_passed(check, actor=audit.SUBJECT, proof=Identifier.Proof.ASSERTION)
