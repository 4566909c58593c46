"""Sources that would be searched today, and were not when the work began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Status
from requests_app.suggestions.base import Icon, Suggestion, at_source, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.models import DataSource
    from requests_app.suggestions.base import Look

ORDER = 20


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name each source that finds people by what the person has shown."""
    if look.request.status != Status.IN_PROGRESS or not look.found:
        return
    known = {item.source.pk for item in look.found}
    for source in look.enabled:
        if source.pk not in known and _finds(source, look):
            yield Suggestion(
                Icon.SOURCE,
                f"{source.label} was not searched for this request.",
                "it was switched on after the work began, and finds people by what this person has shown",
                "Look at the source",
                at_source(source),
            )


def _finds(source: DataSource, look: Look) -> bool:
    data_map = parsed(source.current_map.text) if source.current_map else None
    kinds = {kind for part in data_map.collections.values() for kind in part.identifiers} if data_map else set()
    return not kinds.isdisjoint(look.proven)
