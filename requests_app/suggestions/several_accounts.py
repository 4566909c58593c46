"""One identifier that leads to several accounts: one person's, or an account that is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Status
from requests_app.suggestions.base import Icon, Suggestion, label_of, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.datamap import DataMap
    from requests_app.suggestions.base import Look

ORDER = 60
FEWEST = 2


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name each collection of accounts of which several rows are the person's."""
    if look.request.status != Status.IN_PROGRESS:
        return
    for item in look.found:
        data_map = parsed(item.map.text)
        for name in accounts_of(data_map) if data_map else ():
            if (rows := item.records.get(name, 0)) >= FEWEST:
                yield Suggestion(
                    Icon.PERSON,
                    f"{item.source.label} has {rows:,} {label_of(data_map, name)} for one person: perhaps not all are "
                    "theirs.",
                    "each of them has what the person is known by, as accounts that several people share do; look "
                    "whether their names differ",
                    "Look at what was found",
                    look.place_of_found,
                )


def accounts_of(data_map: DataMap) -> list[str]:
    """Name the collections that people are found by, and that other collections belong to."""
    targets = {
        target[0] for part in data_map.collections.values() for link in part.links if (target := data_map.target(link))
    }
    return [
        name for name, part in data_map.collections.items() if part.identifiers and not part.context and name in targets
    ]
