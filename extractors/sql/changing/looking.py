"""Reads what stands in the fields of corrections now: what is to be written, what a worker wrote, whether it stands."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from extractors.changes import NotRectifiable, Standing
from extractors.sql.changing.fitting import is_meant, is_shown, text_of
from extractors.sql.changing.rectifying import record_found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from extractors.changes import Correction
    from extractors.sql.extraction import Reader
    from extractors.sql.output import Reading
    from extractors.sql.traversal import Traversal

    Readings = Mapping[str, Mapping[str, Reading]]

GONE = Standing(is_there=False)


def standing(
    traversal: Traversal, reader: Reader, readings: Readings, corrections: Sequence[Correction]
) -> list[Standing]:
    """Read the fields of corrections, one statement a record; see `Extractor.standing`.

    Args:
        readings: of all fields of each collection, by name.

    Raises:
        NotRectifiable: a field is none, or the key of a record does not name one alone.
    """
    records: defaultdict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = defaultdict(list)
    for place, correction in enumerate(corrections):
        records[correction.collection, tuple(sorted(correction.key.items()))].append(place)
    found: dict[int, Standing] = {}
    for (collection, key), places in records.items():
        chosen = [_reading(readings, corrections[place]) for place in places]
        values = _values(traversal, reader, collection, dict(key), chosen)
        for column, (place, reading) in enumerate(zip(places, chosen, strict=True)):
            found[place] = GONE if values is None else _standing(corrections[place], values[column], reading)
    return [found[place] for place in range(len(corrections))]


def _reading(readings: Readings, correction: Correction) -> Reading:
    reading = readings.get(correction.collection, {}).get(correction.field)
    if reading is None:
        error = NotRectifiable(f"{correction.collection}.{correction.field} is not there any more, or is a secret now.")
        error.corrections = (correction,)
        raise error
    return reading


def _values(
    traversal: Traversal, reader: Reader, collection: str, key: Mapping[str, str], readings: list[Reading]
) -> list[object] | None:
    """Read some fields of a record; None where it is not there, or not the person's, or its key has other columns."""
    source = traversal.tables[collection]
    if set(traversal.data_map.collections[collection].key or source.primary_key) != set(key):
        return None
    found = record_found(traversal, collection, key)
    if found is None:
        return None
    distinct = list({reading.name: reading for reading in readings}.values())
    select = found.select([reading.expression for reading in distinct])
    rows = [row for batch in reader.stream(select, distinct) for row in batch.to_pylist()]
    if len(rows) > 1:
        raise NotRectifiable(f"{collection}: the key names several records: none is corrected.")
    return [rows[0][reading.name] for reading in readings] if rows else None


def _standing(correction: Correction, value: object, reading: Reading) -> Standing:
    return Standing(
        is_there=True,
        value=text_of(value, reading.kind),
        is_old=is_shown(correction.old, value, reading.kind),
        is_new=is_meant(correction.new, value, reading.kind),
    )
