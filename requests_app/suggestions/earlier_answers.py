"""Answers that the same person had, whose files are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app.suggestions.base import Icon, Suggestion, at_request, day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 10
MOST = 3


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name the newest."""
    told: set[int] = set()
    for export in look.files:
        if export.request_id in told or len(told) == MOST:
            continue
        told.add(export.request_id)
        reference, made = look.reference_of(export.request_id), timezone.localdate(export.finished_at)
        yield Suggestion(
            Icon.FILES,
            f"The files of {reference} can still be downloaded.",
            f"the same person asked for them; they were made on {day(made)} and are there until "
            f"{day(timezone.localdate(export.expires_at))}",
            f"Open {reference}",
            at_request(export.request_id),
        )
