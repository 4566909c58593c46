"""The contract every source kind keeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from extractors.changes import UnchangeableSource

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from extractors.batches import Extract
    from extractors.changes import Correction, Erasure, Marks, Purpose, Standing, Witness
    from extractors.datamap import DataMap
    from extractors.discovery.model import Compared, Comparison, Inventory, Sampling
    from extractors.errors import Fault
    from extractors.identifiers import Identifiers, Node


Question: TypeAlias = tuple[str, str]
"""What a person is asked for to show who they are: a collection and a field of it that the map marks `challenge`."""


class Scope(StrEnum):
    """How much of what is the person's an extract holds."""

    ALL = "all"  # an access answer: every row, soft-deleted ones and those beyond a limit too
    SELF_SERVICE = "self_service"  # limits applied, soft-deleted rows left out
    SELF_SERVICE_WITH_DELETED = "self_service_with_deleted"  # limits applied
    PORTABILITY = "portability"  # of self-service what the person gave, by consent or contract (GDPR Art. 20(1))
    PORTABILITY_WITH_DELETED = "portability_with_deleted"

    @property
    def is_limited(self) -> bool:
        """Whether of long collections only the newest records are given."""
        return self is not Scope.ALL

    @property
    def keeps_deleted(self) -> bool:
        """Whether soft-deleted records are given."""
        return self not in {Scope.SELF_SERVICE, Scope.PORTABILITY}

    @property
    def is_portable(self) -> bool:
        """Whether fields are left out that the map does not say may be taken elsewhere."""
        return self in {Scope.PORTABILITY, Scope.PORTABILITY_WITH_DELETED}


