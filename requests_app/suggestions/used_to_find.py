"""Sources that found nothing now, and found this person before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from extractors.batches import counted
from requests_app.suggestions.base import Icon, Suggestion, at_request, day, verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Found, Look

ORDER = 40


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name each such source once; where the person was erased since, there is nothing to wonder about."""
    empty = {item.source.pk: item for item in look.found if item.is_done and not item.total}
    for item in look.found_earlier if empty else ():
        now = empty.get(item.source.pk)
        if now is None or not item.on or _was_erased_since(look, item):
            continue
        del empty[item.source.pk]
        reference = look.reference_of(item.request_id)
        held = f"{counted(item.total, 'record')} {verb(item.total, 'was', 'were')} found there on {day(item.on)}"
        yield Suggestion(
            Icon.SOURCE,
            f"{item.source.label} found nothing, and used to hold this person.",
            f"{held} for {reference}{_other_map(item, now)}",
            f"Open {reference}",
            at_request(item.request_id),
        )


def _was_erased_since(look: Look, item: Found) -> bool:
    erased_at = look.erased_of.get(item.source.pk)
    return erased_at is not None and item.on is not None and timezone.localdate(erased_at) >= item.on


def _other_map(then: Found, now: Found) -> str:
    if then.map.pk == now.map.pk:
        return ""
    return f", by version {then.map.version} of its map; now it is read by version {now.map.version}"
