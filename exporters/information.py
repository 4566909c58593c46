"""What Art. 15(1)-(2) GDPR wants told about a collection, its source's words standing in where it has none."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.batches import Collection, Information


def information_of(collection: Collection) -> Information:
    """Give a collection's information, each part falling back to that of its source."""
    own = {part.name: getattr(collection.information, part.name) for part in fields(collection.information)}
    return replace(collection.source.information, **{name: told for name, told in own.items() if told})
