"""A source kind installed as a plug-in, during whose reading something else happens."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from extractors.kinds.sqlite import SqliteExtractor

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from extractors.base import Scope
    from extractors.batches import Extract
    from extractors.identifiers import Identifiers


class InterruptedExtractor(SqliteExtractor):
    """Reads a SQLite file; before each collection it lets something happen once."""

    slug = "interrupted"
    schemes = ("interrupted",)
    happenings: ClassVar[list[Callable[[], object]]] = []

    def extract(self, identifiers: Identifiers, scope: Scope, **options: bool) -> Generator[Extract]:
        with closing(super().extract(identifiers, scope, **options)) as extracts:
            for extract in extracts:
                if self.happenings:
                    self.happenings.pop(0)()
                yield extract
