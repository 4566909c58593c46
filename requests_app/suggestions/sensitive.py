"""Special categories of data in what was found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from requests_app.suggestions.base import Icon, Suggestion, listed, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Found, Look

ORDER = 30
SPECIAL = re.compile(
    r"health|medic|gesundheit|sant[eé]\b|religi|weltanschau|philosoph|ethni|racial|ethnique|politi"
    r"|\bunion|gewerkschaft|syndic|sex life|sexu|biometr|genet|génét|crimin|offence|straf|pénal",
    re.IGNORECASE,
)
"""GDPR Art. 9 and 10, as categories are called in English, German and French."""


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name each source that holds such data of the person, or is sensitive as a whole."""
    for item in look.found:
        if not item.total:
            continue
        categories = special_categories(item)
        if not categories and not item.source.is_sensitive:
            continue
        because = (
            f"its map gives fields of what was found the categories {listed(categories)} (GDPR Art. 9, 10)"
            if categories
            else "the team marked the whole source so"
        )
        yield Suggestion(
            Icon.WARNING,
            f"What {item.source.label} holds is sensitive: take care how it is given out.",
            because,
            "Look at what was found",
            look.place_of_found,
        )


def special_categories(item: Found) -> list[str]:
    """Name the special categories among the fields of what was found."""
    data_map = parsed(item.map.text)
    parts = [data_map.collections[name] for name in item.records if name in data_map.collections] if data_map else []
    named = [field.category for part in parts for field in part.fields.values() if field.category and not field.secret]
    stated = [name for part in parts if part.information for name in part.information.categories]
    return list(dict.fromkeys(name for name in (*named, *stated) if SPECIAL.search(name)))
