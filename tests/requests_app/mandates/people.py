"""A representative and the person they ask for, for the tests of authorities."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from requests_app import intake, mandates
from requests_app.audit import Actor
from requests_app.mandates import Claim, Decision
from requests_app.models import Representative, Right, SubjectRequest, Upload
from requests_app.uploads import examine
from tests.requests_app.portal import ANN, member, send_mails, token_in
from tests.requests_app.uploads.files import pdf

LENA, ADDRESS = "lena@lawyers.test", "203.0.113.9"
Kind = Representative.Kind


def a_paper():
    """Give the scan of an authority."""
    return examine(SimpleUploadedFile("authority.pdf", pdf("I let Lena ask for me")), Upload.Kind.AUTHORITY)


def a_claim(kind: Kind = Kind.AGENT, **fields: object) -> Claim:
    """Give what a representative says of themselves."""
    return Claim(**{"kind": kind, "name": "Lena Advocate", "email": LENA, "receives_answer": True} | fields)


def claimed(kind: Kind = Kind.AGENT, *, email: str = ANN, right: Right = Right.ACCESS, **fields: object):
    """Send the form for somebody else."""
    place = str(fields.pop("place", ""))
    submission = intake.Submission(name="Ann Example", email=email, right=right, place=place)
    mandates.submit(submission, a_claim(kind, **fields), address=ADDRESS)
    return SubjectRequest.objects.latest("pk")


def mails_to(address: str) -> list:
    """Send what is to be sent, and give what reached a mailbox."""
    return [message for message in send_mails() if message.to == [address]]


def proven(kind: Kind = Kind.AGENT, **fields: object) -> SubjectRequest:
    """Send the form for somebody else, and confirm the sender's mailbox."""
    claimed(kind, **fields)
    (message,) = mails_to(LENA)
    return mandates.confirm_mailbox(token_in(message, "c"), address=ADDRESS)


def a_decision(**fields: object) -> Decision:
    """Give what a member of the team accepts."""
    known = {"reason": "A signed power of attorney of 3 May.", "rights": ("access",), "receives_answer": True}
    return Decision(**known | {"is_person_known": True} | fields)


def accepted(kind: Kind = Kind.LAWYER, **decided: object) -> SubjectRequest:
    """Have an authority accepted by the team, which looked at its paper."""
    request = proven(kind, files=(a_paper(),))
    mandates.accept(request.pk, a_decision(**decided), actor=processor())
    request.refresh_from_db()
    return request


def processor() -> Actor:
    """Give a member of the team who may work on requests."""
    from django.contrib.auth.models import User

    return Actor.staff(User.objects.filter(username="processor").first() or member("Processor"))
