"""The check of a telephone that is held: whoever reads a code sent there has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from requests_app import audit, texting
from requests_app.cases import locked
from requests_app.controller import controller
from requests_app.identity.base import CheckKind, Given, Kind, RefusedAnswer, Shown
from requests_app.identity.passing import alike_checks, be_about_the_same, is_answerable
from requests_app.models import Identifier, IdentityCheck
from requests_app.places import country_of
from requests_app.proofs import codes
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor

MOST_SENT = 4
PAUSE_SECONDS = 30


class SmsCheck(CheckKind):
    """A code sent to a number that the team recorded from what is held, never to one that was merely typed."""

    kind = Kind.SMS
    label = "A code by text message"
    asks = "enter a code that we send to the mobile number we hold of them"

    def obstacle(self) -> str:
        """Say that no way to send text messages is set up."""
        return "" if texting.is_set_up() else "No way to send text messages is set up (DSR_SMS_URL)."

    def page(self, check: IdentityCheck) -> Shown:
        """Show the end of the number, and what can be done."""
        held = check.identifier
        about = {
            "number": texting.masked(held.value) if held else "",
            "is_sent": _is_waiting(check),
            "can_send": held is not None and check.sent < MOST_SENT,
            "minutes": codes.LIFETIME.seconds // 60,
        }
        return Shown("sms.html", about)

    def send(self, check: IdentityCheck) -> None:
        """Send a code, a few times in all, and not one right after the other."""
        if check.identifier_id is None:
            raise RefusedAnswer("Our team looks up the number that we hold of you first. Please come back later.")
        newest = check.texts.order_by("-pk").first()
        if newest and (timezone.now() - newest.created_at).total_seconds() < PAUSE_SECONDS:
            raise RefusedAnswer("A code is on its way. Please wait half a minute before you ask for another.")
        again = IdentityCheck.objects.filter(pk=check.pk, passed_at=None, failed_at=None, sent__lt=MOST_SENT)
        if not again.update(sent=F("sent") + 1):
            raise RefusedAnswer("We sent as many codes as we may. Our team will look at it and write to you.")
        texting.queue_for_check(check)
        audit.record("identity.code_sent", audit.SUBJECT, request_id=check.request_id, target=f"check {check.pk}")

    def answer(self, check: IdentityCheck, given: Given) -> bool:
        """Compare the code."""
        check.refresh_from_db(fields=["code_hash", "code_expires_at"])
        return codes.matches(check, given.fields.get("code", ""), timezone.now())


def record_number(check_id: int, typed: str, *, actor: Actor) -> Identifier:
    """Note the number that is held of a person, to which codes of a check are sent.

    The team takes it from what the organisation holds, not from what whoever asks wrote. It is proven by the code.

    Raises:
        UnusableNumber: it is no number that a text message reaches.
        RefusedAnswer: the check is over, or is another one.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "record the number of a person")
    with transaction.atomic():
        check = IdentityCheck.objects.select_related("request").get(pk=check_id)
        request = locked(check.request_id)
        if check.kind != Kind.SMS or not is_answerable(check):
            raise RefusedAnswer("No text message is asked for here, or not any more.")
        number = texting.normalised(typed, country_of(request.place or controller().country))
        held, _ = Identifier.objects.get_or_create(request=request, kind=Identifier.Kind.PHONE, value=number)
        IdentityCheck.objects.filter(pk=check.pk).update(identifier=held, code_hash="", sent=0)
        check.identifier = held
        for alike in alike_checks(check):
            be_about_the_same(alike, check)
        audit.record("identity.number_recorded", actor, request_id=request.pk, target=f"check {check.pk}")
    return held


def _is_waiting(check: IdentityCheck) -> bool:
    """Whether a code is on its way, or may still be entered."""
    newest = check.texts.order_by("-pk").first()
    if newest is None:
        return False
    return newest.is_open or (check.code_expires_at is not None and timezone.now() < check.code_expires_at)
