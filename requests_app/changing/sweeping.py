"""Erases kept rows when their years end.

They rest as leased work until the first of them is due, which the sweep of every minute notices; then until the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from extractors.batches import counted
from extractors.datamap import load
from extractors.errors import DsrError
from requests_app import audit, leases, sources, storage
from requests_app.changing import key_lists
from requests_app.changing.keeping import start_of
from requests_app.changing.key_lists import KEPT_UNTIL
from requests_app.changing.telling import tell
from requests_app.keys.stored import destroy_key
from requests_app.models import KeptRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from extractors.changes import CollectionErasure
    from extractors.datamap import CollectionPart
    from requests_app.changing.key_lists import ReadList, Section
    from requests_app.models import DataSourceMap


class NoLongerFits(DsrError):
    """Say that the data map no longer tells what is to become of kept rows whose years are over."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Due:
    """How many rows of a list are due, and the next day on which more of them will be."""

    rows: int
    next_day: date | None


def erase_kept_rows(kept_id: int) -> None:
    """Erase what is due of some kept rows, if anything is; see `leases.run`."""
    leases.run(KeptRows, kept_id, _erase, _give_up)


def _erase(work: leases.Work) -> None:
    kept = KeptRows.objects.select_related("source__current_map", "map").get(pk=work.pk)
    current, longer_years = _as_mapped_now(kept)
    longer = relativedelta(years=longer_years)
    latest = timezone.localdate() - longer
    with key_lists.opened(kept.file, kept.key_id) as listed:
        due = _due(listed, latest)
        extractor = sources.extractor(kept.source, current)
        erasure = extractor.erase_kept(
            kept.collection, _keys_due(listed, latest), apply=True, today=timezone.localdate()
        )
    next_day = due.next_day + longer if due.next_day else None
    _finish(work, kept, due.rows, next_day, erasure.collections[kept.collection])


def _finish(work: leases.Work, kept: KeptRows, due: int, next_day: date | None, item: CollectionErasure) -> None:
    """Rest until more is due, a day where rows still stand, or end: then the list of keys is gone."""
    standing = item.kept
    tomorrow = timezone.localdate() + timedelta(days=1)
    again = min(next_day or tomorrow, tomorrow) if standing else next_day
    numbers = {"erased": due - standing, "standing": standing}
    with transaction.atomic():
        if again:
            told = _standing(kept, item) if standing else ""
            work.rest(start_of(again), erase_on=again, last_error=told[:500], **numbers)
        else:
            work.finish(file="", step="", **numbers)
            destroy_key(kept.key_id)
        _record("kept_rows.erased", kept, due=due, found=item.found, erased=item.changed, standing=standing)
        if standing and not kept.standing:
            tell(kept.request_id, _standing(kept, item), event="kept_rows.standing", kept_rows=kept.pk)
    if not again:
        storage.delete(kept.file)


def _as_mapped_now(kept: KeptRows) -> tuple[DataSourceMap, int]:
    """Give the present version of the map, and how many years longer it keeps the rows than the one they were kept by.

    Raises:
        NoLongerFits: it does not say what is to become of them, or they may be others' rows now.
    """
    source = kept.source
    if source.current_map is None or not source.is_enabled:
        raise NoLongerFits(f"{source.label} is switched off.")
    then, now = (load(version.text).collections.get(kept.collection) for version in (kept.map, source.current_map))
    if then is None or now is None:
        raise NoLongerFits(f"the data map does not name the collection {kept.collection} any more: put it back")
    if (then.table, then.key) != (now.table, now.key):
        raise NoLongerFits(f"{kept.collection} is another table now, or has another key: erase them by hand")
    if now.erase is None:
        raise NoLongerFits(f"the data map does not say any more what erasing does to {kept.collection}: write `erase`")
    if now.erase.action == "keep" and now.erase.years is None:
        raise NoLongerFits(f"the data map keeps {kept.collection} without end now: give it `years`")
    return source.current_map, _longer_years(then, now)


def _longer_years(then: CollectionPart, now: CollectionPart) -> int:
    before, after = ((part.erase.years if part.erase else None) or 0 for part in (then, now))
    return max(0, after - before)


def _due(listed: ReadList, latest: date) -> Due:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows, following = 0, []
    for section in listed.sections([KEPT_UNTIL]):
        for batch in section.batches:
            later = batch.filter(pc.greater(_last_days(section, batch), pa.scalar(latest.isoformat())))
            rows += batch.num_rows - later.num_rows
            if later.num_rows:
                days = _last_days(section, later).unique().to_pylist()
                following.append(min(date.fromisoformat(str(day)) for day in days))
    return Due(rows, min(following, default=None))


def _keys_due(listed: ReadList, latest: date) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.compute as pc

    for section in listed.sections([KEPT_UNTIL]):
        for batch in section.batches:
            due = batch.filter(pc.less_equal(_last_days(section, batch), pa.scalar(latest.isoformat())))
            if due.num_rows:
                yield due.select(list(range(len(section.key))))


def _last_days(section: Section, rows: pa.RecordBatch) -> pa.Array[Any]:
    return rows.column(len(section.key))


def _standing(kept: KeptRows, item: CollectionErasure) -> str:
    rows, reasons = counted(item.kept, "row"), "; ".join(item.reasons)
    return f"{rows} of {kept.collection} in {kept.source.label} should be erased by now and cannot be: {reasons}"


def _give_up(kept_id: int) -> None:
    kept = KeptRows.objects.select_related("source").get(pk=kept_id)
    _record("kept_rows.failed", kept, rows=kept.rows)
    rows = counted(kept.rows, "row")
    text = f"{rows} of {kept.collection} in {kept.source.label} were kept for some years that are over by now, and"
    tell(kept.request_id, f"{text} could not be erased: {kept.last_error}", event="kept_rows.failed", kept_rows=kept_id)


def _record(action: str, kept: KeptRows, **details: int) -> None:
    target = f"kept rows {kept.pk}"
    audit.record(action, audit.SYSTEM, request_id=kept.request_id, target=target, source=kept.source_id, **details)
