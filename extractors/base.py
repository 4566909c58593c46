"""The contract every source kind keeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Generator

    from extractors.batches import Extract
    from extractors.datamap import DataMap
    from extractors.errors import Fault
    from extractors.identifiers import Identifiers


class Scope(StrEnum):
    """How much of what is the person's an extract holds."""

    ALL = "all"  # an access answer: every row, soft-deleted ones and those beyond a limit too
    SELF_SERVICE = "self_service"  # limits applied, soft-deleted rows left out
    SELF_SERVICE_WITH_DELETED = "self_service_with_deleted"  # limits applied


class Extractor(ABC):
    """Reads one source: lazy, repeatable, changing nothing.

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
    def extract(self, identifiers: Identifiers, scope: Scope) -> Generator[Extract]:
        """Read the person's rows, one collection after the other, streaming, in one snapshot.

        Each extract's batches must be exhausted before the next is asked for. Closing the iterator early
        releases the source.

        Raises:
            FaultyDataMap: see `check`.
            SourceUnavailable: the source cannot be reached or went away.
        """
