"""Witnesses of changes: they write down which rows are about to be changed, and hold them against what was approved."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from extractors.changes import CHANGED, Fate
from requests_app.changing import approvals
from requests_app.changing.comparing import Arrivals
from requests_app.changing.key_lists import CAME_SINCE, KEPT_UNTIL

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    import pyarrow as pa

    from requests_app.changing.key_lists import Draft, ReadList
    from requests_app.changing.results import Counts, Until


class Listing:
    """Writes down the rows of a change, shown or made.

    Args:
        with_last_day: the collections whose kept rows have a day on which they are to be erased.
        told: given the collection that is being looked at.

    `until` has these days, the first and the last of each collection.
    """

    def __init__(
        self, listing: Draft, with_last_day: Container[str], told: Callable[[str], None] = lambda _: None
    ) -> None:
        self.listing = listing
        self._with_last_day = with_last_day
        self._told = told
        self.until: dict[str, Until] = {}

    def fixed(self, collection: str, fate: Fate, rows: pa.RecordBatch) -> None:
        """See `Witness.fixed`."""
        has_last_day = fate is Fate.KEPT and collection in self._with_last_day
        self.listing.write(collection, KEPT_UNTIL if has_last_day else fate, rows)
        if has_last_day:
            self._note_days(collection, rows)
        self._told(collection)

    def _note_days(self, collection: str, rows: pa.RecordBatch) -> None:
        """Remember the first and the last day on which kept rows are to be erased."""
        import pyarrow.compute as pc

        days = pc.min_max(rows.column(rows.num_columns - 1).drop_null())
        found = (str(days[name]) for name in ("min", "max") if days[name].is_valid)
        known = [*self.until.get(collection, ()), *found]
        if known:
            self.until[collection] = (min(known), max(known))

    def all_fixed(self) -> None:
        """See `Witness.all_fixed`."""
        self.listing.finish()


class Began(Listing):
    """Writes down what a change begins with, and refuses it where that is far more than was approved.

    Args:
        shown: the list of keys that was approved.
        begin: called once all rows are known, before the first is changed; what it raises leaves the source untouched.
    """

    def __init__(
        self,
        listing: Draft,
        with_last_day: Container[str],
        told: Callable[[str], None],
        *,
        shown: ReadList,
        begin: Callable[[Began], None],
    ) -> None:
        super().__init__(listing, with_last_day, told)
        self._arrivals = Arrivals(shown, self._note_arrivals)
        self._begin = begin
        self.counts: Counts = defaultdict(lambda: defaultdict(int))
        self.came_since: dict[str, int] = {}

    def fixed(self, collection: str, fate: Fate, rows: pa.RecordBatch) -> None:
        """See `Witness.fixed`.

        Raises:
            VoidApproval: far more rows are to be erased than were shown.
        """
        super().fixed(collection, fate, rows)
        self.counts[collection][fate] += rows.num_rows
        if fate in CHANGED:
            self._arrivals.add(collection, rows)

    def all_fixed(self) -> None:
        """See `Witness.all_fixed`.

        Raises:
            VoidApproval: see `fixed`.
        """
        self._arrivals.flush()
        super().all_fixed()
        self._begin(self)

    def _note_arrivals(self, collection: str, rows: pa.RecordBatch) -> None:
        came = self.came_since.get(collection, 0) + rows.num_rows
        self.came_since[collection] = came
        approvals.refuse_outgrown(collection, self._arrivals.shown(collection), came)
        self.listing.write(collection, CAME_SINCE, rows)
