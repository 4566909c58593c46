"""Requests of the demonstration that came otherwise than by the form, and what was written about them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from requests_app import conversation, intake, mandates, notifications, uploads
from requests_app.audit import SUBJECT, Actor
from requests_app.collecting.searches import collect_source
from requests_app.intake import Proof, Record
from requests_app.models import CannedText, Channel, Representative, Right, SourceSearch, Upload
from requests_app.sorting import spam

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from requests_app.models import SubjectRequest
    from requests_app.uploads import ExaminedFile

PICTURES = Path(__file__).with_name("pictures")
THANKS = (
    "Dear {{ name }},\n\nthank you for your message about {{ reference }}. "
    "We are looking into it and will come back to you."
)


def tell_of_channels(processor: User, manager: User) -> None:
    """Record a letter and a call, a lawyer's request and spam, and let somebody write with the team."""
    actor = Actor.staff(processor)
    conversation.save(CannedText(title="Thank you", text=THANKS), actor=Actor.staff(manager))
    _letter(actor)
    _lawyer(actor)
    _call(actor)
    offer = intake.record(
        Record(
            channel=Channel.MAIL,
            received_at=_ago(2),
            place="DE",
            right=Right.ACCESS,
            name="Best Offers",
            email="win@example.test",
            details="You have won!",
        ),
        actor=actor,
    )
    spam.mark(offer.pk, "Advertising, no request.", actor=actor)


def converse(request: SubjectRequest, processor: User) -> None:
    """Let the team and the person write to one another about a request."""
    actor = Actor.staff(processor)
    conversation.write(request.pk, "Could you tell us which address is right now? A letter would show it.", actor=actor)
    scan = _scan(Upload.Kind.MESSAGE, "electricity-bill.png")
    conversation.reply(request.pk, "The one on this bill. I moved in March.", [scan], actor=SUBJECT)
    _send_mails(request)


def _letter(actor: Actor) -> None:
    """Somebody without a mailbox wrote on paper; the notices to them wait to be posted."""
    request = intake.record(
        Record(
            channel=Channel.LETTER,
            received_at=_ago(6),
            place="DE",
            right=Right.ACCESS,
            name="Lotte Letter",
            postal_address="Am Anger 3\n99084 Erfurt\nGermany",
            numbers=("12",),
            details="Dear Sir or Madam, please tell me in writing what you have stored about me.",
            proof=Proof.TEAM,
            proof_reason="Signature and address are those of our customer file.",
            files=(_scan(Upload.Kind.EVIDENCE, "letter-of-6-pages.png"),),
        ),
        actor=actor,
    )
    for search in SourceSearch.objects.filter(request=request):
        collect_source(search.pk)


def _lawyer(actor: Actor) -> None:
    request = intake.record(
        Record(
            channel=Channel.MAIL,
            received_at=_ago(4),
            place="DE",
            name="Klara Client",
            email="klara@example.test",
            right=Right.ERASURE,
            details="On behalf of our client we ask you to erase her data.",
            proof=Proof.CHECKS,
        ),
        actor=actor,
    )
    claim = mandates.Claim(
        Representative.Kind.LAWYER,
        name="Dr. Lena Law",
        email="lena@law.example.test",
        organisation="Law & Partners",
        rights=(Right.ERASURE,),
        files=(_scan(Upload.Kind.AUTHORITY, "power-of-attorney.png"),),
    )
    mandates.record(request.pk, claim, actor=actor)
    _send_mails(request)


def _call(actor: Actor) -> None:
    request = intake.record(
        Record(
            channel=Channel.PHONE,
            received_at=_ago(1),
            place="DE",
            name="Paul Phone",
            email="paul@example.test",
            phone="+49 361 5550123",
            right=Right.OBJECTION,
            details="Wants no more advertising by post.",
            proof=Proof.CHECKS,
        ),
        actor=actor,
    )
    _send_mails(request)


def _ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _scan(kind: Upload.Kind, name: str) -> ExaminedFile:
    content = (PICTURES / "scan.png").read_bytes()
    return uploads.examine(SimpleUploadedFile(name, content, "image/png"), kind)


def _send_mails(request: SubjectRequest) -> None:
    for mail in request.mails.open():
        notifications.send(mail.pk)
