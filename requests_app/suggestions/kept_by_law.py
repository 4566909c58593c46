"""What an erasure leaves because a law wants it kept, and until when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from extractors.batches import counted
from requests_app.models import Right
from requests_app.suggestions.base import Icon, Suggestion, day, label_of, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.models import SourceChange
    from requests_app.suggestions.base import Look

ORDER = 40
MOST = 6


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name each collection of which rows stay, with its ground, those that stay longest first."""
    if look.request.right != Right.ERASURE:
        return
    kept = sorted((item for change in look.previews for item in _kept(change)), key=lambda item: item[0], reverse=True)
    for _, words, because in kept[:MOST]:
        yield Suggestion(Icon.WARNING, words, because, "Look at what would be erased", look.place_of_found)


def _kept(change: SourceChange) -> Iterator[tuple[str, str, str]]:
    """Yield what stays of a source: the last day as text to sort by, empty for ever, words and ground."""
    data_map = parsed(change.map.text)
    for name, told in (change.result if change.is_applied else change.preview).items():
        part = data_map.collections.get(name) if data_map else None
        if not told["kept"] or part is None or part.erase is None or part.erase.action != "keep":
            continue
        until = str((told.get("until") or ("", ""))[1])
        stay = f"until {day(date.fromisoformat(until))}" if until else "with no day on which that ends"
        rows, label = counted(told["kept"], "row"), label_of(data_map, name)
        yield until or "9999", f"{rows} of {label} in {change.source.label} stay, {stay}.", part.erase.ground or ""
