"""The contract every format keeps, and the answer it is given to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from exporters.letter import Letter, Searched
    from extractors.batches import Batch, Collection, Omission, Source


@dataclass(frozen=True, slots=True)
class CollectionAnswer:
    """A collection as it is answered; `batches()` streams its records and may be called again.

    Args:
        counted: gives the number of records.
    """

    collection: Collection
    counted: Callable[[], int]
    batches: Callable[[], Iterator[Batch]]

    @property
    def count(self) -> int:
        """How many records `batches()` gives; in a passing answer, how many it has given."""
        return self.counted()


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """The collections of one source, in the data map's order, empty ones too; may be iterated again."""

    source: Source
    collections: Iterable[CollectionAnswer]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything an exporter may write, after redaction.

    An answer may be *passing*: collected while the first exporter reads it. That exporter must be in a single pass:
    it reads each collection through before it asks for the next, and counts and omissions at the end.

    Args:
        requester: identifier kind to value(s) joined by ", " (`email`, `phone`, `user_id`).
        exported_at: aware, UTC.
        searched: every source that was to be searched, also those that gave nothing.
        letter: None where nobody writes to anybody, as in an export that an operator makes.
        language: of the person, a tag like `de` or `pt-BR` (RFC 5646).
        printed_rows: how many records of a collection a format made for paper shows at most.
    """

    reference: str
    system: str
    exported_at: datetime
    requester: dict[str, str]
    sources: tuple[SourceAnswer, ...]
    omissions: Sequence[Omission]
    searched: tuple[Searched, ...] = ()
    letter: Letter | None = None
    language: str = "en"
    printed_rows: int = 200

    @property
    def collections(self) -> Iterator[CollectionAnswer]:
        """The collections of all sources."""
        return (item for source in self.sources for item in source.collections)

    @property
    def is_complete(self) -> bool:
        """Whether no row is missing; fields withheld by law do not count."""
        return not any(omission.cut for omission in self.omissions)

    @property
    def records(self) -> int:
        """Records over all collections."""
        return sum(item.count for item in self.collections)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an export: a relative path with `/`, and its bytes, read once.

    Args:
        media_type: where it is not that of the format.
        part: which one it is of how many, where a document was divided.
    """

    path: str
    chunks: Iterator[bytes]
    media_type: str = ""
    part: tuple[int, int] | None = None


class Exporter(ABC):
    """Writes one format: streams, holds no more than a batch or two.

    A subclass lives alone in its module under `exporters/formats/` (or comes by the entry point group
    `dsr_portal.exporters`).

    Attributes:
        is_single_pass: whether it can write a passing answer, see `Answer`.
        is_exact: whether every record can be read back from it; a format made for people may show less, and says so.
        seconds_per_record: about how long one takes, see `seconds`.
    """

    slug: ClassVar[str]
    media_type: ClassVar[str]
    extension: ClassVar[str]
    is_single_pass: ClassVar[bool] = False
    is_exact: ClassVar[bool] = True
    seconds_per_record: ClassVar[float] = 2e-6

    def seconds(self, answer: Answer) -> float:
        """Say about how long writing takes on a usual machine, so that one can tell how much of a package is done."""
        return self.seconds_per_record * answer.records

    @abstractmethod
    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the files of this format; each member's chunks are exhausted before the next is asked for."""
