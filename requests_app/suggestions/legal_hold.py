"""Holds on this request, or on another of the same person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app.models import LegalHold, Right
from requests_app.suggestions.base import Icon, Suggestion, at_request, day, here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 0


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name each, and what it keeps from being done."""
    ids = [look.request.pk, *(other.pk for other in look.others)]
    for hold in LegalHold.objects.filter(request__in=ids, lifted_at=None).order_by("pk"):
        is_own = hold.request_id == look.request.pk
        on = "this request" if is_own else look.reference_of(hold.request_id)
        stops = "nothing may be erased" if look.request.right == Right.ERASURE else "nothing of it is deleted"
        theirs = "" if is_own else ", and that request is the same person's"
        yield Suggestion(
            Icon.WARNING,
            f"A legal hold stands on {on}: {stops} until it is lifted.",
            f"it was set on {day(timezone.localdate(hold.set_at))}{theirs}",
            "Look at the hold" if is_own else f"Open {on}",
            here("retention") if is_own else at_request(hold.request_id),
        )
