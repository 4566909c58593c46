"""What an erasure does, or did, as counts and words to be kept; put together where several attempts made it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from extractors.batches import counted
from extractors.changes import CHANGED, CollectionErasure, Fate
from requests_app.changing.comparing import keys_of
from requests_app.changing.key_lists import KEPT_UNTIL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from extractors.changes import Erasure
    from extractors.datamap import DataMap
    from requests_app.changing.key_lists import ReadList

FIXED_MARKS = frozenset(Fate) | {KEPT_UNTIL}
Counts = dict[str, dict[str, int]]
"""Rows by collection and fate."""


Until = tuple[str, str]
"""The first and the last day on which kept rows are to be erased, as ISO dates."""


class Told(TypedDict):
    """What is kept of one collection; `left` is None in a preview, `until` where no kept row has a last day."""

    found: int
    changed: int
    kept: int
    left: int | None
    fates: dict[str, int]
    reasons: list[str]
    until: list[str] | None


def personal(erasure: Erasure, data_map: DataMap) -> Erasure:
    """Leave out what is no person's but given for understanding: nobody decides on it, and nothing becomes of it."""
    collections = {name: item for name, item in erasure.collections.items() if not data_map.collections[name].context}
    return replace(erasure, collections=collections)


def told(
    erasure: Erasure,
    earlier: Mapping[str, Mapping[str, int]] | None = None,
    until: Mapping[str, Until] | None = None,
) -> dict[str, Told]:
    """Turn an erasure into what is kept of it.

    Args:
        earlier: rows by collection and fate which an attempt before fixed, whose worker stopped, and which were no
            longer found by the attempt that made this result.
        until: see `Listing.until`.
    """
    before, days = earlier or {}, until or {}
    gone = {name: CollectionErasure(found=0) for name in before}  # of a collection that the map no longer names, too
    collections = gone | dict(erasure.collections)
    return {name: _collection(item, before.get(name, {}), days.get(name)) for name, item in collections.items()}


def _collection(item: CollectionErasure, earlier: Mapping[str, int], until: Until | None) -> Told:
    fates = Counter({str(fate): count for fate, count in item.fates.items()}) + Counter(earlier)
    gone, reasons = sum(earlier.values()), list(item.reasons)
    if gone:
        reasons.append(
            f"{counted(gone, 'row')} fixed by an attempt whose worker stopped, and not found again: counted as that"
            " attempt was about to leave them"
        )
    changed = sum(count for fate, count in fates.items() if fate in CHANGED)
    found = item.found + gone
    return Told(
        found=found,
        changed=changed,
        kept=found - changed,
        left=item.left,
        fates=dict(fates),
        reasons=reasons,
        until=list(until) if until else None,
    )


def undecided(preview: Mapping[str, Told]) -> list[str]:
    """Name the collections of a preview that hold rows nobody decided about."""
    return [name for name, item in preview.items() if item["fates"].get(Fate.UNDECIDED)]


def total(result: Mapping[str, Told]) -> dict[str, int]:
    """Add the collections up."""
    return {
        "found": sum(item["found"] for item in result.values()),
        "changed": sum(item["changed"] for item in result.values()),
        "kept": sum(item["kept"] for item in result.values()),
        "left": sum(item["left"] or 0 for item in result.values()),
    }


def no_longer_found(earlier: Sequence[ReadList], last: ReadList) -> Counts:
    """Count the rows that earlier attempts fixed and the last did not find, each once, by what was to become of them.

    They were the person's when an attempt began that may have changed the source; now they are not there, or nobody's.
    """
    if not earlier:
        return {}
    import pyarrow as pa
    import pyarrow.compute as pc

    before, after = _keys(earlier), _keys([last])
    counts: Counts = {}
    for collection, table in before.items():
        found = after[collection]["key"] if collection in after else pa.chunked_array([], pa.string())
        gone = table.filter(pc.invert(pc.is_in(table["key"], value_set=found)))
        latest = gone.group_by("key", use_threads=False).aggregate([("fate", "last")])
        counts[collection] = dict(Counter(map(str, latest["fate_last"].to_pylist())))
    return counts


def _keys(lists: Iterable[ReadList]) -> dict[str, pa.Table]:
    import pyarrow as pa

    batches: defaultdict[str, list[pa.RecordBatch]] = defaultdict(list)
    for item in lists:
        for section in item.sections(FIXED_MARKS):
            fate = Fate.KEPT if section.mark == KEPT_UNTIL else section.mark
            for rows in section.batches:
                fates = pa.array([fate] * rows.num_rows, pa.string())
                batches[section.collection].append(pa.record_batch({"key": keys_of(rows, section.key), "fate": fates}))
    return {name: pa.Table.from_batches(parts) for name, parts in batches.items()}
