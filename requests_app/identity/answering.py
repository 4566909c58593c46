"""What the person does: one check after the other, each with a limited number of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit, proofs
from requests_app.cases import locked
from requests_app.identity.base import RefusedAnswer
from requests_app.identity.kinds import kind_of
from requests_app.identity.passing import count_attempt, go_on, is_answerable, mark_passed, note_wrong
from requests_app.models import IdentityCheck
from requests_app.models.subject_request import OPEN

if TYPE_CHECKING:
    from requests_app.identity.base import CheckKind, Given, Shown
    from requests_app.models import SubjectRequest


class OutOfTurn(RefusedAnswer):
    """Say that an answer is about another check than the one that is asked for."""


WRONG = "That is not right. Please look once more."
EXHAUSTED = (
    "That was not right, and it was tried too often. Our team will look at it; there is nothing more to do here."
)
NOT_NOW = "This is not what we ask for just now. Please look at the page again."


def current(request: SubjectRequest) -> IdentityCheck | None:
    """Give the check that the person is at: the first that is still to be passed; None where there is none.

    Nothing is asked before the mailbox is proven: whoever has not opened our mail is asked for nothing else.
    """
    remaining = proofs.outstanding(request) if request.status in OPEN else []
    return remaining[0] if remaining and remaining[0].kind != IdentityCheck.Kind.MAILBOX else None


def page_of(check: IdentityCheck) -> Shown | None:
    """Say how a check is shown to the person; None where nobody can answer it."""
    kind = kind_of(check)
    return kind.page(check) if kind and is_answerable(check) else None


def answer(request: SubjectRequest, check_id: int, given: Given) -> None:
    """Take an answer; passing the last check lets the work begin. Each is counted before it is looked at.

    Raises:
        RefusedAnswer: it is wrong, cannot be taken, or was one too many.
        OutOfTurn: it is about another check than the current one.
    """
    check, kind = _asked(request, check_id)
    if kind.counts_attempts and not count_attempt(check, kind.most_attempts):
        raise RefusedAnswer(EXHAUSTED)
    seen = kind.consult(check, given)
    with transaction.atomic():
        row = locked(request.pk)
        is_right = is_answerable(check) and kind.answer(check, seen)
        if is_right and mark_passed(check, actor=audit.SUBJECT):
            go_on(row)
    if kind.counts_attempts and not is_right:
        raise RefusedAnswer(EXHAUSTED if note_wrong(check, kind.most_attempts) else WRONG)


def send(request: SubjectRequest, check_id: int) -> None:
    """Send what the person needs to answer a check.

    Raises:
        RefusedAnswer: nothing is to be sent, or it was sent too often.
    """
    check, kind = _asked(request, check_id)
    with transaction.atomic():
        locked(request.pk)
        kind.send(check)


def _asked(request: SubjectRequest, check_id: int) -> tuple[IdentityCheck, CheckKind]:
    check = current(request)
    kind = kind_of(check) if check else None
    if check is None or kind is None or check.pk != check_id or not is_answerable(check):
        raise OutOfTurn(NOT_NOW)
    return check, kind
