"""What was found about others, before it is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.batches import counted
from requests_app.models import Leased, Status
from requests_app.suggestions.base import Icon, Suggestion, label_of, listed, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 20


def suggest(look: Look) -> Iterator[Suggestion]:
    """Count what is marked, as long as the answer is not released."""
    marked = sum(sum(item.marks.values()) for item in look.found)
    if not marked or look.request.status != Status.IN_PROGRESS or not look.request.is_collected:
        return
    if look.request.exports.exclude(state=Leased.State.FAILED).exists():
        return
    names = [
        f"{label_of(parsed(item.map.text), name)} of {item.source.label}" for item in look.found for name in item.marks
    ]
    yield Suggestion(
        Icon.WARNING,
        f"{counted(marked, 'thing')} found may be about others: look before the release.",
        f"fields and texts of {listed(names)} are marked so",
        "Look at what was found",
        look.place_of_found,
    )