class Extractor(ABC):
    """Reads one source: lazy, repeatable, changing nothing; and changes it where it is asked to, all or nothing.

    What a kind cannot do raises `UnchangeableSource`; reading is what every kind can.

    A subclass lives alone in its module under `extractors/kinds/` (or comes by the entry point group
    `dsr_portal.extractors`) and names the URL schemes it serves.
    """

    slug: ClassVar[str]
    schemes: ClassVar[tuple[str, ...]]

    def __init__(self, url: str, data_map: DataMap) -> None:
        self.url = url
        self.data_map = data_map

    @abstractmethod
    def check(self) -> list[Fault]:
        """Hold the data map against the source as it is now.

        Returns:
            What is worth a warning (no index serves a link, a folded e-mail cannot use one).

        Raises:
            FaultyDataMap: with every fault that makes reading impossible or wrong.
            SourceUnavailable: the source cannot be reached.
        """

    @abstractmethod
    def search(self, identifiers: Identifiers) -> dict[str, int]:
        """Count the person's rows, per collection of the map in its order, empty ones too.

        Raises:
            FaultyDataMap: see `check`.
            SourceUnavailable: the source cannot be reached or went away.
        """

    @abstractmethod
    def extract(self, identifiers: Identifiers, scope: Scope, *, is_reviewed: bool = False) -> Generator[Extract]:
        """Read the person's rows, one collection after the other, streaming, in one snapshot.

        A collection of which the scope gives no field at all is not read; its extract says why, and has no fields.
        Each extract's batches must be exhausted before the next is asked for. Closing the iterator early
        releases the source.

        Args:
            is_reviewed: whether somebody looks at the rows before the person does, so that what may be about others
                is worth marking (see `Batch.marks`).

        Raises:
            FaultyDataMap: see `check`.
            SourceUnavailable: the source cannot be reached or went away.
        """

    def estimate(self, identifiers: Identifiers, scope: Scope, *, seconds: float) -> Mapping[str, int]:
        """Say about how many rows `extract` will give, of those collections of which that is known soon.

        Independent of an extract: it may run in another thread meanwhile.

        Args:
            seconds: about how long it may take at most.

        Returns:
            Rows per collection; none where this kind has no way that is cheap and bounded.

        Raises:
            FaultyDataMap, SourceUnavailable: see `search`.
        """
        return {}

    def answerable(self, identifiers: Identifiers, *, seconds: float) -> list[Question]:
        """Say which questions of the map there is something to compare an answer with, in the map's order.

        No value leaves the source.

        Args:
            seconds: how long a statement may take at most.

        Returns:
            None of them where this kind cannot compare, or not in bounded time.

        Raises:
            FaultyDataMap, SourceUnavailable: see `search`; the latter also where it took too long.
        """
        return []

    def are_right(self, identifiers: Identifiers, answers: Mapping[Question, str], *, seconds: float) -> bool:
        """Compare answers inside the source: whether, for every question, one of the person's rows holds the answer.

        Case, spaces, punctuation and the usual spellings of dates and numbers do not count. Which answer was wrong is
        not known to the caller either.

        Args:
            answers: as they were typed; an empty one is wrong.
            seconds: how long it may take at most.

        Raises:
            FaultyDataMap, SourceUnavailable: see `answerable`.
        """
        raise self._unable("be asked about a person")

    def carried(self, nodes: Collection[Node], identifiers: Identifiers) -> dict[Node, set[tuple[str, ...]]]:
        """Read the values that links of other sources compare with, from the person's rows; as text, no NULL in them.

        Raises:
            FaultyDataMap: see `check`; also when a node names a collection or column that is not there.
            SourceUnavailable: the source cannot be reached or went away.
        """
        if nodes:
            raise self._unable("be linked to")
        return {}

    def erase(
        self, identifiers: Identifiers, *, apply: bool, witness: Witness | None = None, hash_key: bytes | None = None
    ) -> Erasure:
        """Erase the person's rows as the map says, or only count what that would do (`apply=False`).

        Afterwards the person is searched again; see `CollectionErasure.left`.

        Args:
            hash_key: for the map's `{hash: sha256}`, which is HMAC-SHA256; by the same key equal values become equal
                hashes, whenever and wherever they are erased. Without one, within this erasure alone.

        Raises:
            UndecidedErasure: rows were found that the map decides nothing about; nothing was changed.
            UnchangeableSource: the map asks for what this source cannot do; nothing was changed.
            FaultyDataMap, SourceUnavailable: see `search`; nothing was changed, unless the error says otherwise.
        """
        raise self._unable("be erased from")

    def erase_kept(
        self, collection: str, rows: Iterable[pa.RecordBatch], *, apply: bool, today: date | None = None
    ) -> Erasure:
        """Erase rows whose time of being kept is over, by their keys as a `Witness` saw them.

        Rows gone meanwhile are not found; what references the others still is respected.

        Args:
            today: rows stay whose years are not over then by what stands in them now: their key may be another row's.

        Raises:
            See `erase`.
        """
        raise self._unable("be erased from")

    def rectify(self, identifiers: Identifiers, corrections: Iterable[Correction]) -> None:
        """Write corrections into the person's own records, all or none.

        Raises:
            ValueChanged, NotRectifiable: naming the field; nothing was changed.
            FaultyDataMap, SourceUnavailable: see `search`.
        """
        raise self._unable("be corrected")

    def standing(self, identifiers: Identifiers, corrections: Sequence[Correction]) -> list[Standing]:
        """Read what stands in the fields of corrections now, in their order; changes nothing.

        Raises:
            NotRectifiable: a field is none, or a record cannot be told apart from others.
            FaultyDataMap, SourceUnavailable: see `search`.
        """
        raise self._unable("be corrected")

    def unfit(self, corrections: Sequence[Correction], *, seconds: float) -> dict[int, str]:
        """Say of which corrections it is known beforehand that their new value is not taken, by their place.

        Columns alone are looked at and no row, so that nobody learns by it what others have there.

        Args:
            seconds: how long a statement may take at most.

        Returns:
            Why, in sentences about "this field"; nothing where this kind cannot tell.

        Raises:
            FaultyDataMap, SourceUnavailable: see `search`.
        """
        return {}

    def mark(self, identifiers: Identifiers, purpose: Purpose, marks: Marks) -> dict[str, int]:
        """Set the columns that the map names for a restriction or an objection in the person's rows.

        Rows that stand so already are not touched, and not kept.

        Returns:
            Rows changed, per collection whose map names columns for it.

        Raises:
            See `erase`.
        """
        raise self._unable("be marked")

    def unmark(self, purpose: Purpose, marks: Marks) -> dict[str, int]:
        """Restore what stood in the columns set by `mark`, except where somebody changed them since.

        Returns:
            Rows restored, per collection.

        Raises:
            See `erase`.
        """
        raise self._unable("be marked")

    def everyones_identifiers(self) -> Generator[tuple[str, list[str]]]:
        """Stream all values of the identifier columns, of everyone: (kind, some values); for replaying erasures.

        So too the values of columns that link to other sources: their kinds and texts are those of `link_kind` and
        `link_text`.

        Raises:
            FaultyDataMap, SourceUnavailable: see `search`.
        """
        raise self._unable("be searched for everyone")

    @classmethod
    def inventory(cls, url: str, source: str, sampling: Sampling) -> Inventory:
        """Look at everything a source has: tables, keys, links, and what samples of its columns look like.

        Reads a bounded number of rows, for a bounded time, and keeps no value.

        Raises:
            UnchangeableSource: sources of this kind cannot be discovered.
            SourceUnavailable: see `search`.
        """
        raise UnchangeableSource(f"Sources of the kind {cls.slug} cannot be discovered.")

    @classmethod
    def compared(
        cls, url: str, inventory: Inventory, questions: Iterable[Comparison], sampling: Sampling
    ) -> Mapping[Comparison, Compared]:
        """Compare rows with the rows they point at, for questions that columns alone leave open.

        Reads a bounded number of rows, for a bounded time, and keeps no value; what it cannot answer it leaves out.

        Raises:
            SourceUnavailable: see `search`.
        """
        return {}

    def _unable(self, what: str) -> UnchangeableSource:
        return UnchangeableSource(
            f"The source {self.data_map.source} cannot {what}: its kind, {self.slug}, has no such way."
        )
