"""What changing a source is asked for and what comes of it: counts and reasons, never a person's values.

Who changes a source first fixes the keys of the rows in question, then shows them to a witness, then changes, all in
one transaction; a witness that raises leaves the source as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as of
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from extractors.errors import DsrError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa


class UnchangeableSource(DsrError):
    """Say that a source, or a collection of it, cannot be changed, and why."""

    permanent = True


class UndecidedErasure(DsrError, ValueError):
    """Refuse to erase while collections that hold the person's rows have no `erase` in the data map; names them."""

    permanent = True

    def __init__(self, collections: tuple[str, ...]) -> None:
        self.collections = collections
        names = ", ".join(collections)
        super().__init__(f"The data map does not say what erasing does to {names}: write `erase` for each of them.")


class RefusedCorrection(DsrError, ValueError):
    """Refuse corrections; `corrections` are those it is about, none where nobody can tell."""

    permanent = True
    corrections: tuple[Correction, ...] = ()


class ValueChanged(RefusedCorrection):
    """Refuse a correction: the value is no longer the one that was shown, or the record is gone; names the field."""


class NotRectifiable(RefusedCorrection):
    """Refuse a correction: the map does not allow it, or the new value does not fit the column; names the field."""


class Fate(StrEnum):
    """What erasing makes of a row."""

    DELETED = "deleted"
    ANONYMISED = "anonymised"
    ARCHIVED = "archived"
    KEPT = "kept"  # by a ground of the data map, its fields perhaps anonymised in part
    SHARED = "shared"  # it is also another person's
    REFERENCED = "referenced"  # a row that stays, or one that no map knows, points at it
    UNDECIDED = "undecided"  # the map does not say


CHANGED = frozenset({Fate.DELETED, Fate.ANONYMISED, Fate.ARCHIVED})


@dataclass(frozen=True, slots=True)
class CollectionErasure:
    """What erasing does, or did, to the person's rows of one collection.

    Args:
        fates: how many rows came to what; a row counts once.
        reasons: why rows stay, in words (the ground, the reference that holds them, that they are shared).
        left: rows found by searching again that are neither kept nor made nameless; None before it was done.
    """

    found: int
    fates: Mapping[Fate, int] = of(default_factory=dict)
    reasons: tuple[str, ...] = ()
    left: int | None = None

    @property
    def changed(self) -> int:
        """The rows deleted, anonymised or archived."""
        return sum(count for fate, count in self.fates.items() if fate in CHANGED)

    @property
    def kept(self) -> int:
        """The rows that stay as they are, or nearly so."""
        return self.found - self.changed


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing does to a person's rows in one source; `is_applied` tells a result from a preview."""

    collections: Mapping[str, CollectionErasure]
    is_applied: bool

    @property
    def undecided(self) -> tuple[str, ...]:
        """The collections whose rows nobody decided about."""
        return tuple(name for name, item in self.collections.items() if item.fates.get(Fate.UNDECIDED))

    @property
    def is_proven(self) -> bool:
        """Whether the search afterwards found nothing but what was kept and named."""
        return self.is_applied and not any(item.left for item in self.collections.values())


class Witness(Protocol):
    """Sees the keys of what is about to be changed, within the transaction and before the first change.

    Raising leaves the source untouched: so an approval is held against what is there now.
    """

    def fixed(self, collection: str, fate: Fate, rows: pa.RecordBatch) -> None:
        """See some rows of a collection.

        Args:
            rows: the key's columns as text, under their names; kept rows that are to be erased one day have a
                column `until` behind them, an ISO date or null.
        """

    def all_fixed(self) -> None:
        """Hear that every row was shown, once, also when there was none: what comes next is the first change.

        Called for a preview too, in which nothing is changed afterwards.
        """


class Purpose(StrEnum):
    """Why columns of the person's rows are set (GDPR Art. 18, 21)."""

    RESTRICTION = "restriction"
    MARKETING = "marketing"
    ANALYTICS = "analytics"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Marked:
    """Rows whose columns are set, with what stood there before: the key's columns, then the columns set, as text.

    The text is the source's own affair, as it gives back types too; the metadata of the rows' schema belongs to it.
    """

    collection: str
    key: tuple[str, ...]
    rows: pa.RecordBatch = of(repr=False)


class Marks(Protocol):
    """Keeps what stood in the columns that a restriction or an objection sets, so that lifting can restore it."""

    def keep(self, marked: Marked) -> None:
        """Keep some rows; called within the transaction, before they are changed."""

    def all_kept(self) -> None:
        """Hear that every row was given, once, also when there was none: what comes next is the first change.

        Raising leaves the source untouched: so nothing is changed of which nobody knows what stood there.
        """

    def kept(self) -> Iterator[Marked]:
        """Give back what was kept, when it is lifted."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A new value for one field of one record (GDPR Art. 16).

    Args:
        key: the record's key columns, as text.
        old: the value as it was shown (an export's text form), None for NULL; another one there now refuses it.
        new: the value wanted, as text; None for NULL.
    """

    collection: str
    key: Mapping[str, str] = of(repr=False)
    field: str
    old: str | None = of(repr=False)
    new: str | None = of(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the field of a correction now.

    Args:
        is_there: whether its record is there, and still the person's.
        value: as an export writes it; None for NULL.
        is_old: whether it is what was shown.
        is_new: whether it is what is wanted: the same value, however it is written.
    """

    is_there: bool
    value: str | None = of(default=None, repr=False)
    is_old: bool = False
    is_new: bool = False
