"""Letters that ask for several rights at once, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app import identity, intake
from requests_app.intake import Asked, Submission
from requests_app.models import Right, SubjectRequest
from tests.requests_app.portal import ANN, send_mails, token_in

if TYPE_CHECKING:
    from requests_app.models import Case

ADDRESS = "203.0.113.9"


def a_letter(*rights: Right, email: str = ANN, **typed: object) -> Submission:
    """Write down what somebody types who asks for several rights: access and erasure, where none are named."""
    first, *others = rights or (Right.ACCESS, Right.ERASURE)
    return Submission("Ann Example", email, first, also=tuple(Asked(right) for right in others), **typed)


def sent(*rights: Right, email: str = ANN, **typed: object) -> list[SubjectRequest]:
    """Send a letter by the form; gives its requests, the newest of each right, in the order of the rights."""
    letter = a_letter(*rights, email=email, **typed)
    intake.submit(letter, address=ADDRESS)
    asked = [part.right for part in intake.parts_of(letter)]
    return [SubjectRequest.objects.filter(email__iexact=email, right=right).latest("pk") for right in asked]


def confirm(email: str = ANN) -> SubjectRequest:
    """Open the link of the newest mail to confirm, and confirm."""
    mails = [mail for mail in send_mails() if mail.to == [email] and "/c/" in mail.body]
    return identity.confirm(token_in(mails[-1], "c"), address=ADDRESS)


def proven(*rights: Right, email: str = ANN, **typed: object) -> list[SubjectRequest]:
    """Send a letter and confirm it."""
    requests = sent(*rights, email=email, **typed)
    confirm(email)
    for request in requests:
        request.refresh_from_db()
    return requests


def case_of(requests: list[SubjectRequest]) -> Case:
    """Give the one case of requests."""
    (case,) = {request.case for request in requests}
    assert case is not None
    return case
