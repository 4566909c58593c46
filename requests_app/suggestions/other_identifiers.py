"""What the person has shown in another request to be theirs, and is not searched for in this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Identifier
from requests_app.suggestions.base import Icon, Suggestion, at_request, listed, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 10


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name the request that has shown it, and the sources that find people by it."""
    ids = [other.pk for other in look.others]
    shown = Identifier.objects.proven().filter(request__in=ids).order_by("-request") if ids else ()
    told: set[str] = set()
    for item in shown:
        if item.kind in told or _is_known(look, item):
            continue
        if finding := _finding(look, item.kind):
            told.add(item.kind)
            reference, kind = look.reference_of(item.request_id), item.get_kind_display().lower()
            yield Suggestion(
                Icon.SOURCE,
                f"The person has shown another {kind} in {reference}, which is not searched for here.",
                f"{listed(finding)} may hold more: people are found there by their {kind}, and only what this request "
                "has shown is searched for",
                f"Open {reference}",
                at_request(item.request_id),
            )


def _is_known(look: Look, item: Identifier) -> bool:
    return item.value.casefold() in {value.casefold() for value in look.proven.get(item.kind, ())}


def _finding(look: Look, kind: str) -> list[str]:
    """Name the sources that find people by an identifier of a kind."""
    return [source.label for source in look.enabled if kind in kinds_of(source.current_map.text)]  # type: ignore[union-attr]  # enabled ones have a map


def kinds_of(text: str) -> set[str]:
    """Name the kinds of identifiers by which a map finds people."""
    data_map = parsed(text)
    return {kind for part in data_map.collections.values() for kind in part.identifiers} if data_map else set()
