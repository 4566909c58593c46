"""What the collections of a data map are called."""

from __future__ import annotations

from functools import lru_cache

from extractors.datamap import parse


@lru_cache(maxsize=64)
def labels_of(map_text: str) -> dict[str, str]:
    """Give the label of each collection by its name; a version of a map never changes, so its labels are kept."""
    data_map, _ = parse(map_text)
    return {name: part.label or name for name, part in data_map.collections.items()} if data_map else {}
