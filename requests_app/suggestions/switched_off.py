"""Sources that are switched off now and used to hold this person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.batches import counted
from requests_app.suggestions.base import Icon, Suggestion, at_source, day, verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 30


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name each such source once, by the latest request that found something there."""
    enabled, told = {source.pk for source in look.enabled}, set()
    for item in look.found_earlier:
        if item.source.pk in enabled or item.source.pk in told or not item.on:
            continue
        told.add(item.source.pk)
        yield Suggestion(
            Icon.SOURCE,
            f"{item.source.label} is switched off, and used to hold this person.",
            f"{counted(item.total, 'record')} {verb(item.total, 'was', 'were')} found there on {day(item.on)} for "
            f"{look.reference_of(item.request_id)}",
            "Look at the source",
            at_source(item.source),
        )
