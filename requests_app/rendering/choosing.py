"""The formats of files that are still to be made, which the person may choose until somebody releases the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from extractors.errors import DsrError
from requests_app import audit, limits, rights
from requests_app.formats import in_order, offered_formats, usual_formats
from requests_app.models import Leased, Right, SubjectRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_app.audit import Actor

MOST_A_DAY = 20
DAY_SECONDS = 24 * 3600


class ImpossibleChoice(DsrError):
    """Say why formats cannot be chosen, in words for the person."""


def can_choose(request: SubjectRequest) -> bool:
    """Whether the formats are still open: files will be made, and nobody has released them."""
    is_released = request.exports.exclude(state=Leased.State.FAILED).exists()
    return rights.find(request.right).gives_files and request.is_open and not is_released


def chosen_formats(request: SubjectRequest) -> tuple[str, ...]:
    """Give the formats that files will be made in, as things are now."""
    return in_order(request.formats or usual_formats(request.right))


def choose(request: SubjectRequest, formats: Iterable[str], *, actor: Actor) -> None:
    """Note in which formats the person wants their files; to choose the same again changes nothing.

    Raises:
        ImpossibleChoice: none is chosen, one is not offered with this right, or the answer was released meanwhile.
        LimitReached: that was often enough for a day.
    """
    chosen = list(in_order(formats))
    if not chosen:
        raise ImpossibleChoice("Please choose at least one format.")
    if not set(chosen) <= {item.slug for item in offered_formats(Right(request.right))}:
        raise ImpossibleChoice("Please choose among the formats offered.")
    _refuse_unless_open(request)
    limits.count("choose_formats", str(request.pk), most=MOST_A_DAY, seconds=DAY_SECONDS)
    with transaction.atomic():
        locked = SubjectRequest.objects.select_for_update().get(pk=request.pk)
        _refuse_unless_open(locked)
        if chosen != list(chosen_formats(locked)):
            SubjectRequest.objects.filter(pk=request.pk).update(formats=chosen)
            audit.record("formats.chosen", actor, request_id=request.pk, formats=chosen)


def _refuse_unless_open(request: SubjectRequest) -> None:
    if not can_choose(request):
        raise ImpossibleChoice("The formats cannot be changed any more: our team has released your answer.")
