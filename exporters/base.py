"""The contract every format keeps, and the answer it is given to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from datetime import datetime

    from extractors.batches import Batch, Collection, Omission, Source


@dataclass(frozen=True, slots=True)
class CollectionAnswer:
    """A collection as it is answered: `count` records, which `batches()` streams; may be called again."""

    collection: Collection
    count: int
    batches: Callable[[], Iterator[Batch]]


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """The collections of one source, in the data map's order, empty ones too."""

    source: Source
    collections: tuple[CollectionAnswer, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything an exporter may write, after redaction.

    Args:
        requester: identifier kind to value(s) joined by ", " (`email`, `phone`, `user_id`).
        exported_at: aware, UTC.
    """

    reference: str
    system: str
    exported_at: datetime
    requester: dict[str, str]
    sources: tuple[SourceAnswer, ...]
    omissions: tuple[Omission, ...]

    @property
    def is_complete(self) -> bool:
        """Whether no row is missing; fields withheld by law do not count."""
        return not any(omission.cut for omission in self.omissions)

    @property
    def records(self) -> int:
        """Records over all collections."""
        return sum(item.count for source in self.sources for item in source.collections)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an export: a relative path with `/`, and its bytes, read once."""

    path: str
    chunks: Iterator[bytes]


class Exporter(ABC):
    """Writes one format: streams, holds no more than a batch or two.

    A subclass lives alone in its module under `exporters/formats/` (or comes by the entry point group
    `dsr_portal.exporters`).
    """

    slug: ClassVar[str]
    media_type: ClassVar[str]
    extension: ClassVar[str]

    @abstractmethod
    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the files of this format; each member's chunks are exhausted before the next is asked for."""
