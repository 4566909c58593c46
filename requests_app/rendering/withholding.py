"""What of a source is left out of an answer: what a reviewer withholds, and what the law never lets be given out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.rendering.redacting import Withheld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.dossier import SegmentReader
    from requests_app.models import SourceSearch
    from requests_app.refusals.forbidden import Forbidden


def withheld_of(search: SourceSearch, segment: SegmentReader, forbidden: Forbidden) -> list[Withheld]:
    """Give what is withheld of a segment as it is now."""
    items = search.redactions.filter(segment=search.segment)
    decided = [Withheld(item.collection, item.ordinal, item.field, item.ground) for item in items]
    return [*decided, *_never_given(segment, forbidden)]


def _never_given(segment: SegmentReader, forbidden: Forbidden) -> Iterator[Withheld]:
    for stored in segment.collections:
        kinds = forbidden.fields_of(stored.collection)
        if kinds:
            held = _held(segment, stored.collection.name, set(kinds))
            for name, kind in kinds.items():
                yield Withheld(stored.collection.name, None, name, forbidden.source, kind, name in held)


def _held(segment: SegmentReader, collection: str, names: set[str]) -> set[str]:
    """Find in which of some fields anything is held: of what is empty nobody is told that it is held."""
    found: set[str] = set()
    for batch in segment.batches(collection):
        for name in names - found:
            values = batch.rows.column(batch.rows.schema.get_field_index(name))
            if any(value not in {None, "", b""} for value in values.unique().to_pylist()):
                found.add(name)
        if found == names:
            break
    return found
