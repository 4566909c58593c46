"""What else was asked for in the same letter, on the page of each of its requests; and doing without the copy."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from requests_app import audit, combining, limits, links
from requests_app.client import network_of
from requests_app.mandates.deciding import letter_of as letter_of_representative
from requests_app.models import Recipient, SecureLink
from requests_app.notifications import status_address
from requests_app.pages.parts.base import Part
from requests_app.pages.refusals import secret_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest

ORDER = 5
TEMPLATE = "portal/case/part.html"
STATUS = SecureLink.Purpose.STATUS
BOTH = (Recipient.PERSON, Recipient.REPRESENTATIVE)
MOST_LINKS_AN_HOUR = 30


@dataclass(frozen=True, slots=True)
class Letter:
    """What the part shows.

    Args:
        copies: for which an erasure of the letter waits.
        is_waived: whether the person said that it need not wait.
    """

    others: Sequence[SubjectRequest]
    copies: Sequence[SubjectRequest] = ()
    is_waived: bool = False


def part_of(asked: SubjectRequest) -> Part | None:
    """List what else the person asked for in the same letter; nothing where there is nothing."""
    letter = combining.letter_of(asked)
    others = [other for other in letter if other != asked]
    if not others:
        return None
    is_waived = bool(asked.case and asked.case.copy_waived_at)
    copies = combining.copies_before_erasure(letter)
    return Part(TEMPLATE, Letter(others, copies, is_waived))


def letter_of_theirs(asked: SubjectRequest) -> Letter | None:
    """List to a representative what else they asked for in the same letter."""
    _, *others = letter_of_representative(asked)
    return Letter(others) if others else None


@require_POST
@secret_page(STATUS)
def open_other(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Make a link to the page of another request of the same letter, and lead there; it is the same person."""
    link = links.opened(token, STATUS, address=network_of(request), admits=BOTH)
    recipient = Recipient(link.recipient)
    is_representative = recipient == Recipient.REPRESENTATIVE
    letter = letter_of_representative(link.request) if is_representative else combining.letter_of(link.request)
    other = next((each for each in letter if each.pk == number), None)
    if other is None:
        return redirect("status", token=token)
    limits.count("status_link", str(other.pk), most=MOST_LINKS_AN_HOUR, seconds=3600)
    return redirect(status_address(other, recipient))


@require_POST
@secret_page(STATUS)
def waive(request: HttpRequest, token: str) -> HttpResponse:
    """Take it that the person does without the copy before the erasure."""
    asked = links.opened(token, STATUS, address=network_of(request)).request
    with suppress(combining.NothingToWaive):  # the copy is there meanwhile, which the page shows
        combining.waive_copy(asked.pk, actor=audit.SUBJECT)
    return redirect("status", token=token)


urlpatterns = (
    path("r/<str:token>/letter/<int:number>", open_other, name="status-other"),
    path("r/<str:token>/waive-copy", waive, name="status-waive-copy"),
)
